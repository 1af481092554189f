"""Every error that the service layer raises: one root, five families that a caller treats differently.

A leaf keeps its values as attributes and writes its own message. Errors of the AWS client are translated to these in
`table.py` and `engines`, nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from seedbed.dynamo.errors import (
    AppClosedError,
    ChangeTooLargeError,
    ContentionError,
    EndpointUnreachableError,
    EngineError,
    ForeignRowsError,
    ForkedError,
    HalfStoredError,
    InvalidCursorError,
    InvalidLimitError,
    InvalidTableNameError,
    MalformedAnswerError,
    NewerSchemaError,
    NoImportsError,
    NotEmptyError,
    NotInBucketError,
    PermissionDeniedError,
    RehearsedError,
    RunNotesError,
    TableNotFoundError,
    TableShapeError,
    ThrottledError,
    TooManyRepairsError,
    TransactionsUnsupportedError,
    TransientEngineError,
    UnknownFieldsError,
    UnpicklableAppError,
    UnprocessedError,
    UnusableEndpointError,
)
from seedbed.dynamo.outcomes import (
    DeletionStoppedError,
    RefusedChangesError,
    StoppedError,
    UncommittedError,
    UndeliveredError,
    UnknownOutcomeError,
)
from seedbed.errors import (
    ConflictError,
    DryElsewhereError,
    ForbiddenError,
    GoneError,
    InvalidError,
    InvalidSettingError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from seedbed.portable import portable

# Not found


__all__ = [
    "AppClosedError",
    "ChangeTooLargeError",
    "ChangedMeanwhileError",
    "CommentNotFoundError",
    "ConflictError",
    "ContentionError",
    "DeletionStoppedError",
    "DryElsewhereError",
    "EmailTakenError",
    "EndpointUnreachableError",
    "EngineError",
    "FieldError",
    "ForbiddenError",
    "ForeignRowsError",
    "ForkedError",
    "GoneError",
    "HalfStoredError",
    "HandleTakenError",
    "IdTakenError",
    "InvalidCursorError",
    "InvalidError",
    "InvalidLimitError",
    "InvalidSettingError",
    "InvalidTableNameError",
    "MalformedAnswerError",
    "NewerSchemaError",
    "NoImportsError",
    "NoRoomError",
    "NotAuthorError",
    "NotEmptyError",
    "NotFollowingError",
    "NotFoundError",
    "NotInBucketError",
    "PermissionDeniedError",
    "PostNotFoundError",
    "PostNotPublicError",
    "RefusedChangesError",
    "RehearsedError",
    "RunNotEmptyError",
    "RunNotFoundError",
    "RunNotesError",
    "RunResettingError",
    "SelfFollowError",
    "ServiceError",
    "StoppedError",
    "TableNotFoundError",
    "TableShapeError",
    "TakenError",
    "ThrottledError",
    "TooManyRepairsError",
    "TransactionsUnsupportedError",
    "TransientEngineError",
    "UnavailableError",
    "UncommittedError",
    "UndeliveredError",
    "UnknownFieldsError",
    "UnknownOutcomeError",
    "UnpicklableAppError",
    "UnprocessedError",
    "UnreadableRowError",
    "UnusableEndpointError",
    "UserNotFoundError",
    "UsernameTakenError",
    "ValidationError",
]


class UserNotFoundError(NotFoundError):
    """No user has this id."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        super().__init__(f"no user has the id {user_id!r}")


class PostNotFoundError(NotFoundError):
    """No post has this id."""

    def __init__(self, post_id: str) -> None:
        self.post_id = post_id
        super().__init__(f"no post has the id {post_id!r}")


class CommentNotFoundError(NotFoundError):
    """The post has no comment of this id."""

    def __init__(self, post_id: str, comment_id: str) -> None:
        self.post_id = post_id
        self.comment_id = comment_id
        super().__init__(f"the post {post_id!r} has no comment of the id {comment_id!r}")


class RunNotFoundError(NotFoundError):
    """The table has no run of this name, or no longer."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the table has no run {name!r}: it was never begun, or it was reset meanwhile")


# Conflict


class TakenError(ConflictError):
    """A unique value belongs to somebody else."""

    kind = "value"

    def __init__(self, value: str, owner_id: str | None = None) -> None:
        self.value = value
        self.owner_id = owner_id
        super().__init__(f"the {self.kind} {value!r} is taken")


class HandleTakenError(TakenError):
    """The handle belongs to somebody else."""

    kind = "handle"


class UsernameTakenError(TakenError):
    """The username belongs to somebody else."""

    kind = "username"


class EmailTakenError(TakenError):
    """The e-mail address belongs to somebody else."""

    kind = "e-mail address"


class IdTakenError(ConflictError):
    """Another row stands under the id that was drawn for a new one."""

    def __init__(self, entity_type: str, entity_id: str) -> None:
        self.entity_type = entity_type
        self.entity_id = entity_id
        super().__init__(
            f"another {entity_type} has the id {entity_id!r} already: two sources of ids share one seed, so give "
            "one of them another: connect(seed=...), or using(app, seed=...)"
        )


class ChangedMeanwhileError(ConflictError):
    """What the call had read was changed by somebody else before it could write; call again."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} was changed by somebody else meanwhile: call again")


class NotFollowingError(ConflictError):
    """A feed takes only posts of people whom the reader follows."""

    def __init__(self, reader_id: str, author_id: str) -> None:
        self.reader_id = reader_id
        self.author_id = author_id
        super().__init__(f"{reader_id!r} does not follow {author_id!r}, so the post cannot be in the feed")


class PostNotPublicError(ConflictError):
    """A feed takes only public posts."""

    def __init__(self, post_id: str) -> None:
        self.post_id = post_id
        super().__init__(f"the post {post_id!r} is not public, so it is in no feed")


class RunResettingError(ConflictError):
    """The run is being taken away."""

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        super().__init__(f"the run of {title} is being reset: complete that first")


class RunNotEmptyError(ConflictError):
    """A run got new users while it was being taken away."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"somebody seeds the run {name!r} just now: let that end, and reset it again")


# Invalid


@attrs.frozen
class FieldError:
    """One wrong field: its name, what is wrong, and the value that was given."""

    field: str
    message: str
    value: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Let pickle make it anew, of a value that cannot be pickled with its repr."""
        return FieldError, (self.field, self.message, portable(self.value))


class ValidationError(InvalidError):
    """One or more fields break a rule; all of them are named."""

    def __init__(self, what: str, fields: Sequence[FieldError]) -> None:
        self.what = what
        self.fields = tuple(fields)
        wrong = "; ".join(f"{field.field}: {field.message}" for field in self.fields)
        super().__init__(f"{what} is not valid: {wrong}")


class SelfFollowError(InvalidError):
    """Nobody follows oneself."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        super().__init__(f"{user_id!r} cannot follow oneself")


# Forbidden


class NotAuthorError(ForbiddenError):
    """Only the author changes or deletes."""

    def __init__(self, user_id: str, what: str) -> None:
        self.user_id = user_id
        self.what = what
        super().__init__(f"{user_id!r} is not the author of {what}")


# Damaged


class UnreadableRowError(ServiceError):
    """A row stands under the key that is asked for, and an attribute of it is missing or of another kind."""

    def __init__(self, key: tuple[str, str], entity_id: str) -> None:
        self.key = key
        self.entity_id = entity_id
        super().__init__(f"the row {' '.join(key)} cannot be read: an audit names what is wrong with it")


# Unavailable


class NoRoomError(UnavailableError):
    """There is no room for the file in which an audit keeps what it reads."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause
        super().__init__(
            f"an audit keeps what it reads in a temporary file, which cannot be written ({cause}): make room, or name "
            "a folder that has room by SQLITE_TMPDIR"
        )


# A unit of work's end
