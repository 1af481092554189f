"""What an engine's error answers mean, in the words of `services.errors`. Used by `seedbed.dynamo.calls` only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from seedbed.dynamo.actions import Refused
from seedbed.dynamo.engines.shapes import is_of
from seedbed.dynamo.errors import (
    ContentionError,
    EngineError,
    MalformedAnswerError,
    PermissionDeniedError,
    ThrottledError,
    TransientEngineError,
)
from seedbed.dynamo.rows import Row
from seedbed.errors import ServiceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

ATTEMPTS = 8
"""Tries of one call."""

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_THROTTLED = {
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
    "TooManyRequestsException",
}
_CONFLICTS = {
    "ReplicatedWriteConflictException",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_UNKNOWN_OPERATION = {"UnknownOperationException", "UnknownOperation", "NotImplemented", "InvalidAction"}
_PASSING = {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"}
"""Trouble of the engine's own that is told as the caller's (4xx)."""


def translate(operation: str, error: ClientError, asked: Mapping[str, Any]) -> ServiceError | Refused:
    """Return the error that an error answer stands for, or the refusals of a transaction that conditions cancelled."""
    code = error.response["Error"].get("Code", "Unknown")
    why = error.response["Error"].get("Message", "")
    if code == "TransactionCanceledException":
        reasons = cast("Mapping[str, Any]", error.response).get("CancellationReasons", ())
        return _cancellation(operation, reasons, asked.get("TransactItems", ()), why)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return _by_code(operation, code, why) or _by_status(operation, status, code, why)


def _by_code(operation: str, code: str, why: str) -> ServiceError | None:
    if code in _DENIED:
        return PermissionDeniedError(operation, why or code)
    if code in _THROTTLED:
        return ThrottledError(operation, ATTEMPTS)
    if code in _CONFLICTS:
        return ContentionError(operation, ATTEMPTS)
    return TransientEngineError(operation, code, why) if code in _PASSING else None


def _by_status(operation: str, status: int, code: str, why: str) -> ServiceError:
    if status in {401, 403}:
        return PermissionDeniedError(operation, why or code)
    if status == 429:  # noqa: PLR2004 - HTTP's "too many requests"
        return ThrottledError(operation, ATTEMPTS)
    if status == 408 or (status >= 500 and code not in _UNKNOWN_OPERATION):  # noqa: PLR2004 - HTTP's time-out, and the server's own errors
        return TransientEngineError(operation, code, why)
    kind = MalformedAnswerError if code in {"", str(status)} else EngineError
    return kind(operation, code, why)


def _cancellation(
    operation: str, reasons: Sequence[Mapping[str, Any]], actions: Sequence[Mapping[str, Any]], why: str
) -> ServiceError | Refused:
    codes = [reason.get("Code", "None") for reason in reasons]
    refused = {
        place: cast("Row | None", reasons[place].get("Item") or None)
        for place, code in enumerate(codes)
        if code == "ConditionalCheckFailed"
    }
    if refused:
        return _refusal(operation, refused, actions, len(codes))
    conflicts = tuple(place for place, code in enumerate(codes) if code in _CONFLICTS)
    if conflicts:
        return ContentionError(operation, ATTEMPTS, places=conflicts)
    throttled = tuple(place for place, code in enumerate(codes) if code in _THROTTLED)
    if throttled:
        return ThrottledError(operation, ATTEMPTS, places=throttled)
    wrong = next((code for code in codes if code != "None"), None)
    if wrong is None:
        return MalformedAnswerError(operation, "TransactionCanceledException", why)
    return EngineError(operation, wrong, why)


def _refusal(
    operation: str, rows: Mapping[int, Row | None], actions: Sequence[Mapping[str, Any]], reasons: int
) -> ServiceError | Refused:
    """Take refusals by their word where there is one reason for each action, with the row of that action."""
    if reasons == len(actions) and all(row is None or is_of(row, _key(actions[at])) for at, row in rows.items()):
        return Refused(dict(rows))
    return MalformedAnswerError(operation, "TransactionCanceledException", "its reasons are not those of its actions")


def _key(action: Mapping[str, Any]) -> Mapping[str, Any]:
    (asked,) = action.values()
    key: Mapping[str, Any] = asked.get("Key") or asked["Item"]
    return key
