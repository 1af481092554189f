"""The pages of a suite as one ASGI application: its own routes, htmx beside them, and the guard before them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from seedbed.errors import MissingLibraryError, NotFoundError, ServiceError
from seedbed.serve.guard import Guard, refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HTMX: Final = "/assets/htmx.min.js"
"""Where a page finds htmx: `<script src="/assets/htmx.min.js" defer>`."""
_CACHED: Final = {"Cache-Control": "max-age=3600"}


class Pages:
    """Routes that are made when they are first asked for; until that can be done, each request is told why not."""

    def __init__(self, make: Callable[[], Iterable[BaseRoute]]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._routes: Sequence[BaseRoute] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            routes = await run_in_threadpool(self._routes_once)
        except ServiceError as error:
            status = 200 if isinstance(error, NotFoundError) else 503  # no table yet: who waits goes on
            await refusal(Request(scope), status, "There is nothing to show", f"{error}.")(scope, receive, send)
            return
        await Router(routes)(scope, receive, send)

    def _routes_once(self) -> Sequence[BaseRoute]:
        with self._lock:
            self._routes = self._routes or tuple(self._make())
            return self._routes


def guarded(make: Callable[[], Iterable[BaseRoute]], *, names: Iterable[str] = (), token: str | None = None) -> ASGIApp:
    """Return an application of the routes that `make` gives, with htmx beside them, behind a `Guard`.

    Raises:
        MissingLibraryError: the package that holds htmx is not installed.
    """
    _file()
    routes = [Route(HTMX, _htmx), Mount("/", Pages(make))]
    return Guard(Starlette(routes=routes, exception_handlers={Exception: _report_error}), names=names, token=token)


@cache
def _file() -> Path:
    found = find_spec("js_lib_htmx")
    if found is None or found.origin is None:
        raise MissingLibraryError("django-js-lib-htmx", "pages")
    return Path(found.origin).parent / "static" / "htmx" / "htmx.min.js"


async def _htmx(_request: Request) -> Response:
    return FileResponse(_file(), media_type="text/javascript", headers=_CACHED)


async def _report_error(request: Request, error: Exception) -> Response:
    return refusal(request, 500, "This could not be shown", f"{type(error).__name__}: {error}")
