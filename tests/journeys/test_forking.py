"""A forked process of the command is as one that is started; `forking.py` says where it is not."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.journeys.conftest import FORKER

SAID = [
    ["--version"],
    ["audit"],
    ["nope"],
    ["scenarios"],
    ["-e", "mine.toml", "--json"],
    ["status", "--table", "é\udcff"],
]


@pytest.mark.parametrize("arguments", SAID, ids=lambda arguments: arguments[0])
def test_it_prints_and_ends_as_one_that_is_started(seed, arguments):
    (seed.directory / "mine.toml").write_text("users = 3\n")
    started = subprocess.run(
        seed.line(*arguments), cwd=seed.directory, env=seed.environment(), capture_output=True, text=True, check=False
    )
    forked = seed(*arguments)

    if "--json" in arguments:
        started, forked = (json.loads(one.stdout) | {"seconds": 0} for one in (started, forked))
        assert started == forked
    else:
        assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_one_has_nothing_of_another(seed):
    for name in ("a", "b"):
        (seed.directory / f"{name}_story.py").write_text("print(__name__)\n")
    assert "a_story" in seed("-s", "a_story:X").stdout
    assert "a_story" not in seed("-s", "b_story:X").stdout
    assert seed("scenarios", SEED_JSON="nonsense").returncode == 2
    assert seed("scenarios").returncode == 0


def test_one_that_does_not_end_is_killed_and_the_next_is_made(seed):
    with pytest.raises(subprocess.TimeoutExpired):
        FORKER.run(["serve", "--port", "0"], seed.directory, seed.environment(), 2)
    assert seed("--version").returncode == 0
