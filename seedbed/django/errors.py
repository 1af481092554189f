"""What a unit of work over Django refuses."""

from __future__ import annotations

from seedbed.errors import ConflictError, InvalidError, UnavailableError


class BrokenTransactionError(ConflictError):
    """A service took no notice of an error of the database: what it has written cannot be kept."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        super().__init__(
            f"the service caught an error of the database {alias!r} and went on in a broken transaction: "
            "let it catch the error outside of a `with transaction.atomic():` of its own"
        )


class ConnectionLostError(UnavailableError):
    """The connection was closed in the middle of a unit of work: nothing of it is stored."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        super().__init__(
            f"the connection to the database {alias!r} was closed before the commit: nothing of it is stored"
        )


class AsyncCodeError(InvalidError):
    """A unit of work over Django cannot be opened in async code: Django's transactions are plain."""

    def __init__(self) -> None:
        super().__init__(
            "Django's transactions do not work in async code, so nothing can be created there: write "
            "`await sync_to_async(F.create)()`, and call async services by `async_to_sync`"
        )
