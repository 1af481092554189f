"""How many rows of each kind a world has, and how large they are: estimated by a preset's means, and those of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from factories.presets import FAN_OUT_LIMIT, Preset
from seedbed.strategy.ranges import Range

ROW_BYTES: Final[Mapping[str, int]] = {
    "USER": 482,
    "CLAIM": 132,
    "RUN_USER": 167,
    "POST": 434,
    "AUTHORED": 182,
    "LIKE": 340,
    "COMMENT": 430,
    "FOLLOW": 233,
    "FOLLOWER": 237,
    "FEED_ITEM": 298,
}
"""As DynamoDB measures a row; the mean of `realistic`, seed 7."""
JSON_BYTES: Final[Mapping[str, int]] = {
    "USER": 699,
    "CLAIM": 203,
    "RUN_USER": 238,
    "POST": 626,
    "AUTHORED": 253,
    "LIKE": 447,
    "COMMENT": 586,
    "FOLLOW": 316,
    "FOLLOWER": 320,
    "FEED_ITEM": 425,
}
"""As a line of DynamoDB JSON; the same mean."""
_OTHER_BYTES: Final = 300


@attrs.frozen
class Sizes:
    """Rows by their kind, and the most that stands under one post, or follows one user."""

    rows: Mapping[str, int]
    likes_most: int = 0
    followers_most: int = 0

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())

    @property
    def table_bytes(self) -> int:
        """About what they take in DynamoDB, without the index."""
        return sum(count * ROW_BYTES.get(kind, _OTHER_BYTES) for kind, count in self.rows.items())

    @property
    def json_bytes(self) -> int:
        """About what they take as DynamoDB JSON, without compression."""
        return sum(count * JSON_BYTES.get(kind, _OTHER_BYTES) for kind, count in self.rows.items())

    def count(self, kind: str) -> int:
        """Return how many rows of a kind there are."""
        return self.rows.get(kind, 0)


def sizes_of(preset: Preset) -> Sizes:
    """Estimate a preset's rows, without making any."""
    fans = _typical(preset.influencer_followers) if preset.influencers else 0.0
    audience = preset.influencer_followers.max if preset.influencers > 1 else fans
    users = preset.users + audience
    posts = preset.users * (preset.posts_per_user.min + preset.posts_per_user.max) / 2
    likes, comments = (posts * _typical(span) for span in (preset.likes_per_post, preset.comments_per_post))
    follows = preset.users * preset.follows_per_user + preset.influencers * fans
    counts = {
        "USER": users,
        "CLAIM": 3 * users,
        "RUN_USER": users,
        "POST": posts,
        "AUTHORED": posts,
        "LIKE": likes,
        "COMMENT": comments,
        "FOLLOW": follows,
        "FOLLOWER": follows,
        "FEED_ITEM": posts * _readers(preset, fans),
    }
    most = preset.influencer_followers.max if preset.influencers else preset.follows_per_user
    rows = {kind: round(count) for kind, count in counts.items()}
    return Sizes(rows, min(preset.likes_per_post.max, preset.users), most)


def _readers(preset: Preset, fans: float) -> float:
    """Return into how many feeds a post goes, on average: not those of authors who are merged on read."""
    share = preset.influencers / preset.users
    pushed = (1 - share) * preset.follows_per_user
    return pushed + share * (preset.follows_per_user + fans) * (fans + preset.follows_per_user <= FAN_OUT_LIMIT)


def _typical(span: Range) -> float:
    """Return the mean of `Range.skewed`."""
    return span.min + (span.max - span.min) / 4
