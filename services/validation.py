"""The app's limits on what users type, each checked, all wrong fields reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from seedbed.clock import moment_of_id
from seedbed.plain import MOST, plain_text, read_most
from services.errors import FieldError, ValidationError

NAME_MIN, NAME_MAX = 3, 30
EMAIL_MAX = 255
FULL_NAME_MAX = 100
BIO_MAX = 500
CAPTION_MAX = 2_200
TAGS_MAX, TAG_MAX = 30, 50
COMMENT_MAX = 500
URL_MAX = 2_048
ID_MAX = 50
RUN_NAME_MAX = 1_000
_NAMED = 10  # so many wrong ids of a list are named

_NAME = re.compile(r"[A-Za-z0-9_]{3,30}")
# WHATWG HTML, "valid e-mail address" (what a browser's e-mail field accepts); the domain must have a dot.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_PICTURE = re.compile(r"https?://|/(?![/\\])|data:image/[a-z0-9.+-]+[;,]")
"""How the address of a picture begins; with `//` it would be another host's, and browsers read `\\` as `/`."""
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")


class Fields:
    """Collects what is wrong with the fields of one thing; each check returns the value to keep, which is plain."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._wrong: list[FieldError] = []

    @property
    def is_right(self) -> bool:
        """Tell whether no field was wrong so far."""
        return not self._wrong

    def check(self) -> None:
        """Raise if any field was wrong.

        Raises:
            ValidationError: it names them all.
        """
        if self._wrong:
            raise ValidationError(self._what, self._wrong)

    def reject(self, field: str, message: str, value: object) -> None:
        """Note a wrong field."""
        self._wrong.append(FieldError(field, message, value))

    def text(self, field: str, value: object, maximum: int, minimum: int = 0) -> str:
        """Check a text's length in characters."""
        if not isinstance(value, str):
            self.reject(field, "must be text", value)
            return ""
        text = plain_text(value)
        if not minimum <= len(text) <= maximum:
            self.reject(field, f"must have {minimum} to {maximum} characters, has {len(text)}", text)
        elif not is_utf8(text):
            self.reject(field, "has a character that cannot be written as UTF-8", text)
        return text

    def optional_text(self, field: str, value: object, maximum: int) -> str | None:
        """Check a text that may be None."""
        return None if value is None else self.text(field, value, maximum)

    def key(self, field: str, value: object) -> str:
        """Check an id: what any id of this app can be, without the separator of keys."""
        if isinstance(value, str):
            text = plain_text(value)
            if "#" not in text and 1 <= len(text) <= ID_MAX and is_utf8(text):
                return text
        self.reject(field, "must be an id", value)
        return ""

    def keys(self, field: str, values: object) -> list[str]:
        """Check a list of ids, as far as the first ones that are none."""
        if isinstance(values, str | bytes) or not isinstance(values, Iterable):
            self.reject(field, "must be a list of ids", values)
            return []
        plain: list[str] = []
        for place, value in enumerate(values):
            if place == MOST:
                self.reject(field, f"must be at most {MOST:,}", values)
                break
            plain.append(self.key(f"{field}[{place}]", value))
            if len(self._wrong) >= _NAMED:
                break
        return plain

    def optional_key(self, field: str, value: object) -> str | None:
        """Check an id that may be None."""
        return None if value is None else self.key(field, value)

    def uuid(self, field: str, value: object) -> str:
        """Check an id that tells its time, written as this app writes ids."""
        if isinstance(value, str) and _tells_time(plain_text(value)):
            return plain_text(value)
        self.reject(field, "must be an id", value)
        return ""

    def name(self, field: str, value: object) -> str:
        """Check a username or handle."""
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            self.reject(field, f"must have {NAME_MIN} to {NAME_MAX} of A-Z, a-z, 0-9 and _", value)
            return ""
        return plain_text(value)

    def email(self, field: str, value: object) -> str:
        """Check an e-mail address."""
        if not isinstance(value, str) or len(value) > EMAIL_MAX or not _EMAIL.fullmatch(value):
            self.reject(field, f"must be an e-mail address of at most {EMAIL_MAX} characters", value)
            return ""
        return plain_text(value)

    def flag(self, field: str, value: object) -> bool:
        """Check a truth value."""
        if not isinstance(value, bool):
            self.reject(field, "must be True or False", value)
        return value is True

    def url(self, field: str, value: object) -> str | None:
        """Check an optional address of a picture."""
        if value is None:
            return None
        if isinstance(value, str):
            text = plain_text(value)
            if _PICTURE.match(text) and len(text) <= URL_MAX and is_utf8(text):
                return text
        message = "must be an http or https address, a path that begins with one /, or an image as a data: URI"
        self.reject(field, f"{message}, of at most {URL_MAX} characters", value)
        return None

    def tags(self, field: str, value: object) -> tuple[str, ...]:
        """Check a post's tags."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.reject(field, "must be a sequence of texts", value)
            return ()
        tags, has_more = read_most(value, TAGS_MAX)
        if has_more:
            self.reject(field, f"must be at most {TAGS_MAX}", value)
        return tuple(self.text(f"{field}[{place}]", tag, TAG_MAX, 1) for place, tag in enumerate(tags))


def _tells_time(text: str) -> bool:
    try:
        moment_of_id(text)
    except ValueError:
        return False
    return True


def is_utf8(text: str) -> bool:
    """Tell whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_ids(**ids: object) -> list[str]:
    """Check the ids that a reading call was given, by the names of its parameters; return them, plain.

    Raises:
        ValidationError: some are none; it names them all.
    """
    fields = Fields("the call")
    plain = [fields.key(name, value) for name, value in ids.items()]
    fields.check()
    return plain


def check_is_text(name: str, value: object) -> None:
    """Refuse to look for what is no text.

    Raises:
        ValidationError: it is none.
    """
    if not isinstance(value, str):
        fields = Fields("the call")
        fields.reject(name, "must be text", value)
        fields.check()


def check_id_list(name: str, ids: object) -> list[str]:
    """Check a list of ids that a reading call was given; return them, plain.

    Raises:
        ValidationError: it is none, has more than a million, or some are no ids; the first of these are named.
    """
    fields = Fields("the call")
    plain = fields.keys(name, ids)
    fields.check()
    return plain
