"""What goes wrong between services and the table.

What became of calls that an engine stopped or refused is told in `outcomes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedbed.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError
from seedbed.plain import show


class TableNotFoundError(NotFoundError):
    """There is no table of this name, and none was to be made."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(f"there is no table {table!r}")


class DumpError(InvalidError):
    """A dump cannot be written, or is not to be loaded."""

    def __init__(self, path: object, why: str) -> None:
        self.path = str(path)
        self.why = why
        super().__init__(f"{self.path}: {why}")


class LeftInBucketError(DumpError):
    """An export into a bucket failed, and what it had put there could not be taken away.

    Attributes:
        left: what may be there, why, and what to do, for a sentence.
    """

    def __init__(self, place: object, cause: BaseException, why: BaseException, run: str) -> None:
        self.left = (
            f"what it had put there could not be taken away again ({_reason(why)}). Before the next one there, take "
            f"away what is left: {place}/_started, manifest-files.json and manifest-summary.json beside it, and "
            f"data/{run}/"
        )
        super().__init__(place, f"{_reason(cause)}; {self.left}")


def _reason(error: BaseException) -> str:
    return "stopped by Ctrl-C" if isinstance(error, KeyboardInterrupt) else getattr(error, "why", "") or str(error)


class NotInBucketError(DumpError):
    """ImportTable is to read an export that lies in a folder."""

    def __init__(self, path: object) -> None:
        super().__init__(path, "ImportTable reads from a bucket alone")


class NotEmptyError(ConflictError):
    """A table that is to be filled holds rows."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(f"the table {table!r} holds rows: a dump is loaded into an empty one")


class DataFileError(UnavailableError):
    """A file that keeps an engine's tables cannot be used. Nothing in it was overwritten."""

    def __init__(self, path: object, why: str) -> None:
        self.path = str(path)
        self.why = why
        super().__init__(f"the data file {self.path} cannot be used: {why}")


class HalfStoredError(ConflictError):
    """Of what stands in several rows some are there and some are not: rows were changed past the services."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} is stored by halves: audit the table and repair it, then call again")


class RunNotesError(ConflictError):
    """Notes of a run contradict themselves or are lost, so that nobody knows whether it made the users they are of."""

    def __init__(self, name: str, notes: Sequence[str]) -> None:
        self.name = name
        self.notes = tuple(notes)
        shown = ", ".join(repr(note) for note in self.notes[:3])
        super().__init__(
            f"{len(self.notes)} notes of the run {name!r} are damaged or lost ({shown}): their users are left; all "
            "else is taken away. Once an audit's repair has restored the notes, reset it again"
        )


class ChangeTooLargeError(InvalidError):
    """What one call wants to write fits no transaction: too many rows, too many bytes, or one row twice."""

    def __init__(self, parts: int) -> None:
        self.parts = parts
        super().__init__(
            f"a Change of {parts} parts fits no transaction (100 rows, each once, and 4 MB): make it several calls"
        )


class InvalidLimitError(InvalidError):
    """A page's limit is no whole number within the bounds."""

    def __init__(self, limit: object, maximum: int) -> None:
        self.limit = limit
        self.maximum = maximum
        super().__init__(f"limit must be a whole number from 1 to {maximum}, not {show(limit)}")


class InvalidCursorError(InvalidError):
    """A cursor was not made by this list: forged, cut, or of another list or user."""

    def __init__(self, cursor: object, list_name: str) -> None:
        self.cursor = cursor
        self.list_name = list_name
        super().__init__(
            f"this cursor does not belong to {list_name}: pass the cursor of this list's previous page, or none"
        )


class UnusableEndpointError(InvalidError):
    """An endpoint is no http or https address."""

    def __init__(self, endpoint_url: object, why: str) -> None:
        self.endpoint_url = endpoint_url
        self.why = why
        super().__init__(f"{show(endpoint_url)} cannot be used as an endpoint: {why}")


class InvalidTableNameError(InvalidError):
    """A table's name breaks DynamoDB's rule for names."""

    def __init__(self, table: object) -> None:
        self.table = table
        super().__init__(f"{show(table)} is no table name: 3 to 255 of letters, digits, '_', '-' and '.'")


class UnknownFieldsError(InvalidError, TypeError):
    """An update names fields that there are not."""

    def __init__(self, operation: str, unknown: Iterable[str]) -> None:
        self.operation = operation
        self.unknown = tuple(sorted(unknown))
        super().__init__(f"{operation}() got unknown fields: {', '.join(self.unknown)}")


class AppClosedError(InvalidError):
    """The app was closed before the call: no table is behind it any more."""

    def __init__(self, message: str = "the app is closed: connect anew, or call before it is closed") -> None:
        super().__init__(message)


class UnpicklableAppError(InvalidError):
    """An app was sent to another process, or copied."""

    def __init__(self) -> None:
        super().__init__("an app does not go to another process, nor has it copies: connect anew there")


class ForkedError(InvalidError):
    """What was begun before this process was forked goes on in its parent, and not here."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"this {what} was begun before the process was forked, and is its parent's: begin another")


class RehearsedError(InvalidError):
    """A whole table is to be read inside a rehearsal, which has none: it would be found empty, and without a fault."""

    def __init__(self) -> None:
        super().__init__(
            "a rehearsal keeps no rows, so there is no table to audit, digest or list: call after it, or try the calls "
            "in unit_of_work(is_dry=True), which keeps them for its block"
        )


class TooManyRepairsError(InvalidError):
    """A repair would write more rows than it was allowed to."""

    def __init__(self, planned: int, at_most: int) -> None:
        self.planned = planned
        self.at_most = at_most
        super().__init__(f"the repair would write {planned:,} rows, {at_most:,} at most were allowed: look at its plan")


class PermissionDeniedError(ForbiddenError):
    """The engine refused the credentials or lacks the permission."""

    def __init__(self, operation: str, why: str) -> None:
        self.operation = operation
        self.why = why
        super().__init__(f"no permission for {operation}: {why}")


class NewerSchemaError(ForbiddenError):
    """The table is of a newer version of the schema: a program that knows less may read it, and write nothing."""

    def __init__(self, table: str, version: int, known: int) -> None:
        self.table = table
        self.version = version
        self.known = known
        super().__init__(
            f"the table {table!r} is of schema version {version}, and this program knows {known}: "
            "it may read the table and write nothing; use a version of the program that knows it"
        )


class ForeignRowsError(ForbiddenError):
    """The table holds rows that are not ours, or does not say that any are."""

    def __init__(self, table: str, why: str) -> None:
        self.table = table
        self.why = why
        super().__init__(f"the table {table!r} {why}: nothing was written")


class EndpointUnreachableError(UnavailableError):
    """Nothing answers at the endpoint, or the answer was lost."""

    def __init__(self, endpoint_url: str | None, why: str) -> None:
        self.endpoint_url = endpoint_url
        self.why = why
        super().__init__(f"the endpoint {endpoint_url or 'of AWS'} does not answer: {why}")


class _CrowdedError(UnavailableError):
    """Too much at once for longer than the retries lasted: the places of the actions, the partitions of their rows."""

    _told = "{operation} failed {attempts} times{where}"

    def __init__(
        self, operation: str, attempts: int, *, places: Sequence[int] = (), partitions: Sequence[str] = ()
    ) -> None:
        self.operation, self.attempts = operation, attempts
        self.places, self.partitions = tuple(places), tuple(partitions)
        where = f" (at {', '.join(self.partitions[:3])})" if partitions else ""
        super().__init__(self._told.format(operation=operation, attempts=attempts, where=where))


class ThrottledError(_CrowdedError):
    """The engine throttled a call for longer than the retries lasted."""

    _told = "{operation} was throttled {attempts} times{where}; try again later or with fewer workers"


class ContentionError(_CrowdedError):
    """Other transactions kept touching the same rows for longer than the retries lasted."""

    _told = "{operation} met conflicting transactions {attempts} times{where}; try again later"


class UnprocessedError(UnavailableError):
    """An engine left a part of a batch undone for longer than the retries lasted."""

    def __init__(self, operation: str, missing: Sequence[tuple[str, str]]) -> None:
        self.operation = operation
        self.missing = tuple(missing)
        super().__init__(f"{operation} left {len(self.missing)} keys undone, the first {self.missing[:1]!r}")


class EngineError(UnavailableError):
    """The engine answered with an error that no rule of the app explains."""

    def __init__(self, operation: str, code: str, why: str) -> None:
        self.operation = operation
        self.code = code
        self.why = why
        super().__init__(f"{operation} failed with {code}: {why or 'is this a DynamoDB endpoint?'}")


class NoImportsError(UnavailableError):
    """The engine has no ImportTable: AWS has, local engines have not."""

    def __init__(self, endpoint_url: str | None, why: str) -> None:
        self.endpoint_url = endpoint_url
        self.why = why
        super().__init__(f"the engine at {endpoint_url} has no ImportTable ({why})")


class TransientEngineError(EngineError):
    """The engine answered with a trouble of its own (5xx)."""


class MalformedAnswerError(EngineError):
    """What answered is not what the operation answers: cut off, empty, another program's, or of another shape."""

    MALFORMED = "MalformedAnswer"
    """The code where the answer has none of its own."""


class TableShapeError(UnavailableError):
    """A table of this name exists and has another shape."""

    def __init__(self, table: str, differences: Sequence[str]) -> None:
        self.table = table
        self.differences = tuple(differences)
        super().__init__(f"the table {table!r} is of another shape ({'; '.join(differences)})")


class TransactionsUnsupportedError(UnavailableError):
    """The engine has no TransactWriteItems, so no counter could be kept exact."""

    def __init__(self, endpoint_url: str | None, why: str) -> None:
        self.endpoint_url = endpoint_url
        self.why = why
        super().__init__(
            f"the engine at {endpoint_url or 'AWS'} has no transactions ({why}): use one that has TransactWriteItems"
        )
