"""`seed browse` as a person types it: a table at an endpoint in a browser, and the page of `seed serve`."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from starlette.testclient import TestClient

from factories import PostFactory, UserFactory
from factories.pages import pages
from seedbed.serve.pages import guarded
from services import User, connect
from tests.journeys.front import embedded, embedded_front, refusal, serving

WORLD = ("-e", "minimal", "--seed", "7", "--as-of", "2026-11-01")
SECONDS = 30


@contextmanager
def started(seed: Any, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Start for the block; yield the process, the page's address, and what was said by then."""
    process = seed.start(*arguments, "--port", "0", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"(?:is shown at|in a browser:) (http\S+)", line):
                yield process, found[1].rstrip(";"), said
                return
        pytest.fail("".join(said) + process.stderr.read())
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def a_browser() -> OpenerDirector:
    return build_opener(HTTPCookieProcessor(CookieJar()))


def text(browser: OpenerDirector, url: str, **form: str) -> str:
    with browser.open(url, urlencode(form).encode() if form else None, timeout=SECONDS) as answer:
        return answer.read().decode()


@pytest.fixture
def place():
    """An endpoint with a small table, and one of its people."""
    with embedded_front() as front, connect(front.url) as app:
        ada, bob = (
            app.profiles.create_profile(email=f"{name}@example.com", username=name, handle=name, full_name=name)
            for name in ("ada", "bob")
        )
        post = app.posts.create_post(author_id=ada.id, caption="Hello")
        yield front, app, bob, post


def like(page: str, bob: User, post_id: str) -> str:
    browser = a_browser()
    csrf = re.search(r'name="csrf" value="(\w+)"', text(browser, f"{page}me"))
    token = csrf[1] if csrf else ""
    text(browser, f"{page}me", csrf=token, person=bob.id)
    return text(browser, f"{page}posts/{post_id}/like", csrf=token, on="yes")


def test_a_table_at_an_endpoint_is_shown_and_a_like_is_written_there(seed, place):
    front, app, bob, post = place
    with started(seed, "browse", "--endpoint-url", front.url) as (process, page, said):
        assert "@ada" in text(a_browser(), page)
        assert "<b>1</b> like<" in like(page, bob, post.id)
        assert app.posts.get(post.id).likes_count == 1
        assert said == [f"table social of {front.url} is shown at {page}; Ctrl-C stops it\n"]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=SECONDS)[1] == ""
        assert process.returncode == 0


@pytest.mark.parametrize("asked", ["--read-only", "SEED_PROHIBIT", "production"])
def test_where_nobody_agreed_to_writing_it_is_only_shown(seed, place, asked):
    front, app, bob, post = place
    table = "social"
    if asked == "production":
        (seed.directory / "pyproject.toml").write_text('[tool.seedbed]\nproduction = "social"\n')
    environment = {"SEED_PROHIBIT": "1"} if asked == "SEED_PROHIBIT" else {}
    seed = seed if not environment else _with(seed, environment)
    options = [asked] if asked == "--read-only" else []
    with started(seed, "browse", "--endpoint-url", front.url, "--table", table, *options) as (process, page, _):
        assert "only to look at: " in process.stdout.readline()
        assert "@ada" in text(a_browser(), page)
        with pytest.raises(HTTPError, match="403") as refused:
            like(page, bob, post.id)
        refused.value.close()  # it holds the answer, and Python 3.14 warns of it
        assert app.posts.get(post.id).likes_count == 0


def _with(seed: Any, variables: dict[str, str]) -> Any:
    class Other(type(seed)):
        def environment(self, **more: str) -> dict[str, str]:
            return super().environment(**variables, **more)

    return Other(seed.directory)


def test_for_others_than_this_machine_it_asks_for_the_token_that_it_printed(seed, place):
    front, *_ = place
    with started(seed, "browse", "--endpoint-url", front.url, "--host", "0.0.0.0") as (process, page, _):  # noqa: S104
        plain, token = page.split("?token=")
        with pytest.raises(HTTPError, match="403") as refused:
            text(a_browser(), plain)
        refused.value.close()
        browser = a_browser()
        assert "@ada" in text(browser, page)
        shown = text(browser, f"{plain}world")
        assert token not in shown
        process.send_signal(signal.SIGINT)
        assert token not in "".join(process.communicate(timeout=SECONDS))


def test_what_cannot_be_shown_is_one_line(seed, place):
    front, *_ = place
    for arguments, said in {
        ("browse",): "browse needs --endpoint-url: seed serve makes a world",
        ("browse", "--endpoint-url", front.url, "--table", "other"): "there is no table 'other'",
        ("browse", "--endpoint-url", front.url, "--port", "70000"): "--port must be from 0 to 65535",
        ("browse", "--endpoint-url", front.url, "--host", "203.0.113.1"): "--host 203.0.113.1 is no address",
        ("browse", "--endpoint-url", front.url, "--yes", "other"): "--yes names the table 'other'",
        ("browse", "--endpoint-url", "http://127.0.0.1:9", "--port", "0"): "127.0.0.1:9",
    }.items():
        result = seed(*arguments)
        assert said in result.stderr, (arguments, result.stderr)
        assert (result.stdout, result.stderr.count("\n")) == ("", 1)
        assert result.returncode in {2, 3}


def test_serve_shows_its_world_and_the_figures_of_its_run(seed):
    with started(seed, "serve", *WORLD) as (_, page, said):
        browser = a_browser()
        assert "Made by the run minimal, seed 7, as of 2026-11-01" in text(browser, page)
        world = text(browser, f"{page}world")
        assert "every number is right" in world
        assert re.search(r"digest:? (\w{16,})", "".join(said))[1][:16] in world


def test_serve_without_a_world_shows_the_table_once_there_is_one(seed):
    with started(seed, "serve") as (_, page, _):
        assert "there is no table" in text(a_browser(), page)
        with connect(page.rstrip("/")) as app:
            app.profiles.create_profile(email="a@example.com", username="ada", handle="ada", full_name="Ada")
        assert "@ada" in text(a_browser(), page)


def test_served_to_others_dynamodb_is_for_whoever_signs_by_the_token(seed):
    import boto3
    from botocore.exceptions import ClientError

    with started(seed, "serve", "--host", "0.0.0.0") as (_, page, said):  # noqa: S104
        key = re.search(r"AWS_ACCESS_KEY_ID=(\S+),", "".join(said))[1]
        place = {"endpoint_url": page.split("?")[0], "region_name": "eu-west-1", "aws_secret_access_key": "any"}
        assert boto3.client("dynamodb", aws_access_key_id=key, **place).list_tables()["TableNames"] == []
        with pytest.raises(ClientError, match="UnrecognizedClient"):
            boto3.client("dynamodb", aws_access_key_id="other", **place).list_tables()


def test_with_credentials_that_only_read_pages_are_shown_and_a_click_is_told(app):
    post, ada = PostFactory(likes=2), UserFactory()

    def answer(operation, parameters):
        if operation in {"TransactWriteItems", "BatchWriteItem", "PutItem", "UpdateItem"}:
            return refusal("AccessDeniedException", f"not authorized to perform: dynamodb:{operation}")
        return embedded(app.engine.client)(operation, parameters)

    with serving(answer) as front, connect(front.url, is_made=False) as there:
        client = TestClient(guarded(lambda: pages(there)), base_url="http://localhost", follow_redirects=True)
        csrf = re.search(r'name="csrf" value="(\w+)"', client.get("/me").text)[1]
        assert client.post("/me", data={"csrf": csrf, "person": ada.id}).status_code == 200
        for path in ("/", f"/posts/{post.id}", f"/people/{ada.handle}/feed", f"/recounts/posts/{post.id}", "/world"):
            assert client.get(path).status_code == 200, path
        refused = client.post(f"/posts/{post.id}/like", data={"csrf": csrf, "on": "yes"})
    assert refused.status_code == 403
    assert "not authorized" in refused.text or "may not" in refused.text
    assert app.posts.get(post.id).likes_count == 2
