"""`recycle` for this suite, which knows all of its factories, also those that nobody has asked for yet."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

from seedbed.strategy import recycling
from seedbed.strategy.pool import Pool

_FACTORIES = ("users", "posts", "likes", "comments", "follows", "feed_items")


def recycle(*things: Any) -> AbstractContextManager[Pool]:
    """Let nested factories take from these objects for the block, as `seedbed.recycle` does.

    Raises:
        EmptyPoolError: There are none.
        InvalidPoolError: One of them is no stored object.
        UnusedPoolError: No factory takes objects of such a type.
    """
    for name in _FACTORIES:
        import_module(f"factories.{name}")
    return recycling.recycle(*things)
