"""Checks that AWS makes and moto does not, in AWS's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException, MockValidationException

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
TRANSACTION_ACTIONS: Final = 100
TRANSACTION_BYTES: Final = 4 * 1024 * 1024
BATCH_WRITES: Final = 25
BATCH_KEYS: Final = 100


class IdempotentParameterMismatchError(DynamodbException):
    """A token came again with another request."""

    def __init__(self) -> None:
        """Say it in AWS's words."""
        super().__init__(
            ERROR_TYPE_PREFIX + "IdempotentParameterMismatchException",
            "Request parameters do not match those of a prior request with the same client token",
        )


def check_count(count: int, limit: int, member: str) -> None:
    """Refuse more than `limit`, or none at all.

    Raises:
        MockValidationException: as AWS words it.
    """
    if count == 0:
        raise _constraint(member, "Member must have length greater than or equal to 1")
    if count > limit:
        raise _constraint(member, f"Member must have length less than or equal to {limit}")


def check_transaction_bytes(size_bytes: int) -> None:
    """Refuse a transaction of more than 4 MB.

    Raises:
        MockValidationException: as AWS words it.
    """
    if size_bytes > TRANSACTION_BYTES:
        raise MockValidationException("Collection size cannot exceed 4 MB: the transaction is too large")


def check_no_duplicates(keys: Iterable[Any]) -> None:
    """Refuse a batch that names a key twice.

    Raises:
        MockValidationException: as AWS words it.
    """
    seen = set()
    for key in keys:
        if key in seen:
            raise MockValidationException("Provided list of item keys contains duplicates")
        seen.add(key)


def _constraint(member: str, constraint: str) -> MockValidationException:
    return MockValidationException(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    )
