"""The social pages over an embedded app, and who looks at them: by Starlette's client, with no browser."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from factories.pages import pages
from seedbed.serve.pages import guarded


class Reader:
    """Looks at pages, and sends their forms as a browser does."""

    def __init__(self, served, base_url="http://localhost:8001", **headers):
        self.client = TestClient(served, base_url=base_url, headers=headers, follow_redirects=True)

    def look(self, path, status=200, **headers):
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.text

    def part(self, path, status=200):
        """Ask as the page's script does."""
        return self.look(path, status, **{"HX-Request": "true"})

    def send(self, path, *, status=200, is_part=False, **form):
        headers = {"HX-Request": "true"} if is_part else {}
        answer = self.client.post(path, data={"csrf": self.csrf(), **form}, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.text

    def csrf(self):
        forms = (self.client.get(path).text for path in ("/world", "/me"))
        found = next(filter(None, (re.search(r'name="csrf" value="(\w+)"', page) for page in forms)), None)
        assert found is not None
        return found[1]

    def be(self, user):
        self.send("/me", person=user.id)
        return self


def text_of(html):
    """What a person reads, and a screen reader too."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


@pytest.fixture
def words():
    return text_of


@pytest.fixture
def reader(app):
    return Reader(guarded(lambda: pages(app)))


@pytest.fixture
def read_by():
    """Make a reader of pages with settings of their own."""

    def read(app, base_url="http://localhost:8001", names=(), token=None, **settings):
        return Reader(guarded(lambda: pages(app, **settings), names=names, token=token), base_url)

    return read
