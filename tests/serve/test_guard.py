"""What stands before pages: whose name, whose form and whose token are taken, and what a browser may load."""

from __future__ import annotations

import re

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from seedbed.errors import UnavailableError
from seedbed.serve.guard import FORM_BYTES
from seedbed.serve.pages import guarded

done = []


def show(request):
    return HTMLResponse(f'<input name="csrf" value="{request.state.csrf}">')


def do(request):
    done.append(request.state.form.get("what"))
    return HTMLResponse("done")


ROUTES = [Route("/", show), Route("/do", do, methods=["POST"])]


@pytest.fixture(autouse=True)
def _nothing_done():
    done.clear()


def reader(base_url="http://localhost:8000", **settings):
    return TestClient(guarded(lambda: ROUTES, **settings), base_url=base_url, follow_redirects=False)


def csrf(client):
    return re.search('value="(.*)"', client.get("/").text)[1]


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "192.168.1.7", "seedbed.localhost", "LOCALHOST", "box"]
)
def test_names_that_lead_to_this_machine_alone_are_answered(host):
    assert reader(names=["Box"]).get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8000", "127.0.0.1.evil.example", "", "["])
def test_a_name_that_was_made_to_lead_here_is_refused(host):
    answer = reader().get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert "csrf" not in answer.text


def test_a_form_of_ours_is_taken_by_field_or_by_header():
    client = reader()
    token = csrf(client)
    assert client.post("/do", data={"csrf": token, "what": "a ü"}).text == "done"
    assert client.post("/do", data={"what": "b"}, headers={"X-CSRF-Token": token}).text == "done"
    assert done == ["a ü", "b"]


def test_a_form_from_elsewhere_changes_nothing():
    client, other = reader(), reader()
    token, foreign = csrf(client), csrf(other)
    for data, headers in (
        ({}, {}),
        ({"csrf": ""}, {}),
        ({"csrf": "ü"}, {}),
        ({"csrf": foreign}, {}),
        ({"csrf": token}, {"Origin": "https://evil.example"}),
        ({"csrf": token}, {"Origin": "null"}),
    ):
        assert client.post("/do", data=data, headers=headers).status_code == 403
    client.cookies.clear()
    assert client.post("/do", data={"csrf": token}).status_code == 403
    assert client.post("/do", data={"csrf": token, "what": "x" * FORM_BYTES}).status_code == 413
    assert done == []


def test_a_script_is_told_in_a_few_words():
    answer = reader().post("/do", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<" not in answer.text


def test_a_browser_loads_nothing_from_elsewhere_and_keeps_no_count():
    client = reader()
    for path in ("/", "/nowhere"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
    cookie = client.get("/", headers={"Cookie": ""}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_htmx_is_served_from_its_package():
    answer = reader().get("/assets/htmx.min.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "htmx" in answer.text


def test_a_token_is_asked_for_once_and_then_in_a_cookie():
    client = reader(token="s3cret")
    assert client.get("/").status_code == 403
    assert client.get("/?token=wrong").status_code == 403
    assert client.get("/?token=").status_code == 403

    answer = client.get("/?a=b&token=s3cret")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/?a=b")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    page = client.get("/")
    assert page.status_code == 200
    assert "s3cret" not in page.text
    assert client.post("/do", data={"csrf": csrf(client)}).text == "done"
    assert reader(token="s3cret").post("/do").status_code == 403


def test_cookies_of_another_port_are_not_ours():
    client = reader(token="s3cret")
    client.get("/?token=s3cret")
    assert client.get("/").status_code == 200
    assert client.get("http://localhost:9000/").status_code == 403


def test_pages_that_cannot_be_made_yet_say_why_and_are_made_once_they_can():
    made = []

    def make():
        made.append(1)
        if len(made) < 2:
            message = "there is no table <yet>"
            raise UnavailableError(message)
        return ROUTES

    client = TestClient(guarded(make), base_url="http://localhost")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "there is no table &lt;yet&gt;" in answer.text
    assert [client.get("/").status_code for _ in range(3)] == [200] * 3
    assert len(made) == 2


def test_what_breaks_is_a_page_and_no_traceback():
    def broken(_request):
        message = "a row is <damaged>"
        raise KeyError(message)

    served = guarded(lambda: [Route("/", broken)])
    answer = TestClient(served, base_url="http://localhost", raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert "&lt;damaged&gt;" in answer.text
    assert "Traceback" not in answer.text
    assert "Content-Security-Policy" in answer.headers
