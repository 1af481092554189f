"""What this app keeps in its table, told to the library."""

from __future__ import annotations

from seedbed.dynamo.schema import Entity, Schema
from services.entities import Comment, FeedItem, Follow, Like, Post, User
from services.rows import items, keys

SCHEMA = Schema(
    version=1,  # of docs/table.md
    began="2026-11-25T00:00:00.000Z",
    kind_of=keys.entity_type,
    is_indexed=keys.is_indexed,
    notes=frozenset({"RUN", "RUN_USER", "RUN_SLICE"}),
    notes_in_rows=frozenset({items.MADE_BY}),
    entities={
        User: Entity("USER", items.user_of, lambda user: keys.user_key(user.id)),
        Post: Entity("POST", items.post_of, lambda post: keys.post_key(post.id)),
        Like: Entity("LIKE", items.like_of, lambda like: keys.like_key(like.post_id, like.user_id)),
        Comment: Entity("COMMENT", items.comment_of, lambda comment: keys.comment_key(comment.post_id, comment.id)),
        Follow: Entity(
            "FOLLOW", items.follow_of, lambda follow: keys.follow_key(follow.follower_id, follow.followee_id)
        ),
        FeedItem: Entity(
            "FEED_ITEM", items.feed_item_of, lambda item: keys.feed_key(item.reader_id, item.post_id), is_batched=True
        ),
    },
)
