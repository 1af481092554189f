"""create_async: services, hooks and units of work that are awaited, in the caller's own task; of an app of tickets."""

from __future__ import annotations

import asyncio
import functools
import gc
import itertools
import warnings
from collections.abc import Awaitable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import anyio
import factory
import pytest

from seedbed import BuildFailureError, Many, One, Range, ServiceFactory, after_create, before_create, recycle, using
from seedbed.strategy.service_errors import AsyncServiceError

BACKENDS = ["asyncio", "trio"]
TENANT: ContextVar[str] = ContextVar("tenant", default="none")


@dataclass(frozen=True)
class Guest:
    id: int
    name: str
    tenant: str = "none"


@dataclass(frozen=True)
class Ticket:
    id: int
    guest_id: int
    seat: str


class SoldOutError(Exception):
    pass


class Unit:
    """Counts what happens to it; each call is awaited in a block of its own."""

    def __init__(self, log):
        self.log = log

    async def stored(self, value):
        await anyio.lowlevel.checkpoint()
        return replace(value, seat=value.seat.upper()) if isinstance(value, Ticket) else value

    async def call(self, function):
        self.log.append("savepoint")
        return await function()


class Desk:
    """The services, all async, and one that is not; what happened, in order."""

    def __init__(self, *, seats=100):
        self.log = []
        self.seats = seats
        self._ids = itertools.count(1)

    async def welcome(self, name):
        await anyio.lowlevel.checkpoint()
        self.log.append(f"welcome {name}")
        return Guest(next(self._ids), name, TENANT.get())

    async def sell(self, guest_id, seat):
        await anyio.lowlevel.checkpoint()
        if self.seats == 0:
            raise SoldOutError(seat)
        self.seats -= 1
        self.log.append(f"sell {seat}")
        return Ticket(next(self._ids), guest_id, seat)

    def sell_later(self, guest_id, seat):
        return self.sell(guest_id, seat)

    def note(self, guest_id, seat):
        self.log.append(f"note {seat}")
        return Ticket(next(self._ids), guest_id, seat)


class UnitDesk(Desk):
    @asynccontextmanager
    async def unit_of_work(self):
        await anyio.lowlevel.checkpoint()
        self.log.append("begin")
        try:
            yield Unit(self.log)
        except BaseException:
            self.log.append("roll back")
            raise
        self.log.append("commit")


class GuestFactory(ServiceFactory[Guest]):
    class Meta:
        model = Guest
        service = "welcome"

    name = factory.Sequence("guest {}".format)


class TicketFactory(ServiceFactory[Ticket]):
    class Meta:
        model = Ticket
        service = "sell"

    class Params:
        guest = One(GuestFactory)

    guest_id = factory.LazyAttribute(lambda o: o.guest.id)
    seat = factory.Sequence("a{}".format)


class HostFactory(GuestFactory):
    tickets = Many(TicketFactory, "guest")


class NoteFactory(TicketFactory):
    class Meta:
        service = "note"


@pytest.fixture(params=BACKENDS)
def run(request):
    """Run a coroutine function in an event loop of each kind."""
    return functools.partial(anyio.run, backend=request.param)


@pytest.fixture(autouse=True)
def nothing_is_left_unawaited():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
        gc.collect()


def test_an_async_service_is_awaited_with_all_that_is_nested(run):
    desk = Desk()

    async def work():
        with using(desk, seed=1):
            return await TicketFactory.create_async(seat="k9")

    assert run(work) == Ticket(2, 1, "k9")
    assert desk.log == ["welcome guest 0", "sell k9"]


def test_batches_and_overrides_come_in_order(run):
    async def work():
        with using(Desk(), seed=1):
            batch = await TicketFactory.create_batch_async(2)
            each = await TicketFactory.create_each_async([{"seat": "x"}, {"seat": "y", "guest_id": 7}])
        return [ticket.seat for ticket in (*batch, *each)], each[1].guest_id

    assert run(work) == (["a0", "a1", "x", "y"], 7)


def test_the_world_is_that_of_a_plain_create(run):
    class Plain:
        def __init__(self):
            self._ids = itertools.count(1)

        def welcome(self, name):
            return Guest(next(self._ids), name)

        def sell(self, guest_id, seat):
            return Ticket(next(self._ids), guest_id, seat)

    async def work():
        with using(Desk(), seed=3):
            return await HostFactory.create_async(tickets=Range(3, 9)), await TicketFactory.create_batch_async(3)

    with using(Plain(), seed=3):
        expected = HostFactory(tickets=Range(3, 9)), TicketFactory.create_batch(3)
    assert run(work) == expected


def test_async_hooks_are_awaited_in_their_order(run):
    class GreetedFactory(GuestFactory):
        @before_create
        async def shout(cls, kwargs):  # noqa: N805
            await anyio.lowlevel.checkpoint()
            return kwargs | {"name": kwargs["name"].upper()}

        @factory.post_generation
        async def seated(guest, create, extracted):  # noqa: ARG004
            await anyio.lowlevel.checkpoint()
            if extracted:
                await TicketFactory.create_async(guest_id=guest.id, seat=extracted)

        @after_create
        async def remember(cls, guest):  # noqa: N805
            await anyio.lowlevel.checkpoint()
            desk.log.append(f"after {guest.name}")

    desk = Desk()

    async def work():
        with using(desk):
            return await GreetedFactory.create_async(name="ada", seated="b2")

    assert run(work).name == "ADA"
    assert desk.log == ["welcome ADA", "sell b2", "after ADA"]


def test_an_async_unit_of_work_is_one_for_a_batch(run):
    desk = UnitDesk()

    async def work():
        with using(desk):
            return await TicketFactory.create_batch_async(2, guest_id=1)

    assert [ticket.seat for ticket in run(work)] == ["A0", "A1"]  # as it is stored
    assert desk.log == ["begin", "savepoint", "sell a0", "savepoint", "sell a1", "commit"]


def test_what_is_refused_names_the_service_and_the_rest_is_told(run):
    async def work():
        with using(UnitDesk(seats=2)):
            await TicketFactory.create_batch_async(3, guest_id=1)

    with pytest.raises(BuildFailureError, match=r"SoldOutError: a2 .*2 were created") as caught:
        run(work)
    assert isinstance(caught.value.cause, SoldOutError)
    assert [ticket.seat for ticket in caught.value.created] == ["A0", "A1"]


def test_a_plain_service_may_need_async_ones(run):
    async def work():
        with using(Desk()):
            return await NoteFactory.create_async(seat="n")

    assert run(work) == Ticket(2, 1, "n")


def test_a_plain_service_may_return_what_is_to_be_awaited(run):
    class LaterFactory(TicketFactory):
        class Meta:
            service = "sell_later"

    async def work():
        with using(Desk()):
            return await LaterFactory.create_async(guest_id=1, seat="l")

    assert run(work) == Ticket(1, 1, "l")


def test_a_plain_create_inside_a_hook_of_create_async_waits_too(run):
    class TwoFactory(GuestFactory):
        @factory.post_generation
        def ticket(guest, create, extracted):  # noqa: ARG004
            TicketFactory.create(guest_id=guest.id)

    async def work():
        desk = Desk()
        with using(desk):
            await TwoFactory.create_async()
        return desk.log

    assert run(work) == ["welcome guest 0", "sell a0"]


class AnnotatedDesk(Desk):
    def sell(self, guest_id, seat) -> Awaitable[Ticket]:
        self.log.append("began")
        return super().sell(guest_id, seat)


@pytest.mark.parametrize("desk", [Desk(), AnnotatedDesk(), UnitDesk()], ids=lambda desk: type(desk).__name__)
@pytest.mark.parametrize(
    ("call", "named"),
    [
        (TicketFactory, "TicketFactory"),
        (lambda: TicketFactory.create(guest_id=1), "TicketFactory"),
        (lambda: TicketFactory.create_batch(2), "TicketFactory"),
        (lambda: TicketFactory.create_each([{}]), "TicketFactory"),
        (NoteFactory, "NoteFactory"),
    ],
    ids=["call", "create", "batch", "each", "nested"],
)
def test_a_plain_create_is_refused_before_anything_runs(desk, call, named):
    with using(desk), pytest.raises(AsyncServiceError, match=rf"async.*`await {named}\.create_async"):
        call()
    assert desk.log == []


def test_a_plain_create_of_what_belongs_to_it_is_refused_before_the_host_is_made():
    class NotedFactory(GuestFactory):
        class Meta:
            service = "announce"

        tickets = Many(TicketFactory, "guest")

    class Hall(Desk):
        def announce(self, name):
            self.log.append(name)
            return Guest(1, name)

    hall = Hall()
    with using(hall):
        assert NotedFactory().id == 1
        hall.log.clear()
        with pytest.raises(AsyncServiceError, match="service sell is async"):
            NotedFactory(tickets=2)
    assert hall.log == []


def test_what_only_turns_out_to_be_async_is_closed_and_refused():
    class LaterFactory(TicketFactory):
        class Meta:
            service = "sell_later"

    desk = Desk()
    with using(desk), pytest.raises(AsyncServiceError, match="service sell_later is async"):
        LaterFactory(guest_id=1)
    assert desk.log == []


def test_a_plain_create_that_needs_nothing_async_goes_on():
    with using(Desk()):
        assert NoteFactory(guest_id=4, guest=None).guest_id == 4
        with recycle(Guest(5, "eve")):
            assert NoteFactory().guest_id == 5


@pytest.mark.parametrize("kind", [before_create, after_create])
def test_an_async_hook_is_refused_by_a_plain_create(kind):
    class HookedFactory(NoteFactory):
        @kind
        async def hook(cls, value):  # noqa: N805
            return value

    desk = Desk()
    with using(desk), pytest.raises(AsyncServiceError, match="hook hook is async"):
        HookedFactory(guest_id=1, guest=None)
    assert desk.log == []


def test_context_is_the_callers(run):
    async def work():
        TENANT.set("acme")
        with using(Desk()), recycle(Guest(9, "zoe")):
            guest = await GuestFactory.create_async()
            ticket = await TicketFactory.create_async()
        return guest.tenant, ticket.guest_id

    assert run(work) == ("acme", 9)


def test_tasks_of_one_binding_share_its_numbers_and_each_has_its_own_unit_of_work(run):
    desk, made = UnitDesk(), []

    async def one():
        made.append(await TicketFactory.create_async(guest_id=1))

    async def work():
        with using(desk):
            async with anyio.create_task_group() as group:
                for _ in range(5):
                    group.start_soon(one)

    run(work)
    assert sorted(ticket.seat for ticket in made) == ["A0", "A1", "A2", "A3", "A4"]
    assert (desk.log.count("begin"), desk.log.count("commit")) == (5, 5)


def test_gather_of_several():
    async def work():
        with using(Desk(), seed=1):
            return await asyncio.gather(*(TicketFactory.create_batch_async(3, guest_id=n) for n in range(3)))

    batches = asyncio.run(work())
    assert [{ticket.guest_id for ticket in batch} for batch in batches] == [{0}, {1}, {2}]
    assert len({ticket.seat for batch in batches for ticket in batch}) == 9


def test_a_cancelled_creation_ends_its_unit_of_work(run):
    class Slow(UnitDesk):
        async def sell(self, guest_id, seat):
            self.log.append("selling")
            await anyio.sleep_forever()

    desk = Slow()

    async def work():
        async with anyio.create_task_group() as group:

            async def make():
                with using(desk):
                    await TicketFactory.create_async(guest_id=1)

            group.start_soon(make)
            while "selling" not in desk.log:
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        with using(Desk()):
            return await TicketFactory.create_async(guest_id=1)

    assert run(work).guest_id == 1
    assert desk.log[-1] == "roll back"


class ClosedError(Exception):
    """A connection was closed while it was waited for."""


class Broken(UnitDesk):
    """Waits for ever, and then cannot clean up."""

    @asynccontextmanager
    async def unit_of_work(self):
        try:
            yield Unit(self.log)
        finally:
            self.log.append("fails")
            raise ClosedError

    async def sell(self, guest_id, seat):
        self.log.append("selling")
        await anyio.sleep_forever()


@pytest.mark.parametrize("count", [1, 3])
def test_a_cancellation_is_told_as_one_whatever_fails_after_it(run, count):
    desk = Broken()

    async def make():
        with using(desk):
            await TicketFactory.create_batch_async(count, guest_id=1)

    async def work():
        async with anyio.create_task_group() as group:  # which tells every error but a cancellation
            group.start_soon(make)
            while "selling" not in desk.log:
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()

    run(work)
    assert desk.log[-1] == "fails"


def test_a_model_that_can_be_awaited_is_handed_out_as_it_is(run):
    class Lazy:
        def __await__(self):
            raise AssertionError

    class Lazies:
        def make(self):
            return Lazy()

    class LazyFactory(ServiceFactory[Lazy]):
        class Meta:
            model = Lazy
            service = "make"

    with using(Lazies()):
        assert type(LazyFactory()) is Lazy


def test_without_a_service_create_async_is_create(run):
    class PlainFactory(ServiceFactory[Guest]):
        class Meta:
            model = Guest

        id = 1
        name = "x"

    assert run(PlainFactory.create_async) == Guest(1, "x")
