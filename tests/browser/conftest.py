"""The machine's own Chromium by Playwright, in front of the pages of a small app. `make browser` brings Playwright."""

from __future__ import annotations

import shutil

import pytest

from factories.pages import World, pages
from seedbed.serve.pages import guarded
from seedbed.serve.running import running

MISSING = "these tests look at pages in Chromium: apt-get install chromium"


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program is not None, MISSING
    with sync_playwright() as playwright:
        # CI is root, which Chromium's sandbox refuses, in a container with little shared memory.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def world():
    return World("the table social")


@pytest.fixture
def url(app, world):
    """Where the pages of the app are served."""
    with running(guarded(lambda: pages(app, world=world))) as served:
        yield served


@pytest.fixture
def opened(chromium, url):
    """Open a window on the pages; in the end nothing was asked of another machine, and the browser found no fault."""
    contexts, elsewhere, faults = [], [], []

    def note(request):
        if not request.url.startswith((f"{url}/", "data:")):
            elsewhere.append(request.url)

    def make(*, width=900, is_strict=True, **settings):
        context = chromium.new_context(base_url=url, viewport={"width": width, "height": 900}, **settings)
        context.set_default_timeout(15_000)
        context.on("request", note)
        page = context.new_page()
        kinds = {"error", "warning"} if is_strict else set()
        page.on("console", lambda said: faults.append(said.text) if said.type in kinds else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        contexts.append(context)
        return page

    yield make
    for context in contexts:
        context.close()
    assert (elsewhere, faults) == ([], [])


@pytest.fixture
def page(opened):
    return opened()


@pytest.fixture
def be():
    """Choose on a profile who the window's reader is."""

    def choose(page, user):
        page.goto(f"/people/{user.handle}")
        page.get_by_role("button", name=f"Be @{user.handle}").click()
        page.get_by_text("this is you").wait_for()

    return choose
