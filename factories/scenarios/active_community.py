"""The scenario `active-community`."""

from __future__ import annotations

from typing import Any

import attrs

from factories.follows import FollowFactory
from factories.posts import PostFactory
from factories.recycling import recycle
from factories.scenarios.reading import stored_posts, stored_users
from factories.scenarios.registry import scenario
from factories.scenarios.sizes import at_least, is_range
from factories.scenarios.times import A_DAY, SETTLED, ago, joining_time, reactions
from factories.users import UserFactory
from seedbed.strategy.ranges import Range
from services.entities import Post, User


@attrs.frozen(kw_only=True)
class StoredCommunity:
    """What `active-community` made: users in the order of creation, posts author by author. All as stored."""

    users: tuple[User, ...]
    posts: tuple[Post, ...]

    @property
    def follows_count(self) -> int:
        """How many follows there are."""
        return sum(user.following_count for user in self.users)

    @property
    def likes_count(self) -> int:
        """How many likes the posts have."""
        return sum(post.likes_count for post in self.posts)

    @property
    def comments_count(self) -> int:
        """How many comments the posts have."""
        return sum(post.comments_count for post in self.posts)


@scenario("active-community")
@attrs.frozen(kw_only=True)
class ActiveCommunity:
    """A small community in which everyone follows everyone, and every post is liked and talked about.

    Likers and commenters are other members than the author. Nobody likes a post twice: where `likes` asks for
    more than there are others, all of them like it.
    """

    users: int = attrs.field(default=10, validator=at_least(2))
    posts_each: int = attrs.field(default=5, validator=at_least(0))
    likes: Range = attrs.field(default=Range(5, 15), validator=is_range)
    comments: Range = attrs.field(default=Range(1, 5), validator=is_range)

    def run(self, app: Any) -> StoredCommunity:
        """Make the community and return it as it is stored.

        Raises:
            FactoryError: Something was refused.
        """
        with app.unit_of_work():
            users = UserFactory.create_batch(self.users, at=joining_time())
            FollowFactory.create_graph(users, "complete", at=ago(SETTLED / 2, SETTLED))
            posts = [post for author in users for post in self._posts(author, users)]
        return StoredCommunity(users=stored_users(app, users), posts=stored_posts(app, posts))

    def _posts(self, author: User, users: list[User]) -> list[Post]:
        others = [user for user in users if user is not author]
        likes = Range(min(self.likes.min, len(others)), min(self.likes.max, len(others)))
        with recycle(others):
            return PostFactory.create_each(
                {
                    "author": author,
                    "at": ago(A_DAY, SETTLED / 2),
                    "likes": reactions(likes, "likes", author.id, ordinal),
                    "comments": reactions(self.comments, "comments", author.id, ordinal),
                }
                for ordinal in range(self.posts_each)
            )
