"""What the booking API tells seedbed. Nothing here knows how it stores: all goes over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import factory
import httpx
from fastapi.testclient import TestClient

from booking.client import Bookings, Client, Events
from booking.server import Booking, Event, Server
from seedbed import Counter, Draw, Many, One, ServiceFactory, Suite, Then, Trait, scenario
from seedbed.http import unit_of_work


class EventFactory(ServiceFactory[Event]):
    class Meta:
        service = Events.announce
        build_only = ("id",)

    class Params:
        full = Trait(seats=3, bookings=5)

    id = factory.Sequence(int)
    title = factory.Faker("sentence", nb_words=3)
    seats = 20
    role = "organiser"
    bookings = Many("booking.seeding.BookingFactory", "event")


class BookingFactory(ServiceFactory[Booking]):
    class Meta:
        service = Bookings.book
        build_only = ("id", "state")

    class Params:
        cancelled = Trait(cancellation=Then(Bookings.cancel))

    id = factory.Sequence(int)
    event = One(EventFactory)
    guest = Draw(lambda random, _: f"guest{random.getrandbits(48):x}@example.org")
    state = "confirmed"


@scenario("season")
class Season:
    """Three events with room, and one that people wait for."""

    def run(self, app: Client) -> list[Event]:
        return [*EventFactory.create_batch(3, bookings=8), EventFactory(full=True)]


@contextmanager
def open_api(target: str | None = None, *, is_dry: bool = False) -> Iterator[Client]:
    """Call the API at a URL; without one, and in a dry run, one in this process."""
    with TestClient(Server().api) if target is None or is_dry else httpx.Client(base_url=target) as http:
        yield Client(http)


def rows(app: Client, model: Any) -> list[Any]:
    return app.events.all() if model is Event else app.bookings.all()


def number_of(state: str) -> Any:
    return lambda app, event: sum(one.state == state and one.event_id == event.id for one in app.bookings.all())


suite = Suite(
    "booking",
    open=open_api,
    factories=__name__,
    scenarios=__name__,
    listing=rows,
    unit_of_work=unit_of_work(
        {
            Event: lambda app, event: app.events.get(id=event.id),
            Booking: lambda app, booking: app.bookings.get(id=booking.id),
        }
    ),
    counters=[
        Counter("taken", of=Event, recount=number_of("confirmed")),
        Counter("waiting", of=Event, recount=number_of("waiting")),
    ],
)
