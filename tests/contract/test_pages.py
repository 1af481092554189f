"""What all lists share: order and bounds of their pages, and cursors that belong to one list of one owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from services import errors
from services.entities import Page
from tests.contract.world import World, read_all

ITEMS = 6


class Listing(NamedTuple):
    read: Callable[..., Page[Any]]
    wanted: list[str]
    name: str


def _listings(world: World, owner: str, crowd: list[str], posts: list[str], thread: str) -> dict[str, Listing]:
    app, first = world.app, posts[0]
    comments = [comment.id for comment in app.comments.of_post(first, limit=100)]
    own = [user_id for user_id in crowd if user_id != owner]
    return {
        "by_author": Listing(lambda **page: app.posts.by_author(owner, **page), posts[::-1], f"posts of {owner}"),
        "likers": Listing(lambda **page: app.likes.likers(first, **page), own, f"likers of {first}"),
        "liked_posts": Listing(
            lambda **page: app.likes.liked_posts(own[0], **page), posts[::-1], f"posts liked by {own[0]}"
        ),
        "of_post": Listing(lambda **page: app.comments.of_post(first, **page), comments, f"comments of {first}"),
        "replies": Listing(
            lambda **page: app.comments.replies(first, thread, **page), comments[1::2], f"replies to {thread}"
        ),
        "followers": Listing(lambda **page: app.follows.followers(owner, **page), own, f"followers of {owner}"),
        "following": Listing(lambda **page: app.follows.following(owner, **page), own, f"following of {owner}"),
        "feed": Listing(lambda **page: app.feeds.read(own[0], **page), posts[::-1], f"feed of {own[0]}"),
        "unread": Listing(lambda **page: app.feeds.unread(own[1], **page), posts[::-1], f"unread feed of {own[1]}"),
    }


NAMES = [
    "by_author",
    "likers",
    "liked_posts",
    "of_post",
    "replies",
    "followers",
    "following",
    "feed",
    "unread",
]


@pytest.fixture(scope="module")
def listings(module_world) -> dict[str, Listing]:
    """An owner with six of everything; other things lie between the wanted ones."""
    app, users = module_world.app, module_world.users(ITEMS + 1)
    crowd = [user.id for user in users]
    owner, own = crowd[-1], crowd[:-1]
    with app.unit_of_work():
        posts = [app.posts.create_post(author_id=owner).id for _ in range(ITEMS)]
        for user_id in own:
            app.follows.follow_user(user_id, owner)
            app.follows.follow_user(owner, user_id)
            app.likes.like_post(user_id, posts[0])
        for post_id in posts[1:]:
            app.likes.like_post(own[0], post_id)
        thread = app.comments.create_comment(owner, posts[0], "top").id
        for _ in range(ITEMS):
            app.comments.create_comment(owner, posts[0], "reply", thread)
            app.comments.create_comment(owner, posts[0], "no reply")
    return _listings(module_world, owner, crowd, posts, thread)


def ids(found: list[Any]) -> list[str]:
    return [getattr(item, "post_id", None) if hasattr(item, "reader_id") else item.id for item in found]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 7, 1_000])
def test_pages_of_any_size_put_together_are_the_whole_list_in_order(listings, name, limit):
    listing = listings[name]
    assert ids(read_all(listing.read, limit)) == listing.wanted


@pytest.mark.parametrize("name", NAMES)
def test_only_the_last_page_has_no_cursor_also_when_it_is_full(listings, name):
    listing = listings[name]
    count = len(listing.wanted)
    first = listing.read(limit=count // 2)
    assert (len(first), first.cursor is None) == (count // 2, False)
    rest = listing.read(limit=count - count // 2, cursor=first.cursor)
    assert (len(rest), rest.cursor) == (count - count // 2, None)
    assert listing.read(limit=count).cursor is None
    assert listing.read(limit=count - 1).cursor is not None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [0, -1, 1_001, True, 2.0, "5", None])
def test_a_limit_out_of_bounds_is_refused_with_the_bounds(listings, name, limit):
    with pytest.raises(errors.InvalidLimitError) as refusal:
        listings[name].read(limit=limit)
    assert str(refusal.value) == f"limit must be a whole number from 1 to 1000, not {limit!r}"
    assert (refusal.value.limit, refusal.value.maximum) == (limit, 1_000)


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_changed_or_made_up_cursor_is_refused(listings, name):
    listing = listings[name]
    good = listing.read(limit=2).cursor
    others = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") - {good[-1]}
    forged = [
        *(good[:length] for length in range(len(good))),
        *(good[:-1] + last for last in sorted(others)),
        *(good + more for more in ("A", "=", "==", " ", "\n")),
        " " + good,
        good.swapcase(),
        "é" * 20,
        "\ud800",
        5,
        b"x",
        good.encode(),
    ]
    for cursor in forged:
        with pytest.raises(errors.InvalidCursorError) as refusal:
            listing.read(limit=2, cursor=cursor)
        assert refusal.value.cursor == cursor
    assert str(refusal.value) == (
        f"this cursor does not belong to {listing.name}: pass the cursor of this list's previous page, or none"
    )


def test_a_cursor_of_another_list_is_refused(listings):
    made = listings
    cursors = {name: listing.read(limit=2).cursor for name, listing in made.items()}
    for name, listing in made.items():
        for other, cursor in cursors.items():
            if other != name:
                with pytest.raises(errors.InvalidCursorError):
                    listing.read(limit=2, cursor=cursor)


def test_a_cursor_of_another_owner_is_refused(world):
    ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
    for one, other in ((ann, bob), (ann, cid), (bob, cid), (cid, ann), (cid, bob)):
        world.app.follows.follow_user(one.id, other.id)
    posts = [world.post(cid) for _ in range(3)]
    cursor = world.app.feeds.read(ann.id, limit=1).cursor
    assert [entry.post_id for entry in world.app.feeds.read(ann.id, limit=1, cursor=cursor)] == [posts[1].id]
    with pytest.raises(errors.InvalidCursorError):
        world.app.feeds.read(bob.id, limit=1, cursor=cursor)
    with pytest.raises(errors.InvalidCursorError):
        world.app.follows.followers(bob.id, cursor=world.app.follows.followers(cid.id, limit=1).cursor)


def test_a_page_of_replies_reads_only_so_many_comments_and_its_cursor_goes_on(world, monkeypatch):
    monkeypatch.setattr("services.comments.REPLIES_READ", 1)
    ann = world.user()
    post = world.post(ann)
    top = world.comment(ann, post)
    for _ in range(9):
        world.comment(ann, post)
    reply = world.app.comments.create_comment(ann.id, post.id, "late", top.id)
    pages, cursor = [], None
    while not pages or cursor is not None:
        page = world.app.comments.replies(post.id, top.id, limit=1, cursor=cursor)
        pages.append([comment.id for comment in page])
        cursor = page.cursor
    assert pages[0] == []
    assert [one for page in pages for one in page] == [reply.id]


def test_a_list_of_nothing_is_one_empty_page(app):
    for page in (
        app.posts.by_author("nobody"),
        app.likes.likers("nothing"),
        app.likes.liked_posts("nobody"),
        app.comments.of_post("nothing"),
        app.comments.replies("nothing", "none"),
        app.follows.followers("nobody"),
        app.follows.following("nobody"),
    ):
        assert (page.items, page.cursor) == ((), None)


def test_what_is_added_behind_a_cursor_is_on_the_next_page(world):
    ann = world.user()
    post = world.post(ann)
    for _ in range(3):
        world.comment(ann, post)
    first = world.app.comments.of_post(post.id, limit=2)
    late = world.comment(ann, post)
    rest = world.app.comments.of_post(post.id, cursor=first.cursor)
    assert [comment.id for comment in rest][-1] == late.id
    assert len(rest) == 2


def test_what_is_deleted_at_a_cursor_does_not_lose_the_rest(world):
    ann = world.user()
    post = world.post(ann)
    made = [world.comment(ann, post) for _ in range(4)]
    first = world.app.comments.of_post(post.id, limit=2)
    world.app.comments.delete_comment(post.id, made[1].id, user_id=ann.id)
    assert [comment.id for comment in world.app.comments.of_post(post.id, cursor=first.cursor)] == [
        made[2].id,
        made[3].id,
    ]
