"""Databases beside those of the settings, for what is thrown away: made once in a process, and as good as empty."""

from __future__ import annotations

import atexit
import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from seedbed.context import Scope
from seedbed.django.unit import atomic

_TESTS: Scope[None] = Scope("django_tests")


def scratch(opens: Callable[[], Any]) -> Callable[[], AbstractContextManager[Any]]:
    """Return what opens a world that is thrown away, for `Suite(scratch=...)`: `scratch=scratch(open_clinic)`.

    For the block, Django's connections lead to databases of their own, made by the migrations as the test runner makes
    them (of SQLite in memory, else `seedbed_` before the name of each); those of the settings are not touched. What the
    block writes is rolled back at its end, and the databases go when the process ends. Under pytest-django, fixtures
    stand in the test's own databases, which are thrown away as it is.

    Args:
        opens: What opens the app on Django's connections: a function that returns it, or a context manager of it.

    Cost: all migrations, the first time.
    """

    @contextmanager
    def open_scratch() -> Iterator[Any]:
        with ExitStack() as stack:
            if _TESTS.find() is None:
                stack.enter_context(_exchange(_wrappers()))
                stack.enter_context(_undone())
            app = opens()
            yield stack.enter_context(app) if hasattr(app, "__enter__") else app

    return open_scratch


@contextmanager
def in_test_databases() -> Iterator[None]:
    """Let what `scratch` opens in the block stand where Django's connections lead: the test runner throws it away."""
    block = _TESTS.open(None)
    try:
        yield
    finally:
        _TESTS.close(block)


_MADE: dict[str, Any] = {}
"""The connections by alias: databases belong to the process, and so do these."""


def _wrappers() -> dict[str, Any]:
    if not _MADE:
        found = {alias: connections.create_connection(alias) for alias in connections}
        for wrapper in found.values():
            wrapper.settings_dict = copy.deepcopy(wrapper.settings_dict)  # the connection of the settings keeps its own
        mirrors = {alias: one for alias, one in found.items() if one.settings_dict["TEST"]["MIRROR"]}
        with _exchange(found):
            for alias in found.keys() - mirrors.keys():
                _create(found[alias])
            for wrapper in mirrors.values():
                wrapper.creation.set_as_test_mirror(found[wrapper.settings_dict["TEST"]["MIRROR"]].settings_dict)
        _MADE.update(found)
    return _MADE


def _create(wrapper: Any) -> None:
    """Make the database that a connection leads to from then on; let it go when the process ends."""
    test, name = wrapper.settings_dict["TEST"], wrapper.settings_dict["NAME"]
    in_memory = f"file:seedbed_{wrapper.alias}?mode=memory&cache=shared"
    test["NAME"] = in_memory if wrapper.vendor == "sqlite" else f"seedbed_{name}"
    create = wrapper.creation.create_test_db
    serialize = inspect.signature(create).parameters.get("serialize")
    options = {"serialize": False} if serialize is not None and serialize.default is True else {}
    in_settings = settings.DATABASES[wrapper.alias]
    before = in_settings["NAME"]
    try:
        create(verbosity=0, autoclobber=True, **options)
    finally:
        in_settings["NAME"] = before
    if wrapper.vendor != "sqlite":
        atexit.register(wrapper.creation.destroy_test_db, name, verbosity=0)


@contextmanager
def _exchange(wrappers: dict[str, Any]) -> Iterator[None]:
    """Let Django use other connections for the block."""
    before = {alias: connections[alias] for alias in wrappers}
    for alias, wrapper in wrappers.items():
        connections[alias] = wrapper
    try:
        yield
    finally:
        for alias, wrapper in before.items():
            connections[alias] = wrapper


@contextmanager
def _undone() -> Iterator[None]:
    aliases = [alias for alias in connections if connections[alias].features.supports_transactions]
    with atomic(aliases):
        try:
            yield
        finally:
            for alias in aliases:
                transaction.set_rollback(True, using=alias)
