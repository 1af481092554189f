"""Hashtags in a text: which there are, as the tags that a post may have.

After Unicode's hashtag identifiers (UAX #31, section 6): a sign, then whatever continues a word in any script, marks
and emoji among it. Not among it are "-" and "+", where the networks that we know end a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seedbed.plain import plain_text
from services.validation import TAG_MAX, TAGS_MAX

_SIGNS = "#\N{SMALL NUMBER SIGN}\N{FULLWIDTH NUMBER SIGN}"
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.IGNORECASE)
_SIGN = re.compile(f"[{_SIGNS}]")
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
# Of Extended_Pictographic what people type, and what emoji are put together with (emoji-data.txt of Unicode 16).
_EMOJI = re.compile(
    "[©®‼⁉™\u2139\u20e3\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff\U0001fc00-\U0001fffd\U000e0020-\U000e007f]"
)


def hashtags_in(text: object) -> tuple[str, ...]:
    """Return the hashtags of a text without their signs, each once, in the order of the text.

    Left out is what a post cannot have: tags of more than 50 characters, and all after the 30th. What stands in an
    address or within a word is none: "https://example.org/#top", "C#minor".
    """
    if not isinstance(text, str):
        return ()
    found: dict[str, str] = {}
    for tag in _tags(_ADDRESS.sub("/", plain_text(text))):
        found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:TAGS_MAX]


def _tags(text: str) -> Iterator[str]:
    end = 0
    for sign in _SIGN.finditer(text):
        start = sign.start()
        is_behind_another = 0 < end == start  # "#sun#sea"
        if not is_behind_another and not _may_stand_before(text[start - 1 : start]):
            continue
        end = next((place for place in range(start + 1, len(text)) if not _continues(text[place])), len(text))
        tag = text[start + 1 : end].strip(_JOINERS)
        if 0 < len(tag) <= TAG_MAX:
            yield tag


def _may_stand_before(character: str) -> bool:
    return not character or not (_continues(character) or character in "/&")  # "C#", "example.org/#top", "&#39;"


def _continues(character: str) -> bool:
    is_word = character.isalnum() or f"a{character}".isidentifier()  # XID_Continue, and numbers such as ²
    return is_word or character in _JOINERS or _EMOJI.match(character) is not None
