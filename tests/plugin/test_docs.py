"""docs/pytest.md and docs/worlds.md: their examples for pytest run as they are written."""

from __future__ import annotations

import re

from tests.plugin.projects import ROOT, run_pytest
from tests.plugin.shop import SHOP

BLOCK = re.compile(r"^```py\n# (\S+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_run(tmp_path):
    blocks = dict(BLOCK.findall((ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")))
    run = run_pytest(tmp_path, files={**SHOP, **blocks})
    assert len(blocks) == 3
    assert len(run.passed) == 4, run.text


def test_the_examples_of_worlds_run(tmp_path):
    blocks = dict(BLOCK.findall((ROOT / "docs" / "worlds.md").read_text(encoding="utf-8")))
    run = run_pytest(tmp_path, files=blocks, is_social=True)
    assert len(blocks) == 1
    assert len(run.passed) == 2, run.text
