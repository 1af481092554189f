"""Open the place where the table lives: in this process, at an endpoint, or AWS.

Here are the clients and their settings. What is asked of them, and what errors mean, is `services.table`'s.
Importing this module imports neither boto3 nor moto: opening an engine does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from services.errors import PermissionDeniedError, UnusableEndpointError

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient  # noqa: TC004 - only there for mypy; nothing evaluates the field

EngineKind = Literal["embedded", "endpoint", "aws"]

AWS: Final = "aws"
"""The endpoint that means AWS's own, in the region of the settings that boto3 finds."""

DEFAULT_REGION: Final = "us-east-1"
DEFAULT_CONNECTIONS: Final = 32

_CONNECT_TIMEOUT_SECONDS: Final = 3
# A local engine may take a second for a page of a scan of a million rows, and lets others wait meanwhile.
_READ_TIMEOUT_SECONDS: Final = 20
# The first try and three more; conflicts, which botocore never retries, are the table's business.
_TOTAL_ATTEMPTS: Final = 4
_LOCAL_CREDENTIALS: Final = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
_CREDENTIAL_VARIABLES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


@frozen
class Engine:
    """A DynamoDB to talk to. Close it, or use it in a `with`: an embedded one then frees its rows."""

    kind: EngineKind
    client: DynamoDBClient = field(repr=False)
    _close: Callable[[], None] = field(repr=False, alias="close")
    _hasty: Callable[[], DynamoDBClient] | None = field(repr=False, alias="hasty", default=None)
    is_checked: bool = False
    """Whether the client checks every call against its model; a client's own configuration does not tell."""

    def hasty_client(self) -> DynamoDBClient:
        """Return a client that gives up within seconds: for the first call, which tells whether anybody is there."""
        return self.client if self._hasty is None else self._hasty()

    def close(self) -> None:
        """Close the connections, and drop the rows of an embedded engine. A second call does nothing."""
        self._close()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Close the engine."""
        self.close()


def open_engine(
    endpoint_url: str | None,
    *,
    region: str | None = None,
    max_connections: int = DEFAULT_CONNECTIONS,
    validate: bool = False,
) -> Engine:
    """Open the engine that an endpoint setting names: None is the embedded one, "aws" AWS's own, else a URL.

    Raises:
        UnusableEndpointError: the endpoint is neither "aws" nor an http or https URL.
    """
    if endpoint_url is None:
        return embedded_engine(validate=validate)
    if endpoint_url == AWS:
        return aws_engine(region=region, max_connections=max_connections, validate=validate)
    return endpoint_engine(
        endpoint_url, region=region or DEFAULT_REGION, max_connections=max_connections, validate=validate
    )


def embedded_engine(*, validate: bool = False) -> Engine:
    """Open a new, empty DynamoDB inside this process: no network, no files, nothing shared with another one.

    `validate` makes botocore check every call's parameters against its model.
    """
    from services.engines.embedded import open_embedded  # noqa: PLC0415 - moto takes a second to import

    client, close = open_embedded(_config(1, validate=validate), validate=validate)
    return Engine(kind="embedded", client=client, close=close, is_checked=validate)


def endpoint_engine(
    url: str,
    *,
    region: str = DEFAULT_REGION,
    max_connections: int = DEFAULT_CONNECTIONS,
    validate: bool = False,
) -> Engine:
    """Open the DynamoDB at a URL. Where no credentials are set, one that is not AWS's gets made-up ones.

    `max_connections` is how many threads can talk at once, `validate` makes botocore check parameters.

    Raises:
        UnusableEndpointError: `url` is no http or https URL.
        PermissionDeniedError: AWS's configuration on this machine names a profile that there is not.
    """
    credentials = {} if _is_of_aws(_parsed(url)) or _has_credentials() else _LOCAL_CREDENTIALS
    settings: dict[str, Any] = {"endpoint_url": url, "region_name": region, **credentials}
    client = _client(config=_config(max_connections, validate=validate), **settings)
    return Engine(
        kind="aws" if _is_of_aws(_parsed(url)) else "endpoint",
        client=client,
        close=client.close,
        hasty=lambda: _client(config=_hasty_config(), **settings),
        is_checked=validate,
    )


def aws_engine(
    *, region: str | None = None, max_connections: int = DEFAULT_CONNECTIONS, validate: bool = False
) -> Engine:
    """Open AWS's DynamoDB, with the credentials that boto3 finds, and its region unless one is given.

    `max_connections` is how many threads can talk at once, `validate` makes botocore check parameters.

    Raises:
        PermissionDeniedError: AWS's configuration on this machine names a profile that there is not.
    """
    settings: dict[str, Any] = {"region_name": region}
    client = _client(config=_config(max_connections, validate=validate), **settings)
    return Engine(
        kind="aws",
        client=client,
        close=client.close,
        hasty=lambda: _client(config=_hasty_config(), **settings),
        is_checked=validate,
    )


def _client(*, region_name: str | None, **settings: Any) -> DynamoDBClient:
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - boto3: `import services` need not pay for it

    from services.engines.sessions import new_session  # noqa: PLC0415 - as above

    try:
        session = new_session(region_name)
        return session.client("dynamodb", region_name=session.region_name or DEFAULT_REGION, **settings)
    except BotoCoreError as error:
        raise PermissionDeniedError("connecting", str(error)) from error


def _hasty_config() -> Config:
    from botocore.config import Config  # noqa: PLC0415 - as in _config

    return Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})


def _config(max_connections: int, *, validate: bool) -> Config:
    from botocore.config import Config  # noqa: PLC0415 - a third of a second that `import services` need not pay

    return Config(
        connect_timeout=_CONNECT_TIMEOUT_SECONDS,
        read_timeout=_READ_TIMEOUT_SECONDS,
        max_pool_connections=max_connections,
        parameter_validation=validate,
        retries={"mode": "standard", "total_max_attempts": _TOTAL_ATTEMPTS},
    )


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise UnusableEndpointError(url, str(error)) from error
    if not usable:
        raise UnusableEndpointError(url, "give a URL such as http://localhost:8000, or aws")
    return parts


def _is_of_aws(parts: SplitResult) -> bool:
    return (parts.hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def _has_credentials() -> bool:
    """Tell whether this machine has credentials of its own: in variables, or in AWS's files."""
    variables = any(os.environ.get(name) for name in _CREDENTIAL_VARIABLES)
    files = (
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials",
        os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config",
    )
    return variables or any(Path(file).expanduser().is_file() for file in files)
