"""CommentFactory."""

from __future__ import annotations

from typing import ClassVar

import factory

from factories.rhythm import REPLIED_WITHIN, within
from factories.social import SocialFactory
from factories.texts import voices
from factories.texts.voices import Voice
from seedbed.strategy.related import Many
from seedbed.strategy.roles import One
from services.entities import Comment


class CommentFactory(SocialFactory[Comment]):
    """A comment, or with `parent=` a reply: `CommentFactory(parent=comment, content="So true")`."""

    class Meta:
        model = Comment
        service = "comments.create_comment"
        echoes: ClassVar = {"post_id": ["post.id", "parent.post_id"], "parent_comment_id": ["parent.id"]}
        requires: ClassVar = {"parent_comment_id": ["parent", "post", "post_id"]}

    class Params:
        parent = None
        post = factory.Maybe("parent", None, One("factories.posts.PostFactory"))
        user = One("factories.users.UserFactory")

    user_id = factory.SelfAttribute("user.id")
    post_id = factory.LazyAttribute(lambda reply: reply.parent.post_id if reply.parent else reply.post.id)
    parent_comment_id = factory.SelfAttribute("parent.id", default=None)
    content = Voice(voices.comment)

    replies = Many(
        "factories.comments.CommentFactory", "parent", actor="user", texts=("content",), when=within(REPLIED_WITHIN)
    )
