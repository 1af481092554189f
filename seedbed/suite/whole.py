"""Runs something whole or not at all: in one unit of work of the suite, which undoes all of it where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol

from seedbed.errors import ServiceError
from seedbed.strategy.errors import FactoryError
from seedbed.suite.errors import CommitError, MissingPartError, UndoError
from seedbed.suite.loops import entering_part, leaving, settle
from seedbed.suite.references import why
from seedbed.suite.units import Opens
from seedbed.undoing import Whole, undoing


class UnitParts(Protocol):
    """What of a suite says which units of work there are."""

    @property
    def name(self) -> str:
        """What the suite is called."""

    @property
    def unit_of_work(self) -> Opens | None:
        """Opens that of the suite."""

    def factory_classes(self) -> Iterable[Any]:
        """Return the factories, which may have units of work of their own."""


def find_opener(suite: UnitParts, app: Any) -> Callable[[], Any] | None:
    """Return what opens the suite's unit of work on the app, else the app's own; None where neither has one."""
    of_suite = suite.unit_of_work
    if of_suite is not None:
        return lambda: of_suite(app)
    of_app: Callable[[], Any] | None = getattr(app, "unit_of_work", None)
    return of_app if callable(of_app) else None


@contextmanager
def as_one(suite: UnitParts, app: Any) -> Iterator[Whole]:
    """Run the block in one unit of work, where there is one that can undo; yield what says whether it is undone.

    Where factories have units of work of their own, those are opened as well. Of one that cannot undo it is not known
    whether others may be opened in it, so the block does without. What other tasks and threads commit is not undone.

    Raises:
        CommitError: All of the block went well, and it could not be committed.
    """
    with undoing(app) as whole, ExitStack() as stack:
        units = _enter_all(suite, app, stack)
        can_undo = whole.is_undone = bool(units) and None not in units
        try:
            with leaving(stack, lambda error: _tell(error, whole)):
                yield whole
        except BaseException as error:
            if can_undo and not whole.is_undone:
                error.add_note("what other tasks or threads of it committed is left")
            raise


@contextmanager
def as_dry_run(suite: UnitParts, app: Any) -> Iterator[None]:
    """Run the block in one unit of work, with those of factories that have their own, and commit nothing of it.

    Raises:
        MissingPartError: There is none, or one cannot undo.
        UndoError: One could, and failed.
    """
    with undoing(app, is_dry=True), ExitStack() as stack:
        units = [] if find_opener(suite, app) is None else _enter_all(suite, app, stack)
        if not units or None in units:
            raise MissingPartError(
                suite.name,
                "make a dry run",
                "it needs a unit of work whose unit has `roll_back()` (seedbed.sqlalchemy's has), or an open with "
                "`is_dry`",
            )
        try:
            yield
        finally:
            for unit in units:
                _undo(suite, unit)


def _undo(suite: UnitParts, unit: Any) -> None:
    """Tell a unit to commit nothing.

    Raises:
        UndoError: It failed.
    """
    try:
        settle(suite.name, "its unit of work's roll_back", unit.roll_back())
    except Exception as error:
        raise UndoError(why(error)) from error


def _enter_all(suite: UnitParts, app: Any, stack: ExitStack) -> list[Any]:
    return [_enter(suite, opens, stack) for opens in _openers(suite, app)]


def _openers(suite: UnitParts, app: Any) -> Iterator[Callable[[], Any]]:
    main = find_opener(suite, app)
    if main is not None:
        yield main
    for own in dict.fromkeys(factory._meta.unit_of_work for factory in suite.factory_classes()):  # noqa: SLF001 - factory_boy's
        if callable(own):
            yield partial(own, app)
        elif own is not None and hasattr(app, own):  # without it the factory says so
            yield getattr(app, own)


def _enter(suite: UnitParts, opens: Callable[[], Any], stack: ExitStack) -> Any:
    """Open a unit of work and leave it open where it can undo; return its unit, None where it cannot.

    Raises:
        AsyncPartError: It is async, and nothing can be awaited here.
    """
    opened = settle(suite.name, "its unit of work", opens())
    if not isinstance(opened, (AbstractContextManager, AbstractAsyncContextManager)):
        return None  # none: told where a factory needs it
    with ExitStack() as inner:
        unit = inner.enter_context(entering_part(suite.name, "its unit of work", opened))
        if not callable(getattr(unit, "roll_back", None)):
            return None
        stack.push(inner.pop_all())
    return unit


def _tell(error: BaseException, whole: Whole) -> Exception:
    """Say that the end of the stack could not commit, but for an error of ours."""
    if isinstance(error, (FactoryError, ServiceError)):
        return error
    return CommitError(why(error), is_undone=whole.is_undone)
