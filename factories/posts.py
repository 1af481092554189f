"""PostFactory."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import factory

from factories import voices
from factories.draws import Fake
from factories.hashtags import hashtags_in
from factories.many import Many
from factories.moments import Moment, now
from factories.ranges import Range
from factories.rhythm import COMMENTED_WITHIN, LIKED_WITHIN
from factories.roles import One
from factories.social import SocialFactory
from factories.traits import Trait
from factories.voices import Voice
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
        topic = None  # one of factories.topics.TOPICS; mostly the author's own unless given
        viral = Trait(likes=Range(100, 500), comments=Range(20, 50))
        trending = Trait(
            at=Moment(lambda random, _post: now() - _A_DAY * random.random()),
            likes=Range(50, 200),
            comments=Range(10, 30),
        )

    author_id = factory.SelfAttribute("author.id")
    caption = Voice(voices.caption)
    image_url = Fake("image_url")
    tags = factory.LazyAttribute(lambda post: hashtags_in(post.caption))
    is_public = True

    likes = Many("factories.likes.LikeFactory", "post", actor="user", within=LIKED_WITHIN)
    comments = Many(
        "factories.comments.CommentFactory", "post", actor="user", texts=("content",), within=COMMENTED_WITHIN
    )
