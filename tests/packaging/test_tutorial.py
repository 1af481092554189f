"""docs/tutorial.md from an empty folder: what it says is typed, beside a checkout, in a shell of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.documents import Command, project, write_files
from tests.outside import ROOT, done, run

pytestmark = pytest.mark.outside


def test_the_tutorial_works_from_its_first_line(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    (tmp_path / "seedbed").symlink_to(ROOT)
    tutorial = ROOT / "docs" / "tutorial.md"
    write_files(tutorial, folder)
    lines = [step.line for step in project(tutorial) if isinstance(step, Command)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    said = done(run(["bash", "-c", "\n".join(["set -e", *lines])], folder, PATH=path))

    assert "lint: 10 trials of library: nothing wrong" in said
    assert "4 passed" in said
    assert said.count("12 counters recounted, 12 owners: every one is exact") == 3
