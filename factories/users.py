"""UserFactory."""

from __future__ import annotations

import factory

from factories.rhythm import while_awake
from factories.social import SocialFactory
from factories.texts import voices
from factories.texts.fakes import Fake
from factories.texts.voices import Foreseen, Voice
from seedbed.strategy.randomness import Draw
from seedbed.strategy.related import Many
from seedbed.strategy.traits import Trait
from services.entities import User


class UserFactory(SocialFactory[User]):
    """Somebody who signed up: `UserFactory(verified=True, followers=30, posts=Range(1, 3))`."""

    class Meta:
        model = User
        service = "profiles.create_profile"

    class Params:
        person = Foreseen()
        influencer = Trait(followers=1_001)
        new_user = Trait(bio=None, profile_picture_url=None, email_verified=False, followers=0, following=0, posts=0)
        verified = Trait(email_verified=True)

    full_name = Voice(voices.full_name)
    username = Voice(voices.username)
    handle = factory.SelfAttribute("username")
    email = Voice(voices.email)
    bio = Voice(voices.bio)
    profile_picture_url = Fake("portrait_url")
    email_verified = Draw(lambda random, _user: random.random() < 0.2)  # noqa: PLR2004 - one in five

    followers = Many("factories.follows.FollowFactory", "followee", actor="follower", when=while_awake)
    following = Many("factories.follows.FollowFactory", "follower", actor="followee", when=while_awake)
    posts = Many(
        "factories.posts.PostFactory", "author", texts=("caption", "image_url", "tags", "is_public"), when=while_awake
    )
