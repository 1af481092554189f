"""Pages of posts: one with its thread, who likes it, and a reader's feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from factories.pages.cards import DEPTH_SHOWN, cards, lines
from services.errors import NotFoundError

if TYPE_CHECKING:
    from starlette.responses import Response

    from factories.pages.site import Visit
    from services import Comment

COMMENTS: Final = 50
_LIKERS: Final = 8
_ENTRIES: Final = 10
_PEOPLE: Final = 24


def thread(visit: Visit) -> Response:
    """Show a post with who likes it and what is said. Cost: 1 read, 2 queries, 3 batch reads; 2 more for who looks."""
    post = visit.app.posts.get(visit.request.path_params["post_id"])
    (card,) = cards(visit, [post])
    page = visit.app.comments.of_post(post.id, limit=COMMENTS, cursor=visit.cursor)
    likers = visit.app.likes.likers(post.id, limit=_LIKERS)
    written = _written(visit, post.id)
    return visit.page(
        "post.html",
        card=card,
        recounts=None,
        likers=likers.items,
        lines=lines(visit, page.items),
        written=lines(visit, [written]) if written and written not in page.items else [],
        cursor=page.cursor,
        after=visit.cursor,
        deepest=DEPTH_SHOWN,
        answer=visit.request.query_params.get("answer"),
    )


def _written(visit: Visit, post_id: str) -> Comment | None:
    """Return the comment that was written just now: in a long thread its page may be far."""
    comment_id = visit.request.query_params.get("written")
    try:
        return visit.app.comments.get(post_id, comment_id) if comment_id else None
    except NotFoundError:
        return None


def likes(visit: Visit) -> Response:
    """Show who likes a post. Cost: 1 read, 1 query and 1 batch read."""
    post = visit.app.posts.get(visit.request.path_params["post_id"])
    page = visit.app.likes.likers(post.id, limit=_PEOPLE, cursor=visit.cursor)
    empty = "Nobody likes this post yet."
    return visit.page(
        "list.html", title="Who likes this post", empty=empty, up=post, people=page.items, cursor=page.cursor
    )


def feed(visit: Visit) -> Response:
    """Show what somebody reads. Cost: 2 reads, that of `FeedService.read`, 1 batch read; 2 more for who looks."""
    user = visit.person()
    page = visit.app.feeds.read(user.id, limit=_ENTRIES, cursor=visit.cursor)
    unread = [entry.post_id for entry in page if not entry.is_read]
    shown = cards(visit, [entry.post for entry in page], unread=unread)
    return visit.page("feed.html", user=user, cards=shown, cursor=page.cursor)
