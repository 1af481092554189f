"""Databases beside those of the settings, for what is thrown away: made once in a process, and as good as empty."""

from __future__ import annotations

import atexit
import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import wraps
from typing import Any, TypeVar, overload

from django.conf import settings
from django.db import connections, transaction

from seedbed.context import Scope
from seedbed.django.unit import atomic
from seedbed.strategy.signatures import signature_of

App = TypeVar("App")
_TESTS: Scope[None] = Scope("django_tests")


@overload
def scratch(
    opens: Callable[..., Iterator[App] | AbstractContextManager[App]],
) -> Callable[..., AbstractContextManager[App]]: ...
@overload
def scratch(opens: Callable[..., App]) -> Callable[..., AbstractContextManager[App]]: ...
def scratch(opens: Callable[..., Any]) -> Callable[..., AbstractContextManager[Any]]:
    """Return what opens a world that is thrown away, for `Suite(scratch=...)`: `scratch=scratch(open_clinic)`.

    For the block, Django's connections lead to databases of their own, made by the migrations as the test runner makes
    them (of SQLite in memory, else `seedbed_` before the name of each); those of the settings are not touched. What the
    block writes is rolled back at its end, and the databases go when the process ends. Under pytest-django, fixtures
    stand in the test's own databases, which are thrown away as it is.

    Args:
        opens: What opens the app on Django's connections, in any of the plain ways of `Suite(open=...)`; it is handed
            what that is.

    Cost: all migrations, the first time.
    """

    @contextmanager
    @wraps(opens)  # which says what it takes
    def open_scratch(**offered: Any) -> Iterator[Any]:
        with ExitStack() as stack:
            if _TESTS.find() is None:
                stack.enter_context(_exchange(_wrappers()))
                stack.enter_context(undone())
            yield _enter(opens(**offered), stack)

    return open_scratch


def _enter(found: Any, stack: ExitStack) -> Any:
    """Return the app of what was opened, and let the stack close it."""
    if inspect.isgenerator(found):  # a function with a yield, as contextmanager would make it
        return stack.enter_context(contextmanager(lambda: found)())
    if hasattr(found, "__enter__"):
        return stack.enter_context(found)
    close = getattr(found, "close", None)
    if callable(close):
        stack.callback(close)
    return found


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
    serialize = signature_of(create).parameters.get("serialize")
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
def undone_in_test() -> Iterator[None]:
    """Roll back what the block writes, where a test holds a transaction open; else it is the test runner's to do.

    Raises:
        IntegrityError: A deferred constraint does not hold at the end: the test runner cannot find it.
    """
    aliases = [alias for alias in connections if connections[alias].in_atomic_block]
    with atomic(aliases):
        try:
            yield
            for alias in aliases:
                if not connections[alias].needs_rollback:
                    connections[alias].check_constraints()
        finally:
            for alias in aliases:
                transaction.set_rollback(True, using=alias)


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what the block writes, at its end."""
    aliases = [alias for alias in connections if connections[alias].features.supports_transactions]
    with atomic(aliases):
        try:
            yield
        finally:
            for alias in aliases:
                transaction.set_rollback(True, using=alias)
