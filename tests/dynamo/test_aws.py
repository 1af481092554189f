"""What is done for AWS alone, or for all engines but the embedded one: the same engine, called by each of the names."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import attrs
import pytest

import seedbed.dynamo.sending
import services.app
from seedbed.dynamo.actions import Action
from seedbed.dynamo.engines import embedded_engine
from seedbed.dynamo.engines.faults import Fault, Faults
from seedbed.dynamo.pacing import AWS_UNITS_A_SECOND, BURST_SECONDS
from seedbed.dynamo.queries import Query
from seedbed.dynamo.scanning import pages
from services.app import App, connect
from services.rows import keys
from tests.contract.world import TickingClock, World
from tests.faults import no_waiting

WORKERS = 4
BOUND_SECONDS = 30  # for what comes at once, so that a fault does not hang


@pytest.fixture
def open_as() -> Iterator[Callable[..., App]]:
    """Connect to an engine in this process that is taken for one of another kind."""
    opened: list[App] = []

    def open_one(kind: str) -> App:
        engine = attrs.evolve(embedded_engine(validate=True), kind=kind)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services.app, "open_engine", lambda *_, **__: engine)
            opened.append(connect(kind, clock=TickingClock(), workers=WORKERS))
        return opened[-1]

    yield open_one
    for app in opened:
        app.close()


def throttled_once(app: App) -> Faults:
    """Throttle the next call. Faults come in as the engine answers, whatever its name is here."""
    engine = attrs.evolve(app.engine, kind="embedded")
    return Faults(engine, lambda ordinal: None if ordinal else Fault.THROTTLED)


class Traffic:
    """Holds transactions on their way until they may go on; knows how many are, and which rows two were at at once."""

    def __init__(self, app: App, patch: pytest.MonkeyPatch) -> None:
        self.handed = self.on_way = 0
        self.met: list[Any] = []
        self._rows: Counter[Any] = Counter()
        self._moved = threading.Condition()
        self._may_go = threading.Event()
        self._transact = app.session.store.transact
        traffic = self

        class Pool(ThreadPoolExecutor):
            def submit(self, *task: Any, **options: Any) -> Future[Any]:
                traffic.handed += 1  # by the thread that makes the packs, until they may go
                return super().submit(*task, **options)

        patch.setattr(seedbed.dynamo.sending, "ThreadPoolExecutor", Pool)
        patch.setattr(app.session.store, "transact", self._pass)

    def _pass(self, actions: Sequence[Action]) -> None:
        keys = [action.key for action in actions]
        with self._moved:
            self.on_way += 1
            self.met += [key for key in keys if self._rows[key]]
            self._rows.update(keys)
            self._moved.notify_all()
        self._may_go.wait(BOUND_SECONDS)
        self._transact(actions)
        with self._moved:
            self.on_way -= 1
            self._rows.subtract(keys)

    def let_go(self) -> int:
        """Wait until all that can be on its way is; let it go, and tell how much that was."""
        with self._moved:
            self._moved.wait_for(lambda: self.on_way == min(self.handed, WORKERS), BOUND_SECONDS)
            on_way = self.on_way
        self._may_go.set()
        return on_way


@pytest.mark.parametrize(("kind", "expected"), [("aws", 1), ("endpoint", WORKERS)])
def test_packs_that_add_to_one_counter_take_turns_where_transactions_conflict(open_as, monkeypatch, kind, expected):
    world = World(open_as(kind))
    ann = world.user()
    traffic = Traffic(world.app, monkeypatch)
    with world.app.unit_of_work():
        for _ in range(260):  # enough for five packs at once
            world.post(ann, is_public=False)
        side_by_side = traffic.let_go()
    assert side_by_side == expected
    assert bool(traffic.met) == (kind != "aws")
    assert world.app.profiles.get(ann.id).posts_count == 260


@pytest.mark.parametrize("kind", ["aws", "endpoint"])
def test_beside_other_writers_packs_that_add_to_one_counter_take_turns_everywhere(open_as, monkeypatch, kind):
    world = World(open_as(kind))
    ann = world.user()
    world.app.share(3)
    traffic = Traffic(world.app, monkeypatch)
    with world.app.unit_of_work():
        for _ in range(260):
            world.post(ann, is_public=False)
        side_by_side = traffic.let_go()
    assert (side_by_side, traffic.met) == (1, [])


@pytest.mark.parametrize("kind", ["aws", "endpoint"])
def test_packs_that_share_nothing_go_side_by_side_everywhere(open_as, monkeypatch, kind):
    world = World(open_as(kind))
    traffic = Traffic(world.app, monkeypatch)
    with world.app.unit_of_work():
        world.users(260)
        side_by_side = traffic.let_go()
    assert (side_by_side, traffic.met) == (WORKERS, [])


# Pacing


class Time:
    """A clock that only waiting moves."""

    def __init__(self, app: App, patch: pytest.MonkeyPatch) -> None:
        self.waited = 0.0
        begin = time.monotonic() + 10 * BURST_SECONDS  # nobody has written for long
        pacer = app.session.store._pacer
        patch.setattr(pacer, "_now", lambda: begin + self.waited)
        patch.setattr(pacer, "_sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.waited += seconds


def like_and_unlike(world: World, users: Sequence[Any], posts: Sequence[Any]) -> None:
    """Take 8 write units of each post's partition, where its row is small: like and count twice, at 2 units each."""
    for user, post in zip(users, posts, strict=True):
        world.app.likes.like_post(user.id, post.id)
        world.app.likes.unlike_post(user.id, post.id)


@pytest.mark.parametrize("kind", ["aws", "endpoint", "embedded"])
@pytest.mark.parametrize(("caption", "units"), [("short", 8), ("long " * 440, 16)], ids=["a small row", "a large row"])
def test_writes_to_one_partition_keep_to_the_pace_of_aws_there_alone(open_as, monkeypatch, kind, caption, units):
    world = World(open_as(kind))
    users = world.users(200)
    post = world.post(users[0], caption=caption)
    clock = Time(world.app, monkeypatch)
    like_and_unlike(world, users, [post] * 200)
    expected = (200 - 1 / 2) * units / AWS_UNITS_A_SECOND - BURST_SECONDS  # nothing waits for the last write
    assert clock.waited == pytest.approx(expected if kind == "aws" else 0, abs=0.01)


def test_beside_other_writers_a_partition_is_written_at_ones_part_of_the_pace(open_as, monkeypatch):
    world = World(open_as("aws"))
    users = world.users(100)
    post = world.post(users[0])
    clock = Time(world.app, monkeypatch)
    world.app.share(4)
    like_and_unlike(world, users, [post] * 100)
    expected = (100 - 1 / 2) * 8 / (AWS_UNITS_A_SECOND / 4) - BURST_SECONDS
    assert clock.waited == pytest.approx(expected, abs=0.01)


def test_another_partition_is_not_waited_for(open_as, monkeypatch):
    world = World(open_as("aws"))
    users = world.users(200)
    posts = [world.post(user) for user in users]
    clock = Time(world.app, monkeypatch)
    like_and_unlike(world, users, posts)
    assert clock.waited == 0


@pytest.mark.parametrize("kind", ["aws", "endpoint", "embedded"])
def test_a_partition_that_was_throttled_is_waited_for_and_no_other(open_as, monkeypatch, kind):
    world = World(open_as(kind))
    ann = world.user()
    hot, cool = world.post(ann), world.post(ann)
    clock = Time(world.app, monkeypatch)
    with no_waiting(), throttled_once(world.app) as faults:
        world.app.likes.like_post(ann.id, hot.id)
    assert faults.made == {Fault.THROTTLED: 1}
    before = clock.waited
    like_and_unlike(world, [ann], [cool])
    assert clock.waited == before
    like_and_unlike(world, [ann], [hot])
    assert clock.waited > before


@pytest.mark.parametrize(("workers", "most"), [(None, 10), (5, 10), (20, 40), (64, 128)])
def test_there_are_connections_for_all_workers(monkeypatch, workers, most):
    asked = {}

    def open_engine(_endpoint_url, **options):
        asked.update(options)
        return embedded_engine()

    monkeypatch.setattr(services.app, "open_engine", open_engine)
    connect("aws", workers=workers).close()
    assert asked["max_connections"] == most


# Requests


def requests(app: App, operation: str) -> list[dict[str, Any]]:
    """What is asked of the engine from now on, by the operation's name."""
    seen: list[dict[str, Any]] = []
    event = f"provide-client-params.dynamodb.{operation}"
    app.engine.client.meta.events.register(event, lambda params, **_: seen.append(params))
    return seen


@pytest.mark.parametrize("kind", ["aws", "endpoint"])
def test_a_transaction_bears_a_token_of_its_own_and_keeps_it_when_it_is_sent_again(open_as, kind):
    world = World(open_as(kind))
    world.user()  # an empty table is marked first
    seen = requests(world.app, "TransactWriteItems")
    with no_waiting(), throttled_once(world.app):
        world.users(3, "one")
        world.users(3, "two")
    tokens = [asked["ClientRequestToken"] for asked in seen]
    assert [tokens.index(token) for token in tokens] == [0, 0, 2]


@pytest.mark.parametrize(("kind", "segments"), [("aws", WORKERS), ("endpoint", 1), ("embedded", 1)])
def test_the_whole_table_is_read_in_segments_where_its_partitions_are_spread(open_as, kind, segments):
    world = World(open_as(kind))
    world.users(3)
    seen = requests(world.app, "Scan")
    rows = list(chain.from_iterable(pages(world.app.session.store, world.app.segments)))
    assert len(rows) == 3 * 4
    assert {asked.get("TotalSegments", 1) for asked in seen} == {segments}


KEY = keys.user_key("ann")
READS = {
    "get": ("GetItem", lambda store: store.get(KEY)),
    "get_many": ("BatchGetItem", lambda store: store.get_many([KEY])),
    "find_present": ("BatchGetItem", lambda store: store.find_present([KEY])),
    "look": ("BatchGetItem", lambda store: store.look([KEY])),
    "find_rows": ("Query", lambda store: store.find_rows(Query(KEY[0], ""))),
    "count": ("Query", lambda store: store.count(KEY[0], "P", limit=9)),
    "scan": ("Scan", lambda store: [*store.scan()]),
    "scan a segment": ("Scan", lambda store: [*store.scan(1, 2)]),
}


@pytest.mark.parametrize("read", READS)
def test_base_rows_are_read_consistently(open_as, read):
    operation, call = READS[read]
    app = open_as("aws")
    seen = requests(app, operation)
    call(app.session.store)
    (asked,) = seen
    (table,) = asked["RequestItems"].values() if operation == "BatchGetItem" else [asked]
    assert table["ConsistentRead"] is True


@pytest.mark.parametrize("kind", ["aws", "endpoint"])
def test_packs_go_while_the_next_are_made_also_with_one_worker(open_as, monkeypatch, kind):
    world = World(open_as(kind))
    senders = set()
    transact = world.app.session.store.transact

    def seen(actions: Sequence[Action]) -> None:
        senders.add(threading.get_ident())
        transact(actions)

    monkeypatch.setattr(world.app.session.store, "transact", seen)
    with world.app.unit_of_work(workers=1):
        world.user()
    assert senders
    assert threading.get_ident() not in senders
