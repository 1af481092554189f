"""The unit of work: collects Changes, sends them in packs, and answers for each call.

When one is opened, and what leaving it means, is told in `session.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

from seedbed import forks
from seedbed.context import Scope
from seedbed.dynamo.answers import Answers, Done
from seedbed.dynamo.changes import Change
from seedbed.dynamo.errors import ChangeTooLargeError, ForkedError
from seedbed.dynamo.outcomes import UncommittedError
from seedbed.dynamo.packing import Known, Pack, Packer
from seedbed.dynamo.row_actions import Call
from seedbed.dynamo.rows import Key, Row
from seedbed.dynamo.sending import Dispatcher
from seedbed.dynamo.store import Store, batches
from seedbed.dynamo.unfinished import Creations, Unfinished
from seedbed.dynamo.usage import Usage
from seedbed.dynamo.writing import Writer
from seedbed.errors import ServiceError

T = TypeVar("T")

WINDOW = 2_000
"""Changes that wait before a unit of work sends: enough to find neighbours for a pack."""
FIRST_WINDOW = 250
"""Changes that wait the first time, twice as many the next, up to `WINDOW`: so the engine is not idle for long."""
EFFECTS = 10_000
"""Effects that wait before a unit of work hands them over."""
MANY_ASKED = 50
"""So many permanent rows are read before Changes that need them are sent; fewer are checked with those Changes."""
FEW_PARTS = 5
"""So many parts fit a transaction, unless they contradict each other; what has more is tried before it is queued."""

_LISTENERS: Scope[UnitOfWork] = Scope("listener")


class UnitOfWork:
    """Collects Changes, sends them in packs, and answers for each.

    Memory: at most `WINDOW` Changes and `EFFECTS` effects wait, and a sum a row whose counters moved.
    """

    skipping: tuple[type[ServiceError], ...] = ()
    """Kinds of refusals that are passed over."""
    is_looking_ahead = False
    """Whether permanent rows are read before packs are filled, 100 a call, also where they are few.

    For who shares them with many others at work: transactions that check one row meet there, reads do not.
    """

    def __init__(
        self, store: Store, settle: Callable[[Sequence[Done]], None], workers: int, unfinished: Unfinished
    ) -> None:
        self.store = store
        self._settle = settle
        self._answers = Answers(store.schema.entities)
        self._packer = Packer(self._answers.known)
        self._writer = Writer(store, self._answers)
        # One worker and nothing to wait for: a thread would only take turns with the caller's.
        threads = 0 if workers == 1 and not store.is_remote else workers
        self._dispatcher = Dispatcher(self._writer.send, self._answers.lose, threads, in_turn=store.has_conflicts)
        self._before = store.meter.read()
        self._calls, self._window = 0, FIRST_WINDOW
        self._is_settling, self._delivering = False, 0  # effects that are being handed over
        self._stopped: BaseException | None = None
        self._creations = Creations(unfinished)
        self.is_inherited = False
        """Whether it was opened before this process was forked: its parent commits it, and here it takes nothing."""
        forks.in_child(self, UnitOfWork._leave_to_parent)

    def _leave_to_parent(self) -> None:
        self.is_inherited, self._stopped = True, ForkedError("unit of work")
        self._answers.leave_to_parent()
        self._packer = Packer(self._answers.known)
        self._dispatcher = Dispatcher(self._writer.send, self._answers.lose, 0)

    @property
    def usage(self) -> Usage:
        """What this unit of work has sent so far."""
        return self.store.meter.read().since(self._before)

    @property
    def refusals(self) -> list[ServiceError]:
        """The refusals so far, in the order of the calls."""
        return [error for error in self._answers.refusals if not isinstance(error, self.skipping)]

    @property
    def left_out(self) -> list[ServiceError]:
        """The refusals so far that are to be passed over, in the order of the calls."""
        return [error for error in self._answers.refusals if isinstance(error, self.skipping)]

    def add(self, change: Change, value: object, *, is_again: bool) -> None:
        """Queue a Change whose call returned `value`; send full packs when enough Changes wait.

        `is_again`: an earlier call may have written the same.

        Raises:
            ChangeTooLargeError: the Change fits no transaction; nothing of it is queued.
            UncommittedError: the engine stopped it before.
            UnavailableError: the engine stopped it now.
        """
        if self._stopped is not None:
            raise UncommittedError(self._stopped) from self._stopped
        call = Call(change, value, is_again=is_again)
        if len(call.parts) > FEW_PARTS and not Pack(Known()).take(call):
            raise ChangeTooLargeError(len(call.parts))
        call.number = self._number()
        if hasattr(value, "id"):
            self._creations.note(call)
        self._answers.note_call(change, value)
        self._packer.add(call)
        if self._packer.is_due or self._packer.waiting >= self._window:
            self._send_full()
        if len(self._answers.effects) >= EFFECTS and not self._is_settling:
            self.commit()

    def _send_full(self) -> None:
        if self._packer.waiting >= self._window:
            self._window = min(WINDOW, 2 * self._window)
        with self._stopping():
            self._submit(is_last=False)

    def _number(self) -> int:
        # What is written on behalf of effects is nobody's call.
        if self._is_settling:
            return 0
        self._calls += 1
        return self._calls

    def flush(self) -> None:
        """Send everything that is queued, and wait for it."""
        self._submit(is_last=True)
        self._dispatcher.finish_packs()

    def _submit(self, *, is_last: bool) -> None:
        self._look_ahead()
        for pack in self._packer.packs(is_last=is_last):
            self._dispatcher.submit(pack)
        while self._packer.misfits:
            self._answers.refuse_misfit(self._packer.misfits.pop(0))

    def _look_ahead(self) -> None:
        """Read at once the many permanent rows that Changes need: a read costs less than a check in a transaction.

        What is not found, or cannot be read, is checked with its Change, which then says what is wrong.
        """
        with self._answers.lock:
            asked = self._packer.take_asked(1 if self.is_looking_ahead else MANY_ASKED)
        if not asked or not self.store.keeps_rows:
            return
        with suppress(ServiceError):
            self._answers.note_present(self.store.find_present(asked))

    def commit(self) -> None:
        """Send everything, then hand over the effects, until there are no more.

        Raises:
            UnavailableError: the engine stopped it; what was not written is lost, and `stored` says so.
        """
        with self._stopping():
            self.flush()
            while self._answers.effects and not self._is_settling:
                self._hand_over()

    def _check_running(self) -> None:
        if isinstance(self._stopped, ServiceError):
            raise self._stopped
        if self._stopped is not None:
            raise UncommittedError(self._stopped) from self._stopped

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        """Put and delete rows without conditions, after everything that is queued.

        Raises:
            UnavailableError: the engine stopped it.
        """
        with self._stopping():
            self.flush()
            self._dispatcher.each(self._batches(puts, deletes))

    def _batches(self, puts: Iterable[Row], deletes: Iterable[Key]) -> Iterator[Callable[[], None]]:
        for rows, gone in batches(puts, deletes):
            self._answers.values.note_batch()
            yield partial(self.store.write_batch, rows, gone)

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Stop for good when anything goes wrong: what comes later may need what was not written."""
        self._check_running()
        try:
            yield
        except BaseException as error:
            self._stopped = self._stopped or error
            self.drop(error)
            raise

    def _hand_over(self) -> None:
        effects, self._answers.effects = sorted(self._answers.effects, key=lambda effect: effect[0]), []
        self._is_settling, self._delivering = True, len(effects)
        try:
            self._settle([done for _, done in effects])
            self.flush()
        finally:
            self._is_settling = False
        self._delivering = 0

    def drop(self, cause: BaseException) -> None:
        """Forget what is queued: it is lost, and `stored` says so."""
        self._dispatcher.stop(cause)
        self._answers.note_lost(self._packer.drop())

    def close(self) -> None:
        """Let the workers go, and tell the units of work that listen what this one has changed."""
        self._dispatcher.close()
        unknown = self._answers.unknown
        if (self._stopped or unknown) and not self.is_inherited:
            self._creations.keep(unknown, self._answers.is_never_written)
        for listener in _LISTENERS.every():
            listener.value.doubt(self)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take note, for the block, of what units of work change that are closed in it: `stored` tells it then.

        For what belongs to this one and comes after it, such as hooks that run after the commit.
        """
        block = _LISTENERS.open(self)
        try:
            yield
        finally:
            _LISTENERS.close(block)

    # What became of it

    @property
    def committed(self) -> int:
        """The number of calls that are written, or were so already."""
        return self._answers.committed

    @property
    def unwritten(self) -> int:
        """The number of calls that were neither written nor refused, and never will be."""
        return self._answers.unwritten

    @property
    def unknown(self) -> list[Call]:
        """The calls that may be written or not: the answer was lost, and no row told."""
        return self._answers.unknown

    @property
    def reach(self) -> str:
        """Tell from where the same calls again complete it, if it is stopped (`seedbed.dynamo.outcomes`)."""
        return self._creations.reach

    @property
    def undelivered(self) -> int:
        """The number of written posts and follows whose effects on feeds are not known to be complete."""
        return self._delivering + len(self._answers.effects)

    @property
    def is_stopped(self) -> bool:
        """Tell whether it takes no more calls: the engine stopped it."""
        return self._stopped is not None

    def stored(self, value: T) -> T:
        """Return what a call of this unit of work returned, as it is stored, with all that came since.

        A call that found its row there already gives the row that stood there. Counts that moved are added. Where a
        later call set or deleted the row (in this unit of work, in one inside it, or while it listens), where an
        answer that was lost leaves a count in doubt, and where a value is none that this unit of work made, what is
        queued is sent and the row is read. What is no user, post, like, comment, follow or feed item is returned as it
        is.

        Raises:
            ServiceError: the call was refused; this is why. One that is passed over gives its value.
            GoneError: its row was deleted since.
            UncommittedError: the unit of work stopped before the call was written.
            ForkedError: it is a parent process's.
            UnknownOutcomeError: it stopped when the call was on its way, and nobody knows whether it is written.

        Cost: none, or 1 read.
        """
        if self.is_inherited:
            self._check_running()
        answers = self._answers
        try:
            answers.check_written(answers.values.origin(value), self._stopped, self.reach)
            return answers.values.as_stored(value, self._read if self.store.keeps_rows else None)
        except self.skipping:
            return value

    def _read(self, key: Key) -> Row | None:
        if self._stopped is None:
            self.commit()
        return self.store.get(key)

    def doubt(self, other: UnitOfWork) -> None:
        """Read anew what another unit of work, opened inside this one, has changed; and look again who is there."""
        self._answers.doubt(other._answers)
