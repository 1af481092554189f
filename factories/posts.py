"""PostFactory."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import factory

from factories.rhythm import COMMENTED_WITHIN, LIKED_WITHIN, within
from factories.social import SocialFactory
from factories.texts import voices
from factories.texts.hashtags import hashtags_in
from factories.texts.voices import Picture, Voice
from seedbed.strategy.moments import Moment, now
from seedbed.strategy.ranges import Range
from seedbed.strategy.related import Many
from seedbed.strategy.roles import One
from seedbed.strategy.traits import Trait
from services.entities import Post

_A_DAY = timedelta(days=1)


class PostFactory(SocialFactory[Post]):
    """A post: `PostFactory(author=user, likes=5, comments=["Nice!"])`."""

    class Meta:
        model = Post
        service = "posts.create_post"
        serves: ClassVar = {"topic": "caption"}

    class Params:
        author = One("factories.users.UserFactory")
        topic = None  # one of factories.texts.topics.TOPICS; mostly the author's own unless given
        viral = Trait(likes=Range(100, 500), comments=Range(20, 50))
        trending = Trait(
            at=Moment(lambda random, _post: now() - _A_DAY * random.random()),
            likes=Range(50, 200),
            comments=Range(10, 30),
        )

    author_id = factory.SelfAttribute("author.id")
    caption = Voice(voices.caption)
    image_url = Picture("image_url")
    tags = factory.LazyAttribute(lambda post: hashtags_in(post.caption))
    is_public = True

    likes = Many("factories.likes.LikeFactory", "post", actor="user", when=within(LIKED_WITHIN))
    comments = Many(
        "factories.comments.CommentFactory", "post", actor="user", texts=("content",), when=within(COMMENTED_WITHIN)
    )
