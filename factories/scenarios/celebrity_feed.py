"""The scenario `celebrity-feed`."""

from __future__ import annotations

from typing import Any

import attrs

from factories.follows import FollowFactory
from factories.posts import PostFactory
from factories.scenarios.reading import read_all, stored_posts, stored_users
from factories.scenarios.registry import scenario
from factories.scenarios.sizes import at_least
from factories.scenarios.times import A_DAY, SETTLED, ago, joining_time
from factories.users import UserFactory
from services.entities import FeedEntry, Post, User

_PAGE_SIZE = 20
"""The feed is read as an app would: a screen at a time."""


@attrs.frozen(kw_only=True)
class StoredCelebrityFeed:
    """What `celebrity-feed` made, all as stored.

    Attributes:
        celebrity: An author above the app's fan-out limit, whose posts are merged into feeds on reading.
        authors: Ordinary authors, whose posts are delivered to each follower.
        posts: What all of them posted, public or not, author by author.
        reader: Somebody who follows all of them.
        feed: What the reader's feed shows, newest first, to its end.
    """

    celebrity: User
    authors: tuple[User, ...]
    posts: tuple[Post, ...]
    reader: User
    feed: tuple[FeedEntry, ...]

    @property
    def merged(self) -> tuple[FeedEntry, ...]:
        """The part of the feed that is the celebrity's."""
        return tuple(entry for entry in self.feed if entry.author_id == self.celebrity.id)

    @property
    def delivered(self) -> tuple[FeedEntry, ...]:
        """The part of the feed that is the ordinary authors'."""
        return tuple(entry for entry in self.feed if entry.author_id != self.celebrity.id)


@scenario("celebrity-feed")
@attrs.frozen(kw_only=True)
class CelebrityFeed:
    """A reader's feed of ordinary authors and a celebrity, who has too many followers for delivery.

    The celebrity has one follower more than the app's fan-out limit, and one of their posts is private.
    """

    authors: int = attrs.field(default=4, validator=at_least(0))
    posts_each: int = attrs.field(default=8, validator=at_least(0))

    def run(self, app: Any) -> StoredCelebrityFeed:
        """Make them and return them as they are stored.

        Raises:
            FactoryError: Something was refused.
        """
        with app.unit_of_work():
            reader = UserFactory(at=joining_time())
            audience = [reader, *UserFactory.create_batch(app.fan_out_limit, at=joining_time())]
            followed_at = ago(SETTLED / 2, SETTLED)
            celebrity = UserFactory(verified=True, at=joining_time(), followers=audience, followers__at=followed_at)
            authors = UserFactory.create_batch(self.authors, at=joining_time())
            FollowFactory.create_each({"follower": reader, "followee": author, "at": followed_at} for author in authors)
            posts = [post for author in (celebrity, *authors) for post in self._posts(author)]
            posts.append(PostFactory(author=celebrity, is_public=False, at=ago(A_DAY, SETTLED / 2)))
        return StoredCelebrityFeed(
            celebrity=app.profiles.get(celebrity.id),
            authors=stored_users(app, authors),
            posts=stored_posts(app, posts),
            reader=app.profiles.get(reader.id),
            feed=read_all(app.feeds.read, reader.id, page_size=_PAGE_SIZE),
        )

    def _posts(self, author: User) -> list[Post]:
        return PostFactory.create_batch(self.posts_each, author=author, at=ago(A_DAY / 24, SETTLED))
