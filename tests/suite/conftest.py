"""A folder with a small foreign program, in which the test works; and the command, run as a user runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from seedbed.command import exits
from seedbed.command.cli import Command
from tests.adapters.shop import Product, new_engine, rows
from tests.suite.shop import APP


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A folder with a program, `shop_app.py`, in which the test works."""
    (tmp_path / "shop_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delenv("SEEDBED_SUITE", raising=False)
    yield tmp_path
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


@pytest.fixture
def write(program):
    """Write another program, the shop with some of its text put otherwise; return what its module is called."""

    def write(name, *changes):
        text = APP
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        (program / f"{name}.py").write_text(text)
        return name

    return write


@pytest.fixture
def seed(program):
    """Run `seed` in the folder; return its exit code, its lines and what it complained of."""

    def seed(*arguments, suite="shop_app:suite", text=None):
        (program / "pyproject.toml").write_text(f'[tool.seedbed]\nsuite = "{suite}"\n')
        result = subprocess.run(
            [sys.executable, "-m", "seedbed.command.cli", *arguments],
            capture_output=True,
            text=True,
            input=text,
            check=False,
        )
        return result.returncode, result.stdout, result.stderr

    return seed


@pytest.fixture
def products(program):
    """How many products are in the database, for somebody else."""

    def products():
        engine = new_engine(f"sqlite:///{program}/shop.db")
        try:
            return len(rows(engine, Product))
        finally:
            engine.dispose()

    return products


@pytest.fixture
def run(program, write, monkeypatch, capfd):
    """Run the command in this process on the shop with changes; return its code, output and complaint."""

    def run(*arguments, changes):
        name = write(f"parts_{abs(hash(changes))}", *changes)
        (program / "pyproject.toml").write_text(f'[tool.seedbed]\nsuite = "{name}:suite"\n')
        command = Command(arguments)
        for stream in ("stdout", "stderr"):  # the command puts its own in their place
            monkeypatch.setattr(sys, stream, getattr(sys, stream))
        code = exits.run(command.run, command.explain)
        sys.stderr.flush()
        return code, *capfd.readouterr()

    return run
