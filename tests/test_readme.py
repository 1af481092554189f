"""README.md and docs/: every Python block and every `$` command runs as it is written.

Where a command names http://localhost:8000 it runs against an embedded engine behind HTTP instead, one for all the
commands of a file, in the order of the file: a reader would have an engine there. `.venv/bin/seed` is this checkout's.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.front import embedded_front

ROOT = Path(__file__).resolve().parents[1]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = "http://localhost:8000"


def _blocks():
    for path in FILES:
        for number, match in enumerate(BLOCK.finditer(path.read_text(encoding="utf-8")), 1):
            yield pytest.param(match[1], id=f"{path.name}-{number}")


def _run(arguments, directory):
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        arguments, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _seed(*arguments):
    return [sys.executable, "-m", "factories.command.cli", *arguments]


@pytest.mark.parametrize("code", list(_blocks()))
def test_a_python_block_runs(code, app, tmp_path):
    (tmp_path / "block.py").write_text(code, encoding="utf-8")
    scenarios = re.findall(r"^@scenario.*\nclass (\w+)", code, re.MULTILINE)
    if scenarios:  # in a process of its own, since a scenario stays registered
        result = _run(_seed("-s", f"block:{scenarios[0]}", "--json"), tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        return
    names = {}
    exec(compile(code, str(tmp_path / "block.py"), "exec"), names)  # noqa: S102 - our own
    for name in [name for name in names if name.startswith("test_")]:
        names[name](app)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_commands_run(path, tmp_path):
    commands = COMMAND.findall(path.read_text(encoding="utf-8"))
    with embedded_front() as front:
        for command in commands:
            program, *arguments = shlex.split(command.replace(PLACE, front.url))
            assert program == ".venv/bin/seed"

            result = _run(_seed(*arguments), tmp_path)

            assert (command, result.returncode, result.stderr.count("seed: ")) == (command, 0, 0)
            assert result.stdout


def test_there_are_commands_and_blocks_to_run():
    readme = FILES[0].read_text(encoding="utf-8")

    assert len(COMMAND.findall(readme)) >= 8
    assert len(list(BLOCK.finditer(readme))) >= 3


def test_links_lead_to_files():
    links = re.findall(r"\]\(([^)#:]+)\)", FILES[0].read_text(encoding="utf-8"))

    assert [link for link in links if not (ROOT / link).is_file()] == []
    assert links
