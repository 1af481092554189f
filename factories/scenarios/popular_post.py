"""The scenario `popular-post`."""

from __future__ import annotations

from typing import Any

import attrs

from factories.posts import PostFactory
from factories.recycling import recycle
from factories.scenarios.reading import read_all
from factories.scenarios.registry import scenario
from factories.scenarios.sizes import at_least, is_range
from factories.scenarios.times import A_DAY, SETTLED, ago, joining_time, reactions
from factories.users import UserFactory
from seedbed.strategy.randomness import KeyedRandom, key_of
from seedbed.strategy.ranges import Range
from services.entities import Comment, FeedEntry, Post, User

_STRANGERS_IN = 10  # one in so many who may react does not follow the author


@attrs.frozen(kw_only=True)
class StoredPopularPost:
    """What `popular-post` made, all as stored: users in the order of sign-up, comments from the oldest on.

    Attributes:
        reader: One of the followers.
        feed: What the reader's feed shows, to its end.
        is_merged_on_read: Whether the author has too many followers for delivery: feeds look the posts up.
    """

    author: User
    followers: tuple[User, ...]
    post: Post
    likers: tuple[User, ...]
    comments: tuple[Comment, ...]
    reader: User
    feed: tuple[FeedEntry, ...]
    is_merged_on_read: bool

    @property
    def followers_who_like(self) -> tuple[User, ...]:
        """The likers who follow the author."""
        ids = {user.id for user in self.followers}
        return tuple(user for user in self.likers if user.id in ids)


@scenario("popular-post")
@attrs.frozen(kw_only=True)
class PopularPost:
    """An influencer's viral post: more than 1,000 real followers, hundreds of likes, and it is in every feed.

    Most of those who like and comment follow the author; one in ten may be a passer-by.
    """

    followers: int = attrs.field(default=1_200, validator=at_least(1))
    likes: Range = attrs.field(default=Range(200, 500), validator=is_range)
    comments: Range = attrs.field(default=Range(20, 50), validator=is_range)

    def run(self, app: Any) -> StoredPopularPost:
        """Make them and return them as they are stored.

        Raises:
            NotEnoughError: There are fewer followers and passers-by than likes asked for.
            FactoryError: Something was refused.
        """
        with app.unit_of_work():
            audience = UserFactory.create_batch(self.followers, at=joining_time())
            strangers = UserFactory.create_batch(self.followers // _STRANGERS_IN, at=joining_time())
            author = UserFactory(
                verified=True, at=joining_time(), followers=audience, followers__at=ago(SETTLED / 4, SETTLED)
            )
            with recycle(audience, strangers):
                post = PostFactory(
                    author=author,
                    at=ago(A_DAY, 5 * A_DAY),
                    likes=reactions(self.likes, "likes", author.id),
                    comments=reactions(self.comments, "comments", author.id),
                )
        return _read_stored(app, author, post)


def _read_stored(app: Any, author: User, post: Post) -> StoredPopularPost:
    followers = read_all(app.follows.followers, author.id)
    reader = KeyedRandom(key_of("popular-post", "reader")).choice(followers)
    feed = read_all(app.feeds.read, reader.id)
    author = app.profiles.get(author.id)
    return StoredPopularPost(
        author=author,
        followers=followers,
        post=app.posts.get(post.id),
        likers=read_all(app.likes.likers, post.id),
        comments=read_all(app.comments.of_post, post.id),
        reader=reader,
        feed=feed,
        is_merged_on_read=author.followers_count > app.fan_out_limit,
    )
