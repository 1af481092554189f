"""One call of an engine: its tries, what its errors mean, and whether what it wanted to write may be there.

This is the only layer that tries again. botocore makes one try: between tries of its own it would forget that an answer
was lost, and the refusal of a later try would stand for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, TypeAlias

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own word; Python's is not used here
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProxyConnectionError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from seedbed.dynamo.actions import Refused
from seedbed.dynamo.addresses import hide_secrets
from seedbed.dynamo.engines.answers import ATTEMPTS, translate
from seedbed.dynamo.engines.connections import Engine
from seedbed.dynamo.engines.shapes import check
from seedbed.dynamo.engines.ways import by_client, way_to
from seedbed.dynamo.errors import (
    AppClosedError,
    ContentionError,
    EndpointUnreachableError,
    EngineError,
    MalformedAnswerError,
    PermissionDeniedError,
    ThrottledError,
    TransientEngineError,
)
from seedbed.dynamo.pacing import Pacer
from seedbed.dynamo.tries import Kinds, Tries
from seedbed.dynamo.usage import Meter
from seedbed.errors import ServiceError

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_NO_ANSWER = (ConnectionError, HTTPClientError, IncompleteReadError)
_NOT_SENT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)
TROUBLE = (ThrottledError, ContentionError, TransientEngineError)
"""What an engine that is there may say and take back."""
WORTH_ANOTHER_TRY = (*TROUBLE, EndpointUnreachableError, MalformedAnswerError)
_LOST = (EndpointUnreachableError, MalformedAnswerError, TransientEngineError)
"""How a try ends that the engine may have done all the same."""
_WRITES = {"TransactWriteItems", "BatchWriteItem"}


Try: TypeAlias = AbstractContextManager[object, bool]
"""One try: the `with` that it is made in."""


class Calls:
    """Sends the calls of one table, each retried with jitter, within a bound. Safe for threads."""

    def __init__(self, engine: Engine, meter: Meter, pacer: Pacer, endpoint_url: str | None) -> None:
        self._engine = engine
        self._way = way_to(engine)
        self._meter = meter
        self._pacer = pacer
        self._endpoint_url = endpoint_url
        self._is_closed = False

    def close(self) -> None:
        """Send nothing more."""
        self._is_closed = True

    @contextmanager
    def hastily(self) -> Iterator[None]:
        """Send the calls of the block by a client that gives up within seconds."""
        patient, hasty = self._way, self._engine.hasty_client()
        if hasty is not self._engine.client:
            self._way = by_client(hasty)
        try:
            yield
        finally:
            self._way = patient

    def send(
        self,
        operation: str,
        method: str,
        partitions: Sequence[str] = (),
        *,
        worth: Kinds = WORTH_ANOTHER_TRY,
        worth_few: Kinds = (),
        **parameters: Any,
    ) -> Any:  # noqa: ANN401 - DynamoDB's answer
        """Make a call by a client's method and return the answer; `partitions` are those of a transaction's actions.

        Raises:
            Refused: conditions refused some actions of a transaction.
            AppClosedError: the app was closed.
            ThrottledError: the engine throttled every try.
            ContentionError: other transactions were at the same rows at every try.
            UnavailableError: the engine did not do it. The `is_unknown` of this one and those above tells whether what
                the call wanted to write may be there all the same.
            PermissionDeniedError: the credentials are missing, wrong, or lack a permission; `is_unknown` as above.
        """
        for attempt in self.tries(operation, worth, worth_few=worth_few):
            with attempt:
                return self.send_once(operation, method, partitions, **parameters)
        raise ThrottledError(operation, ATTEMPTS)

    def tries(self, operation: str, worth: Kinds = WORTH_ANOTHER_TRY, *, worth_few: Kinds = ()) -> Iterable[Try]:
        """Yield the tries of a call, within one bound; what ends one says whether it may have written all the same."""
        return _Doubtful(operation, worth, worth_few=worth_few)

    def send_once(self, operation: str, method: str, partitions: Sequence[str] = (), **parameters: Any) -> Any:  # noqa: ANN401 - DynamoDB's answer
        """Make one try of a call, in the `with` of one of its `tries`.

        Raises:
            Refused: as `send`.
            ServiceError: as `send`.
            ThrottledError: the engine throttled it.
            ContentionError: another transaction was at the same rows.
        """
        try:
            return self._answer(operation, method, **parameters)
        except ThrottledError as error:
            throttled = _partitions_named(error, partitions)
            self._pacer.slow_down(throttled)
            raise ThrottledError(error.operation, ATTEMPTS, partitions=throttled) from error
        except ContentionError as error:
            met = _partitions_named(error, partitions)
            raise ContentionError(error.operation, ATTEMPTS, partitions=met) from error

    def _answer(self, operation: str, method: str, **parameters: Any) -> Any:  # noqa: ANN401 - DynamoDB's answer
        if self._is_closed:
            raise AppClosedError
        self._meter.count_call(operation)
        try:
            answer = self._way(operation, method, parameters)
        except ClientError as error:
            raise translate(operation, error, parameters) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise self._failure(operation, error) from error
        check(operation, answer, parameters)
        return answer

    def _failure(self, operation: str, error: Exception) -> ServiceError:
        if isinstance(error, _NO_CREDENTIALS):
            return PermissionDeniedError(operation, str(error))
        if isinstance(error, _NO_ANSWER):
            return EndpointUnreachableError(self._endpoint_url, hide_secrets(str(error)))
        if isinstance(error, ResponseParserError):
            return MalformedAnswerError(operation, MalformedAnswerError.MALFORMED, str(error))
        return EngineError(operation, type(error).__name__, str(error))


class _Doubtful(Tries):
    """Tries of which one may have written what the call wants to write: it was sent, and how it ended is not known."""

    def __init__(self, operation: str, worth: Kinds, *, worth_few: Kinds) -> None:
        super().__init__(operation, worth, worth_few=worth_few)
        self._is_write = operation in _WRITES
        self._remains = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Say so on the error that ends a try: a refusal of a later one says nothing about an earlier one."""
        if isinstance(error, ServiceError | Refused):
            self._remains = self._remains or (self._is_write and _is_lost(error))
            error.is_unknown = self._remains
        return super().__exit__(kind, error, trace)


def _is_lost(error: ServiceError | Refused) -> bool:
    cause = error.__cause__
    while isinstance(cause, ServiceError):  # told anew, with the partitions
        cause = cause.__cause__
    if isinstance(cause, ClientError) and cause.response.get("ResponseMetadata", {}).get("RetryAttempts", 0):
        return True  # a caller's own client: how its earlier tries ended, it does not say
    return isinstance(error, _LOST) and not isinstance(cause, _NOT_SENT)


def _partitions_named(error: ThrottledError | ContentionError, partitions: Sequence[str]) -> tuple[str, ...]:
    """Name the partitions of the actions that an error is about; those of all, where it does not say."""
    meant = [partitions[place] for place in error.places if place < len(partitions)]
    return tuple(dict.fromkeys(meant or partitions))
