"""Plots as SVG: matplotlib draws, and its colours are those of the page, in dark and in light."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from factories.errors import NoPlotsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from factories.statistics.distributions import Counts, Distributions

_INK, _MUTED, _ACCENT, _GOOD = "#010203", "#040506", "#070809", "#0a0b0c"
_VARIABLES = {_INK: "--ink", _MUTED: "--muted", _ACCENT: "--accent", _GOOD: "--good"}
"""Colours that stand for the page's own in what matplotlib writes."""
_STYLE: dict[Any, Any] = {  # matplotlib names each of its settings in a type of its own
    "svg.fonttype": "none",
    "svg.hashsalt": "seedbed",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": _INK,
    "axes.edgecolor": _MUTED,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "legend.frameon": False,
}
_FRAME = (0.2, 0.16, 0.78, 0.81)
"""Of the axes, in shares of the plot: fitted by matplotlib, each plot is drawn twice."""
_STYLED = re.compile(r'style="([^"]*)"')
_STYLE_ELEMENT = re.compile(r"<style[^>]*>[^<]*</style>")
_FEW_DECADES = 30
"""Up to this ratio of the largest to the smallest an axis has 1, 2 and 5 of each decade."""
_EXPONENT = 2.28
"""Of followers: Kwak et al., What is Twitter, WWW 2010."""


def check_plots() -> None:
    """Refuse early what cannot be drawn.

    Raises:
        NoPlotsError: The extra `report` is not installed.
    """
    if find_spec("matplotlib") is None:
        raise NoPlotsError("matplotlib")


def load_plots() -> None:
    """Load matplotlib, in a process of the command's, without what it writes about the properties of its classes.

    It lists them in the docstring and signature of each `set`, which is a third of what loading it takes.
    """
    from matplotlib import artist  # noqa: PLC0415 - an extra, and a heavy one

    signs = "_update_set_signature_and_docstring"
    with _instead(artist, "kwdoc", lambda artist: ""), _instead(artist.Artist, signs, lambda: None):  # noqa: ARG005
        import_module("matplotlib.figure")


@contextmanager
def _instead(where: Any, name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Put a function in the place of one that is there, for the block."""
    own = vars(where).get(name)
    if own is None:
        yield
        return
    setattr(where, name, function)
    try:
        yield
    finally:
        setattr(where, name, own)


def plots(shown: Distributions, fitted: float | None) -> dict[str, str]:
    """Draw each distribution that is not empty; `fitted` is the exponent of this world's followers. Cost: 0.3 seconds.

    Raises:
        NoPlotsError: The extra `report` is not installed.
    """
    check_plots()
    drawings: dict[str, Callable[[Any], None]] = {
        "followers": lambda axes: _tail(axes, shown.followers, "followers", "people", fitted),
        "likes": lambda axes: _tail(axes, shown.likes, "likes", "posts", None),
        "hours": lambda axes: _bars(axes, shown.hours, "hour of the day (UTC)", "posts, likes, comments"),
        "depths": lambda axes: _bars(axes, shown.depths, "depth in the thread", "comments"),
    }
    return {name: _plot(draw, name) for name, draw in drawings.items() if getattr(shown, name)}


def _plot(draw: Callable[[Any], None], name: str) -> str:
    import matplotlib as mpl  # noqa: PLC0415 - an extra, and a heavy one
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    with mpl.rc_context(_STYLE | {"svg.hashsalt": f"seedbed {name}"}):
        figure = Figure(figsize=(5, 3.2))
        axes = figure.add_axes(_FRAME)
        axes.yaxis.set_label_coords(-0.2, 0.5)
        draw(axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _theme(file.getvalue(), name)


def _theme(text: str, name: str) -> str:
    svg = text[text.index("<svg") :]
    start, head = svg.index(">") + 1, 'viewBox="' + svg.split('viewBox="')[1].split('"')[0] + '"'
    body = svg[start:]
    if (metadata := body.find("<metadata>")) >= 0:
        body = body[:metadata] + body[body.index("</metadata>") + len("</metadata>") :]
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    for mark in ('id="', "url(#", 'href="#'):  # each plot's own, where several stand on a page
        body = body.replace(mark, f"{mark}{name}-")
    body = _STYLED.sub(_attributes, _STYLE_ELEMENT.sub("", body))
    head += ' stroke-linejoin="round" stroke-linecap="butt"'
    return f'<svg {head} xmlns:xlink="http://www.w3.org/1999/xlink" aria-hidden="true">{body}'


def _attributes(found: re.Match[str]) -> str:
    """Write `style="fill: none; stroke: red"` as attributes: a page may allow no style but its own sheet."""
    pairs = (part.split(":", 1) for part in found[1].split(";") if ":" in part)
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in pairs)


def _tail(axes: Any, counts: Counts, what: str, of: str, fitted: float | None) -> None:
    """Plot which share has so many or more: a power law is a straight line."""
    some = [(number, total) for number, total in counts if number > 0]
    total = sum(many for _, many in some)
    points, left = [], total
    for number, many in some:
        points.append((number, left / total))
        left -= many
    axes.loglog([x for x, _ in points], [y for _, y in points], "o", ms=4, color=_ACCENT, label="this world")
    if what == "followers" and points:
        _law(axes, points, _EXPONENT, "Twitter: exponent 2.28", "--")
        if fitted is not None:
            _law(axes, points, fitted, f"fitted here: {fitted:.2f}", ":")
    axes.xaxis.set_major_formatter(_number)
    axes.yaxis.set_major_formatter(lambda share, _place: f"{100 * share:.6g} %")
    axes.minorticks_off()
    for axis, place in ((axes.xaxis, 0), (axes.yaxis, 1)):
        shown = [point[place] for point in points]
        if max(shown, default=1) < _FEW_DECADES * min(shown, default=1):
            axis.get_major_locator().set_params(subs=(1, 2, 5))
    axes.set_xlabel(f"{what} (or more)")
    axes.set_ylabel(f"share of {of} with any")
    axes.legend(loc="lower left")


def _law(axes: Any, points: list[tuple[int, float]], exponent: float, label: str, dashes: str) -> None:
    """Lay a power law through the middle of the points; a share of so many or more falls by one less."""
    x0, y0 = points[len(points) // 2]
    ends = [max(points[0][0], x0 * y0 ** (1 / (exponent - 1))), points[-1][0]]
    axes.loglog(ends, [y0 * (x / x0) ** (1 - exponent) for x in ends], dashes, color=_INK, label=label)


def _bars(axes: Any, counts: Counts, what: str, of: str) -> None:
    axes.bar([number for number, _ in counts], [many for _, many in counts], color=_ACCENT, width=0.8)
    axes.set_xlabel(what)
    axes.set_ylabel(of)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.set_major_formatter(_number)


def _number(number: float, _place: int) -> str:
    return f"{number:,.0f}"
