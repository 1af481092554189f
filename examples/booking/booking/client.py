"""The API as its clients see it."""

from __future__ import annotations

from typing import Any

from booking.server import Booking, Event
from seedbed.http import Api, Endpoint


class Events(Api):
    announce = Endpoint("POST", "/events", Event, takes=("title", "seats"), headers={"role": "X-Role"})
    all = Endpoint("GET", "/events", list[Event], takes=())
    get = Endpoint("GET", "/events/{id}", Event, takes=())


class Bookings(Api):
    book = Endpoint("POST", "/events/{event_id}/bookings", Booking, takes=("guest",))
    cancel = Endpoint("POST", "/bookings/{booking_id}/cancellation", Booking, takes=())
    all = Endpoint("GET", "/bookings", list[Booking], takes=())
    get = Endpoint("GET", "/bookings/{id}", Booking, takes=())


class Client:
    def __init__(self, http: Any) -> None:
        self.events = Events(http)
        self.bookings = Bookings(http, idempotency_header="Idempotency-Key")
