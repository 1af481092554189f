"""What whoever uses the command can do about an error of a service, which knows no command: said by the command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services import errors

REMEDIES: Mapping[type[errors.ServiceError], str] = {
    errors.NoImportsError: "`seed load` fills a table of any engine from what seed export wrote",
    errors.NotEmptyError: "`seed digest` tells whether they are the dump's, as after a load that was killed at its end",
    errors.NotInBucketError: "add --through s3://bucket/prefix",
    errors.TableNotFoundError: "name another with --table, or seed it first",
    errors.TableShapeError: "name another table with --table",
    errors.RunNotFoundError: "`seed reset` of the same world takes away what came after that",
    errors.RunResettingError: "`seed reset` of the same world does that",
}


def with_remedy(error: BaseException) -> str:
    """Write an error with what can be done about it, or about what caused it."""
    found = (remedy for cause in _causes(error) for kind, remedy in REMEDIES.items() if isinstance(cause, kind))
    remedy = next(found, None)
    return str(error) if remedy is None else f"{error}: {remedy}"


def _causes(error: object) -> Iterator[object]:
    for _ in range(8):  # more are no causes of causes, but a circle
        if error is None:
            return
        yield error
        error = getattr(error, "cause", None)
