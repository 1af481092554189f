"""Pages of people: who there is, one of them, and who follows whom."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from factories.pages.cards import cards, with_damaged
from factories.pages.errors import PageNotFoundError

if TYPE_CHECKING:
    from factories.pages.site import Visit
    from services import User
    from services.entities import Run
    from services.errors import UnreadableRowError

PEOPLE: Final = 24
POSTS: Final = 10
_SEARCHED: Final = 300
"""People of a run among whom a handle is looked for that nobody has as it was typed."""
_FOUND: Final = 12


def nothing(visit: Visit) -> Response:
    """Say that there is no such page.

    Raises:
        PageNotFoundError: Always.
    """
    raise PageNotFoundError(visit.request.url.path)


def everybody(visit: Visit) -> Response:
    """Show who there is, or who has a handle. Cost: 2 queries and 1 batch read; of an unknown handle 3 reads more."""
    typed = visit.request.query_params.get("handle", "").strip().lstrip("@")
    if not typed:
        return _list(visit, "people.html")
    found = visit.app.profiles.find_by_handle(typed)
    if found is not None:
        return RedirectResponse(f"/people/{quote(found.handle)}", 303)
    some = _some(visit, visit.app.runs.all())
    near = _near(some, typed)
    known: dict[str, Any] = {"runs": [], "run": None, "typed": typed, "looked_at": len(some), "cursor": None}
    return visit.page("people.html", 200 if near else 404, people=near, **known)


def choice(visit: Visit) -> Response:
    """Let whoever looks choose who they are. Cost: 2 queries and 1 batch read."""
    return _list(visit, "choice.html", back=visit.request.query_params.get("back", "/"))


def _list(visit: Visit, template: str, **values: Any) -> Response:
    runs = visit.app.runs.all()
    asked = visit.request.query_params.get("run")
    known = sorted(runs, key=lambda one: one.preset is None)
    run = next((one for one in runs if one.name == asked), known[0] if known else None)
    if run is None:
        people, cursor = visit.app.profiles.some(limit=PEOPLE), None
    else:
        page = visit.app.runs.people(run.name, limit=PEOPLE, cursor=visit.cursor)
        people, cursor = list(page.items), page.cursor
    return visit.page(template, people=people, runs=runs, run=run, typed="", cursor=cursor, **values)


def _near(people: Sequence[User], typed: str) -> list[User]:
    """Return those whose handles have the text in them, or are like it."""
    by_handle = {user.handle.lower(): user for user in people}
    within = [handle for handle in by_handle if typed.lower() in handle]
    close = get_close_matches(typed.lower(), by_handle, n=_FOUND, cutoff=0.6)
    return [by_handle[handle] for handle in dict.fromkeys([*within, *close])][:_FOUND]


def _some(visit: Visit, runs: list[Run]) -> list[User]:
    if not runs:
        return visit.app.profiles.some(limit=_SEARCHED)
    return [user for run in runs[:3] for user in visit.app.runs.people(run.name, limit=_SEARCHED)]


def profile(visit: Visit) -> Response:
    """Show a person with their posts. Cost: 2 reads, 1 query, 1 batch read; 1 read and 2 batch reads for who looks."""
    user = visit.person()
    unreadable: list[UnreadableRowError] = []
    page = visit.app.posts.by_author(user.id, limit=POSTS, cursor=visit.cursor, unreadable=unreadable)
    return visit.page(
        "profile.html",
        user=user,
        recounts=None,
        is_following=_is_following(visit, user),
        cards=with_damaged(cards(visit, page.items, {user.id: user}), page, unreadable),
        cursor=page.cursor,
    )


def _is_following(visit: Visit, user: User) -> bool:
    me = visit.me
    return me is not None and me.id != user.id and visit.app.follows.is_following(me.id, user.id)


def followers(visit: Visit) -> Response:
    """Show who follows somebody. Cost: 2 reads, 1 query and 1 batch read."""
    user = visit.person()
    page = visit.app.follows.followers(user.id, limit=PEOPLE, cursor=visit.cursor)
    title, empty = f"Followers of @{user.handle}", "Nobody follows them yet."
    return visit.page("list.html", title=title, empty=empty, up=user, people=page.items, cursor=page.cursor)


def following(visit: Visit) -> Response:
    """Show whom somebody follows. Cost: 2 reads, 1 query and 1 batch read."""
    user = visit.person()
    page = visit.app.follows.following(user.id, limit=PEOPLE, cursor=visit.cursor)
    title, empty = f"Followed by @{user.handle}", "They follow nobody yet."
    return visit.page("list.html", title=title, empty=empty, up=user, people=page.items, cursor=page.cursor)
