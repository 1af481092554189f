"""For the scenario `edge-cases`: texts as long as the app allows, and text that naive code breaks on."""

from __future__ import annotations

from services.validation import (
    BIO_MAX,
    CAPTION_MAX,
    COMMENT_MAX,
    EMAIL_MAX,
    FULL_NAME_MAX,
    NAME_MAX,
    TAG_MAX,
    TAGS_MAX,
    URL_MAX,
)

EMOJI = (
    "\N{ROCKET}"
    "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}\N{ZERO WIDTH JOINER}\N{BOY}"
    "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
    "\N{REGIONAL INDICATOR SYMBOL LETTER U}\N{REGIONAL INDICATOR SYMBOL LETTER A}"
    "\N{WAVING WHITE FLAG}\N{VARIATION SELECTOR-16}\N{ZERO WIDTH JOINER}\N{RAINBOW}"
    "1\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}"
)
"""Rocket, family of four, thumb with a skin tone, two flags, keycap: six pictures in 20 code points."""
ARABIC = "مرحبا بالعالم، هذا أول منشور لي"
HEBREW = "שלום עולם, זה הפוסט הראשון שלי"
MIXED_DIRECTIONS = "אני אוהב Python 3 מאוד 100%"
COMBINING = "e\N{COMBINING ACUTE ACCENT} A\N{COMBINING RING ABOVE} n\N{COMBINING TILDE}"
"""Letters in two code points each, which equal one precomposed letter only after normalization."""

LONGEST_FULL_NAME = "Maximiliana ".ljust(FULL_NAME_MAX, "a")
LONGEST_BIO = "b" * BIO_MAX
LONGEST_CAPTION = "c" * CAPTION_MAX
HEAVIEST_CAPTION = "\N{ROCKET}" * CAPTION_MAX
"""As many characters as the longest caption, in four times as many bytes."""
LONGEST_COMMENT = "d" * COMMENT_MAX
LONGEST_URL = "https://example.com/".ljust(URL_MAX, "u")
MOST_TAGS = tuple(f"{number:02}".ljust(TAG_MAX, "t") for number in range(TAGS_MAX))

_LABEL_MAX = 63  # characters of a part of a domain (RFC 1035)
_LOCAL_MAX = 64  # characters before the @ (RFC 5321)


def longest_name(name: str) -> str:
    """Lengthen a user name or handle as far as the app allows; different ones stay different."""
    return name.ljust(NAME_MAX, "_")


def longest_email(name: str) -> str:
    """Make an e-mail address of a user name, as long as the app allows, at a domain reserved for examples."""
    ending = ".example.com"
    label = "l" * _LABEL_MAX
    domain = f"{label}.{label}."
    rest = EMAIL_MAX - _LOCAL_MAX - 1 - len(domain) - len(ending)
    return f"{name.ljust(_LOCAL_MAX, '_')}@{domain}{'l' * rest}{ending}"
