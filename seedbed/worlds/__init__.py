"""Worlds for tests: each is made once, for all tests and workers, and whoever asks gets a copy of their own.

A recipe says what a world is made of; a store keeps made ones in folders; a suite says how its app is written into a
folder (`Suite(keep=...)`) and opened on one (its `open` takes `world`). docs/worlds.md tells how tests ask for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from seedbed.worlds.keeping import WorldStore
from seedbed.worlds.recipe import Recipe
from seedbed.worlds.records import World, write_records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from seedbed.suite import Suite

__all__ = ["Recipe", "World", "WorldStore", "open_world"]


@contextmanager
def open_world(suite: Suite, recipe: Recipe, store: WorldStore, **offered: Any) -> Iterator[World]:
    """Open a copy of a world, made now where the store has none, and bind the factories to it, for the block.

    What the copy makes is drawn apart from what the world was made of. *offered* is handed to the suite's `open` where
    it takes it by name: a `clock`, a `seed`.

    Raises:
        MissingPartError: The suite does not say how a world is kept, or has nothing of the recipe's name.
        WorldError: A value or a record cannot be kept.
        SuiteOpenError: The app does not open.

    Cost: as much as making the world, the first time; then opening the app on a copy.
    """
    suite.check_keep()
    key = recipe.key(suite)
    folder = store.find(key, lambda draft: _make(suite, recipe, draft))
    seed = f"{recipe.seed}/world/{key}"
    with (
        suite.scratch_app(**{**offered, "seed": seed, "world": folder}) as app,
        suite.using(app, seed=seed, locale=recipe.locale),
    ):
        yield World(suite, app, folder)


def _make(suite: Suite, recipe: Recipe, folder: Path) -> None:
    clock: Callable[[], Any] = recipe.clock()
    with (
        suite.scratch_app(clock=clock, seed=recipe.seed) as app,
        suite.using(app, seed=recipe.seed, locale=recipe.locale),
    ):
        records = recipe.make_in(suite, app)
        write_records(suite, app, records, folder)
        suite.keep_world(app, folder)
