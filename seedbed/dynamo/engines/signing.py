"""AWS's Signature Version 4 of a POST to `/`: what botocore computes, without its general requests.

The steps and their names are AWS's: IAM user guide, "Create a signed AWS API request".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final, NamedTuple, Self

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_AUTHORIZATION: Final = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>.+)/\d{{8}}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<headers>[^,]+), Signature=[0-9a-f]{64}"
)


class Scope(NamedTuple):
    """Whom a signature is good for."""

    access_key: str
    region: str
    service: str

    @classmethod
    def read(cls, authorization: str) -> tuple[Self, list[str]] | None:
        """Read a scope, and which headers are signed, from an Authorization; None: it is of another kind."""
        found = _AUTHORIZATION.fullmatch(authorization)
        return (
            None
            if found is None
            else (cls(found["key"], found["region"], found["service"]), found["headers"].split(";"))
        )


def authorization(scope: Scope, secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return the Authorization of a request.

    `headers` are those that are signed, by their names in lower case; `host` and `x-amz-date` are among them.
    """
    instant = headers["x-amz-date"]
    day = instant[:8]
    names = sorted(headers)
    signed = ";".join(names)
    lines = _lines(names, headers)
    asked = f"POST\n/\n\n{lines}\n{signed}\n{sha256(body).hexdigest()}"
    where = f"{day}/{scope.region}/{scope.service}/aws4_request"
    text = f"{_ALGORITHM}\n{instant}\n{where}\n{sha256(asked.encode()).hexdigest()}"
    signature = hmac.digest(_key(secret, day, scope.region, scope.service), text.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={scope.access_key}/{where}, SignedHeaders={signed}, Signature={signature}"


def _lines(names: Iterable[str], headers: Mapping[str, str]) -> str:
    return "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)


def _key(secret: str, *parts: str) -> bytes:
    """Derive a day's key."""
    key = f"AWS4{secret}".encode()
    for part in (*parts, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
