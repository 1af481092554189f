"""The page: one HTML text that needs nothing else, without a script and without an address elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from factories.reporting.plots import plots

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from factories.reporting.measures import Cost, Measures
    from factories.statistics import Statistic
    from factories.statistics.distributions import Counts
    from services.audit import Audit

FINDINGS_SHOWN = 100
_ROWS_SHOWN = 40
_TITLES = {
    "followers": ("Followers", "followers", "people", "How many people have so many followers or more, on log axes."),
    "likes": ("Likes", "likes", "posts", "How many posts have so many likes or more, on log axes."),
    "hours": ("Activity over the day", "hour (UTC)", "events", "Posts, likes and comments by the hour of the day."),
    "depths": ("Depth of threads", "depth", "comments", "Comments by their depth: 1 answers the post itself."),
}
STYLE = Path(__file__).with_name("page.css")


def page(figures: Measures) -> str:
    """Return a whole HTML file.

    Raises:
        NoPlotsError: The extra `report` is not installed.
    """
    title = escape(f"A world in {figures.place}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>body{{margin:0}}</style></head><body>{fragment(figures)}</body></html>\n"
    )


def fragment(figures: Measures) -> str:
    """Return the same as a part of another page: a notebook's cell, or the body of a page of the app's.

    Raises:
        NoPlotsError: The extra `report` is not installed.
    """
    return f'<style>{STYLE.read_text(encoding="utf-8")}</style><main class="seedbed">{"".join(_parts(figures))}</main>'


def content(figures: Measures) -> str:
    """Return the same without its style, which is in the file `STYLE`, for a page that allows no style in its midst.

    Raises:
        NoPlotsError: The extra `report` is not installed.
    """
    return f'<div class="seedbed">{"".join(_parts(figures))}</div>'


def _parts(figures: Measures) -> Iterator[str]:
    yield f"<h1>{escape(figures.place)}</h1>"
    yield f'<p class="muted">Audited at <time>{escape(figures.at)}</time></p>'
    yield from _verdict(figures.audit)
    counts = {**figures.counts, "rows": figures.audit.rows}
    cards = (f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>" for name, count in counts.items())
    yield f"<dl>{''.join(cards)}</dl>"
    exponent = figures.world["followers_tail_exponent"]
    drawn = plots(figures.distributions, exponent.value if exponent.is_held else None)
    shown = "".join(_plot(figures, *plot) for plot in drawn.items())
    yield f'<section class="plots" aria-label="Plots">{shown}</section>'
    yield "<h2>Beside real networks</h2>"
    yield _table(("figure", "here", "target", "verdict", "source"), map(_statistic, figures.world.statistics), "wide")
    if figures.cost is not None:
        yield "<h2>What making it took</h2>"
        yield cost_table(figures.cost)
    yield "<h2>Runs</h2>"
    runs = [(escape(run.title), escape(run.phase)) for run in figures.runs]
    yield _table(("run", "phase"), runs) if runs else '<p class="muted">No run of seed is noted in this table.</p>'
    yield f"<h2>Digest</h2><p><code>{escape(figures.audit.digest)}</code></p>"


def cost_table(cost: Cost) -> str:
    """Return what was sent for a world, what that costs, and how long it took."""
    rows = (
        ("API calls", f"{cost.calls:,}"),
        ("rows", f"{cost.rows:,}"),
        ("write units", f"{cost.write_units:,}"),
        ("USD on AWS, on demand", f"{cost.usd:.4f}"),
        ("seconds", f"{cost.seconds:,.2f}"),
    )
    return _table(("of", "figure"), rows)


def summary(title: str, counts: Mapping[str, int], cost: Cost, audit: Audit) -> str:
    """Return what one run did, as a part of a page: without plots, so without an extra."""
    cards = "".join(f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>" for name, count in counts.items())
    return (
        f'<style>{STYLE.read_text(encoding="utf-8")}</style><main class="seedbed"><h1>{escape(title)}</h1>'
        f"{''.join(_verdict(audit))}<dl>{cards}</dl><h2>What making it took</h2>{cost_table(cost)}"
        f"<h2>Digest</h2><p><code>{escape(audit.digest)}</code></p></main>"
    )


def _verdict(audit: Audit) -> Iterator[str]:
    drift = audit.drift
    said = f"{len(drift):,} {'finding' if len(drift) == 1 else 'findings'}" if drift else "every number is right"
    mark, tone = ("✗", "bad") if drift else ("✓", "good")
    yield f'<p class="verdict {tone}">{mark} {audit.counters:,} counters recounted: {said}</p>'
    if drift:
        yield f"<ul>{''.join(f'<li>{escape(one.message)}</li>' for one in drift[:FINDINGS_SHOWN])}</ul>"
    if len(drift) > FINDINGS_SHOWN:
        yield f"<p>… and {len(drift) - FINDINGS_SHOWN:,} more: seed audit --json names all.</p>"


def _plot(figures: Measures, name: str, svg: str) -> str:
    title, number, of, text = _TITLES[name]
    counts: Counts = getattr(figures.distributions, name)
    shown = [(f"{value:,}", f"{total:,}") for value, total in counts[:_ROWS_SHOWN]]
    rest = f'<p class="muted">and {len(counts) - _ROWS_SHOWN:,} more rows</p>' if len(counts) > _ROWS_SHOWN else ""
    return (
        f'<figure><figcaption><b>{title}</b><span class="muted">{text}</span></figcaption>{svg}'
        f"<details><summary>{title} as a table</summary>{_table((number, of), shown)}{rest}</details></figure>"
    )


def _statistic(one: Statistic) -> tuple[str, ...]:
    target = f"{one.target.low:g} and more" if one.target.high is None else f"{one.target.low:g} to {one.target.high:g}"
    verdict = '<span class="good">✓ alike</span>' if one.is_met else '<span class="bad">✗ not alike</span>'
    if not one.is_held:
        verdict = f'<span class="muted">not held: {escape(one.why_not_held or "")}</span>'
    value = "none" if one.value is None else f"{round(one.value, 4):g}"
    return (one.name.replace("_", " "), value, target, verdict, escape(one.target.source))


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]], width: str = "") -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll {width}" tabindex="0">{table}</div>'
