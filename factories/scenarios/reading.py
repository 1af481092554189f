"""Reading back what a scenario made, as it is stored: lists to their end, and objects in the order given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from services.entities import Page, Post, User

T = TypeVar("T")

_PAGE_SIZE = 500


class Listing(Protocol[T]):
    """A service method that lists what belongs to something, a page at a time."""

    def __call__(self, owner_id: str, /, *, limit: int, cursor: str | None) -> Page[T]:
        """Return one page."""


def read_all(listing: Listing[T], owner_id: str, *, page_size: int = _PAGE_SIZE) -> tuple[T, ...]:
    """Read a list to its end, in its order."""
    page = listing(owner_id, limit=page_size, cursor=None)
    found = list(page)
    while page.cursor is not None:
        page = listing(owner_id, limit=page_size, cursor=page.cursor)
        found += page
    return tuple(found)


def stored_users(app: Any, users: Iterable[User]) -> tuple[User, ...]:
    """Return the users as they are stored, without those whom others took away meanwhile."""
    found: dict[str, User] = app.profiles.get_many(user.id for user in users)
    return tuple(found.values())


def stored_posts(app: Any, posts: Iterable[Post]) -> tuple[Post, ...]:
    """Return the posts as they are stored, without those that others took away meanwhile."""
    found: dict[str, Post] = app.posts.get_many(post.id for post in posts)
    return tuple(found.values())
