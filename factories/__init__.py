"""Factories of a social world, whose `create` goes through the services.

    from factories import UserFactory, PostFactory, using

    with using(app):
        post = PostFactory(likes=5, comments=["Nice!"])

Names are imported when they are first asked for, so that `import factories` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from factories.comments import CommentFactory
    from factories.errors import BuildFailureError, FactoryError, ValidationFailureError
    from factories.feed_items import FeedItemFactory
    from factories.follows import FollowFactory
    from factories.likes import LikeFactory
    from factories.posts import PostFactory
    from factories.recycling import recycle
    from factories.social import SocialFactory
    from factories.texts.fakes import Fake, SocialProvider, Unique
    from factories.texts.locales import using
    from factories.users import UserFactory
    from seedbed.strategy.base import ServiceFactory, after_create, before_create
    from seedbed.strategy.binding import current_app, reset_sequences
    from seedbed.strategy.randomness import Draw
    from seedbed.strategy.ranges import Range
    from seedbed.strategy.related import Many
    from seedbed.strategy.roles import One
    from seedbed.strategy.traits import Trait

__all__ = [
    "BuildFailureError",
    "CommentFactory",
    "Draw",
    "FactoryError",
    "Fake",
    "FeedItemFactory",
    "FollowFactory",
    "LikeFactory",
    "Many",
    "One",
    "PostFactory",
    "Range",
    "ServiceFactory",
    "SocialFactory",
    "SocialProvider",
    "Trait",
    "Unique",
    "UserFactory",
    "ValidationFailureError",
    "after_create",
    "before_create",
    "current_app",
    "recycle",
    "reset_sequences",
    "using",
]

_HOMES = {
    "seedbed.strategy.base": ("ServiceFactory", "after_create", "before_create"),
    "seedbed.strategy.binding": ("current_app", "reset_sequences"),
    "factories.texts.locales": ("using",),
    "factories.comments": ("CommentFactory",),
    "seedbed.strategy.randomness": ("Draw",),
    "factories.errors": ("BuildFailureError", "FactoryError", "ValidationFailureError"),
    "factories.texts.fakes": ("Fake", "SocialProvider", "Unique"),
    "factories.feed_items": ("FeedItemFactory",),
    "factories.follows": ("FollowFactory",),
    "factories.likes": ("LikeFactory",),
    "seedbed.strategy.related": ("Many",),
    "factories.recycling": ("recycle",),
    "factories.posts": ("PostFactory",),
    "seedbed.strategy.ranges": ("Range",),
    "seedbed.strategy.roles": ("One",),
    "factories.social": ("SocialFactory",),
    "seedbed.strategy.traits": ("Trait",),
    "factories.users": ("UserFactory",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for.

    Raises:
        AttributeError: There is no such name.
    """
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    message = f"module 'factories' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
