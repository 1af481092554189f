"""Pages and their cursors. A cursor is opaque, and belongs to one list of one owner.

It holds the position behind the page's last item and a keyed digest of list, owner and position; so a cut, made-up or
foreign one is told from a good one. It is no secret: a position gives no access.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

import attrs

from seedbed.dynamo.errors import InvalidCursorError, InvalidLimitError
from seedbed.dynamo.rows import Row
from seedbed.dynamo.store import READ_CHUNK
from seedbed.plain import whole_number

T = TypeVar("T")
_KEY = b"seedbed cursor 1"
_DIGEST_BYTES = 9


def make_cursor(list_name: str, position: str) -> str:
    """Write the position in a list as a cursor."""
    text = position.encode()
    return base64.urlsafe_b64encode(_digest(list_name, text) + text).decode().rstrip("=")


def read_cursor(list_name: str, cursor: object) -> str | None:
    """Read a cursor's position; None for None.

    Raises:
        InvalidCursorError: the cursor was not made by this list.
    """
    if cursor is None:
        return None
    if not isinstance(cursor, str):
        raise InvalidCursorError(cursor, list_name)
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[_DIGEST_BYTES:].decode()
    except ValueError as error:
        raise InvalidCursorError(cursor, list_name) from error
    # Made anew and compared whole: base64 leaves room for other texts that decode to the same bytes.
    if not hmac.compare_digest(make_cursor(list_name, text).encode(), cursor.encode()):
        raise InvalidCursorError(cursor, list_name)
    return text


def _digest(list_name: str, text: bytes) -> bytes:
    return hashlib.blake2b(list_name.encode() + b"\0" + text, digest_size=_DIGEST_BYTES, key=_KEY).digest()


def page(
    list_name: str,
    limit: object,
    cursor: object,
    *,
    read: Callable[[str | None, int], list[Row]],
    position: Callable[[Row], str],
    fill: Callable[[Sequence[Row]], Sequence[T | None]],
    rows_most: int | None = None,
) -> Page[T]:
    """Read one page: `read(position, count)` gives rows, `fill` makes an item of each, None of one that does not count.

    One item more than asked for is looked for, so that exactly the last page has no cursor. Once `rows_most` rows or
    more are read, the page is what was found until then, if anything; its cursor goes on from there.

    Raises:
        InvalidLimitError: `limit` is no whole number from 1 to 1,000.
        InvalidCursorError: `cursor` is not of this list.
    """
    count = check_limit(limit)
    after = read_cursor(list_name, cursor)
    found: list[tuple[Row, T]] = []
    chunk = count + 1
    looked_at = 0
    while True:
        rows = read(after, chunk)
        looked_at += len(rows)
        found += [(row, item) for row, item in zip(rows, fill(rows), strict=True) if item is not None]
        if len(found) > count:
            return Page(
                tuple(item for _, item in found[:count]),
                make_cursor(list_name, position(found[count - 1][0])),
            )
        if len(rows) < chunk:
            return Page(tuple(item for _, item in found))
        after = position(rows[-1])
        if rows_most is not None and looked_at >= rows_most:
            return Page(tuple(item for _, item in found), make_cursor(list_name, after))
        chunk = min(max(2 * chunk, READ_CHUNK), PAGE_MAX)


PAGE_MAX = 1_000


def check_limit(limit: object) -> int:
    """Return a page's limit.

    Raises:
        InvalidLimitError: it is no whole number from 1 to 1,000.
    """
    count = whole_number(limit)
    if count is None or not 1 <= count <= PAGE_MAX:
        raise InvalidLimitError(limit, PAGE_MAX)
    return count


@attrs.frozen
class Page(Generic[T]):
    """A bounded part of a list. `cursor` asks for the next page; it is None on the last one."""

    items: tuple[T, ...]
    cursor: str | None = None

    def __iter__(self) -> Iterator[T]:
        """Iterate over this page's items only."""
        return iter(self.items)

    def __len__(self) -> int:
        """Return the number of items on this page."""
        return len(self.items)
