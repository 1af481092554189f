"""Open the place where the table lives: in this process, at an endpoint, or AWS.

Here are the clients and their settings. What is asked of them, and what errors mean, is `seedbed.dynamo.table`'s.
Importing this module imports neither boto3 nor moto: opening an engine does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

from attrs import field, frozen

from seedbed import forks
from seedbed.dynamo.addresses import AWS, Address, address_of, hide_secrets
from seedbed.dynamo.errors import PermissionDeniedError, UnusableEndpointError
from seedbed.errors import InvalidSettingError, ServiceError
from seedbed.libraries import need

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient  # noqa: TC004 - only there for mypy; nothing evaluates the field

    from seedbed.dynamo.engines.embedded.transport import Transport

EngineKind = Literal["embedded", "endpoint", "aws"]

DEFAULT_REGION: Final = "us-east-1"
DEFAULT_CONNECTIONS: Final = 32

_CONNECT_TIMEOUT_SECONDS: Final = 3
# A local engine may take a second for a page of a scan of a million rows, and lets others wait meanwhile.
_READ_TIMEOUT_SECONDS: Final = 20
# The table tries again by itself: botocore forgets between its tries that an answer was lost, and the caller must know.
_TOTAL_ATTEMPTS: Final = 1
_LIBRARIES: Final = ("boto3", "botocore")
_LOCAL_CREDENTIALS: Final = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
_CREDENTIAL_VARIABLES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_MOTO_NUMBERS: Final = (
    "INITIAL_NO_AUTH_ACTION_COUNT",
    "MOTO_ACM_VALIDATION_WAIT",
    "MOTO_MAX_FORM_MEMORY_SIZE",
    "S3_UPLOAD_PART_MIN_SIZE",
)
"""What moto reads when it is imported, and cannot be imported with where it is no number."""


@frozen
class Engine:
    """A DynamoDB to talk to. Close it, or use it in a `with`: an embedded one then frees its rows."""

    kind: EngineKind
    client: DynamoDBClient = field(repr=False)
    url: str | None = field(default=None, kw_only=True)
    """Where it really is, without user and password; None: in this process."""
    _close: Callable[[], None] = field(repr=False, alias="close")
    _hasty: Callable[[], DynamoDBClient] | None = field(repr=False, alias="hasty", default=None)
    is_checked: bool = False
    """Whether the client checks every call against its model; a client's own configuration does not tell."""
    perform: Callable[[str, object], dict[str, Any]] | None = field(repr=False, default=None)
    """Of an embedded one: does what a request over the wire asks, past the client."""
    direct: Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]] | None = field(repr=False, default=None)
    """Of an embedded one: does what a call of the client asks, past the client, and whoever listens to it."""
    _copy: Callable[[], Engine] | None = field(repr=False, alias="copy", default=None)

    def __attrs_post_init__(self) -> None:
        """Let children that are forked talk over connections of their own."""
        if self.kind != "embedded":
            from seedbed.dynamo.engines.sessions import reconnect  # noqa: PLC0415 - loads boto3

            forks.in_child(self.client, reconnect)

    def copy(self) -> Engine:
        """Return another embedded engine with the same tables: what is written to one, the other does not see.

        Raises:
            InvalidSettingError: it is not embedded.
            ConnectionClosedError: it was closed.

        Cost: 2 ms, of which the rows take 0.1 ms for 10,000 partitions: rows are shared, and never changed in place.
        """
        if self._copy is None:
            raise InvalidSettingError("engine", self.kind, "embedded, to be copied")
        return self._copy()

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
    session: object = None,
    max_connections: int = DEFAULT_CONNECTIONS,
    validate: bool = False,
) -> Engine:
    """Open the engine that an endpoint setting names: None is the embedded one, "aws" AWS's own, else a URL.

    `session` is the caller's own, for an endpoint: a boto3 Session, or a DynamoDB client, which is left open.

    Raises:
        UnusableEndpointError: the endpoint is neither "aws" nor an http or https URL.
        InvalidSettingError: `session` is neither, or is not for this endpoint.
        PermissionDeniedError: AWS's configuration on this machine names a profile that there is not.
        LibraryError: boto3, botocore, or moto for the embedded engine, is missing or of another version.
    """
    if endpoint_url is None:
        return embedded_engine(validate=validate)
    if session is not None and not hasattr(session, "client"):
        return client_engine(endpoint_url, session, region=region)
    settings: dict[str, Any] = {"session": session, "max_connections": max_connections, "validate": validate}
    if endpoint_url == AWS:
        return aws_engine(region=region, **settings)
    return endpoint_engine(endpoint_url, region=region, **settings)


def embedded_engine(*, validate: bool = False, data: Path | None = None) -> Engine:
    """Open a new, empty DynamoDB inside this process: no network, no files, nothing shared with another one.

    `validate` makes botocore check every call's parameters against its model. `data` is a file that keeps the tables:
    what is answered is there when it is opened again, also after the process was killed.

    Raises:
        DataFileError: another process has the file, or it is damaged, foreign, or of a newer version.
        LibraryError: boto3, botocore or moto is not installed, or of a version that this engine does not work with.
    """
    need(*_LIBRARIES)
    from seedbed.dynamo.engines.sessions import hide_variables  # noqa: PLC0415 - loads boto3

    with hide_variables(*(name for name in _MOTO_NUMBERS if not os.environ.get(name, "0").strip().isdecimal())):
        need("moto")
        from seedbed.dynamo.engines.embedded import open_embedded  # noqa: PLC0415 - moto takes a second to import

    def open_at(source: Transport | None = None, data: Path | None = None) -> Engine:
        config = _config(1, validate=validate)
        client, transport = open_embedded(config, validate=validate, data=data, source=source)
        return Engine(
            kind="embedded",
            client=client,
            close=transport.close,
            is_checked=validate,
            perform=transport.perform,
            direct=transport.direct,
            copy=lambda: open_at(transport),
        )

    return open_at(data=data)


def endpoint_engine(
    url: str,
    *,
    region: str | None = None,
    session: Session | None = None,
    max_connections: int = DEFAULT_CONNECTIONS,
    validate: bool = False,
) -> Engine:
    """Open the DynamoDB at a URL. Where no credentials are set, one that is not AWS's gets made-up ones.

    `max_connections` is how many threads can talk at once, `validate` makes botocore check parameters.
    Over plain http to another machine no session token is sent.

    Raises:
        UnusableEndpointError: `url` is no http or https URL, or AWS's by plain http, where a session token is needed.
        PermissionDeniedError: AWS's configuration on this machine names a profile that there is not.
    """
    address = address_of(url)
    is_mine = session is None
    session = _session(session, region)
    # A local engine keeps apart what different regions and keys write: so its region is that of no file or variable.
    is_of_settings = address.is_of_aws or not is_mine
    settings = {
        "endpoint_url": address.url,
        "region_name": region or (_region(session) if is_of_settings else DEFAULT_REGION),
        **_credentials(address, session, is_mine=is_mine),
    }
    return _engine(session, settings, max_connections=max_connections, validate=validate)


def aws_engine(
    *,
    region: str | None = None,
    session: Session | None = None,
    max_connections: int = DEFAULT_CONNECTIONS,
    validate: bool = False,
) -> Engine:
    """Open AWS's DynamoDB, with the credentials that boto3 finds, and its region unless one is given.

    Where AWS's configuration names another endpoint for DynamoDB, that is opened: `url` tells. `max_connections` is
    how many threads can talk at once, `validate` makes botocore check parameters.

    Raises:
        UnusableEndpointError: AWS's configuration on this machine names an endpoint that is no http or https URL.
        PermissionDeniedError: AWS's configuration on this machine names a profile that there is not.
    """
    given, session = session, _session(session, region)
    settings: dict[str, Any] = {"region_name": region or _region(session)}
    limits: dict[str, Any] = {"max_connections": max_connections, "validate": validate}
    engine = _engine(session, settings, **limits)
    where = address_of(engine.client.meta.endpoint_url)
    if engine.client.meta.endpoint_url == where.url and where.is_of_aws and not where.is_open:
        return engine
    engine.close()
    return endpoint_engine(where.url, region=settings["region_name"], session=given, **limits)


def client_engine(endpoint_url: str, client: object, *, region: str | None = None) -> Engine:
    """Use a caller's own DynamoDB client, and leave it open.

    Raises:
        InvalidSettingError: it is no such client, or is for another endpoint or region.
    """
    need(*_LIBRARIES)
    from seedbed.dynamo.engines.rows import reading_rows  # noqa: PLC0415 - loads botocore

    meta: Any = getattr(client, "meta", None)
    given, own = type(client).__name__, cast("DynamoDBClient", client)
    if getattr(getattr(meta, "service_model", None), "service_name", None) != "dynamodb" or hasattr(meta, "client"):
        raise InvalidSettingError("session", given, "a boto3 Session or a DynamoDB client")
    address = address_of(meta.endpoint_url)
    if endpoint_url != AWS and address_of(endpoint_url).url.rstrip("/") != address.url.rstrip("/"):
        raise InvalidSettingError("session", given, f"a client for {endpoint_url}: this one is for {address.url}")
    if region not in {None, meta.region_name}:
        raise InvalidSettingError("session", given, f"a client for {region}: this one is for {meta.region_name}")
    return Engine(kind=_kind(address), client=reading_rows(own), url=address.url, close=lambda: None, is_checked=True)


def _engine(session: Session, settings: dict[str, Any], *, max_connections: int, validate: bool) -> Engine:
    client = _client(session, config=_config(max_connections, validate=validate), **settings)
    address = address_of(client.meta.endpoint_url)
    return Engine(
        kind=_kind(address),
        client=client,
        url=address.url,
        close=client.close,
        hasty=lambda: _client(session, config=_hasty_config(), **settings),
        is_checked=validate,
    )


def _kind(address: Address) -> EngineKind:
    return "aws" if address.is_of_aws else "endpoint"


@contextmanager
def _configuration() -> Iterator[None]:
    """Tell what is wrong with AWS's configuration on this machine.

    Raises:
        PermissionDeniedError: it names what there is not, such as a profile.
        UnusableEndpointError: a value of it cannot be read, or is no endpoint.
    """
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - boto3: `import services` need not pay for it

    wrong: ServiceError | None = None
    try:
        yield
    except BotoCoreError as error:
        wrong = PermissionDeniedError("connecting", hide_secrets(str(error)))
    except ValueError as error:  # a number or an address of its variables
        wrong = UnusableEndpointError(AWS, f"AWS's configuration on this machine is wrong: {hide_secrets(str(error))}")
    if wrong is not None:
        raise wrong


def _session(given: Session | None, region: str | None) -> Session:
    need(*_LIBRARIES)
    from seedbed.dynamo.engines.sessions import new_session  # noqa: PLC0415 - as above

    with _configuration():
        return new_session(region) if given is None else given


def _region(session: Session) -> str:
    with _configuration():
        return session.region_name or DEFAULT_REGION


def _client(session: Session, **settings: Any) -> DynamoDBClient:
    from seedbed.dynamo.engines.rows import reading_rows  # noqa: PLC0415 - loads botocore

    with _configuration():
        return reading_rows(session.client("dynamodb", **settings))


def _credentials(address: Address, session: Session, *, is_mine: bool) -> Mapping[str, Any]:
    """Return what a client is told of credentials: nothing, made-up ones, or real ones without their token.

    Raises:
        UnusableEndpointError: they have a token, and it is AWS that would get it by plain http.
    """
    if is_mine and not address.is_of_aws and not _has_credentials():
        return _LOCAL_CREDENTIALS
    if is_mine and not address.is_open:
        return {}
    with _configuration():
        found = session.get_credentials()
        real = None if found is None else found.get_frozen_credentials()
    if real is None:
        return {} if address.is_of_aws else _LOCAL_CREDENTIALS
    if not (address.is_open and real.token):
        return {}
    if address.is_of_aws:
        raise UnusableEndpointError(address.url, "a session token is not sent over plain http: use https")
    return {"aws_access_key_id": real.access_key, "aws_secret_access_key": real.secret_key}


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


def _has_credentials() -> bool:
    """Tell whether this machine has credentials of its own: in variables, or in AWS's files."""
    variables = any(os.environ.get(name) for name in _CREDENTIAL_VARIABLES)
    files = (
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials",
        os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config",
    )
    return variables or any(Path(file).expanduser().is_file() for file in files)
