"""How pictures are stored. Light, so that the command may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from factories.errors import UnknownImagesError

KINDS = ("url", "data", "none")
"""As a path that `seed serve` answers, as the picture itself in a `data:` URI, or not at all."""
kind_in_force: ContextVar[str] = ContextVar("kind_in_force", default=KINDS[0])


def check_images(kind: str) -> str:
    """Return a way to store pictures.

    Raises:
        UnknownImagesError: There is none of this name.
    """
    if kind not in KINDS:
        raise UnknownImagesError(kind, KINDS)
    return kind


@contextmanager
def images(kind: str) -> Iterator[None]:
    """Let factories store pictures in this way for the block; "url" is the way without it.

    Raises:
        UnknownImagesError: There is none of this name.
    """
    token = kind_in_force.set(check_images(kind))
    try:
        yield
    finally:
        kind_in_force.reset(token)
