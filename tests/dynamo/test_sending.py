"""Sending packs: order among those that share a row, none after a failure, nothing forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

import seedbed.dynamo.sending
from seedbed.dynamo.sending import AHEAD, Dispatcher


def pack(
    number: int, *keys: str, adds: Sequence[str] = (), relies: Sequence[str] = (), gives: Sequence[str] = ()
) -> Any:
    touched = [*(((key, "row"), False) for key in keys), *(((key, "row"), True) for key in (*adds, *gives))]
    return SimpleNamespace(
        number=number,
        row_uses=lambda: iter(touched),
        promises=[(key, "row") for key in relies],
        permanent=[(key, "row") for key in gives],
    )


class Log:
    def __init__(self, act: Callable[[Any], object] = lambda _pack: None) -> None:
        self.begun: list[int] = []
        self.sent: list[int] = []
        self.lost: list[int] = []
        self._act = act
        self._lock = threading.Lock()

    def send(self, pack: Any) -> None:
        with self._lock:
            self.begun.append(pack.number)
        self._act(pack)
        with self._lock:
            self.sent.append(pack.number)

    def lose(self, pack: Any) -> None:
        with self._lock:
            self.lost.append(pack.number)


@pytest.mark.parametrize("workers", [0, 1, 2, 4])
def test_packs_that_share_a_row_are_sent_in_order(workers):
    log = Log()
    dispatcher = Dispatcher(log.send, log.lose, workers)
    for number in range(300):
        dispatcher.submit(pack(number, "own" + str(number), "shared" + str(number % 3)))
    dispatcher.finish_packs()
    dispatcher.close()
    for rest in range(3):
        assert [number for number in log.sent if number % 3 == rest] == list(range(rest, 300, 3))
    assert log.lost == []


@pytest.mark.parametrize("moment", [1, 2])
def test_ctrl_c_at_any_moment_of_queueing_leaves_nothing_to_wait_for(moment):
    log = Log()
    dispatcher = Dispatcher(log.send, log.lose, 2)

    def interrupted(number: int) -> Any:
        one = pack(number, "shared", f"own {number}")
        steps = [*one.row_uses()]

        def row_uses():
            for step, row in enumerate(steps, 1):
                if number == 3 and step == moment:
                    raise KeyboardInterrupt
                yield row

        return SimpleNamespace(**{**vars(one), "row_uses": row_uses})

    for number in range(3):
        dispatcher.submit(interrupted(number))
    with pytest.raises(KeyboardInterrupt):
        dispatcher.submit(interrupted(3))
    ended = threading.Thread(target=dispatcher.stop, args=(KeyboardInterrupt(),), daemon=True)
    ended.start()
    ended.join(10)
    assert not ended.is_alive()
    assert 3 not in log.sent
    assert log.lost.count(3) == 1


def test_ctrl_c_just_after_a_worker_has_got_a_pack_sends_nothing_of_it():
    log = Log()
    with held() as pool:
        give = pool.submit

        def interrupted(*task: Any) -> None:
            give(*task)
            raise KeyboardInterrupt

        pool.submit = interrupted
        dispatcher = Dispatcher(log.send, log.lose, 2)
        with pytest.raises(KeyboardInterrupt):
            dispatcher.submit(pack(0, "a"))
        pool.tasks.pop()()
    assert (log.sent, log.lost) == ([], [0])
    assert dispatcher._room._value == 2 + AHEAD
    dispatcher.close()


def test_closing_ends_the_workers_and_what_comes_later_gets_new_ones():
    log = Log()
    dispatcher = Dispatcher(log.send, log.lose, 2)
    dispatcher.submit(pack(0, "a"))
    dispatcher.finish_packs()
    pool = dispatcher._pool  # held, so that its workers do not end by themselves
    workers = set(pool._threads)
    assert {worker.name.rpartition("_")[0] for worker in workers} == {"seedbed-pack"}
    dispatcher.close()
    assert not any(worker.is_alive() for worker in workers)
    dispatcher.submit(pack(1, "b"))
    dispatcher.finish_packs()
    dispatcher.close()
    assert log.sent == [0, 1]


def test_packs_that_share_nothing_are_sent_side_by_side():
    meeting = threading.Barrier(3)
    log = Log(lambda _pack: meeting.wait(10))
    dispatcher = Dispatcher(log.send, log.lose, 3)
    for number in range(3):
        dispatcher.submit(pack(number, str(number)))
    dispatcher.finish_packs()
    dispatcher.close()
    assert sorted(log.sent) == [0, 1, 2]


def test_a_pack_waits_until_the_one_that_it_shares_a_row_with_is_through():
    other_is_through, events = threading.Event(), []

    def act(pack: Any) -> None:
        events.append(("begun", pack.number))
        if pack.number == 0:
            other_is_through.wait(10)
        elif pack.number == 3:
            other_is_through.set()
        events.append(("through", pack.number))

    log = Log(act)
    dispatcher = Dispatcher(log.send, log.lose, 4)
    for number, keys in enumerate([("a",), ("a", "b"), ("b",), ("c",)]):
        dispatcher.submit(pack(number, *keys))
    dispatcher.finish_packs()
    dispatcher.close()
    assert [event for event in events if event[1] != 3] == [
        (step, number) for number in range(3) for step in ("begun", "through")
    ]
    assert events.index(("through", 3)) < events.index(("through", 0))


class Held:
    """A pool of workers whose tasks are run by the test."""

    def __init__(self) -> None:
        self.tasks: list[Callable[[], object]] = []

    def submit(self, run: Callable[..., object], *args: Any) -> None:
        self.tasks.append(partial(run, *args))

    def shutdown(self) -> None:
        assert self.tasks == []


@contextmanager
def held() -> Iterator[Held]:
    """Let the workers of what is made in the block run when the test says so."""
    pool = Held()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seedbed.dynamo.sending, "ThreadPoolExecutor", lambda *_, **__: pool)
        yield pool


def in_order(*packs: Any, **options: bool) -> bool:
    """Tell whether the last pack is sent after all others, whichever of those that are begun is through first."""
    return all(
        sent_in(choices, packs, **options)[-1] == packs[-1].number
        for choices in product(range(len(packs)), repeat=len(packs))
    )


def sent_in(choices: Sequence[int], packs: Sequence[Any], **options: bool) -> list[int]:
    """Send packs, of which those that are begun come through in the order that is chosen."""
    log = Log()
    with held() as pool:
        dispatcher = Dispatcher(log.send, log.lose, 2, **options)
        for one in packs:
            dispatcher.submit(one)
        for choice in choices:
            pool.tasks.pop(choice % len(pool.tasks))()
    dispatcher.finish_packs()
    dispatcher.close()
    assert sorted(log.sent) == sorted(one.number for one in packs)
    return log.sent


def test_packs_that_add_to_the_same_counters_need_not_wait():
    assert not in_order(pack(0, adds="a"), pack(1, adds="a"))
    assert in_order(pack(0, adds="a"), pack(1, adds="a"), in_turn=True)


def test_who_adds_waits_for_who_wrote_and_who_writes_for_who_added():
    assert in_order(pack(0, "a"), pack(1, adds="a"))
    assert in_order(pack(0, adds="a"), pack(1, "a"))


def test_of_those_who_write_a_row_each_waits_for_the_last():
    assert in_order(pack(0, "a"), pack(1, "a"), pack(2, "a"))
    assert in_order(pack(0, "a"), pack(1, "a"), pack(2, adds="a"))
    assert in_order(pack(0, adds="a"), pack(1, "a"), pack(2, adds="a"))


def test_who_writes_waits_for_all_who_added_since_and_who_adds_for_none_of_those():
    assert in_order(pack(0, adds="a"), pack(1, adds="a"), pack(2, "a"))
    assert in_order(pack(0, adds="a"), pack(1, relies="a"), pack(2, "a"))
    assert in_order(pack(0, "a"), pack(1, adds="a"), pack(2, adds="b"), pack(3, "a", "b"))
    assert not in_order(pack(0, "a"), pack(1, adds="a"), pack(2, adds="a"))


def test_what_is_through_is_forgotten_and_what_is_not_keeps_its_order(monkeypatch):
    monkeypatch.setattr(seedbed.dynamo.sending, "REMEMBERED", 3)
    log = Log()
    with held() as pool:
        dispatcher = Dispatcher(log.send, log.lose, 2)
        dispatcher.submit(pack(0, "a", gives="p"))
        first = pool.tasks.pop()
        for number in range(1, 20):
            dispatcher.submit(pack(number, f"own {number}", adds=["b"] if number == 19 else (), gives=[f"p {number}"]))
            assert len(dispatcher._rows) <= 3 + 5  # those of one pack more than it remembers
            assert len(dispatcher._promisers) <= 3 + 2
            if number < 19:
                pool.tasks.pop()()
        for late in (pack(20, "a"), pack(21, relies="p"), pack(22, "b")):
            dispatcher.submit(late)
        assert len(pool.tasks) == 1  # 19, which is begun; the others wait
        first()
        while pool.tasks:
            pool.tasks.pop()()
    assert log.sent[18] == 0
    assert log.sent.index(22) > log.sent.index(19)
    assert sorted(log.sent) == list(range(23))


def test_a_pack_holds_its_place_in_the_queue_until_it_is_through():
    log = Log()
    with held() as pool:
        dispatcher = Dispatcher(log.send, log.lose, 2)
        for number in range(3):
            dispatcher.submit(pack(number, "shared"))
        assert dispatcher._room._value == 2 + AHEAD - 3
        pool.tasks.pop()()
        assert dispatcher._room._value == 2 + AHEAD - 2
        while pool.tasks:
            pool.tasks.pop()()
    assert dispatcher._room._value == 2 + AHEAD
    dispatcher.close()


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_tasks_run_after_all_packs_and_are_waited_for(workers):
    log, done = Log(), []
    dispatcher = Dispatcher(log.send, log.lose, workers)
    for number in range(5):
        dispatcher.submit(pack(number, "shared"))
    dispatcher.each(partial(lambda number: done.append((number, len(log.sent))), number) for number in range(10))
    assert sorted(done) == [(number, 5) for number in range(10)]
    dispatcher.close()


@pytest.mark.parametrize("workers", [0, 1])
def test_after_a_task_that_fails_none_is_begun(workers):
    done: list[int] = []

    def run(number: int) -> None:
        done.append(number)
        if number == 3:
            message = "the third"
            raise ValueError(message)

    dispatcher = Dispatcher(lambda _: None, lambda _: None, workers)
    with pytest.raises(ValueError, match="the third"):
        dispatcher.each(partial(run, number) for number in range(100))
    dispatcher.stop(KeyboardInterrupt())
    assert done == [0, 1, 2, 3]


def test_who_relies_on_a_row_waits_for_who_promised_it_and_is_not_overtaken_by_who_writes_it():
    assert in_order(pack(0, gives="a"), pack(1, relies="a"))
    assert in_order(pack(0, relies="a"), pack(1, "a"))
    assert not in_order(pack(0, relies="a"), pack(1, relies="a"))
    assert not in_order(pack(0, relies="a"), pack(1, adds="a"))


@pytest.mark.parametrize("workers", [1, 2])
def test_after_a_failure_every_pack_is_lost_and_none_is_sent(workers):
    class BrokenError(Exception):
        pass

    failed = threading.Event()

    def act(pack: Any) -> None:
        if pack.number == 1:
            failed.set()
            raise BrokenError

    log = Log(act)
    dispatcher = Dispatcher(log.send, log.lose, workers)
    raised = 0
    for number in range(20 * AHEAD):
        try:
            dispatcher.submit(pack(number, "shared"))
        except BrokenError:
            raised += 1
    assert failed.is_set()
    with pytest.raises(BrokenError):
        dispatcher.finish_packs()
    dispatcher.close()
    assert log.sent == [0]
    assert sorted(log.lost) == list(range(2, 20 * AHEAD))
    assert raised


def test_stopping_loses_what_waits_and_awaits_what_is_on_its_way():
    on_its_way, may_go = threading.Event(), threading.Event()

    def act(pack: Any) -> None:
        on_its_way.set()
        may_go.wait(10)

    log = Log(act)
    dispatcher = Dispatcher(log.send, log.lose, 2)
    for number in range(4):
        dispatcher.submit(pack(number, "shared"))
    on_its_way.wait(10)
    stopping = threading.Thread(target=dispatcher.stop, args=(KeyboardInterrupt(),))
    stopping.start()
    may_go.set()
    stopping.join(10)
    assert log.sent[0] == 0
    assert sorted(log.sent + log.lost) == [0, 1, 2, 3]
    with pytest.raises(KeyboardInterrupt):
        dispatcher.submit(pack(9, "x"))
    assert 9 in log.lost
