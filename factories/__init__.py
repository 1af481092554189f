"""Factories of a social world, whose `create` goes through the services.

    from factories import UserFactory, PostFactory, using

    with using(app):
        post = PostFactory(likes=5, comments=["Nice!"])

Names are imported when they are first asked for, so that `import factories` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.fronts import Front

if TYPE_CHECKING:
    from factories.comments import CommentFactory as CommentFactory
    from factories.errors import BuildFailureError as BuildFailureError
    from factories.errors import FactoryError as FactoryError
    from factories.errors import ValidationFailureError as ValidationFailureError
    from factories.feed_items import FeedItemFactory as FeedItemFactory
    from factories.follows import FollowFactory as FollowFactory
    from factories.likes import LikeFactory as LikeFactory
    from factories.posts import PostFactory as PostFactory
    from factories.recycling import recycle as recycle
    from factories.social import SocialFactory as SocialFactory
    from factories.texts.fakes import Fake as Fake
    from factories.texts.fakes import SocialProvider as SocialProvider
    from factories.texts.fakes import Unique as Unique
    from factories.texts.locales import using as using
    from factories.users import UserFactory as UserFactory
    from seedbed.strategy.base import ServiceFactory as ServiceFactory
    from seedbed.strategy.base import after_create as after_create
    from seedbed.strategy.base import before_create as before_create
    from seedbed.strategy.binding import current_app as current_app
    from seedbed.strategy.binding import reset_sequences as reset_sequences
    from seedbed.strategy.randomness import Draw as Draw
    from seedbed.strategy.ranges import Range as Range
    from seedbed.strategy.related import Many as Many
    from seedbed.strategy.roles import One as One
    from seedbed.strategy.traits import Trait as Trait

_FRONT = Front(
    __name__,
    {
        "factories.comments": ("CommentFactory",),
        "factories.errors": ("BuildFailureError", "FactoryError", "ValidationFailureError"),
        "factories.feed_items": ("FeedItemFactory",),
        "factories.follows": ("FollowFactory",),
        "factories.likes": ("LikeFactory",),
        "factories.posts": ("PostFactory",),
        "factories.recycling": ("recycle",),
        "factories.social": ("SocialFactory",),
        "factories.texts.fakes": ("Fake", "SocialProvider", "Unique"),
        "factories.texts.locales": ("using",),
        "factories.users": ("UserFactory",),
        "seedbed.strategy.base": ("ServiceFactory", "after_create", "before_create"),
        "seedbed.strategy.binding": ("current_app", "reset_sequences"),
        "seedbed.strategy.randomness": ("Draw",),
        "seedbed.strategy.ranges": ("Range",),
        "seedbed.strategy.related": ("Many",),
        "seedbed.strategy.roles": ("One",),
        "seedbed.strategy.traits": ("Trait",),
    },
)
if not TYPE_CHECKING:  # to a checker a module that has `__getattr__` has any name
    __all__ = _FRONT.names  # noqa: PLE0605 - the imports above tell type checkers
    __getattr__, __dir__ = _FRONT.get, _FRONT.list
