"""The API: its rules and its counters. It keeps what it knows in memory."""

from __future__ import annotations

import itertools
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, Field


class NewEvent(BaseModel):
    title: str = Field(min_length=3)
    seats: int = Field(gt=0)


class Event(NewEvent):
    id: int
    taken: int = 0
    waiting: int = 0


class NewBooking(BaseModel):
    guest: str = Field(pattern="@")


class Booking(NewBooking):
    id: int
    event_id: int
    state: str


class Server:
    """Events have seats; who comes when all are taken waits, and moves up when somebody cancels."""

    def __init__(self) -> None:
        self.events: dict[int, Event] = {}
        self.bookings: dict[int, Booking] = {}
        self.answers: dict[str, Booking] = {}
        self.ids = itertools.count(1)
        self.api = FastAPI()
        self.api.post("/events", status_code=201)(self.announce)
        self.api.get("/events")(self.list_events)
        self.api.get("/events/{event_id}")(self.event)
        self.api.post("/events/{event_id}/bookings", status_code=201)(self.book)
        self.api.get("/bookings")(self.list_bookings)
        self.api.get("/bookings/{booking_id}")(self.booking)
        self.api.post("/bookings/{booking_id}/cancellation")(self.cancel)

    async def announce(self, new: NewEvent, x_role: Annotated[str, Header()] = "guest") -> Event:
        if x_role != "organiser":
            raise HTTPException(403, "only organisers announce events")
        event = Event(id=next(self.ids), **new.model_dump())
        self.events[event.id] = event
        return event

    async def book(
        self, event_id: int, new: NewBooking, idempotency_key: Annotated[str | None, Header()] = None
    ) -> Booking:
        if idempotency_key in self.answers:
            return self.answers[idempotency_key]
        event = await self.event(event_id)
        if any(one.guest == new.guest and one.state != "cancelled" for one in self._of(event_id)):
            raise HTTPException(409, f"{new.guest} has booked {event.title} before")
        state = "confirmed" if event.taken < event.seats else "waiting"
        booking = Booking(id=next(self.ids), event_id=event_id, state=state, **new.model_dump())
        self.bookings[booking.id] = booking
        if idempotency_key is not None:
            self.answers[idempotency_key] = booking
        if state == "confirmed":
            event.taken += 1
        else:
            event.waiting += 1
        return booking

    async def cancel(self, booking_id: int) -> Booking:
        booking = await self.booking(booking_id)
        if booking.state == "cancelled":
            raise HTTPException(409, f"booking {booking_id} is cancelled")
        was, booking.state = booking.state, "cancelled"
        event = self.events[booking.event_id]
        first = next((one for one in self._of(event.id) if one.state == "waiting"), None)
        if was == "confirmed" and first is None:
            event.taken -= 1
            return booking
        if was == "confirmed" and first is not None:
            first.state = "confirmed"
        event.waiting -= 1
        return booking

    async def list_events(self) -> list[Event]:
        return list(self.events.values())

    async def event(self, event_id: int) -> Event:
        return _found(self.events, event_id)

    async def list_bookings(self) -> list[Booking]:
        return list(self.bookings.values())

    async def booking(self, booking_id: int) -> Booking:
        return _found(self.bookings, booking_id)

    def _of(self, event_id: int) -> list[Booking]:
        return [one for one in self.bookings.values() if one.event_id == event_id]


def _found(rows: dict[int, Any], key: int) -> Any:
    if key not in rows:
        raise HTTPException(404, f"there is no {key}")
    return rows[key]
