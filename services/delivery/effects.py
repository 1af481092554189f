"""What production does after a write, as values: posts and follows cause them, the feed service carries them out."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from seedbed.dynamo.changes import Effect


@attrs.frozen
class PostPublished(Effect):
    """A public post is there, or became public. One that `was_public` may be in feeds already."""

    author_id: str
    post_id: str
    was_public: bool = False


@attrs.frozen
class PostHidden(Effect):
    """A post is no longer public, or is being deleted."""

    author_id: str
    post_id: str


@attrs.frozen
class Followed(Effect):
    """Somebody follows somebody, since `created_at`."""

    follower_id: str
    followee_id: str
    created_at: datetime

    @property
    def author_id(self) -> str:
        """Whose posts come into the feed, or leave it."""
        return self.followee_id


@attrs.frozen
class Unfollowed(Effect):
    """Somebody follows somebody no longer."""

    follower_id: str
    followee_id: str

    @property
    def author_id(self) -> str:
        """Whose posts come into the feed, or leave it."""
        return self.followee_id


@attrs.frozen
class Delivered(Effect):
    """A post was put into one reader's feed by a call of its own."""

    reader_id: str
    post_id: str
    author_id: str


FeedEffect: TypeAlias = PostPublished | PostHidden | Followed | Unfollowed | Delivered
"""What the feed service carries out."""
