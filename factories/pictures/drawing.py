"""What every picture is drawn with: numbers and colours of its key, and short SVG."""

from __future__ import annotations

import colorsys
import random
from hashlib import blake2b
from html import escape

SIZE = 120


class Pencil:
    """A source of numbers and colours that a key decides, and nothing else."""

    def __init__(self, key: str) -> None:
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        self.random = random.Random(int.from_bytes(digest, "big"))
        self.hue = self.random.random()

    def number(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return self.random.randint(low, high)

    def colour(self, turn: float = 0.0, lightness: float = 0.6, saturation: float = 0.55) -> str:
        """Return the picture's own hue, turned by a part of the circle."""
        return colour(self.hue + turn, lightness, saturation)


def colour(hue: float, lightness: float, saturation: float) -> str:
    """Write a colour in six digits."""
    parts = colorsys.hls_to_rgb(hue % 1, lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def svg(title: str, *shapes: str) -> str:
    """Put shapes into one picture with a name for screen readers."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img">'
        f"<title>{escape(title)}</title>{''.join(shapes)}</svg>"
    )


def sky(top: str, bottom: str) -> str:
    """Fill the whole picture from one colour to another."""
    return (
        '<linearGradient id="g" x2="0" y2="1">'
        f'<stop stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/></linearGradient>'
        f'<path fill="url(#g)" d="M0 0h{SIZE}v{SIZE}H0z"/>'
    )


def path(fill: str, line: str) -> str:
    """Fill an outline."""
    return f'<path fill="{fill}" d="{line}"/>'


def stroke(pen: str, width: float, line: str) -> str:
    """Draw a line with round ends."""
    return f'<path fill="none" stroke="{pen}" stroke-width="{width:g}" stroke-linecap="round" d="{line}"/>'


def disc(fill: str, x: float, y: float, radius: float) -> str:
    """Fill a circle."""
    return f'<circle fill="{fill}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def box(fill: str, x: float, y: float, width: float, height: float, *, round_by: float = 0) -> str:
    """Fill a rectangle."""
    corner = f' rx="{round_by:g}"' if round_by else ""
    return f'<rect fill="{fill}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{corner}/>'
