"""Pages of users behind rows whose sort key ends in a user's id: likers, followers, whom somebody follows."""

from __future__ import annotations

from collections.abc import Sequence

from seedbed.dynamo.pages import page
from seedbed.dynamo.rows import Row
from seedbed.dynamo.session import Session
from services.entities import Page, User
from services.rows import items, keys
from services.rows.reading import read_each, text_of


def users_page(session: Session, name: str, place: tuple[str, str], *, limit: int, cursor: str | None) -> Page[User]:
    """Return the users of one list, by the time of their sign-up; `place` is its partition and sort key's prefix.

    Raises:
        InvalidLimitError: `limit` is out of bounds.
        InvalidCursorError: `cursor` is not of this list.

    Cost: 1 query, and 1 batch read per 100 users.
    """

    def read(after: str | None, count: int) -> list[Row]:
        return session.query(*place, after=after, limit=count)

    def fill(rows: Sequence[Row]) -> list[User | None]:
        wanted = [keys.user_key(keys.suffix(row["SK"]["S"])) for row in rows]
        return read_each(session, wanted, items.user_of)

    return page(name, limit, cursor, read=read, position=lambda row: text_of(row, "SK"), fill=fill)
