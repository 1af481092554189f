"""Checks that AWS makes and moto does not, and the errors of what the embedded engine does not serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException, MockValidationException

from seedbed.portable import Portable

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Iterable

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
TRANSACTION_ACTIONS: Final = 100
TRANSACTION_BYTES: Final = 4 * 1024 * 1024
BATCH_WRITES: Final = 25
BATCH_KEYS: Final = 100


class IdempotentParameterMismatchError(Portable, DynamodbException):
    """A token came again with another request."""

    def __init__(self) -> None:
        super().__init__(
            ERROR_TYPE_PREFIX + "IdempotentParameterMismatchException",
            "Request parameters do not match those of a prior request with the same client token",
        )


class UnusedNameError(Portable, MockValidationException):
    """A request brings a name for an attribute that its expressions do not mention."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Value provided in ExpressionAttributeNames unused in expressions: keys: {{{name}}}")


class UnknownOperationError(Portable, DynamodbException):
    """This engine does not serve an action."""

    def __init__(self, action: str) -> None:
        super().__init__(
            ERROR_TYPE_PREFIX + "UnknownOperationException", f"The embedded engine does not serve {action}"
        )


class UnwritableFileError(Portable, DynamodbException):
    """The engine's file cannot be written; the engine takes no more requests."""

    code = 500

    def __init__(self, why: str) -> None:
        super().__init__(ERROR_TYPE_PREFIX + "InternalServerError", why)


class UnreadableRequestError(Portable, MockValidationException):
    """A part of a request cannot be read: where moto breaks instead of refusing it."""

    def __init__(self, cause: Exception) -> None:
        what = f"missing {cause}" if isinstance(cause, KeyError) else "the embedded engine cannot read one"
        super().__init__(f"One or more parameter values were invalid: {what}")


class MissedKeyError(Portable, MockValidationException):
    """A query says nothing of a part of the key that it must have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Query condition missed key schema element: {name}")


class KeyFilterError(Portable, MockValidationException):
    """A query filters by a part of its key."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
        )


class TooManyItemsError(Portable, MockValidationException):
    """A batch has more items over all its tables than AWS takes."""

    def __init__(self, action: str) -> None:
        super().__init__(f"Too many items requested for the {action} call")


class ConstraintError(Portable, MockValidationException):
    """A list of a request is too short or too long."""

    def __init__(self, member: str, constraint: str) -> None:
        super().__init__(
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
            f"Member must have length {constraint}"
        )


class TransactionTooLargeError(Portable, MockValidationException):
    """The rows of a transaction are more than 4 MB together."""

    def __init__(self) -> None:
        super().__init__(f"The transaction exceeds {TRANSACTION_BYTES} bytes")


class DuplicateKeyError(Portable, MockValidationException):
    """A batch names a key twice."""

    def __init__(self) -> None:
        super().__init__("Provided list of item keys contains duplicates")


class MissingKeyError(Portable, MockValidationException):
    """An item lacks a part of its key."""

    def __init__(self, name: str) -> None:
        super().__init__(f"One or more parameter values were invalid: Missing the key {name} in the item")


class IndexKeyTypeError(Portable, MockValidationException):
    """An item has an index key of another type than the index."""

    def __init__(self, name: str, expected: str, *, actual: str, index_name: str | None) -> None:
        super().__init__(
            "One or more parameter values were invalid: Type mismatch for Index Key "
            f"{name} Expected: {expected} Actual: {actual} IndexName: {index_name}"
        )


class KeyTypeError(Portable, MockValidationException):
    """A condition on a key is of another type than the key."""

    def __init__(self) -> None:
        super().__init__(
            "One or more parameter values were invalid: Condition parameter type does not match schema type"
        )


class InvalidArnError(Portable, MockValidationException):
    """What should name a table by its ARN does not."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")


class InvalidStartKeyError(Portable, MockValidationException):
    """A start key is no key of what is read."""

    def __init__(self) -> None:
        super().__init__("The provided starting key is invalid")


def check_count(count: int, limit: int, member: str) -> None:
    """Refuse more than `limit`, or none at all.

    Raises:
        ConstraintError: there are too many, or none.
    """
    if count == 0:
        raise ConstraintError(member, "greater than or equal to 1")
    if count > limit:
        raise ConstraintError(member, f"less than or equal to {limit}")


def check_names_used(names: Iterable[str] | None, used: Container[str]) -> None:
    """Refuse names that no expression mentions.

    Raises:
        UnusedNameError: there are some.
    """
    for name in names or ():
        if name not in used:
            raise UnusedNameError(name)


def check_transaction_bytes(size_bytes: int) -> None:
    """Refuse a transaction of more than 4 MB.

    Raises:
        TransactionTooLargeError: it is larger.
    """
    if size_bytes > TRANSACTION_BYTES:
        raise TransactionTooLargeError


def check_no_duplicates(keys: Iterable[Hashable]) -> None:
    """Refuse a batch that names a key twice.

    Raises:
        DuplicateKeyError: it does.
    """
    seen = set()
    for key in keys:
        if key in seen:
            raise DuplicateKeyError
        seen.add(key)
