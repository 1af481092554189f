"""What every page has in common: the app, who looks, the templates, and how an error is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from factories.pages.errors import HandleNotFoundError, NobodyError, ReadOnlyError
from seedbed.serve.guard import cookie_name
from services import App
from services.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    ServiceError,
    TableNotFoundError,
    UnavailableError,
    UnreadableRowError,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from services import Post, User

_STATUSES: Final[Mapping[type[ServiceError], tuple[int, str]]] = {
    TableNotFoundError: (503, "The table is gone"),
    UnreadableRowError: (500, "A row cannot be read"),
    NotFoundError: (404, "Not found"),
    InvalidError: (422, "That cannot be done"),
    ConflictError: (409, "That cannot be done now"),
    ForbiddenError: (403, "That is not allowed"),
    UnavailableError: (503, "The table cannot be read just now"),
    ServiceError: (500, "That went wrong"),
}
_LOG: Final = logging.getLogger("seedbed.pages")
_COOKIE_SECONDS: Final = 30 * 24 * 3600


@attrs.frozen
class Site:
    """The pages of one app."""

    app: App
    is_read_only: bool = attrs.field(default=False, kw_only=True)

    def view(self, show: View) -> Callable[[Request], Response]:
        """Return an endpoint that tells what the services refuse."""

        def endpoint(request: Request) -> Response:
            visit = Visit(self, request)
            try:
                return show(visit)
            except ServiceError as error:
                return visit.refuse(error)
            except (KeyError, TypeError, ValueError):  # what reading a row of another shape raises
                _LOG.debug("a row cannot be read", exc_info=True)
                return visit.tell(500, "A row cannot be read", "a row of this page is damaged: seed audit names it")

        return endpoint

    def act(self, do: View) -> Callable[[Request], Response]:
        """Return an endpoint that writes, as whoever was chosen."""

        def check(visit: Visit) -> Response:
            if self.is_read_only:
                raise ReadOnlyError
            if visit.me is None:
                raise NobodyError
            return do(visit)

        return self.view(check)


class Visit:
    """One request to a page."""

    def __init__(self, site: Site, request: Request) -> None:
        self.site = site
        self.app = site.app
        self.request = request

    @cached_property
    def me(self) -> User | None:
        """As who whoever looks acts. Cost: 1 read, where somebody was chosen."""
        user_id = self.request.cookies.get(cookie_name(self.request, "me"))
        if not user_id:
            return None
        try:
            return self.app.profiles.get(user_id)
        except (NotFoundError, InvalidError):
            return None  # of another world, or gone

    @property
    def is_part(self) -> bool:
        """Tell whether a page's script asks for a part of it."""
        return bool(self.request.headers.get("hx-request"))

    @property
    def form(self) -> Mapping[str, str]:
        """What was sent."""
        sent: Mapping[str, str] = getattr(self.request.state, "form", {})
        return sent

    @property
    def cursor(self) -> str | None:
        """Where a list goes on."""
        return self.request.query_params.get("after")

    def person(self) -> User:
        """Return whom the address names.

        Raises:
            HandleNotFoundError: Nobody has the handle.

        Cost: 2 reads.
        """
        handle = self.request.path_params["handle"]
        found = self.app.profiles.find_by_handle(handle)
        if found is None:
            raise HandleNotFoundError(handle)
        return found

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Fill a template; all of them know who looks."""
        known = {
            "me": self.me,
            "csrf": getattr(self.request.state, "csrf", ""),
            "is_read_only": self.site.is_read_only,
            "path": self.request.url.path,
            "here": self.request.url.path + (f"?{query}" if (query := self.request.url.query) else ""),
        }
        return HTMLResponse(_templates().get_template(template).render(known | values), status)

    def back(self, fallback: str) -> RedirectResponse:
        """Lead a browser back to where a form was, or to another page of ours."""
        place = self.form.get("back", "")
        is_ours = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
        return RedirectResponse(place if is_ours else fallback, 303)

    def remember(self, answer: Response, user_id: str) -> Response:
        """Keep in the browser as who it acts; the empty text is nobody."""
        name = cookie_name(self.request, "me")
        if user_id:
            answer.set_cookie(name, user_id, max_age=_COOKIE_SECONDS, httponly=True, samesite="lax")
        else:
            answer.delete_cookie(name, httponly=True, samesite="lax")
        return answer

    def refuse(self, error: ServiceError) -> Response:
        """Tell an error: as a page, or in a few words for a page's script."""
        status, title = next(said for kind, said in _STATUSES.items() if isinstance(error, kind))
        return self.tell(status, title, str(error))

    def tell(self, status: int, title: str, text: str) -> Response:
        """Answer in a few words."""
        template = "said.html" if self.is_part else "message.html"
        try:
            return self.page(template, status, title=title, text=text)
        except (ServiceError, KeyError, TypeError, ValueError):  # who looks cannot be read either
            self.me = None
            return self.page(template, status, title=title, text=text)


View: TypeAlias = Callable[[Visit], Response]


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": _moment, "number": _number, "portrait": portrait, "picture": picture}
    return made


def portrait(user: User) -> str:
    """Return a picture of a person that no other machine is asked for."""
    stored = user.profile_picture_url or ""
    return stored if _is_near(stored) else f"/images/people/{user.id}.svg"


def picture(post: Post) -> str | None:
    """Return a post's picture, where no other machine is to be asked for it."""
    stored = post.image_url or ""
    return stored if _is_near(stored) else None


def _is_near(address: str) -> bool:
    return address.startswith(("/images/", "data:image/"))


def _moment(at: datetime) -> str:
    return f"{at:%b} {at.day}, {at:%Y, %H:%M}"


def _number(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"
