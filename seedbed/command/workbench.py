"""The shell of any suite: what is at hand in it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import seedbed
from seedbed.command.completion import sign
from seedbed.command.console import Console
from seedbed.command.running import Order, make, parts_of, work_in
from seedbed.command.shell import run_or_ask
from seedbed.suite import Suite
from seedbed.suite.looking import find, first, refresh

_TOOLS = ("Range", "recycle", "using", "reset_sequences")


def shell(suite: Suite, order: Order, command: str | None, *, is_seeded: bool) -> int:
    """Open a shell on the app, with what is ordered made first; return its exit code.

    Without a seed every shell draws anew, so that what it makes does not meet what an earlier one made.

    Raises:
        SuiteError: The app does not open.
        FailedRunError: What was ordered could not be made.
    """
    seed = f"shell/{order.seed if is_seeded else secrets.token_hex(8)}"
    parts = parts_of(suite, order)[1] if order.scenarios or order.preset else ()

    def work(app: Any) -> int:
        with suite.using(app, seed=seed):
            if parts:
                with Console(is_quiet=command is not None) as console:
                    make(suite, app, order, console)
            known = namespace(suite, app)
            return run_or_ask(known, _banner(suite, known), command)

    return work_in(suite, order, work, parts)


def namespace(suite: Suite, app: Any) -> dict[str, Any]:
    """Return what the shell knows by name: factories and their models, the app, and what looks at it."""
    registry, factories = suite.registry(), suite.factory_classes()
    for factory in factories:
        sign(factory)
    models = {model.__name__: model for model in map(_model, factories) if isinstance(model, type)}
    return {
        **models,
        **{name: getattr(seedbed, name) for name in _TOOLS},
        "UTC": UTC,
        "datetime": datetime,
        "timedelta": timedelta,
        "scenario": registry.register,
        "scenarios": registry.describe,
        "run_scenario": partial(registry.run, app=app),
        "audit": partial(suite.audit, app),
        **looking(suite, app),
        **{factory.__name__: factory for factory in factories},
        "suite": suite,
        "app": app,
    }


def looking(suite: Suite, app: Any) -> dict[str, Callable[..., Any]]:
    """Return what looks at what is stored: `refresh(x)`, `first(User)`, `find(User, handle="ada")`."""
    return {
        "refresh": partial(refresh, suite, app),
        "first": partial(first, suite, app),
        "find": partial(find, suite, app),
    }


def _model(factory: Any) -> Any:
    return factory._meta.get_model_class()  # noqa: SLF001 - factory_boy's


def _banner(suite: Suite, known: dict[str, Any]) -> str:
    return "\n".join(
        (
            f"Seedbed on {suite.name}. At hand:",
            f"  {', '.join(name for name in known if name.endswith('Factory'))}",
            "  app, recycle, Range, using, audit(), scenarios(), run_scenario(name)",
            "  first(Model), find(Model, field=value), refresh(entity), and the models",
            "",
        )
    )
