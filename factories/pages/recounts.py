"""Counters beside their rows, counted just now: parts that a page's script asks for, and pages without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factories.pages.posts import COMMENTS

if TYPE_CHECKING:
    from starlette.responses import Response

    from factories.pages.site import Visit
    from services.entities import Recount


def of_person(visit: Visit) -> Response:
    """Recount a person's three counters. Cost: 4 reads, and 1 query per 1 MB of what each counts."""
    user = visit.person()
    is_few = visit.is_part and "few" in visit.request.query_params
    return _show(visit, "few" if is_few else "person", visit.app.recounts.of_user(user.id), user=user)


def of_post(visit: Visit) -> Response:
    """Recount a post's two counters. Cost: 2 reads, and 1 query per 1 MB of what each counts."""
    post_id = visit.request.path_params["post_id"]
    return _show(visit, "post", visit.app.recounts.of_post(post_id), post={"id": post_id})


def of_thread(visit: Visit) -> Response:
    """Recount the replies to the comments of one page of a thread. Cost: 1 query, and the thread read."""
    post_id = visit.request.path_params["post_id"]
    recounts = visit.app.recounts.of_thread(post_id)
    page = visit.app.comments.of_post(post_id, limit=COMMENTS, cursor=visit.cursor, unreadable=[])
    template = "part_thread.html" if visit.is_part else "recounted_thread.html"
    return visit.page(template, post={"id": post_id}, comments=page.items, recounts=recounts)


def _show(visit: Visit, what: str, recounts: list[Recount], **values: Any) -> Response:
    template = f"part_{what}.html" if visit.is_part else f"recounted_{what}.html"
    return visit.page(template, recounts={one.name: one for one in recounts}, **values)
