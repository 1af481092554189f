"""`seed report FILE.html`: the file is written whole or not at all."""

from __future__ import annotations

import json

import pytest

from factories.command import reports
from factories.command.orders import order_of
from factories.command.target import Target
from factories.errors import NoPlotsError
from seedbed.command.errors import UsageError


def report(path, **options):
    target = Target(seed=7, as_of="2026-11-01", env="minimal", json=True)
    return reports.report(target, order_of(target), str(path), **{"is_forced": False} | options)


def test_a_report_is_a_page_and_json_says_its_figures(tmp_path, capsys):
    file = tmp_path / "report.html"
    assert report(file) == 0
    told, text = json.loads(capsys.readouterr().out), file.read_text()
    assert told["file"] == str(file)
    assert told["digest"] in text
    assert f"<dt>users</dt><dd>{told['counts']['users']:,}</dd>" in text
    assert [one["phase"] for one in told["runs"]] == ["done"]
    cost = told["cost"]
    assert cost["rows"] == told["audit"]["rows"]
    assert cost["write_units"] >= cost["rows"] > cost["calls"] > 0
    assert f"<td>write units</td><td>{cost['write_units']:,}</td>" in text
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path):
    file = tmp_path / "report.html"
    file.write_text("mine")
    with pytest.raises(UsageError, match="is there already: name another file, or add --force"):
        report(file)
    assert file.read_text() == "mine"
    report(file, is_forced=True)
    assert file.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(("name", "why"), [("", "is a folder"), ("none/report.html", "there is no folder")])
def test_what_cannot_be_written_is_said_before_a_world_is_made(tmp_path, monkeypatch, name, why):
    monkeypatch.setattr(reports, "_of_world", lambda *_: pytest.fail("a world is made"))
    with pytest.raises(UsageError, match=why):
        report(tmp_path / name)


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        report(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("factories.reporting.plots.find_spec", lambda _: None)
    monkeypatch.setattr(reports, "_of_world", lambda *_: pytest.fail("a world is made"))
    with pytest.raises(NoPlotsError, match=r"seedbed\[report\]"):
        report(tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []
