"""A world that is exported without an engine is the world that the services make in one: row for row, by its digest.

Stress itself is 1.8 million rows: here it is the small one of `tests.digests`, and `benchmarks.export` makes it whole.
"""

from __future__ import annotations

import json

import attrs
import pytest

from factories.command import exports, shares
from factories.command.run import report_of
from factories.command.target import Target
from factories.presets import PRESETS
from factories.seeding.shares import shares_of
from seedbed.command.console import Console
from services import exports as files
from services.audit import audit_export
from tests.digests import FILE, orders

RECORDED = json.loads(FILE.read_text())
PRESETS_MADE = [name for name, order in orders().items() if order.preset is not None]
QUIET = Console(is_quiet=True)


def in_shares(order, number, folder, groups=2):
    """Export a world in so many shares, by as many hands as there are groups; return its manifest."""
    cut = shares_of(order.preset, number)
    with files.opened(str(folder)) as (place, _), place.scratch() as scratch:
        shared = [group for first in range(groups) if (group := cut[first::groups])]
        return shares.make_of(shared, order, place, scratch, console=QUIET)


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_exported_is_what_transactions_make(name, tmp_path, capsys):
    exports.export(Target(json=True), orders()[name], str(tmp_path / "world"), processes=1)

    said = json.loads(capsys.readouterr().out)
    assert said["digest"] == RECORDED[name]
    found = audit_export(tmp_path / "world")
    assert (found.findings, found.digest) == ((), RECORDED[name])


@pytest.mark.parametrize("number", [2, 7])
@pytest.mark.parametrize("name", PRESETS_MADE)
def test_it_is_the_same_in_any_number_of_shares(name, number, tmp_path):
    made = in_shares(orders()[name], number, tmp_path / "world")

    assert made.digest == RECORDED[name]
    assert audit_export(tmp_path / "world").findings == ()


def test_scenarios_beside_a_preset_are_made_in_one_piece(tmp_path):
    order = attrs.evolve(orders()["minimal"], scenarios=("popular-post", "edge-cases"))
    made = in_shares(order, 3, tmp_path / "world")
    assert made.digest == report_of(order, QUIET, is_dry=True).audit.digest


def test_notes_of_the_run_are_those_of_a_run_in_one_piece(tmp_path, capsys):
    order = orders()["minimal"]
    exports.export(Target(json=True), order, str(tmp_path / "whole"), processes=1)
    in_shares(order, 4, tmp_path / "shares")
    whole, cut = (sorted((tmp_path / name / "data").iterdir()) for name in ("whole", "shares"))
    assert [path.read_bytes() for path in whole] == [path.read_bytes() for path in cut]


# How a world is cut


@pytest.mark.parametrize("number", [1, 2, 5, 50])
@pytest.mark.parametrize("name", PRESETS)
def test_shares_are_all_users_once_and_in_order(name, number):
    cut = shares_of(PRESETS[name], number)
    assert [place for share in cut for place in share] == list(range(PRESETS[name].users))
    assert min(map(len, cut)) > 0


def test_shares_are_smaller_where_users_have_more_followers():
    cut = shares_of(PRESETS["stress"], 8)
    assert len(cut) >= 8
    assert len(cut[0]) < len(cut[-1]) / 4
