"""What the app is about, as immutable values: users, posts, likes, comments, follows, feed items, and pages of them.

No rule and no storage lives here.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import attrs

from seedbed.dynamo.pages import Page

__all__ = ["Comment", "FeedEntry", "FeedItem", "Follow", "Like", "Page", "Post", "Recount", "Run", "User"]


T = TypeVar("T")


@attrs.frozen(kw_only=True)
class User:
    """A profile. The three counts equal the number of rows that they count."""

    id: str
    email: str
    username: str
    handle: str
    full_name: str
    bio: str | None = None
    profile_picture_url: str | None = None
    email_verified: bool = False
    posts_count: int = 0
    followers_count: int = 0
    following_count: int = 0
    created_at: datetime
    updated_at: datetime


@attrs.frozen(kw_only=True)
class Post:
    """A post of one author."""

    id: str
    author_id: str
    caption: str = ""
    image_url: str | None = None
    tags: tuple[str, ...] = ()
    is_public: bool = True
    likes_count: int = 0
    comments_count: int = 0
    created_at: datetime
    updated_at: datetime


@attrs.frozen(kw_only=True)
class Like:
    """One user's like of one post."""

    user_id: str
    post_id: str
    created_at: datetime


@attrs.frozen(kw_only=True)
class Comment:
    """A comment on a post, or a reply to a comment of the same post."""

    id: str
    post_id: str
    user_id: str
    content: str
    parent_comment_id: str | None = None
    replies_count: int = 0
    created_at: datetime


@attrs.frozen(kw_only=True)
class Follow:
    """The follower reads what the followee posts."""

    follower_id: str
    followee_id: str
    created_at: datetime


@attrs.frozen(kw_only=True)
class FeedItem:
    """A post delivered to one reader's feed. `expires_at` is in whole seconds since 1970 (UTC)."""

    reader_id: str
    post_id: str
    author_id: str
    created_at: datetime
    is_read: bool = False
    expires_at: int


@attrs.frozen(kw_only=True)
class FeedEntry:
    """A post as it stands in one reader's feed."""

    reader_id: str
    post: Post
    is_read: bool

    @property
    def post_id(self) -> str:
        """The post's id."""
        return self.post.id

    @property
    def author_id(self) -> str:
        """Who wrote the post."""
        return self.post.author_id

    @property
    def created_at(self) -> datetime:
        """When the post was made."""
        return self.post.created_at


@attrs.frozen(kw_only=True)
class Recount:
    """A counter as it is stored, and the number of rows that it counts; None where there are more than were counted.

    Attributes:
        stored: None where the counter is missing, or is no whole number.
        lost: Of a list, the entries whose row is gone; they are not among `rows`.
    """

    name: str
    stored: int | None
    rows: int | None
    lost: int = 0

    @property
    def is_exact(self) -> bool:
        """Tell whether the counter is what its rows say."""
        return self.stored == self.rows and not self.lost

    @property
    def is_of_lost(self) -> bool:
        """Tell whether the counter may be right, and rows that it counts are lost."""
        return self.rows is not None and self.lost > 0 and self.stored in {self.rows, self.rows + self.lost}


DONE, RESETTING = "done", "resetting"
"""Phases that every run may have, beside its own."""


@attrs.frozen(kw_only=True)
class Run:
    """A seeding run: what it makes (a preset or a scenario), by which code, and what it is making now.

    Attributes:
        name: What all of it is drawn from: the seed, what is made, the as-of date and so on, with `/` between them.
            No two runs of a table have the same.
        locale: In which language its people write; None: in the usual one.
        as_of: Everything happens before this; it is the row's created_at too, so that the row is everybody's.
        code_version: Of the program that began it.
        worlds: What that program makes of a seed, in short: programs that say the same make the same.
        shards: Of how many processes each makes its part and knows the others by the table alone; None: of none.
        phase: What it is making; "done" when all is made, "resetting" when it is being taken away.
        report: What its program said of it, as JSON, where it could not say so to anybody.
    """

    name: str
    seed: str
    preset: str | None = None
    scenario: str | None = None
    locale: str | None = None
    as_of: datetime
    code_version: str
    worlds: str
    phase: str
    shards: int | None = None
    report: str | None = None

    @property
    def title(self) -> str:
        """What it makes, for people."""
        locale = f", {self.locale}" if self.locale else ""
        return f"{self.preset or self.scenario}, seed {self.seed}, as of {self.as_of_text}{locale}"

    @property
    def as_of_text(self) -> str:
        """The as-of date, with the time only where it is not midnight."""
        return self.as_of.isoformat().replace("+00:00", "Z").removesuffix("T00:00:00Z")

    @property
    def is_done(self) -> bool:
        """Tell whether all of it is in the table."""
        return self.phase == DONE

    @property
    def is_resetting(self) -> bool:
        """Tell whether it is being taken away."""
        return self.phase == RESETTING
