"""The unit of work: an atomic block around the outermost factory call, and one around each service call in it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from seedbed.context import Scope
from seedbed.database_unit import DatabaseUnit
from seedbed.django.errors import AsyncCodeError, BrokenTransactionError, ConnectionLostError
from seedbed.django.reading import Reader

if TYPE_CHECKING:
    from django.db.models import Model

T = TypeVar("T")

_UNITS: Scope[Unit] = Scope("django_unit")
_ASKED = {"oracle", "postgresql"}
"""Databases that tell at once whether deferred constraints hold; elsewhere all rows would have to be read."""


def unit_of_work(*databases: str) -> Callable[[Any], AbstractContextManager[Unit]]:
    """Return what opens a unit of work over databases, by default over Django's default one.

    It is for `Meta.unit_of_work` or a suite, and looks at no app: Django's connections are the process's.
    """
    aliases = databases or (DEFAULT_DB_ALIAS,)

    def open_unit(_app: Any = None) -> AbstractContextManager[Unit]:
        return _open(aliases)

    return open_unit


class Unit(DatabaseUnit):
    """A unit of work over some of Django's databases."""

    def __init__(self, aliases: tuple[str, ...]) -> None:
        super().__init__(Reader())
        self._aliases = aliases

    @property
    def is_stopped(self) -> bool:
        """Whether it takes no more calls: a connection is gone."""
        return any(connections[alias].closed_in_transaction for alias in self._aliases)

    def call(self, function: Callable[[], T]) -> T:
        """Make one service call, which leaves nothing behind where it is refused.

        Raises:
            BrokenTransactionError: The service took no notice of an error of the database.
            Exception: What the service raised, or the database.
        """
        with atomic(self._aliases):
            value = function()
            for alias in self._aliases:
                _check(alias)
        return value

    @staticmethod
    def add(entity: Model) -> None:
        """Insert an object that no service makes (`Meta.around`)."""
        entity.save(force_insert=True)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Stand in a transaction, and commit it at the end, or undo all.

        Raises:
            Exception: The database refused it (`stored` raises the same), or a callback of `on_commit` failed.
        """
        committed: set[str] = set()
        try:
            with atomic(self._aliases):
                self._note_commits(committed)
                yield
                self._end()
        except BaseException as error:
            if committed != set(self._aliases):
                self._failure = error
            raise

    def _note_commits(self, committed: set[str]) -> None:
        """Learn of commits, to tell one that failed from a callback that failed after it."""
        for alias in self._aliases:
            if len(connections[alias].atomic_blocks) == 1:  # else it is a savepoint, and a test may count callbacks
                transaction.on_commit(partial(committed.add, alias), using=alias)

    def _end(self) -> None:
        """Undo a dry run; see that what is no dry run can be committed.

        Raises:
            ConnectionLostError: It cannot.
        """
        for alias in self._aliases:
            if self._is_dry:
                transaction.set_rollback(True, using=alias)
            elif connections[alias].closed_in_transaction:  # Django ends such a block without an error
                raise ConnectionLostError(alias)


@contextmanager
def _open(aliases: tuple[str, ...]) -> Iterator[Unit]:
    owner = sys.intern("/".join(aliases))
    block = _UNITS.find(owner)
    if block is not None and block.is_here:
        yield block.value
        return
    _check_plain()
    unit = Unit(aliases)
    block = _UNITS.open(unit, owner)
    try:
        with unit.run():
            yield unit
    finally:
        _UNITS.close(block)


def _check_plain() -> None:
    """Refuse async code, as Django would in the middle.

    Raises:
        AsyncCodeError: An event loop runs here.
    """
    if asyncio._get_running_loop() is not None and not os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE"):  # noqa: SLF001 - asyncio's word for loops
        raise AsyncCodeError


@contextmanager
def atomic(aliases: Iterable[str]) -> Iterator[None]:
    """Stand in a transaction of each database, also where a durable one is to stand in it."""
    with ExitStack() as stack:
        for alias in aliases:
            block = transaction.atomic(using=alias)
            block._from_testcase = True  # noqa: SLF001 - Django's own way to let a durable block stand in another
            stack.enter_context(block)
        yield


def _check(alias: str) -> None:
    """See that what a call has written can be kept.

    Raises:
        BrokenTransactionError: It cannot.
        IntegrityError: A deferred constraint does not hold.
    """
    connection = connections[alias]
    if connection.needs_rollback:
        raise BrokenTransactionError(alias)
    if connection.vendor in _ASKED:
        connection.check_constraints()
