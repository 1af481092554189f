"""What an engine's error answers mean, in the words of `services.errors`. Used by `services.table` only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from services.actions import Refused
from services.errors import (
    ContentionError,
    EngineError,
    PermissionDeniedError,
    ServiceError,
    ThrottledError,
)
from services.items import Row

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

ATTEMPTS = 8
"""Tries of one call, on top of what botocore does with lost connections."""

_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "UnrecognizedClientException",
}
_THROTTLED = {
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
}
_CONFLICTS = {"TransactionConflict", "TransactionConflictException", "TransactionInProgressException"}
_UNKNOWN_OPERATION = {"UnknownOperationException", "UnknownOperation", "NotImplemented", "InvalidAction"}


class TransientEngineError(EngineError):
    """An answer of the engine's own trouble (5xx), worth another try."""


def translated(operation: str, error: ClientError) -> ServiceError | Refused:
    """Return the error that an error answer stands for, or the refusals of a transaction that conditions cancelled."""
    code = error.response["Error"].get("Code", "Unknown")
    why = error.response["Error"].get("Message", "")
    if code == "TransactionCanceledException":
        return _cancelled(operation, cast("Mapping[str, Any]", error.response).get("CancellationReasons", ()), why)
    if code in _DENIED:
        return PermissionDeniedError(operation, why or code)
    if code in _THROTTLED:
        return ThrottledError(operation, ATTEMPTS)
    if code in _CONFLICTS:
        return ContentionError(operation, ATTEMPTS)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    if status >= 500 and code not in _UNKNOWN_OPERATION:  # noqa: PLR2004 - HTTP's server errors
        return TransientEngineError(operation, code, why)
    return EngineError(operation, code, why)


def _cancelled(operation: str, reasons: Sequence[Mapping[str, Any]], why: str) -> ServiceError | Refused:
    codes = [reason.get("Code", "None") for reason in reasons]
    refused = {
        place: cast("Row | None", reasons[place].get("Item") or None)
        for place, code in enumerate(codes)
        if code == "ConditionalCheckFailed"
    }
    if refused:
        return Refused(refused)
    conflicts = tuple(place for place, code in enumerate(codes) if code in _CONFLICTS)
    if conflicts:
        return ContentionError(operation, ATTEMPTS, places=conflicts)
    throttled = tuple(place for place, code in enumerate(codes) if code in _THROTTLED)
    if throttled:
        return ThrottledError(operation, ATTEMPTS, places=throttled)
    wrong = next((code for code in codes if code != "None"), "TransactionCanceledException")
    return EngineError(operation, wrong, why)
