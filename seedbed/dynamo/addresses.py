"""Endpoints' addresses: which are AWS's, which are this machine's, and what of one may be shown.

A user and password in an address are no part of it: DynamoDB is signed for, so they would be sent to nobody, and
whatever keeps or prints an address must not have them.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from seedbed.dynamo.errors import UnusableEndpointError

AWS: Final = "aws"
"""The endpoint that means AWS's own, in the region of the settings that boto3 finds."""

# botocore's partitions.json: dnsSuffix and dualStackDnsSuffix of every partition.
AWS_DOMAINS: Final = (
    "amazonaws.com",
    "api.aws",
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)
_USER: Final = re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*://)\S*@|[^\s"']*@""")


@frozen
class Address:
    """Where an endpoint is: its URL without user, password, query and fragment."""

    url: str
    is_of_aws: bool
    is_open: bool
    """Whether what is sent there can be read on the way: plain http, to another machine."""
    is_loopback: bool = False
    """Whether it is this machine."""


def address_of(url: str) -> Address:
    """Read an endpoint's URL.

    Raises:
        UnusableEndpointError: it is no http or https URL.
    """
    parts = _parse(url)
    host = (parts.hostname or "").rstrip(".")
    is_of_aws = any(host.endswith(f".{domain}") for domain in AWS_DOMAINS)
    netloc = parts.netloc.rpartition("@")[2]
    return Address(
        f"{parts.scheme}://{netloc}{parts.path}",
        is_of_aws=is_of_aws,
        is_open=parts.scheme == "http" and not _is_loopback(host),
        is_loopback=_is_loopback(host),
    )


def hide_secrets(text: str) -> str:
    """Return a text, such as an error's message, without the users and passwords of addresses in it."""
    return _USER.sub(lambda found: found[1] or "", text)


def without_user(url: str) -> str:
    """Return an endpoint's address, or what stands in its place, with its user and password taken out."""
    if "@" not in url:
        return url
    try:
        return address_of(url).url
    except UnusableEndpointError as error:
        return str(error.endpoint_url)


def _parse(url: str) -> SplitResult:
    parts, why = _split(url)
    if parts is None or why:  # raised out here, where no error is being handled whose text may hold a password
        bare = re.split(r"[?#]", url.rpartition("@")[2])[0]
        scheme = f"{url.partition('://')[0]}://" if "@" in url and "://" in url.partition("@")[0] else ""
        raise UnusableEndpointError(scheme + bare, why)
    return parts


def _split(url: str) -> tuple[SplitResult | None, str]:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        return None, "it cannot be read" if "@" in url else str(error)
    if not usable or not url.isprintable() or " " in url or "@" in parts.path:
        return None, "give a URL such as http://localhost:8000, or aws"
    if parts.query or parts.fragment:
        return None, "it takes no ? and no #"
    return parts, ""


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
