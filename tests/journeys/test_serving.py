"""`seed serve`: one command gives an endpoint with a world behind it, and what it answered outlives it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import pytest

from seedbed.dynamo.digest import digest_of
from services import Post, User, connect

WORLD = ("-e", "minimal", "--seed", "7", "--as-of", "2026-11-01")
SECONDS = 30


@contextmanager
def serving(seed: Any, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Serve for the block; yield the process, its URL and what it printed before it served."""
    process = subprocess.Popen(
        seed.line("serve", "--port", "0", *arguments),
        cwd=seed.directory,
        env=seed.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, *_until_served(process)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def _until_served(process: subprocess.Popen[str]) -> tuple[str, str]:
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if found := re.search(r"served at (\S+?)[,;]", line):
            return found[1], said
    raise AssertionError(said + (process.stderr.read() if process.stderr else ""))


def test_an_app_finds_the_world_behind_the_endpoint(seed):
    with serving(seed, *WORLD) as (_, url, said), connect(url, table="social") as app:
        handle = re.search(r"look at: @(\w+)", said)
        assert handle is not None
        assert app.profiles.find_by_handle(handle[1]).handle == handle[1]
        assert app.audit().is_clean
        assert str(digest_of(app)) in said


def test_it_tells_what_to_set_and_what_becomes_of_the_data(seed):
    with serving(seed) as (process, url, _):
        assert process.stdout is not None
        assert f"AWS_ENDPOINT_URL_DYNAMODB={url}" in process.stdout.readline()
        assert f"{url}/images/" in process.stdout.readline()
        assert "--data FILE keeps it" in process.stdout.readline()


def test_the_pictures_that_a_world_has_load(seed):
    with serving(seed, *WORLD) as (_, url, _), connect(url, table="social") as app:
        urls = {post.image_url for post in app.rows(Post)} | {user.profile_picture_url for user in app.rows(User)}
        for path in sorted(filter(None, urls))[:8]:
            with urlopen(f"{url}{path}") as answered:  # noqa: S310 - of this machine
                assert answered.headers["Content-Type"].startswith("image/svg+xml")
                assert answered.read().startswith(b"<svg")
        assert len(urls) > 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_to_be_stopped_is_a_good_end(seed, number):
    with serving(seed) as (process, _, _):
        process.send_signal(number)
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, errors) == (0, "")


def test_killed_and_served_again_the_file_has_all_that_was_answered(seed):
    with serving(seed, *WORLD, "--data", "world.db") as (_, url, _), connect(url, table="social") as app:
        ada = app.profiles.create_profile(email="a@example.com", username="ada_1", handle="ada_1", full_name="Ada")
        before = str(digest_of(app))  # and then the server is killed
    with serving(seed, "--data", "world.db") as (_, url, _), connect(url, table="social") as app:
        assert app.profiles.get(ada.id) == ada
        assert str(digest_of(app)) == before


def test_a_world_that_is_in_the_file_is_not_made_again(seed):
    with serving(seed, *WORLD, "--data", "world.db") as (_, _, said):
        assert "\n  users " in said
    with serving(seed, *WORLD, "--data", "world.db") as (_, url, said), connect(url, table="social") as app:
        assert "\n  users " not in said
        assert "nothing to do" in said
        assert app.audit().is_clean


def test_what_cannot_be_served_is_one_line_and_exit_2_or_3(seed):
    with serving(seed, "--data", "world.db"), socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = {
            ("serve", "--port", str(port)): f"port {port} is in use",
            ("serve", "--port", "0", "--data", "world.db"): "another process has it",
            ("serve", "--port", "70000"): "--port must be from 0 to 65535",
            ("serve", "--port", "x"): "must be a whole number",
            ("serve", "--endpoint-url", "http://localhost:1"): "No such option",
            ("--endpoint-url", "http://localhost:1", "serve"): "--endpoint-url cannot be used with serve",
            ("serve", "-e", "huge"): "huge",
        }
        for arguments, words in refused.items():
            result = seed(*arguments)
            assert words in result.stderr, (arguments, result.stderr)
            assert result.returncode == 2
            assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert "leave out --endpoint-url" in seed("serve", SEED_ENDPOINT_URL="http://localhost:1").stderr


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_without_its_extra_it_says_what_to_install(seed, missing):
    code = f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = ['serve']\n"
    result = seed.python(code + "from seedbed.command.cli import main; main()")
    assert result.returncode == 2
    assert "pip install 'seedbed[serve]'" in result.stderr
