"""Recorded digests: what each preset and scenario makes of one seed and date. `python -m tests.digests` records anew.

A digest that changes means that bug reports name other worlds than before: that is a decision, and a line in the
CHANGELOG. Stress is recorded in small, with its own spans: in full it makes 1.8 million rows.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import attrs

from factories.command.orders import Order, order_of
from factories.command.run import report_of
from factories.command.target import Target
from factories.presets import PRESETS
from factories.scenarios import scenarios
from seedbed.command.console import Console
from seedbed.strategy.ranges import Range

FILE = Path(__file__).with_suffix(".json")
WORLDS = Path(__file__).parents[1] / "factories" / "seeding" / "worlds.py"
"""Says the same in short, for manifests of runs."""
SMALL_STRESS = attrs.evolve(
    PRESETS["stress"],
    users=40,
    influencers=2,
    influencer_followers=Range(1_001, 3_000),
    posts_per_user=Range(1, 5),
    likes_per_post=Range(10, 40),
    follows_per_user=20,
)


def orders() -> dict[str, Order]:
    """What is recorded, by name."""
    asked: dict[str, dict[str, object]] = {name: {"env": name} for name in ("minimal", "realistic")}
    asked |= {name: {"scenario": [name]} for name in scenarios()}
    given = {name: order_of(Target(seed=7, as_of="2026-11-01", **wish)) for name, wish in asked.items()}
    return given | {"small stress": attrs.evolve(given["minimal"], env="stress", preset=SMALL_STRESS)}


def digest(order: Order) -> str:
    """Make it in an embedded engine."""
    found = report_of(order, Console(is_quiet=True), is_dry=False).audit
    assert found.findings == ()
    return found.digest


def in_short() -> str:
    """Return what `factories.seeding.worlds` must say of the recorded digests."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]


def main() -> None:
    """Record every digest, and say which ones changed."""
    before = json.loads(FILE.read_text()) if FILE.exists() else {}
    after = {name: digest(order) for name, order in orders().items()}
    FILE.write_text(json.dumps(after, indent=2) + "\n")
    WORLDS.write_text(re.sub('WORLDS = ".*"', f'WORLDS = "{in_short()}"', WORLDS.read_text()))
    changed = [name for name in after if before.get(name) != after[name]]
    print(f"changed: {', '.join(changed)}; say why in CHANGELOG.md" if changed else "nothing changed")  # noqa: T201


if __name__ == "__main__":
    main()
