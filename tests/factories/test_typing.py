"""What mypy makes of the factories: `UserFactory()` and `UserFactory.create()` are a `User`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
from factories import UserFactory
reveal_type(UserFactory())
reveal_type(UserFactory(verified=True))
reveal_type(UserFactory.create())
reveal_type(UserFactory.build())
reveal_type(UserFactory.create_batch(2))
reveal_type(UserFactory.create_each([{}]))
"""


@pytest.fixture(scope="module")
def revealed(tmp_path_factory):
    program = tmp_path_factory.mktemp("typing") / "program.py"
    program.write_text(PROGRAM)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        str(program),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return re.findall(r'program\.py.* Revealed type is "(.*)"', done.stdout)


def test_a_factory_is_typed_by_its_model(revealed):
    user = "services.entities.User"
    assert revealed == [user] * 4 + [f"list[{user}]"] * 2
