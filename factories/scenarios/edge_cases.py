"""The scenario `edge-cases`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from factories.comments import CommentFactory
from factories.feed_items import FeedItemFactory
from factories.follows import FollowFactory
from factories.likes import LikeFactory
from factories.posts import PostFactory
from factories.scenarios import extremes
from factories.scenarios.errors import ScenarioGoneError
from factories.scenarios.reading import read_all
from factories.scenarios.registry import scenario
from factories.scenarios.times import A_DAY, SETTLED, ago, joining_time
from factories.users import UserFactory
from services.entities import Comment, FeedEntry, Post, User

_Made: TypeAlias = tuple[dict[str, User], dict[str, Post], dict[str, Comment]]


@attrs.frozen(kw_only=True)
class StoredEdgeCases:
    """What `edge-cases` made, all as stored.

    Attributes:
        longest_user: User name, handle, e-mail, full name and bio at their limits.
        newcomer: Nothing but what sign-up gives: no bio, no picture, no posts; follows nobody.
        one_letter_user: The shortest full name, and an empty bio.
        emoji_user: A full name and a bio of emoji.
        longest_post: The longest caption and image address, the most and longest tags.
        heaviest_post: The longest caption in characters of four bytes each.
        empty_post: No caption, no image, no tags.
        private_post: In nobody's feed.
        emoji_post: Emoji, some of which are several characters joined.
        arabic_post, hebrew_post, mixed_post: Text from right to left, and in both directions.
        combining_post: Letters with accents as characters of their own.
        longest_comment, shortest_comment, emoji_comment: On the longest post.
        reader: Follows the author of the posts.
        read_item, unread_item: Two of the reader's feed entries.
        fickle_user: Liked the emoji post and followed its author, and took both back.
    """

    author: User
    longest_user: User
    newcomer: User
    one_letter_user: User
    emoji_user: User
    longest_post: Post
    heaviest_post: Post
    empty_post: Post
    private_post: Post
    emoji_post: Post
    arabic_post: Post
    hebrew_post: Post
    mixed_post: Post
    combining_post: Post
    longest_comment: Comment
    shortest_comment: Comment
    emoji_comment: Comment
    reader: User
    feed: tuple[FeedEntry, ...]
    read_item: FeedEntry
    unread_item: FeedEntry
    fickle_user: User


@scenario("edge-cases")
@attrs.frozen
class EdgeCases:
    """The longest, the emptiest and the oddest that the app allows, and what users took back."""

    def run(self, app: Any) -> StoredEdgeCases:
        """Make them and return them as they are stored.

        Raises:
            FactoryError: Something was refused.
        """
        with app.unit_of_work():
            users = _users()
            posts = _posts(users["author"])
            comments = _comments(posts["longest_post"], users["longest_user"])
            _follow_and_read(users["reader"], users["author"], posts)
            _change_mind(app, users["fickle_user"], posts["emoji_post"])
        return _read_stored(app, (users, posts, comments))


def _users() -> dict[str, User]:
    name = extremes.longest_name(UserFactory.build().username)
    longest = UserFactory(
        username=name,
        handle=name,
        email=extremes.longest_email(name),
        full_name=extremes.LONGEST_FULL_NAME,
        bio=extremes.LONGEST_BIO,
        at=joining_time(),
    )
    return {
        "author": UserFactory(at=joining_time()),
        "longest_user": longest,
        "newcomer": UserFactory(new_user=True, at=joining_time()),
        "one_letter_user": UserFactory(full_name="O", bio="", at=joining_time()),
        "emoji_user": UserFactory(full_name=extremes.EMOJI, bio=extremes.EMOJI, at=joining_time()),
        "reader": UserFactory(at=joining_time()),
        "fickle_user": UserFactory(at=joining_time()),
    }


def _posts(author: User) -> dict[str, Post]:
    plain = {"author": author, "image_url": None, "tags": (), "at": ago(A_DAY, SETTLED / 2)}
    captions = {
        "heaviest_post": extremes.HEAVIEST_CAPTION,
        "empty_post": "",
        "emoji_post": extremes.EMOJI,
        "arabic_post": extremes.ARABIC,
        "hebrew_post": extremes.HEBREW,
        "mixed_post": extremes.MIXED_DIRECTIONS,
        "combining_post": extremes.COMBINING,
    }
    longest = {
        "caption": extremes.LONGEST_CAPTION,
        "image_url": extremes.LONGEST_URL,
        "tags": extremes.MOST_TAGS,
    }
    return {
        "longest_post": PostFactory(**plain | longest),
        "private_post": PostFactory(**plain | {"is_public": False}),
        **{name: PostFactory(**plain, caption=caption) for name, caption in captions.items()},
    }


def _comments(post: Post, user: User) -> dict[str, Comment]:
    contents = {
        "longest_comment": extremes.LONGEST_COMMENT,
        "shortest_comment": "d",
        "emoji_comment": extremes.EMOJI,
    }
    return {
        name: CommentFactory(post=post, user=user, content=content, at=ago(A_DAY / 24, A_DAY))
        for name, content in contents.items()
    }


def _follow_and_read(reader: User, author: User, posts: dict[str, Post]) -> None:
    FollowFactory(follower=reader, followee=author, at=ago(SETTLED / 2, SETTLED))
    FeedItemFactory(reader=reader, post=posts["emoji_post"], is_read=True, at=ago(A_DAY / 24, A_DAY))


def _change_mind(app: Any, user: User, post: Post) -> None:
    """Like and follow, and take both back: for that there are no factories, so the services do it."""
    LikeFactory(user=user, post=post, at=ago(A_DAY / 24, A_DAY))
    FollowFactory(follower=user, followee_id=post.author_id, at=ago(A_DAY / 24, A_DAY))
    app.likes.unlike_post(user.id, post.id)
    app.follows.unfollow_user(user.id, post.author_id)


def _read_stored(app: Any, made: _Made) -> StoredEdgeCases:
    users, posts, comments = made
    users_by_id = app.profiles.get_many(user.id for user in users.values())
    posts_by_id = app.posts.get_many(post.id for post in posts.values())
    feed = read_all(app.feeds.read, users["reader"].id)
    return StoredEdgeCases(
        **{name: _find(users_by_id, user.id, name) for name, user in users.items()},
        **{name: _find(posts_by_id, post.id, name) for name, post in posts.items()},
        **{name: app.comments.get(comment.post_id, comment.id) for name, comment in comments.items()},
        feed=feed,
        read_item=_find({entry.is_read: entry for entry in reversed(feed)}, key=True, name="read_item"),
        unread_item=_find({entry.is_read: entry for entry in reversed(feed)}, key=False, name="unread_item"),
    )


def _find(stored: Mapping[Any, Any], key: object, name: str) -> Any:
    if key not in stored:
        raise ScenarioGoneError("edge-cases", name)
    return stored[key]
