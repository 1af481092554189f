"""The unit of work: collects Changes, sends them in packs, and answers for each call.

When one is opened, and what leaving it means, is told in `session.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from services import items, keys
from services.actions import Refused
from services.changes import Change, Effect
from services.dispatch import Dispatcher
from services.entities import Comment, FeedItem, Follow, Like, Post, User
from services.errors import ContentionError, ServiceError, UncommittedError
from services.items import Row
from services.keys import Key
from services.packs import Known, Pack, Packer
from services.slots import Call
from services.store import Store, batches
from services.usage import Usage

T = TypeVar("T")

WINDOW = 2_000
"""Changes that wait before a unit of work sends: enough to find neighbours for a pack."""
FIRST_WINDOW = 250
"""Changes that wait the first time, twice as many the next, up to `WINDOW`: so the engine is not idle for long."""
EFFECTS = 10_000
"""Effects that wait before a unit of work hands them over."""
STUCK = 8
"""Times that a pack may be refused with no Change to blame: rows changed back and forth under it."""

Done: TypeAlias = tuple[Effect, bool]
"""An effect of a written Change; True: the Change was written before already, and its effect maybe too."""

_READERS: dict[type, tuple[str, Callable[[Row], Any]]] = {
    User: ("USER", items.user_of),
    Post: ("POST", items.post_of),
    Like: ("LIKE", items.like_of),
    Comment: ("COMMENT", items.comment_of),
    Follow: ("FOLLOW", items.follow_of),
    FeedItem: ("FEED_ITEM", items.feed_item_of),
}


_COUNTERS: dict[type, tuple[str, ...]] = {
    User: items.USER_COUNTERS,
    Post: items.POST_COUNTERS,
    Comment: items.COMMENT_COUNTERS,
}


def _mark(call: Call) -> int:
    # Values are told apart by identity; a call that returns nothing by its number.
    return -call.number if call.value is None else id(call.value)


def _is_row_of(value: object, row: Row) -> bool:
    # A call may be answered by another row than its own: a profile's update by the claim that it moved.
    kind = _READERS.get(type(value))
    return kind is not None and row["entity_type"]["S"] == kind[0]


class UnitOfWork:
    """Collects Changes, sends them in packs, and answers for each.

    Memory: at most `WINDOW` Changes and `EFFECTS` effects wait, and a sum a row whose counters moved.
    """

    def __init__(self, store: Store, settle: Callable[[Sequence[Done]], None], workers: int) -> None:
        self.store = store
        self.committed = 0
        self._settle = settle
        self._known = Known()
        self._packer = Packer(self._known)
        # One worker and nothing to wait for: a thread would only take turns with the caller's.
        threads = 0 if workers == 1 and not store.is_remote else workers
        self._dispatcher = Dispatcher(self._send, self._lose, threads, in_turn=store.has_conflicts)
        self._lock = threading.Lock()
        self._before = store.meter.read()
        self._calls, self._window = 0, FIRST_WINDOW
        self._is_settling = False
        self._effects: list[tuple[int, Done]] = []
        self._stopped: BaseException | None = None
        self._moved: dict[Key, dict[str, int]] = {}  # by all calls so far
        self._written: dict[Key, dict[str, int]] = {}  # by those that are in the table
        self._bases: dict[int, tuple[object, dict[str, int]]] = {}  # what a value's own counts hold already
        # Rows whose counters a lost answer or an earlier run may have moved; once read again, with what they hold.
        self._unsure: dict[Key, tuple[Row | None, dict[str, int]] | None] = {}
        self._standing: dict[int, tuple[object, object]] = {}
        self._refused: dict[int, tuple[Call, ServiceError]] = {}
        self._lost: dict[int, Call] = {}

    @property
    def usage(self) -> Usage:
        """What this unit of work has sent so far."""
        return self.store.meter.read().since(self._before)

    @property
    def refusals(self) -> list[ServiceError]:
        """The refusals so far, in the order of the calls."""
        found = sorted(self._refused.values(), key=lambda refused: refused[0].number)
        return [error for _, error in found]

    def add(self, change: Change, value: object) -> None:
        """Queue a Change whose call returned `value`; send full packs when enough Changes wait.

        Raises:
            UnavailableError: the engine stopped it.
        """
        self._check_running()
        self._note_base(value, self._moved)
        _move(self._moved, change, 1)
        self._packer.add(Call(change, value, self._number()))
        if self._packer.waiting >= self._window:
            self._window = min(WINDOW, 2 * self._window)
            with self._stopping():
                self._submit(is_last=False)
        if len(self._effects) >= EFFECTS and not self._is_settling:
            self.commit()

    def _number(self) -> int:
        # What is written on behalf of effects is nobody's call.
        if self._is_settling:
            return 0
        self._calls += 1
        return self._calls

    def _note_base(self, value: object, moved: Mapping[Key, dict[str, int]]) -> None:
        key = _key_of(value)
        if key is not None and key in moved:
            self._bases[id(value)] = value, dict(moved[key])

    def flush(self) -> None:
        """Send everything that is queued, and wait for it."""
        self._submit(is_last=True)
        self._dispatcher.finish_packs()

    def _submit(self, *, is_last: bool) -> None:
        for pack in self._packer.packs(is_last=is_last):
            self._dispatcher.submit(pack)

    def commit(self) -> None:
        """Send everything, then hand over the effects, until there are no more.

        Raises:
            UnavailableError: the engine stopped it; what was not written is lost, and `stored` says so.
        """
        with self._stopping():
            self.flush()
            while self._effects and not self._is_settling:
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
            parts = batches(puts, deletes)
            self._dispatcher.each(partial(self.store.write_batch, rows, gone) for rows, gone in parts)

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
        effects, self._effects = sorted(self._effects, key=lambda effect: effect[0]), []
        self._is_settling = True
        try:
            self._settle([done for _, done in effects])
            self.flush()
        finally:
            self._is_settling = False

    def drop(self, cause: BaseException) -> None:
        """Forget what is queued: it is lost, and `stored` says so."""
        self._dispatcher.stop(cause)
        self._note_lost(self._packer.drop())

    def _note_lost(self, calls: Iterable[Call]) -> None:
        self._lost.update((_mark(call), call) for call in calls if call.number)

    def close(self) -> None:
        """Let the workers go."""
        self._dispatcher.close()

    # One pack, maybe in a worker's thread

    def _send(self, pack: Pack) -> None:
        todo = [pack]
        try:
            self._send_all(todo)
        except BaseException:
            for unsent in todo:
                self._lose(unsent)
            raise

    def _send_all(self, todo: list[Pack]) -> None:
        stuck = 0
        while todo:
            rest = self._sent(todo[0])
            stuck = stuck + 1 if rest is not None and len(rest) == len(todo[0].calls) else 0
            if stuck == STUCK:
                raise ContentionError("TransactWriteItems", STUCK)
            todo[:1] = [] if rest is None else self._repacked(rest)

    def _sent(self, pack: Pack) -> Sequence[Call] | None:
        """Send a pack; None when it is written, else the calls that are still to be written."""
        if not pack.relies_on_nothing_broken():
            return pack.calls
        try:
            self.store.sizes.update(pack.sizes())
            self.store.transact(pack.actions())
        except Refused as refused:
            return self._refuse(pack, refused)
        self._wrote(pack)
        return None

    def _repacked(self, calls: Sequence[Call]) -> list[Pack]:
        with self._lock:
            packer = Packer(Known(seen=self._known.seen))
            for call in calls:
                packer.add(call.afresh())
            return list(packer.packs(is_last=True))

    def _wrote(self, pack: Pack) -> None:
        with self._lock:
            pack.keep_promises()
            self._known.promised -= pack.permanent
            for call in pack.calls:
                self.committed += call.number > 0
                _move(self._written, call.change, 1)
                self._effects += [(call.number, (effect, False)) for effect in call.change.effects]

    def _refuse(self, pack: Pack, refused: Refused) -> list[Call]:
        answers = pack.answers(refused.rows)
        with self._lock:
            pack.break_promises()
            for call, error, row in answers.values():
                _move(self._moved, call.change, -1)
                if error is not None:
                    self._refused[_mark(call)] = call, error
                    continue
                self.committed += call.number > 0
                self._known.seen |= {part.key for part in call.change.puts if part.permanent}
                self._unsure |= dict.fromkeys(part.key for part in call.change.adds)
                self._effects += [(call.number, (effect, True)) for effect in call.change.effects]
                if row is not None and _is_row_of(call.value, row):
                    self._standing[_mark(call)] = call.value, _READERS[type(call.value)][1](row)
                    self._note_base(call.value, self._written)
        return [call for call in pack.calls if id(call) not in answers]

    def _lose(self, pack: Pack) -> None:
        with self._lock:
            pack.break_promises()
            self._note_lost(pack.calls)

    # What became of it

    @property
    def unwritten(self) -> int:
        """The number of calls that were neither written nor refused."""
        return len(self._lost)

    def stored(self, value: T) -> T:
        """Return what a create call of this unit of work returned, as it is stored, with the counts that moved since.

        A call that found its row there already gives the row that stood there. Where such calls leave a count in doubt,
        what is queued is sent and the row is read.

        Raises:
            ServiceError: the call was refused; this is why.
            UncommittedError: the unit of work stopped before the call was written.
        """
        refused = self._refused.get(id(value))
        if refused is not None:
            raise refused[1]
        if id(value) in self._lost:
            raise UncommittedError
        key = _key_of(value)
        if key is not None:
            self._make_sure(value, key)
        standing = self._standing.get(id(value))
        told = value if standing is None else cast("T", standing[1])
        return told if key is None else self._counted(told, key, id(value))

    def doubt(self, other: UnitOfWork) -> None:
        """Count anew what another unit of work, opened inside this one, has moved; and look again who is there."""
        self._known.seen.clear()  # it may have deleted a permanent row
        self._unsure |= dict.fromkeys((*other._written, *other._unsure))

    def _make_sure(self, value: object, key: Key) -> None:
        """Read counts once more where nobody can tell whether they hold a call that was there already."""
        if key not in self._unsure:
            return
        if self._unsure[key] is None:
            if self._stopped is None:
                self.commit()
            self._unsure[key] = self.store.get(key), dict(self._written.get(key, {}))
        row, base = self._unsure[key] or (None, {})
        if row is None:
            return
        told: Any = self._standing.get(id(value), (value, value))[1]
        counts = {name: items.count_of(row, name) for name in _COUNTERS[type(value)]}
        self._standing[id(value)] = value, attrs.evolve(told, **counts)
        self._bases[id(value)] = value, base

    def _counted(self, value: T, key: Key, mark: int) -> T:
        moved = self._moved.get(key)
        if not moved:
            return value
        base = self._bases[mark][1] if mark in self._bases else {}
        counts = {name: getattr(value, name) + amount - base.get(name, 0) for name, amount in moved.items()}
        return cast("T", attrs.evolve(cast("Any", value), **counts))


def _move(moved: dict[Key, dict[str, int]], change: Change, sign: int) -> None:
    for part in change.adds:
        amounts = moved.get(part.key)
        if amounts is None:
            amounts = moved[part.key] = {}
        for name, amount in part.amounts.items():
            amounts[name] = amounts.get(name, 0) + sign * amount


_KEYS: dict[type, Callable[[Any], Key]] = {
    User: lambda user: keys.user_key(user.id),
    Post: lambda post: keys.post_key(post.id),
    Comment: lambda comment: keys.comment_key(comment.post_id, comment.id),
}


def _key_of(value: object) -> Key | None:
    """Return the row that a value with counts stands in."""
    key = _KEYS.get(type(value))
    return None if key is None else key(value)
