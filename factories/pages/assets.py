"""Style sheets and pictures: what pages load, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from factories.pictures import draw
from factories.reporting.pages import STYLE

if TYPE_CHECKING:
    from starlette.requests import Request

_HERE: Final = Path(__file__).parent
_CACHED: Final = {"Cache-Control": "max-age=3600"}
_DRAWN: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


async def style(_request: Request) -> Response:
    """Return the pages' style."""
    return FileResponse(_HERE / "page.css", media_type="text/css", headers=_CACHED)


async def report_style(_request: Request) -> Response:
    """Return the style of the world's figures."""
    return FileResponse(STYLE, media_type="text/css", headers=_CACHED)


async def icon(_request: Request) -> Response:
    """Return the pages' sign."""
    return FileResponse(_HERE / "icon.svg", media_type="image/svg+xml", headers=_CACHED)


async def image(request: Request) -> Response:
    """Draw a picture."""
    drawn = draw(request.url.path)
    if drawn is None:
        return PlainTextResponse("no such picture\n", 404)
    return Response(drawn, media_type="image/svg+xml", headers=_DRAWN)


ROUTES: Final = [
    Route("/assets/page.css", style),
    Route("/assets/report.css", report_style),
    Route("/assets/icon.svg", icon),
    Route("/images/{path:path}", image),
]
