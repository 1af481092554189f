"""What is drawn of a world before anything is made: when, how many, by whom. Each is a keyed draw of its own ordinal.

So a part of a world can be made without the rest: by the binding's seed, the preset and the clock, whoever made what
comes before it. Of users and posts that another process makes, what others need is known all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

import attrs

from factories.posts import PostFactory
from factories.presets import Preset
from factories.rhythm import awake
from factories.seeding.flash_mobs import FlashMobs
from factories.social import keyed_id
from factories.users import UserFactory
from seedbed.clock import to_milliseconds
from seedbed.strategy.randomness import KeyedRandom, fraction, key_of
from services import Post, User

WINDOW = timedelta(days=365)
"""All of a world happens within so long before the clock's now."""
SETTLED = timedelta(days=7)
"""Everybody joined at least so long before the clock's now."""
FRESH = timedelta(hours=1)
"""The latest post is so long before the clock's now."""
ALIKE = 0.7
"""In this share of the posts the number of comments goes by that of the likes."""


class Published(NamedTuple):
    """A post, and its author's place among the users."""

    post: Post
    author: int


def random_of(*path: object) -> KeyedRandom:
    """Return the random source of a path, under the seed that is bound."""
    return KeyedRandom(key_of("seeder", *path))


@attrs.frozen(slots=False)
class Draws:
    """The draws of one world. People are numbered through: the preset's users, then the influencers' audience."""

    preset: Preset
    now: datetime

    # People

    def joining_time(self, place: int) -> datetime:
        """Draw when somebody joined."""
        users = self.preset.users
        path = ("user", place) if place < users else ("audience", place - users)
        return awake(self.now - WINDOW, self.now - SETTLED, fraction(key_of("seeder", "joined", *path)))

    def draw_verified(self) -> frozenset[int]:
        """Draw whose address is verified, of the users."""
        users = self.preset.users
        return frozenset(random_of("verified").sample(range(users), round(self.preset.verified * users)))

    def person(self, place: int) -> User:
        """Return what is known of somebody whom another call makes: the id, and when they joined; all else is empty."""
        at = to_milliseconds(self.joining_time(place))
        user_id = keyed_id(UserFactory, place, at)
        return User(id=user_id, email="", username="", handle="", full_name="", created_at=at, updated_at=at)

    def room(self) -> list[int]:
        """Draw how many followers each influencer has."""
        followers = self.preset.influencer_followers
        return [followers.skewed(random_of("fans of", place).random()) for place in range(self.preset.influencers)]

    def meeting_time(self, ordinal: int, follower: User, followee: User) -> datetime:
        """Draw when somebody followed another."""
        after = max(follower.created_at, followee.created_at)
        return awake(after, self.now, fraction(key_of("seeder", "follow", ordinal)))

    # Posts, likes and comments

    def authors(self) -> list[int]:
        """Draw who writes each post, by their places: all posts of an author are neighbours."""
        posts = self.preset.posts_per_user
        return [place for place in range(self.preset.users) for _ in range(posts.random(random_of("posts", place)))]

    def mobs(self) -> FlashMobs:
        """Draw the flash mobs."""
        return FlashMobs(self.now - WINDOW, self.now - FRESH)

    def post(self, ordinal: int, author: User, mobs: FlashMobs) -> Post:
        """Return what is known of a post that another call makes: the id, when it was made and by whom."""
        at = to_milliseconds(mobs.post(author, random_of("post", ordinal))[0])
        return Post(id=keyed_id(PostFactory, ordinal, at), author_id=author.id, created_at=at, updated_at=at)

    def fame(self, ordinal: int, author: int) -> float:
        """Draw how much a post is noticed, from 0 to 1: likes and comments go by it, and influencers have more."""
        part, other = (fraction(key_of("seeder", "fame", ordinal, draw)) for draw in range(2))
        return max(part, other) if author < self.preset.influencers else part

    def likes(self, ordinal: int, author: int) -> int:
        """Draw how many like a post."""
        return min(self.preset.likes_per_post.skewed(self.fame(ordinal, author)), self.preset.users)

    def comments(self, ordinal: int, author: int, random: KeyedRandom) -> int:
        """Draw how many comments a post has, from its own source, `random_of("comments", ordinal)`."""
        fame = self.fame(ordinal, author) if random.random() < ALIKE else random.random()
        return self.preset.comments_per_post.skewed(fame)

    def comments_before(self, authors: list[int]) -> list[int]:
        """Tell how many comments the posts before each have, and all of them at the end."""
        counts = (
            self.comments(ordinal, author, random_of("comments", ordinal)) for ordinal, author in enumerate(authors)
        )
        return list(accumulate(counts, initial=0))
