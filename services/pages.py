"""Pages and their cursors. A cursor is opaque, and belongs to one list of one owner.

It holds the position behind the page's last item and a keyed digest of list, owner and position; so a cut, made-up or
foreign one is told from a good one. It is no secret: a position gives no access.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import TypeVar

from services.entities import Page
from services.errors import InvalidCursorError
from services.items import Row
from services.validation import check_limit

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
    try:
        raw = base64.b64decode(f"{cursor}".encode("ascii") + b"==", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise InvalidCursorError(cursor, list_name) from error
    digest, text = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
    if not isinstance(cursor, str) or not hmac.compare_digest(digest, _digest(list_name, text)):
        raise InvalidCursorError(cursor, list_name)
    return text.decode()


def _digest(list_name: str, text: bytes) -> bytes:
    return hashlib.blake2b(list_name.encode() + b"\0" + text, digest_size=_DIGEST_BYTES, key=_KEY).digest()


def page(
    list_name: str,
    limit: object,
    cursor: object,
    read: Callable[[str | None, int], list[Row]],
    position: Callable[[Row], str],
    fill: Callable[[Sequence[Row]], Sequence[T]],
) -> Page[T]:
    """Read one page: `read(position, count)` gives rows, `fill` makes items of them (fewer where a row's owner is gone).

    One row more than asked for is read, so that only the last page has no cursor. A page whose rows gave no items is
    read on.

    Raises:
        InvalidLimitError: `limit` is no whole number from 1 to 1,000.
        InvalidCursorError: `cursor` is not of this list.
    """
    count = check_limit(limit)
    after = read_cursor(list_name, cursor)
    made: list[T] = []
    while True:
        wanted = count - len(made)
        rows = read(after, wanted + 1)
        made += fill(rows[:wanted])
        if len(rows) <= wanted:
            return Page(tuple(made))
        after = position(rows[wanted - 1])
        if len(made) == count:
            return Page(tuple(made), make_cursor(list_name, after))
