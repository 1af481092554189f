"""What the pages refuse by themselves; all else is refused by the services."""

from __future__ import annotations

from services.errors import ForbiddenError, NotFoundError


class ReadOnlyError(ForbiddenError):
    """These pages only show."""

    def __init__(self) -> None:
        super().__init__("these pages only show: nobody agreed to writing here (seed browse --help tells how)")


class NobodyError(ForbiddenError):
    """Something is to be done, and nobody said as who."""

    def __init__(self) -> None:
        super().__init__("choose first who you are")


class HandleNotFoundError(NotFoundError):
    """Nobody has this handle."""

    def __init__(self, handle: str) -> None:
        self.handle = handle
        super().__init__(f"nobody has the handle @{handle}")


class PageNotFoundError(NotFoundError):
    """There is no such page."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"there is no page {path}")
