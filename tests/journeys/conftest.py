"""The command as a user runs it: a process of its own, an empty directory, a clean environment."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import frozen

from seedbed.dynamo.engines import Engine, embedded_engine
from services import App, connect
from tests.journeys.forking import Forker
from tests.journeys.front import embedded_front

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-11-01"
SECONDS = 60
FORKER = Forker()


@frozen
class Command:
    """Runs `seed` in a directory."""

    directory: Path

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run it with arguments and variables."""
        return FORKER.run(arguments, self.directory, self.environment(**variables), SECONDS)

    def report(self, *arguments: str, **variables: str) -> dict[str, Any]:
        """Run it with `--json` and return what it reports, which must be all that it prints."""
        result = self(*arguments, "--json", **variables)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run Python code where the command would run."""
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.directory,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Start it, so that Ctrl-C reaches it even where the test run itself ignores Ctrl-C."""
        return subprocess.Popen(
            self.line(*arguments),
            cwd=self.directory,
            env=self.environment(),
            text=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - starts no thread
            **streams,
        )

    @staticmethod
    def line(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "seedbed", *arguments]

    def environment(self, **variables: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("COV")}
        ours = {"HOME": str(self.directory), "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}
        return kept | ours | {"SEEDBED_SUITE": "factories.suite:suite"} | variables


@pytest.fixture(scope="session", autouse=True)
def forker() -> Iterator[None]:
    yield
    FORKER.close()


@pytest.fixture
def seed(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture(scope="module")
def first_world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one run reports, to hold others against."""
    return Command(tmp_path_factory.mktemp("first")).report("-e", "minimal", "--seed", "7", "--as-of", AS_OF)


@frozen
class Place:
    """A table of this test's own at an endpoint."""

    endpoint_url: str
    table: str

    @property
    def options(self) -> list[str]:
        return ["--endpoint-url", self.endpoint_url, "--table", self.table]

    def app(self) -> App:
        return connect(self.endpoint_url, self.table, is_made=False)

    def rows(self) -> dict[tuple[str, str], Any]:
        with self.app() as app:
            rows = [row for page in app.session.store.scan() for row in page]
        return {(row["PK"]["S"], row["SK"]["S"]): row for row in rows}


@pytest.fixture(scope="module")
def endpoint_url() -> Iterator[str]:
    """The endpoint that SEEDBED_ENDPOINT_URL names, else an embedded engine behind HTTP."""
    named = os.environ.get("SEEDBED_ENDPOINT_URL")
    if named:
        yield named
        return
    with embedded_front() as front:
        yield front.url


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A new embedded engine, to be put behind HTTP."""
    with embedded_engine() as engine:
        yield engine


@pytest.fixture
def place(endpoint_url: str) -> Place:
    return Place(endpoint_url, f"journey-{uuid4()}")


@pytest.fixture
def other_place(endpoint_url: str) -> Place:
    return Place(endpoint_url, f"journey-{uuid4()}")


def figures(report: dict[str, Any]) -> dict[str, Any]:
    """What must be equal between two runs that make the same."""
    return {name: report[name] for name in ("created", "audience", "rows", "calls", "write_units", "audit", "handles")}


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a refused command says; it says nothing else."""
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("seed: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("seed: ").rstrip("\n")


def suggested(message: str) -> list[str]:
    """Return the arguments of the command that a message ends with."""
    return shlex.split(message.rpartition("with: seed ")[2])
