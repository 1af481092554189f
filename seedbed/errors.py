"""The families of errors that a caller of services treats differently."""

from __future__ import annotations

from seedbed.plain import show, show_error
from seedbed.portable import Portable


class ServiceError(Portable, Exception):
    """Root of all errors of the service layer. Each can be pickled and copied, whatever it holds."""

    is_unknown = False
    """Whether what the call wanted to write may be there all the same: a try was sent and how it ended is not known."""


class NotFoundError(ServiceError):
    """What the call names does not exist."""


class GoneError(NotFoundError):
    """What a call made is not there any more: a later one deleted it."""

    is_gone = True
    """For factories, which know no services: it was made, and is no refusal."""

    def __init__(self, value: object, which: str | None = None) -> None:
        self.value = value
        which = _names_of(value) if which is None else which
        super().__init__(f"this {type(value).__name__} is gone ({which}): it was deleted after it was made")


def _names_of(value: object) -> str:
    names = ("id",) if hasattr(value, "id") else [name for name in dir(value) if name.endswith("_id")]
    return ", ".join(f"{name} {show(getattr(value, name))}" for name in names)


class ConflictError(ServiceError):
    """The call contradicts what is stored."""


class InvalidError(ServiceError):
    """The call itself is wrong; sending it again cannot help."""


class UnreadableError(InvalidError):
    """What a call wrote cannot be read back: the database took what its own model refuses. It is there."""

    def __init__(self, value: object, which: str, why: Exception) -> None:
        self.value = value
        self.which = which
        self.why = why
        super().__init__(
            f"this {type(value).__name__} was written ({which}), and cannot be read back: {show_error(why)}"
        )


class NotLoadedError(InvalidError):
    """A service made something, and a factory's `Meta.load` cannot read it. `is_there`: it stays what it is."""

    def __init__(self, returned: object, why: Exception, *, is_there: bool) -> None:
        self.returned = returned
        self.why = why
        self.is_there = is_there
        rest = "; what it wrote stays" if is_there else ""
        read = f"the service returned {show(returned)}, and Meta.load cannot read that"
        super().__init__(f"{read}: {show_error(why)}{rest}")


class DryElsewhereError(InvalidError):
    """The call was made inside another thread's or task's dry run or rehearsal, and would write for real."""

    def __init__(self) -> None:
        super().__init__(
            "a dry run or rehearsal stands around this call, and belongs to another thread, task or process: here the "
            "call would write; make it where the dry run was opened, or open another one around it"
        )


class ForbiddenError(ServiceError):
    """The caller may not do this."""


class UnavailableError(ServiceError):
    """The table could not be used just now, or not at all; the call may be right."""


class LibraryError(UnavailableError, ImportError):
    """A part of seedbed cannot be used, for want of the right library."""


class MissingLibraryError(LibraryError):
    """A library is not installed; `extra` is the extra of seedbed that brings it, None where seedbed itself does."""

    def __init__(self, library: str, extra: str | None) -> None:
        self.library = library
        self.extra = extra
        what = "seedbed" if extra is None else f"seedbed[{extra}]"
        super().__init__(f"{library} is not installed: pip install '{what}'")


class LibraryVersionError(LibraryError):
    """A library is of a version that seedbed was not tested with, and reaches into."""

    def __init__(self, library: str, version: str, versions: str) -> None:
        self.library = library
        self.version = version
        self.versions = versions
        super().__init__(f"seedbed does not work with {library} {version}: pip install '{library}{versions}'")


class InvalidSettingError(InvalidError):
    """A setting of `connect`, or an argument that is no field, is out of its bounds."""

    def __init__(self, setting: str, value: object, rule: str) -> None:
        self.setting = setting
        self.value = value
        self.rule = rule
        super().__init__(f"{setting} must be {rule}, not {show(value)}")
