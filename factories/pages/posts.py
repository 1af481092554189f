"""Pages of posts: one with its thread, who likes it, and a reader's feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from factories.pages.cards import DEPTH_SHOWN, Card, Damaged, cards, cards_of_damaged, lines, with_damaged
from services.errors import NotFoundError, UnreadableRowError

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
    post_id, card = _card(visit)
    unreadable: list[UnreadableRowError] = []
    page = visit.app.comments.of_post(post_id, limit=COMMENTS, cursor=visit.cursor, unreadable=unreadable)
    likers = visit.app.likes.likers(post_id, limit=_LIKERS)
    written = _comment_written(visit, post_id)
    is_whole = visit.cursor is None and page.cursor is None
    return visit.page(
        "post.html",
        card=card,
        post_id=post_id,
        recounts=None,
        likers=likers.items,
        lines=lines(visit, page.items, cards_of_damaged(page, unreadable), is_whole=is_whole),
        written=lines(visit, [written]) if written and written not in page.items else [],
        cursor=page.cursor,
        after=visit.cursor,
        deepest=DEPTH_SHOWN,
        answer=visit.request.query_params.get("answer"),
    )


def _card(visit: Visit) -> tuple[str, Card | Damaged]:
    """Return the id of the post that the address names, and the post as it is shown.

    Raises:
        UnreadableRowError: who wrote it cannot be read.
    """
    post_id = visit.request.path_params["post_id"]
    try:
        (card,) = cards(visit, [visit.app.posts.get(post_id)])
    except UnreadableRowError as error:
        if error.entity_id != post_id:
            raise
        return post_id, Damaged.of(error)
    return post_id, card


def _comment_written(visit: Visit, post_id: str) -> Comment | None:
    """Return the comment that was written just now: in a long thread its page may be far."""
    comment_id = visit.request.query_params.get("written")
    try:
        return visit.app.comments.get(post_id, comment_id) if comment_id else None
    except (NotFoundError, UnreadableRowError):
        return None


def likes(visit: Visit) -> Response:
    """Show who likes a post. Cost: 1 read, 1 query and 3 batch reads at most."""
    post_id, _ = _card(visit)
    page = visit.app.likes.likers(post_id, limit=_PEOPLE, cursor=visit.cursor)
    empty = "Nobody likes this post yet."
    title, up = "Who likes this post", f"/posts/{post_id}"
    return visit.page("list.html", title=title, empty=empty, up=up, people=page.items, cursor=page.cursor)


def feed(visit: Visit) -> Response:
    """Show what somebody reads. Cost: 2 reads, that of `FeedService.read`, 1 batch read; 2 more for who looks."""
    user = visit.person()
    unreadable: list[UnreadableRowError] = []
    page = visit.app.feeds.read(user.id, limit=_ENTRIES, cursor=visit.cursor, unreadable=unreadable)
    unread = [entry.post_id for entry in page if not entry.is_read]
    shown = cards(visit, [entry.post for entry in page], unread=unread)
    return visit.page("feed.html", user=user, cards=with_damaged(shown, page, unreadable), cursor=page.cursor)
