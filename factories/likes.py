"""LikeFactory."""

from __future__ import annotations

import factory

from factories.social import SocialFactory
from seedbed.strategy.roles import One
from services.entities import Like


class LikeFactory(SocialFactory[Like]):
    """A like of a post by a user: `LikeFactory(user=user, post=post)`."""

    class Meta:
        model = Like
        service = "likes.like_post"
        pairs = ("post", "user")

    class Params:
        post = One("factories.posts.PostFactory")
        user = One("factories.users.UserFactory")

    user_id = factory.SelfAttribute("user.id")
    post_id = factory.SelfAttribute("post.id")
