"""A world that is exported without an engine is the world that the services make in one: row for row, by its digest.

Stress itself is 1.8 million rows: here it is the small one of `tests.digests`, and `benchmarks.export` makes it whole.
"""

from __future__ import annotations

import json

import pytest

from factories.command import exports
from factories.command.target import Target
from services.audit import audit_export
from tests.digests import FILE, orders

RECORDED = json.loads(FILE.read_text())


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_exported_is_what_transactions_make(name, tmp_path, capsys):
    exports.export(Target(json=True), orders()[name], str(tmp_path / "world"))

    said = json.loads(capsys.readouterr().out)
    assert said["digest"] == RECORDED[name]
    found = audit_export(tmp_path / "world")
    assert (found.findings, found.digest) == ((), RECORDED[name])
