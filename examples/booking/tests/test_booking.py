"""The API's rules, seen from outside. After each test every counter is recounted, over HTTP too."""

from __future__ import annotations

import pytest

from booking.seeding import BookingFactory, EventFactory, suite
from seedbed import BuildFailureError, recycle
from seedbed.errors import ForbiddenError
from seedbed.http import ConflictingRequestError, InvalidRequestError


@pytest.fixture(autouse=True)
def api(seedbed_app, assert_counters_exact):
    yield seedbed_app
    assert_counters_exact()


def test_who_comes_when_all_seats_are_taken_waits(api):
    event = EventFactory(full=True)
    assert (event.seats, event.taken, event.waiting) == (3, 3, 2)
    assert [one.state for one in api.bookings.all()] == ["confirmed"] * 3 + ["waiting"] * 2


def test_who_waits_moves_up(api):
    event = EventFactory(seats=1)
    first, second = BookingFactory.create_batch(2, event=event)
    api.bookings.cancel(booking_id=first.id)
    assert api.bookings.get(id=second.id).state == "confirmed"
    event = api.events.get(id=event.id)
    assert (event.taken, event.waiting) == (1, 0)


def test_a_cancelled_booking_takes_no_seat(api):
    booking = BookingFactory(cancelled=True)
    assert booking.state == "cancelled"
    assert api.events.get(id=booking.event_id).taken == 0


def test_nobody_books_twice(api):
    event = EventFactory()
    BookingFactory(event=event, guest="ada@example.org")
    with pytest.raises(BuildFailureError, match=r"409 Conflict: ada@example.org has booked") as failure:
        BookingFactory(event=event, guest="ada@example.org")
    assert isinstance(failure.value.cause, ConflictingRequestError)
    assert len(api.bookings.all()) == 1


def test_what_the_server_finds_wrong_is_named():
    with pytest.raises(BuildFailureError) as failure:
        BookingFactory(guest="nobody")
    assert isinstance(failure.value.cause, InvalidRequestError)
    assert [one.field for one in failure.value.cause.fields] == ["guest"]


def test_only_organisers_announce():
    with pytest.raises(BuildFailureError) as failure:
        EventFactory(role="guest")
    assert isinstance(failure.value.cause, ForbiddenError)


def test_bookings_spread_over_the_events_that_there_are(api):
    events = EventFactory.create_batch(3)
    with recycle(events):
        BookingFactory.create_batch(12)
    assert sum(event.taken for event in api.events.all()) == 12
    assert len(api.events.all()) == 3


def test_a_season(api):
    events = suite.run("season", api)
    assert [event.waiting for event in events] == [0, 0, 0, 2]
