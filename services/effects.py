"""What production does after a write, as values: posts and follows cause them, the feed service carries them out."""

from __future__ import annotations

from datetime import datetime

import attrs

from services.changes import Effect


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


@attrs.frozen
class Unfollowed(Effect):
    """Somebody follows somebody no longer."""

    follower_id: str
    followee_id: str
