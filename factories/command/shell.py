"""The shell: Python with factories, app, scenarios and audit at hand. `cli.py` reads its options."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import factories
from factories.scenarios import find_scenario, run_scenario, scenario, scenarios
from factories.suite import suite
from factories.texts.locales import using
from seedbed.command.completion import sign
from seedbed.command.shell import run_or_ask
from seedbed.command.workbench import looking
from seedbed.strategy.binding import find_binding
from services import entities

_FACTORIES = (
    "UserFactory",
    "PostFactory",
    "LikeFactory",
    "CommentFactory",
    "FollowFactory",
    "FeedItemFactory",
)
_ENTITIES = ("User", "Post", "Like", "Comment", "Follow", "FeedItem", "FeedEntry", "Page")
_TOOLS = ("Range", "recycle", "using", "reset_sequences")


def namespace(app: Any) -> dict[str, Any]:
    """Return what the shell knows by name."""
    for name in _FACTORIES:
        sign(getattr(factories, name))
    return {
        "app": app,
        **{name: getattr(factories, name) for name in (*_FACTORIES, *_TOOLS)},
        **{name: getattr(entities, name) for name in _ENTITIES},
        "scenario": scenario,
        "scenarios": scenarios,
        "find_scenario": find_scenario,
        "run_scenario": functools.partial(run_scenario, app=app),
        "audit": app.audit,
        **looking(suite, app),
        "refresh": functools.partial(refresh, app),
        "datetime": datetime,
        "timedelta": timedelta,
        "UTC": UTC,
    }


def refresh(app: Any, entity: Any) -> Any:
    """Return an entity as it is stored now.

    Raises:
        GoneError: It is not there any more.
        ServiceError: The table cannot be used.

    Cost: 1 row.
    """
    with app.unit_of_work() as unit:
        return unit.stored(entity)


def open_shell(
    app: Any, *, command: str | None = None, seed: int | str | None = None, people: Sequence[str] = ()
) -> int:
    """Run `command`, or what is piped in; else ask for Python line by line. Return the exit code.

    The binding of `app` in force is used. Without one, objects are drawn from `seed`, or from a new random
    one, so that nothing clashes with what an earlier shell made in the same table. The banner names `people`.
    """
    binding = find_binding()
    is_bound = binding.app is app
    chosen = secrets.token_hex(4) if seed is None else seed
    with using(binding if is_bound else app, seed=chosen) as bound:
        return run_or_ask(namespace(app), _banner(app, bound.seed, people), command)


def _banner(app: Any, seed: int | str, people: Sequence[str]) -> str:
    return "\n".join(
        (
            f"Seedbed on {app.place}, seed {seed!r}. At hand:",
            f"  {', '.join(_FACTORIES)}",
            "  app, recycle, Range, using, audit(), scenarios(), run_scenario(name), and the entities",
            "  first(User), find(User, handle=...), refresh(entity)",
            *([f"  look at {', '.join(people)}: app.profiles.find_by_handle(handle)"] if people else []),
            "",
        )
    )
