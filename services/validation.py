"""The app's limits on what users type, each checked, all wrong fields reported at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from services.errors import FieldError, InvalidLimitError, ValidationError

NAME_MIN, NAME_MAX = 3, 30
EMAIL_MAX = 255
FULL_NAME_MAX = 100
BIO_MAX = 500
CAPTION_MAX = 2_200
TAGS_MAX, TAG_MAX = 30, 50
COMMENT_MAX = 500
URL_MAX = 2_048
ID_MAX = 50
PAGE_MAX = 1_000

_NAME = re.compile(r"[A-Za-z0-9_]{3,30}")
# WHATWG HTML, "valid e-mail address" (what a browser's e-mail field accepts); the domain must have a dot.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+")


class Fields:
    """Collects what is wrong with the fields of one thing."""

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

    def text(self, field: str, value: object, maximum: int, minimum: int = 0) -> None:
        """Check a text's length in characters."""
        if not isinstance(value, str):
            self.reject(field, "must be text", value)
        elif not minimum <= len(value) <= maximum:
            self.reject(field, f"must have {minimum} to {maximum} characters, has {len(value)}", value)
        elif not is_utf8(value):
            self.reject(field, "has a character that cannot be written as UTF-8", value)

    def optional_text(self, field: str, value: object, maximum: int) -> None:
        """Check a text that may be None."""
        if value is not None:
            self.text(field, value, maximum)

    def key(self, field: str, value: object) -> None:
        """Check an id: what any id of this app can be, without the separator of keys."""
        if not isinstance(value, str) or "#" in value or not 1 <= len(value) <= ID_MAX or not is_utf8(value):
            self.reject(field, "must be an id", value)

    def uuid(self, field: str, value: object) -> None:
        """Check an id that tells its time, written as this app writes ids."""
        try:
            is_right = isinstance(value, str) and str(UUID(value)) == value
        except ValueError:
            is_right = False
        if not is_right:
            self.reject(field, "must be an id", value)

    def name(self, field: str, value: object) -> None:
        """Check a username or handle."""
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            self.reject(field, f"must have {NAME_MIN} to {NAME_MAX} of A-Z, a-z, 0-9 and _", value)

    def email(self, value: object) -> None:
        """Check an e-mail address."""
        if not isinstance(value, str) or len(value) > EMAIL_MAX or not _EMAIL.fullmatch(value):
            self.reject("email", f"must be an e-mail address of at most {EMAIL_MAX} characters", value)

    def flag(self, field: str, value: object) -> None:
        """Check a truth value."""
        if not isinstance(value, bool):
            self.reject(field, "must be True or False", value)

    def url(self, field: str, value: object) -> None:
        """Check an optional address of a picture."""
        if value is None:
            return
        is_address = isinstance(value, str) and value.startswith(("https://", "http://")) and is_utf8(value)
        if not is_address or len(str(value)) > URL_MAX:
            self.reject(field, f"must be an http or https address of at most {URL_MAX} characters", value)

    def tags(self, value: object) -> None:
        """Check a post's tags."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.reject("tags", "must be a sequence of texts", value)
            return
        if len(value) > TAGS_MAX:
            self.reject("tags", f"must be at most {TAGS_MAX}, are {len(value)}", value)
        for place, tag in enumerate(value):
            self.text(f"tags[{place}]", tag, TAG_MAX, 1)


def is_utf8(text: str) -> bool:
    """Tell whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_ids(**ids: object) -> None:
    """Check the ids that a reading call was given, by the names of its parameters.

    Raises:
        ValidationError: some are none; it names them all.
    """
    fields = Fields("the call")
    for name, value in ids.items():
        fields.key(name, value)
    fields.check()


def check_limit(limit: object) -> int:
    """Return a page's limit.

    Raises:
        InvalidLimitError: it is no whole number from 1 to 1,000.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= PAGE_MAX:
        raise InvalidLimitError(limit, PAGE_MAX)
    return limit
