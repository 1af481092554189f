"""What stands before a suite's pages: who may look, and from where; whether a form is ours; what a browser loads.

- The name in `Host` must be an address, localhost, or a name that was given: a page from elsewhere whose name leads to
  this machine (DNS rebinding) is refused.
- Where a token is asked for, it comes once in the address and then in a cookie, so that no later address holds it.
- What changes something must be sent by a form of ours: it has the session's own text in a field or a header.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_BYTES: Final = 64 * 1024
"""Of a form, at most."""
FIELD: Final = "csrf"
HEADER: Final = "x-csrf-token"
TOKEN: Final = "token"  # noqa: S105 - a name
_READING: Final = {"GET", "HEAD", "OPTIONS"}
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with no-referrer, forms would send no Origin
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """Lets a request through to the pages, or answers it. `request.state` has `csrf`, for forms, and `form`."""

    def __init__(self, pages: ASGIApp, *, names: Iterable[str] = (), token: str | None = None) -> None:
        """Guard pages.

        Args:
            pages: What answers.
            names: Names of this machine that `Host` may say, beside localhost and any address.
            token: Whoever looks must have it; None: everybody who gets here may look.
        """
        self._pages = pages
        self._names = {name.lower() for name in names}
        self._token = token
        self._secret = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        request = Request(scope, receive)
        session = request.cookies.get(cookie_name(request, "session"))
        fresh = None if session else secrets.token_urlsafe(24)
        refused = self._check_reader(request) or await self._check_form(request, session)
        scope.setdefault("state", {})["csrf"] = self._csrf(session or str(fresh))
        answer = self._pages if refused is None else refused
        await answer(scope, receive, _dress(send, request, None if refused else fresh))

    def _check_reader(self, request: Request) -> Response | None:
        if not self._is_known(request):
            return refusal(request, 403, "This name is not ours", _NAME.format(name=request.headers.get("host", "")))
        if self._token is None:
            return None
        name = cookie_name(request, TOKEN)
        if self._is_token(request.query_params.get(TOKEN)):
            answer = RedirectResponse(str(request.url.remove_query_params(TOKEN).replace(scheme="", netloc="")), 303)
            answer.set_cookie(name, self._token, httponly=True, samesite="lax")
            return answer
        if self._is_token(request.cookies.get(name)):
            return None
        return refusal(request, 403, "Whoever looks here needs a token", _WANTED)

    def _is_known(self, request: Request) -> bool:
        name = request.headers.get("host", "")
        return _host_of(name) in self._names or is_local(name)

    def _is_token(self, given: str | None) -> bool:
        return given is not None and secrets.compare_digest(given.encode(), str(self._token).encode())

    async def _check_form(self, request: Request, session: str | None) -> Response | None:
        """Read a form, and see that it is ours."""
        if request.method in _READING:
            return None
        body = await _body(request)
        if body is None:
            return refusal(request, 413, "Too long", f"A form has at most {FORM_BYTES:,} bytes.")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        request.scope.setdefault("state", {})["form"] = form
        given = request.headers.get(HEADER) or form.get(FIELD, "")
        is_ours = session is not None and secrets.compare_digest(given.encode(), self._csrf(session).encode())
        if is_ours and _is_from_here(request):
            return None
        return refusal(request, 403, "Nothing was changed", _FOREIGN)

    def _csrf(self, session: str) -> str:
        return hmac.new(self._secret, session.encode(), "sha256").hexdigest()


_NAME: Final = (
    "Whoever asks calls this machine {name}, which it was not told. Reach it as localhost or by its address, or start "
    "it with --host and that name."
)
_WANTED: Final = "Open the whole address that the command printed: the token is in it."
_FOREIGN: Final = (
    "What was sent did not come from a page of this server, or from one that is older than it, or the browser keeps no "
    "cookies. Load the page again, and send it again."
)


# Cookies are lax: strict ones are not sent where a link led here, and forms have their text beside them.
def cookie_name(request: Request, what: str) -> str:
    """Name a cookie: browsers keep those of all ports of a machine together, so the port is in the name."""
    return f"seedbed-{request.url.port or 80}-{what}"


def refusal(request: Request, status: int, title: str, text: str) -> Response:
    """Answer with a page of a few words; a page's script gets the words alone."""
    if request.headers.get("hx-request"):
        return PlainTextResponse(f"{title}. {text}", status)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f'<main><h1>{escape(title)}</h1><p>{escape(text)}</p><p><a href="/">To the first page</a></p></main></html>\n',
        status,
    )


def is_local(header: str) -> bool:
    """Tell whether what `Host` says is an address, or localhost: no page from elsewhere can have such a name."""
    name = _host_of(header)
    return name == "localhost" or name.endswith(".localhost") or _is_address(name)


def _host_of(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_from_here(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _body(request: Request) -> bytes | None:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > FORM_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _dress(send: Send, request: Request, session: str | None) -> Send:
    """Put our headers on an answer."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")  # a page that comes back from a cache would show old counts
            if session is not None:
                cookie = Response()
                cookie.set_cookie(cookie_name(request, "session"), session, httponly=True, samesite="lax")
                headers.append("Set-Cookie", cookie.headers["Set-Cookie"])
        await send(message)

    return send_with_headers
