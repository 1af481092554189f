"""Projects of users, written into a folder, and pytest run in them as they run it: in a process of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = "seedbed.pytest_plugin"
SOCIAL = "factories.suite:suite"
AS_OF = "2026-01-31T12:00Z"
_LINE = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL) (\S+\.py\S*?(?:\[.*?\])?)(?: - (.*))?$", re.MULTILINE)

# What is installed is the package seedbed alone; a checkout's path would offer its services and factories too.
_ALONE = """
import sys
sys.path = [folder for folder in sys.path if folder != {root!r}]
"""


class Run:
    """One run of pytest: what it printed, and how each test ended."""

    def __init__(self, done):
        self.code = done.returncode
        self.text = done.stdout + done.stderr
        found = _LINE.findall(re.sub(r"\x1b\[[0-9;]*m", "", done.stdout))
        self.places = {name: end for end, name, _ in found}
        self.ends = {name.partition("::")[2]: end for end, name, _ in found}
        self.why = {name.partition("::")[2]: why for _, name, why in found}

    @property
    def passed(self):
        return {name for name, end in self.ends.items() if end == "PASSED"}

    @property
    def made(self):
        """What tests printed as made, sorted: workers end in any order."""
        assert self.code == 0, self.text
        return sorted(line.split("made:")[1] for line in self.text.splitlines() if "made:" in line)


def write(folder, files):
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def run_pytest(folder, *arguments, files=None, is_social=False, **environment):
    """Run pytest in a folder, beside the package seedbed alone; `is_social`: beside this checkout and its suite."""
    write(folder, files or {})
    path = {"PYTHONPATH": str(ROOT), "SEEDBED_SUITE": SOCIAL} if is_social else {"PYTHONPATH": str(packages(folder))}
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("SEEDBED", "PYTEST", "SEED_"))}
    return Run(
        subprocess.run(
            [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *_plugins(), *arguments],
            cwd=folder,
            env={**keep, **path, "COLUMNS": "400", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    )


def _plugins():
    is_there = any(entry.value == PLUGIN for entry in entry_points(group="pytest11"))
    return () if is_there else ("-p", PLUGIN)


def packages(folder):
    packages = folder.parent / f"{folder.name}-packages"
    if not packages.exists():
        packages.mkdir()
        (packages / "seedbed").symlink_to(ROOT / "seedbed")
        (packages / "sitecustomize.py").write_text(_ALONE.format(root=str(ROOT)))
    return packages
