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
    from factories.fakes import SocialProvider
    from factories.feed_items import FeedItemFactory
    from factories.follows import FollowFactory
    from factories.likes import LikeFactory
    from factories.posts import PostFactory
    from factories.social import SocialFactory
    from factories.users import UserFactory
    from seedbed.strategy.base import ServiceFactory, after_create, before_create
    from seedbed.strategy.binding import current_app, reset_sequences, using
    from seedbed.strategy.randomness import Draw, Fake, Unique
    from seedbed.strategy.ranges import Range
    from seedbed.strategy.recycling import recycle
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
    "base": ("ServiceFactory", "after_create", "before_create"),
    "binding": ("current_app", "reset_sequences", "using"),
    "comments": ("CommentFactory",),
    "draws": ("Draw", "Fake", "Unique"),
    "errors": ("BuildFailureError", "FactoryError", "ValidationFailureError"),
    "fakes": ("SocialProvider",),
    "feed_items": ("FeedItemFactory",),
    "follows": ("FollowFactory",),
    "likes": ("LikeFactory",),
    "many": ("Many",),
    "recycling": ("recycle",),
    "posts": ("PostFactory",),
    "ranges": ("Range",),
    "roles": ("One",),
    "social": ("SocialFactory",),
    "traits": ("Trait",),
    "users": ("UserFactory",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for.

    Raises:
        AttributeError: There is no such name.
    """
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"factories.{module}"), name)
    message = f"module 'factories' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
