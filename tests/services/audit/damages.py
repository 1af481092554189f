"""Fifty and more damages to a healthy world, each one thing that a person, a script or a bad disk may do to it."""

from __future__ import annotations

from typing import Any

from seedbed.dynamo.rows import Key
from services.rows import keys
from tests.services.audit.worlds import BEFORE, GHOST, LATER, claim_row, edge_rows, item_row, like_row, row

Rows = dict[Key, dict[str, Any]]
NOON = "2025-03-01T12:00:00.000Z"


def text(value: str) -> dict[str, str]:
    return {"S": value}


class Place:
    """The world's ids, and hands to damage its rows with."""

    def __init__(self, rows: Rows, world: Any) -> None:
        self.rows = rows
        self.ann, self.bob, self.cat = world.ann, world.bob, world.cat
        self.post, self.private, self.other = world.post, world.private, world.other
        self.top, self.reply, self.deep = world.top, world.reply, world.deep
        self.elsewhere = world.elsewhere

    def set(self, key: Key, **attributes: Any) -> None:
        changed = {**self.rows[key], **attributes}
        self.rows[key] = {name: value for name, value in changed.items() if value is not None}

    def drop(self, *gone: Key) -> None:
        for key in gone:
            del self.rows[key]

    def put(self, *added: dict[str, Any]) -> None:
        self.rows.update({(one["PK"]["S"], one["SK"]["S"]): one for one in added})

    # Keys by name

    @property
    def user(self) -> Key:
        return keys.user_key(self.ann)

    @property
    def claim(self) -> Key:
        return keys.handle_key("TheAnn")

    @property
    def public(self) -> Key:
        return keys.post_key(self.post)

    @property
    def listing(self) -> Key:
        return keys.authored_key(self.ann, self.post)

    @property
    def like(self) -> Key:
        return keys.like_key(self.post, self.bob)

    @property
    def comment(self) -> Key:
        return keys.comment_key(self.post, self.top)

    @property
    def answer(self) -> Key:
        return keys.comment_key(self.post, self.reply)

    @property
    def follow(self) -> Key:
        return keys.follow_key(self.cat, self.ann)

    @property
    def follower(self) -> Key:
        return keys.follower_key(self.ann, self.cat)

    @property
    def item(self) -> Key:
        return keys.feed_key(self.bob, self.post)

    @property
    def late_item(self) -> Key:
        return keys.feed_key(self.cat, self.post)

    @property
    def note(self) -> Key:
        return keys.run_user_key("7/x", self.ann)

    @property
    def bobs_note(self) -> Key:
        return keys.run_user_key("8/y", self.bob)


def circle(p: Place) -> None:
    p.set(p.comment, parent_comment_id=text(p.reply))


def orphan_of_nobody(p: Place) -> None:
    p.put(like_row(p.post, GHOST))


def stray_follow(p: Place) -> None:
    p.put(*edge_rows(GHOST, p.ann))


def move(p: Place, key: Key, to: Key, *, is_copied: bool = False) -> None:
    """Put a row under another key, as it is."""
    p.put({**p.rows[key], "PK": text(to[0]), "SK": text(to[1])})
    if not is_copied:
        p.drop(key)


def mistyped(entity_id: str) -> str:
    return entity_id[:-1] + ("0" if entity_id[-1] != "0" else "1")


RESTORED = {
    # A user
    "a user's id is another": lambda p: p.set(p.user, id=text(GHOST)),
    "a user's id is gone": lambda p: p.set(p.user, id=None),
    "a user's entity type is gone": lambda p: p.set(p.user, entity_type=None),
    "a user's handle has a letter too many": lambda p: p.set(p.user, handle=text("TheAnna")),
    "a user's username lacks a letter": lambda p: p.set(p.user, username=text("An_1")),
    "a user's address is misspelt": lambda p: p.set(p.user, email=text("Ann@exmple.org")),
    "a user was created in another year": lambda p: p.set(p.user, created_at=text(BEFORE)),
    "a user's created_at is no instant": lambda p: p.set(p.user, created_at=text("yesterday")),
    "a user's followers are counted wrongly": lambda p: p.set(p.user, followers_count={"N": "99"}),
    "a user's posts are not counted": lambda p: p.set(p.user, posts_count=None),
    "a user's following_count is a text": lambda p: p.set(p.user, following_count=text("1")),
    "a small author is merged on read": lambda p: p.set(p.user, feed_mode=text("pull")),
    "nobody knows a user's feed_mode": lambda p: p.set(p.user, feed_mode=text("sideways")),
    # Claims
    "a claim is gone": lambda p: p.drop(p.claim),
    "a claim is in another's name": lambda p: p.set(p.claim, user_id=text(p.bob)),
    "a claim is in nobody's name": lambda p: p.set(p.claim, user_id=text(GHOST)),
    "a claim does not say whose it is": lambda p: p.set(p.claim, user_id=None),
    "a claim is of another time": lambda p: p.set(p.claim, created_at=text(LATER)),
    "a claim too many": lambda p: p.put(claim_row(keys.handle_key("old_ann")[0], p.ann, BEFORE)),
    "a claim of nobody": lambda p: p.put(claim_row(keys.handle_key("stray")[0], GHOST, BEFORE)),
    # A post
    "a post's author is nobody": lambda p: p.set(p.public, author_id=text(GHOST)),
    "a post's author is another": lambda p: p.set(p.public, author_id=text(p.bob)),
    "a post's author is gone": lambda p: p.set(p.public, author_id=None),
    "a private post's author is another": lambda p: p.set(keys.post_key(p.private), author_id=text(p.cat)),
    "a post's id is another": lambda p: p.set(p.public, id=text(p.other)),
    "a post is of another time": lambda p: p.set(p.public, created_at=text(LATER)),
    "a post's likes are counted wrongly": lambda p: p.set(p.public, likes_count={"N": "0"}),
    "a post does not say whether it is public": lambda p: p.set(p.public, is_public=None),
    "a post was made private by hand": lambda p: p.set(p.public, is_public={"BOOL": False}),
    # Listings
    "a listing is gone": lambda p: p.drop(p.listing),
    "a listing's post is another": lambda p: p.set(p.listing, post_id=text(p.other)),
    "a listing is of another time": lambda p: p.set(p.listing, created_at=text(BEFORE)),
    "a post is listed under another author": lambda p: p.put(
        row(keys.authored_key(p.bob, p.post), "AUTHORED", post_id=p.post)
    ),
    # Likes
    "a like's user is another": lambda p: p.set(p.like, user_id=text(p.cat)),
    "a like's post is gone": lambda p: p.set(p.like, post_id=None),
    "a like is of a time before its post": lambda p: p.set(p.like, created_at=text(BEFORE)),
    "a like's created_at is no instant": lambda p: p.set(p.like, created_at=text("soon")),
    "a like is in another's index": lambda p: p.set(p.like, GSI1PK=text(keys.user_partition(p.cat))),
    "a like's index key is gone": lambda p: p.set(p.like, GSI1SK=None),
    "a like's index key is of a time before its post": lambda p: p.set(
        p.like, GSI1SK=text(keys.like_index_sort(BEFORE, p.post))
    ),
    "a like of nobody": orphan_of_nobody,
    # Comments
    "a comment's user is nobody": lambda p: p.set(p.comment, user_id=text(GHOST)),
    "a comment's user is gone": lambda p: p.set(p.comment, user_id=None),
    "a comment's index key names nobody": lambda p: p.set(p.comment, GSI1PK=text(keys.user_partition(GHOST))),
    "a comment is of another time": lambda p: p.set(p.comment, created_at=text(NOON)),
    "a comment's post is another": lambda p: p.set(p.comment, post_id=text(p.other)),
    "a comment's id is gone": lambda p: p.set(p.comment, id=None),
    "replies go in a circle": circle,
    "a reply answers itself": lambda p: p.set(p.answer, parent_comment_id=text(p.reply)),
    "a reply answers nobody": lambda p: p.set(p.answer, parent_comment_id=text(GHOST)),
    "a reply answers another comment": lambda p: p.set(keys.comment_key(p.post, p.deep), parent_comment_id=text(p.top)),
    "replies are counted wrongly": lambda p: p.set(p.comment, replies_count={"N": "7"}),
    # Follows
    "a follow's other end is gone": lambda p: p.drop(p.follower),
    "a follow's first end is gone": lambda p: p.drop(p.follow),
    "a follow is of another time at one end": lambda p: p.set(p.follower, created_at=text(LATER)),
    "a follow is of a time before its users": lambda p: p.set(p.follow, created_at=text(BEFORE)),
    "a follower's id is another": lambda p: p.set(p.follow, follower_id=text(p.bob)),
    "a follow of nobody": stray_follow,
    "somebody follows oneself": lambda p: p.put(*edge_rows(p.cat, p.cat)),
    # Feeds
    "an item is gone": lambda p: p.drop(p.item),
    "an item is in another author's name": lambda p: p.set(p.item, author_id=text(p.cat)),
    "an item does not say whose post it is": lambda p: p.set(p.item, author_id=None),
    "an item is older than the follow": lambda p: p.set(p.late_item, created_at=text(BEFORE)),
    "an item is of a later time": lambda p: p.set(p.item, created_at=text(LATER)),
    "an item expires in 1970": lambda p: p.set(p.item, expires_at={"N": "1"}),
    "an item's expires_at is a text": lambda p: p.set(p.item, expires_at=text("never")),
    "an item's reader is another": lambda p: p.set(p.item, reader_id=text(p.cat)),
    "an item of somebody who is not followed": lambda p: p.put(item_row(p.cat, p.other, p.bob)),
    "an item of a post that is gone": lambda p: p.put(item_row(p.cat, GHOST, p.ann)),
    # Notes
    "a note's user is another": lambda p: p.set(p.note, user_id=text(p.bob)),
    "a note of a user who bears the run's mark is gone": lambda p: p.drop(p.bobs_note),
    "a note is of another time": lambda p: p.set(p.bobs_note, created_at=text(BEFORE)),
    "a user's mark names another run": lambda p: p.set(keys.user_key(p.bob), run=text("8/z")),
}
"""What the other rows prove: after a repair the table is, byte for byte, what it was."""

LEFT = {
    "a user's mark of a run is gone": lambda p: p.set(keys.user_key(p.bob), run=None),
    "a user bears the mark of a run that nobody made": lambda p: p.set(keys.user_key(p.cat), run=text("9/q")),
    "a user is gone": lambda p: p.drop(p.user),
    "a post is gone": lambda p: p.drop(p.public),
    "a private post is gone": lambda p: p.drop(keys.post_key(p.private)),
    "a comment is gone": lambda p: p.drop(p.comment),
    "a name of no characters": lambda p: p.set(p.user, full_name=text("")),
    "a bio of 5,000 characters": lambda p: p.set(p.user, bio=text("x" * 5_000)),
    "a caption of 5,000 characters": lambda p: p.set(p.public, caption=text("x" * 5_000)),
    "a comment of no characters": lambda p: p.set(p.comment, content=text("")),
    "a comment of 5,000 characters": lambda p: p.set(p.comment, content=text("x" * 5_000)),
    "a comment's content is a number": lambda p: p.set(p.comment, content={"N": "5"}),
    "a post's caption is gone": lambda p: p.set(p.public, caption=None),
    "a tag that is no text": lambda p: p.set(p.public, tags={"L": [{"N": "1"}]}),
    "a like of two times": lambda p: p.set(p.like, created_at=text(NOON)),
    "a comment of two users": lambda p: p.set(p.comment, user_id=text(p.ann)),
    "two users have one handle, and one claim": lambda p: (
        p.set(keys.user_key(p.bob), handle=text("tHEaNN")),
        p.drop(keys.handle_key("TheBob")),
    ),
    "an entity type of another kind": lambda p: p.set(p.like, entity_type=text("LIKED")),
    "an item that is neither read nor unread": lambda p: p.set(p.item, is_read=None),
    "an update before the creation": lambda p: p.set(p.public, updated_at=text(BEFORE)),
    "a verification that is a text": lambda p: p.set(p.user, email_verified=text("yes")),
}
"""What only a person knows: it is named, and the table is left as it is, or no further from what it was."""

STRAYED = {
    "a user under a mistyped key": (lambda p: move(p, p.user, keys.user_key(mistyped(p.ann)))),
    "a user copied under a mistyped key": (lambda p: move(p, p.user, keys.user_key(mistyped(p.ann)), is_copied=True)),
    "a post under a mistyped key": (lambda p: move(p, p.public, keys.post_key(mistyped(p.post)))),
    "a post copied under a mistyped key": (
        lambda p: move(p, p.public, keys.post_key(mistyped(p.post)), is_copied=True)
    ),
    "a comment under a mistyped key": (lambda p: move(p, p.comment, keys.comment_key(p.post, mistyped(p.top)))),
    "a comment copied under a mistyped key": (
        lambda p: move(p, p.answer, keys.comment_key(p.post, mistyped(p.reply)), is_copied=True)
    ),
    "a comment under a post that is not there": (
        lambda p: move(p, p.comment, keys.comment_key(mistyped(p.post), p.top))
    ),
    "a like under another user's key": (lambda p: move(p, p.like, keys.like_key(p.post, mistyped(p.bob)))),
    "a like under another post's key": (lambda p: move(p, p.like, keys.like_key(p.other, p.bob))),
    "a like copied under another post's key": (
        lambda p: move(p, p.like, keys.like_key(p.other, p.bob), is_copied=True)
    ),
}
"""A row whose witnesses agree against its key: it is named, nothing else is, and nothing is written."""

COPIED = {
    "one end of a follow is copied under another key": (
        lambda p: move(p, p.follow, keys.follow_key(p.cat, p.bob), is_copied=True)
    ),
    "the other end of a follow is copied under another key": (
        lambda p: move(p, p.follower, keys.follower_key(p.bob, p.cat), is_copied=True)
    ),
    "one end of a follow is moved under another key": (lambda p: move(p, p.follow, keys.follow_key(p.cat, p.bob))),
    "the other end of a follow is moved under another key": (
        lambda p: move(p, p.follower, keys.follower_key(p.bob, p.cat))
    ),
}
"""A mirror under a key that no other row knows: it holds nothing, and the table is what it was without it."""
