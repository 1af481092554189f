"""FeedItemFactory."""

from __future__ import annotations

from typing import Any, ClassVar

import factory

from factories.social import SocialFactory
from seedbed.strategy.roles import One
from services.entities import FeedItem, Post, User
from services.validation import Fields


def deliver(app: Any, *, reader_id: str, post_id: str, author_id: str | None, is_read: bool) -> FeedItem:
    """Let the reader follow the author, deliver the post, and mark it read where it is to be.

    Who wrote the post is looked up where that is not said: where only the post's id is known.

    Raises:
        ServiceError: What the services refuse.
        ValidationError: `is_read` is neither true nor false.
    """
    fields = Fields("the feed item")
    is_read = fields.flag("is_read", is_read)
    fields.check()
    if author_id is None:
        author_id = app.posts.get(post_id).author_id
    app.follows.follow_user(reader_id, author_id)
    item: FeedItem = app.feeds.deliver(reader_id, post_id, author_id)
    if is_read:
        item = app.feeds.mark_read(reader_id, post_id)
    return item


def _fits(post: Post | None, reader: User | None) -> bool:
    if post is None:
        return True
    return post.is_public and (reader is None or post.author_id != reader.id)


class FeedItemFactory(SocialFactory[FeedItem]):
    """A post in a reader's feed: `FeedItemFactory(reader=user, post=post, is_read=True)`."""

    class Meta:
        model = FeedItem
        service = deliver
        pairs = ("post", "reader")
        fits = _fits
        echoes: ClassVar = {"author_id": ["post.author_id"]}

    class Params:
        post = One("factories.posts.PostFactory")
        reader = One("factories.users.UserFactory")

    reader_id = factory.SelfAttribute("reader.id")
    post_id = factory.SelfAttribute("post.id")
    author_id = factory.SelfAttribute("post.author_id", default=None)
    is_read = False
