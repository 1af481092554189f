"""What whoever looks does, as the person they chose: each is one call of a service, and no row is written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from factories.pages.cards import cards
from factories.pages.errors import NobodyError

if TYPE_CHECKING:
    from factories.pages.site import Visit
    from services import User


def become(visit: Visit) -> Response:
    """Choose who whoever looks is; without a choice, nobody."""
    chosen = visit.form.get("person", "")
    if chosen:
        visit.app.profiles.get(chosen)
    return visit.remember(visit.back("/"), chosen)


def like(visit: Visit) -> Response:
    """Like a post, or take that back."""
    me, post_id = _me(visit), visit.request.path_params["post_id"]
    is_on = visit.form.get("on") != "no"
    visit.app.posts.get(post_id)  # a counter that is no number is told as what it is
    if is_on:
        visit.app.likes.like_post(me.id, post_id)
    else:
        visit.app.likes.unlike_post(me.id, post_id)
    if not visit.is_part:
        return visit.back(f"/posts/{post_id}")
    (card,) = cards(visit, [visit.app.posts.get(post_id)])
    return visit.page("liked.html", card=card, recounts=None, is_on=is_on, back=visit.form.get("back", ""))


def follow(visit: Visit) -> Response:
    """Follow somebody, or no longer."""
    me, user = _me(visit), visit.person()
    is_on = visit.form.get("on") != "no"
    if is_on:
        visit.app.follows.follow_user(me.id, user.id)
    else:
        visit.app.follows.unfollow_user(me.id, user.id)
    if not visit.is_part:
        return visit.back(f"/people/{user.handle}")
    fresh = visit.app.profiles.get(user.id)
    return visit.page("followed.html", user=fresh, recounts=None, is_following=is_on)


def comment(visit: Visit) -> Response:
    """Say something under a post, or answer a comment."""
    me, post_id = _me(visit), visit.request.path_params["post_id"]
    parent = visit.form.get("parent") or None
    visit.app.posts.get(post_id)
    if parent is not None:
        visit.app.comments.get(post_id, parent)
    made = visit.app.comments.create_comment(me.id, post_id, visit.form.get("content", ""), parent)
    return RedirectResponse(f"/posts/{post_id}?written={made.id}#comment-{made.id}", 303)


def _me(visit: Visit) -> User:
    if visit.me is None:
        raise NobodyError
    return visit.me
