"""Services over HTTP: answers as values, refusals as typed errors, and what is sent again."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import enum
import json
import uuid
from datetime import date
from decimal import Decimal
from typing import Annotated

import attrs
import factory
import httpx
import pydantic
import pytest
from fastapi import FastAPI, Header, HTTPException
from fastapi.testclient import TestClient

from seedbed import BuildFailureError, ServiceFactory, Then, ValidationFailureError, after_create, using
from seedbed.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidError,
    InvalidSettingError,
    NotFoundError,
    UnavailableError,
)
from seedbed.http import (
    Api,
    AsyncApi,
    ConflictingRequestError,
    Endpoint,
    InvalidEndpointError,
    InvalidRequestError,
    NoAnswerError,
    RedirectedRequestError,
    ServerError,
    UnreadableAnswerError,
    UnsentRequestError,
    UnusableClientError,
    unit_of_work,
)
from seedbed.strategy.errors import UnknownArgumentError
from seedbed.strategy.service_errors import AsyncServiceError, MissingFieldError


class BookingIn(pydantic.BaseModel):
    guest: str = pydantic.Field(min_length=2)
    night: date


class Server:
    """An API with rules and a counter of its own."""

    def __init__(self):
        self.rooms = {1: {"id": 1, "bookings_count": 0}, 2: {"id": 2, "bookings_count": 0}}
        self.bookings = {}
        self.app = FastAPI()
        self.app.post("/rooms/{room_id}/bookings", status_code=201)(self.book)
        self.app.post("/bookings/{booking_id}/payment")(self.pay)
        self.app.get("/bookings/{booking_id}")(self.read)
        self.app.get("/bookings")(self.read_all)
        self.app.delete("/bookings/{booking_id}", status_code=204)(self.cancel)
        self.app.get("/rooms/{room_id}")(self.room)

    def book(self, room_id: int, body: BookingIn, x_actor: Annotated[str, Header()] = "guest"):
        if x_actor == "banned":
            raise HTTPException(403, "you are banned")
        if room_id not in self.rooms:
            raise HTTPException(404, f"no room {room_id}")
        if any((one["room_id"], one["night"]) == (room_id, str(body.night)) for one in self.bookings.values()):
            raise HTTPException(409, "the room is taken that night")
        self.rooms[room_id]["bookings_count"] += 1
        booking = {"id": str(uuid.uuid4()), "room_id": room_id, "guest": body.guest, "night": str(body.night)}
        self.bookings[booking["id"]] = booking | {"is_paid": False}
        return self.bookings[booking["id"]]

    def pay(self, booking_id: str):
        self.bookings[booking_id]["is_paid"] = True
        return self.bookings[booking_id]

    def read(self, booking_id: str):
        if booking_id not in self.bookings:
            raise HTTPException(404)
        return self.bookings[booking_id]

    def read_all(self, guest: str | None = None):
        return [one for one in self.bookings.values() if guest in {None, one["guest"]}]

    def cancel(self, booking_id: str):
        del self.bookings[booking_id]

    def room(self, room_id: int):
        return self.rooms[room_id]


@attrs.frozen
class Booking:
    id: uuid.UUID
    room_id: int
    guest: str
    night: date
    is_paid: bool


@dataclasses.dataclass
class Room:
    id: int
    bookings_count: int


class BookingModel(pydantic.BaseModel):
    id: uuid.UUID
    night: date


class Bookings(Api):
    book = Endpoint(
        "POST", "/rooms/{room_id}/bookings", Booking, takes=("guest", "night"), headers={"actor": "X-Actor"}
    )
    book_any = Endpoint("POST", "/rooms/{room_id}/bookings", BookingModel)
    pay = Endpoint("POST", "/bookings/{id}/payment", Booking)
    get = Endpoint("GET", "/bookings/{id}", Booking)
    find = Endpoint("GET", "/bookings", list[Booking], takes=("guest",))
    cancel = Endpoint("DELETE", "/bookings/{id}")
    room = Endpoint("GET", "/rooms/{id}", Room)
    room_as_it_is = Endpoint("GET", "/rooms/{id}")


class Hotel:
    def __init__(self, client, **options):
        self.bookings = Bookings(client, **options)


class BookingFactory(ServiceFactory[Booking]):
    class Meta:
        model = Booking
        service = "bookings.book"
        unit_of_work = unit_of_work({Booking: lambda app, booking: app.bookings.get(id=booking.id)})

    room_id = 1
    guest = factory.Sequence("Guest {}".format)
    night = factory.Sequence(lambda n: date(2026, 1, 1 + n))


@pytest.fixture
def hotel():
    with TestClient(Server().app) as client, using(Hotel(client)):
        yield Hotel(client)


def test_a_factory_creates_through_an_endpoint(hotel):
    booking = BookingFactory(guest="Ada")
    assert (booking.guest, booking.night, type(booking.id)) == ("Ada", date(2026, 1, 1), uuid.UUID)
    assert len(BookingFactory.create_batch(3)) == 3
    assert hotel.bookings.room(id=1) == Room(1, 4)
    assert hotel.bookings.find(guest="Ada") == [booking]


def test_an_endpoint_is_named_as_a_method_of_its_api(hotel):
    class PaidFactory(BookingFactory):
        class Meta:
            service = Bookings.book
            model = None

        after = Then(Bookings.pay)  # its path names the id, which the booking has

    assert Bookings.book.__qualname__ == "Bookings.book"
    booking = PaidFactory(guest="Ada")
    assert (booking.guest, booking.is_paid) == ("Ada", True)
    assert Bookings.get(hotel.bookings, id=booking.id) == booking


def test_a_factory_that_lacks_what_the_path_names_is_refused_before_anything_is_sent(hotel):
    class Lost(ServiceFactory[Booking]):
        class Meta:
            service = Bookings.book

        guest = "Ada"

    with pytest.raises(MissingFieldError, match="room_id"):
        Lost()


def test_what_hooks_change_is_in_what_is_returned(hotel):
    class Paid(BookingFactory):
        @after_create
        def pay(self, booking):
            hotel.bookings.pay(id=booking.id)

    class Cancelled(BookingFactory):
        @after_create
        def cancel(self, booking):
            assert hotel.bookings.cancel(id=booking.id) is None

    assert [booking.is_paid for booking in Paid.create_batch(2)] == [True, True]
    with pytest.raises(BuildFailureError) as raised:
        Cancelled(night=date(2026, 2, 1))
    assert isinstance(raised.value.cause, GoneError)


def test_a_refusal_of_a_batch_leaves_the_rest(hotel):
    with pytest.raises(BuildFailureError, match="2 were created") as raised:
        BookingFactory.create_each([{"night": date(2026, 3, day)} for day in (1, 1, 2)])
    assert isinstance(raised.value.cause, ConflictingRequestError)
    assert "POST /rooms/1/bookings: 409 Conflict: the room is taken that night" in str(raised.value)
    assert hotel.bookings.room(id=1).bookings_count == 2


def test_fields_that_the_server_finds_wrong_are_named(hotel):
    with pytest.raises(ValidationFailureError) as raised:
        BookingFactory(guest="A", night="never")
    assert [(one.field, one.value) for one in raised.value.fields] == [("guest", "A"), ("night", "never")]
    assert "guest: String should have at least 2 characters" in str(raised.value)


@pytest.mark.parametrize(
    ("values", "family", "text"),
    [({"room_id": 9}, NotFoundError, "no room 9"), ({"actor": "banned"}, ForbiddenError, "you are banned")],
    ids=["not found", "forbidden"],
)
def test_refusals_are_of_a_family_and_say_what_the_server_says(hotel, values, family, text):
    class Any(BookingFactory):
        actor = "guest"

    with pytest.raises(BuildFailureError, match=text) as raised:
        Any(**values)
    assert isinstance(raised.value.cause, family)


def test_an_apps_own_errors_may_stand_in_their_place(hotel):
    class RoomTakenError(Exception):
        pass

    own = Hotel(hotel.bookings.client, errors={409: RoomTakenError})
    with using(own), pytest.raises(BuildFailureError) as raised:
        BookingFactory.create_batch(2, night=date(2026, 4, 1))
    assert isinstance(raised.value.cause, RoomTakenError)
    assert str(raised.value.cause) == "the room is taken that night"


def test_a_field_that_an_endpoint_does_not_take_is_refused_before_anything_is_sent(hotel):
    with pytest.raises(Exception, match="did you mean guest"):
        BookingFactory(gest="Ada")
    with pytest.raises(UnknownArgumentError, match=r"Bookings\.book has no 'gest': did you mean guest"):
        hotel.bookings.book(room_id=1, gest="Ada")
    with pytest.raises(InvalidError, match=r"Bookings\.get needs id, which its path names"):
        hotel.bookings.get()
    assert hotel.bookings.find() == []


def test_answers_are_read_into_models_and_left_as_they_are(hotel):
    made = hotel.bookings.book_any(room_id=2, guest="Ada", night=date(2026, 5, 1))
    assert (type(made), made.night) == (BookingModel, date(2026, 5, 1))
    assert hotel.bookings.room_as_it_is(id=2) == {"id": 2, "bookings_count": 1}
    with pytest.raises(UnreadableAnswerError, match="GET /rooms/2: the answer cannot be read as Booking"):
        hotel.bookings.call("GET", "/rooms/2", Booking)


def answering(*answers, **options):
    """An Api over httpx whose server gives these answers in turn, with what was sent, and for how long it waited."""
    sent, waits, rest = [], [], list(answers)

    def answer(request):
        sent.append(request)
        this = rest.pop(0)
        if isinstance(this, Exception):
            raise this
        return this

    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://hotel.example")
    return Bookings(client, sleep=waits.append, **options), sent, waits


ROOM = httpx.Response(200, json={"id": 1, "bookings_count": 0})
BOOKING = httpx.Response(201, json={"id": str(uuid.UUID(int=1)), "night": "2026-01-01"})
VALUES = {"room_id": 1, "guest": "Ada", "night": "2026-01-01"}


def test_reads_are_tried_again():
    api, sent, waits = answering(httpx.ReadTimeout("slow"), httpx.Response(503, headers={"Retry-After": "7"}), ROOM)
    assert api.room(id=1) == Room(1, 0)
    assert (len(sent), waits) == (3, [0.2, 7.0])


def test_a_write_whose_answer_is_lost_is_not_sent_again_and_may_be_done():
    api, sent, _ = answering(httpx.ReadTimeout("slow"), BOOKING)
    with pytest.raises(NoAnswerError, match=r"POST /rooms/1/bookings: no answer .* may be done all the same") as raised:
        api.book_any(**VALUES)
    assert (len(sent), raised.value.is_unknown) == (1, True)
    assert isinstance(raised.value.__cause__, httpx.ReadTimeout)
    hotel = Hotel(answering(httpx.ReadTimeout("slow"), httpx.ReadTimeout("slow"))[0].client)
    with using(hotel), pytest.raises(BuildFailureError, match="2 of them may be there all the same, 0 were created"):
        BookingFactory.create_batch(2)


def test_a_write_that_never_reached_the_server_is_sent_again():
    api, sent, _ = answering(httpx.ConnectError("refused"), BOOKING)
    assert api.book_any(**VALUES).id == uuid.UUID(int=1)
    assert len(sent) == 2


UNSENDABLE = {
    "no base URL": (httpx.Client(), "give the client a base URL"),
    "another protocol": (httpx.Client(base_url="ftp://hotel.example"), "ftp"),
}


@pytest.mark.parametrize("name", UNSENDABLE)
@pytest.mark.parametrize("key", [None, "Idempotency-Key"])
def test_what_a_client_cannot_send_is_no_lost_answer(name, key):
    client, text = UNSENDABLE[name]
    waits = []
    api = Bookings(client, sleep=waits.append, idempotency_header=key)
    for call in (lambda: api.book_any(**VALUES), lambda: api.room(id=1)):
        with pytest.raises(UnsentRequestError, match=r"it cannot be sent \(UnsupportedProtocol") as raised:
            call()
        assert (text in str(raised.value), raised.value.is_unknown, waits) == (True, False, [])
    with using(Hotel(client)), pytest.raises(BuildFailureError, match="2 of the batch failed, 0 were created") as batch:
        BookingFactory.create_batch(2)
    assert "may be" not in str(batch.value)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"method": "FETCH"}, r"Endpoint\('FETCH', '/rooms'\): there is no such method: .*PATCH"),
        ({"method": None}, "there is no such method"),
        ({"path": "x/{"}, "each name in its path stands in braces"),
        ({"path": "x/}"}, "each name in its path stands in braces"),
        ({"path": "x/{}"}, "each name in its path stands in braces"),
        ({"path": "x/{a-b}"}, "each name in its path stands in braces"),
        ({"path": "x/{{a}}"}, "each name in its path stands in braces"),
        ({"path": "x/{a}/{a}"}, "its path names a twice"),
        ({"path": "a room"}, "without spaces"),
        ({"path": 3}, "must be a text"),
        ({"takes": "name"}, "takes must be names of keywords"),
        ({"takes": [3]}, "takes must be names of keywords"),
        ({"headers": ["X-Actor"]}, "headers must be by keyword"),
        ({"path": "/rooms/{id}", "headers": {"id": "X-Id"}}, "id is named by its path and by its headers"),
    ],
)
def test_an_endpoint_that_could_not_be_called_is_refused_where_it_is_declared(options, complaint):
    with pytest.raises(InvalidEndpointError, match=complaint):
        Endpoint(**{"method": "GET", "path": "/rooms", **options})


class Board(enum.Enum):
    HALF = 2


class Kind(str, enum.Enum):  # noqa: UP042 - the kind that most programs have, whose str() is its name
    SUITE = "suite"


class Wish(pydantic.BaseModel):
    bed_count: int = pydantic.Field(alias="bedCount")


class Rooms(Api):
    change = Endpoint("POST", "/rooms/{room}", headers={"tenant": "X-Tenant"})
    find = Endpoint("GET", "/rooms/{room}", headers={"tenant": "X-Tenant"})


NOTHING = httpx.Response(204)


def _send(call, **values):
    """Return the body, query, path and header that a call sends."""
    sent = []
    client = httpx.Client(base_url="http://x", transport=httpx.MockTransport(lambda one: sent.append(one) or NOTHING))
    getattr(Rooms(client), call)(**values)
    return json.loads(sent[0].content or "null"), dict(sent[0].url.params), sent[0].url.path, sent[0].headers


@pytest.mark.parametrize(
    ("value", "in_json", "as_text"),
    [
        (Kind.SUITE, "suite", "suite"),
        (Board.HALF, 2, "2"),
        (date(2026, 1, 2), "2026-01-02", "2026-01-02"),
        (Decimal("1.50"), "1.50", "1.50"),
        (uuid.UUID(int=1), str(uuid.UUID(int=1)), str(uuid.UUID(int=1))),
        (7, 7, "7"),
    ],
)
def test_a_value_is_written_alike_in_a_body_a_query_a_path_and_a_header(value, in_json, as_text):
    body, _, path, headers = _send("change", room=value, tenant=value, note={"is": [value]})
    assert (body, path, headers["X-Tenant"]) == ({"note": {"is": [in_json]}}, f"/rooms/{as_text}", as_text)
    assert _send("find", room=1, note=value)[1] == {"note": as_text}


def test_none_is_null_in_a_body_and_left_out_of_a_query_and_the_headers():
    body, _, _, headers = _send("change", room=1, tenant=None, note=None)
    assert (body, "X-Tenant" in headers) == ({"note": None}, False)
    assert _send("find", room=1, tenant=None, note=None)[1] == {}
    with pytest.raises(InvalidError, match="needs room, which its path names"):
        _send("find", room=None)


def test_a_model_is_sent_by_the_names_that_its_answers_have():
    assert _send("change", room=1, wish=Wish(bedCount=2))[0] == {"wish": {"bedCount": 2}}


MUTE = {
    "an object": object(),
    "an entity": Room(1, 0),
    "a list of entities": [Room(1, 0)],
    "a class": Room,
    "a class that has isoformat": date,
    "a class that has model_dump": Wish,
    "bytes": b"x",
    "a function": lambda: 1,
}


@pytest.mark.parametrize("place", ["room", "tenant", "note"])
@pytest.mark.parametrize("name", MUTE)
def test_what_has_no_writing_of_its_own_is_refused_and_not_sent_as_its_repr(name, place):
    value = MUTE[name]
    with pytest.raises(InvalidSettingError, match=rf"Rooms\.change's {place} must be what JSON can say"):
        _send("change", **{"room": 1, place: value})


def test_a_header_that_cannot_be_written_is_told_as_unsent():
    with pytest.raises(UnsentRequestError, match="UnicodeEncodeError"):
        _send("change", room=1, tenant="Zoë")


def test_an_answer_that_cannot_be_read_is_told_in_one_line():
    class Priced(pydantic.BaseModel):
        price: int
        name: str

    @attrs.frozen
    class Plain:
        price: int

    class Prices(Api):
        modelled = Endpoint("GET", "/price", Priced)
        plain = Endpoint("GET", "/price", Plain)
        raise_it = Endpoint("POST", "/price", Plain)

    answers = httpx.MockTransport(lambda _request: httpx.Response(200, json={"price": "dear"}))
    prices = Prices(httpx.Client(transport=answers, base_url="http://hotel.example"))
    with pytest.raises(UnreadableAnswerError) as raised:
        prices.modelled()
    told = "price: Input should be a valid integer, unable to parse string as an integer; name: Field required"
    assert str(raised.value) == f"GET /price: the answer cannot be read as Priced: {told}"
    with pytest.raises(UnreadableAnswerError, match="price") as raised:
        prices.plain()
    with pytest.raises(UnreadableAnswerError, match="POST /price: it was done, and the answer cannot be read as Plain"):
        prices.raise_it()
    assert "\n" not in str(raised.value)


def test_with_idempotency_keys_writes_are_sent_again_under_the_same_key():
    lost = httpx.RemoteProtocolError("gone"), httpx.Response(502), BOOKING
    api, sent, _ = answering(*lost, BOOKING, idempotency_header="Idempotency-Key")
    assert api.book_any(**VALUES).id == api.book_any(**VALUES).id
    keys = [request.headers["Idempotency-Key"] for request in sent]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_it_gives_up_after_some_tries():
    api, sent, waits = answering(*[httpx.Response(503, text="busy")] * 5, tries=4)
    with pytest.raises(ServerError, match="GET /rooms/1: 503 Service Unavailable: busy") as raised:
        api.room(id=1)
    assert (len(sent), waits, raised.value.is_unknown) == (4, [0.2, 0.4, 0.8], False)


@pytest.mark.parametrize(
    ("status", "body", "family", "message"),
    [
        (400, {"error": {"message": "no such night"}}, InvalidError, "no such night"),
        (422, {"guest": ["too short", "not a name"]}, InvalidError, "guest: too short; not a name"),
        (409, {"type": "x", "title": "Conflict", "detail": "taken"}, ConflictError, "taken"),
        (422, {"title": "Wrong", "errors": {"guest": ["too short"]}}, InvalidError, "Wrong: guest: too short"),
        (422, {"title": "Wrong", "errors": [{"loc": ["guest"], "msg": "short"}]}, InvalidError, "Wrong: guest: short"),
        (400, {"errors": [{"message": "too late"}]}, InvalidError, "too late"),
        (418, "<h1>I am  a teapot</h1>", InvalidError, "<h1>I am a teapot</h1>"),
        (404, None, NotFoundError, "Not Found"),
        (500, "", UnavailableError, "Internal Server Error"),
        (599, "", UnavailableError, "refused"),
        (307, "", InvalidError, "Temporary Redirect"),
    ],
)
def test_messages_are_found_in_whatever_a_server_writes(status, body, family, message):
    answer = httpx.Response(status, text=body) if isinstance(body, str) else httpx.Response(status, json=body)
    api, _, _ = answering(answer)
    with pytest.raises(family) as raised:
        api.book_any(**VALUES)
    assert raised.value.message == message
    assert raised.value.is_unknown == (status == 500)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_where_a_server_sends_on_to_is_said_with_what_to_do(status):
    headers = {"location": "/bookings/"}
    api, sent, _ = answering(httpx.Response(status, headers=headers), httpx.Response(status, headers={}))
    with pytest.raises(RedirectedRequestError, match=r"sends on to /bookings/: .*client follow.*follow_redirects=True"):
        api.book_any(**VALUES)
    with pytest.raises(RedirectedRequestError, match="it does not say where to: give the endpoint") as raised:
        api.book_any(**VALUES)
    assert (raised.value.location, len(sent)) == (None, 2)


def test_fields_by_name_are_found_too():
    api, _, _ = answering(httpx.Response(400, json={"guest": ["too short"]}))
    with pytest.raises(InvalidRequestError) as raised:
        api.book_any(**VALUES)
    assert [(one.field, one.message) for one in raised.value.fields] == [("guest", "too short")]


@pytest.mark.parametrize("client", [None, object(), httpx.AsyncClient()], ids=["none", "object", "async"])
def test_what_is_no_client_is_refused_at_once(client):
    with pytest.raises(UnusableClientError, match=r"such as httpx\.Client or a TestClient"):
        Bookings(client)


class Hall(AsyncApi):
    book = Endpoint("POST", "/seats", dict, takes=("guest",))
    get = Endpoint("GET", "/seats/{id}", dict)


class SeatFactory(ServiceFactory):
    class Meta:
        model = dict
        service = Hall.book
        unit_of_work = unit_of_work({dict: lambda api, seat: api.get(id=seat["id"])})

    guest = "Ada"


class Desk:
    """A server that answers as it is told, and then books."""

    def __init__(self, *first):
        self.first = list(first)
        self.seats = []

    async def answer(self, request):
        await asyncio.sleep(0)
        if self.first:
            return httpx.Response(self.first.pop(0), json={"detail": "not now"})
        if request.method == "GET":
            number = int(request.url.path.rpartition("/")[2])
            known = number < len(self.seats) and self.seats[number]
            return httpx.Response(200, json={**known, "read": True}) if known else httpx.Response(404)
        self.seats.append({"id": len(self.seats), **json.loads(request.content)})
        return httpx.Response(201, json=self.seats[-1])


def hall(desk, **options):
    return Hall(httpx.AsyncClient(base_url="http://hall", transport=httpx.MockTransport(desk.answer)), **options)


def test_an_async_api_is_awaited_and_read_anew():
    async def work():
        api = hall(Desk())
        with using(api):
            seats = await SeatFactory.create_batch_async(2)
        return seats, await api.book(guest="Ben"), await Hall.book(api, guest="Eve")

    seats, own, other = asyncio.run(work())

    assert seats == [{"id": number, "guest": "Ada", "read": True} for number in range(2)]
    assert (own, other) == ({"id": 2, "guest": "Ben"}, {"id": 3, "guest": "Eve"})


def test_an_async_api_tries_again_and_waits_between():
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async def work():
        api = hall(Desk(503, 503), sleep=sleep, idempotency_header="Idempotency-Key")
        return await api.book(guest="Ada")

    assert asyncio.run(work()) == {"id": 0, "guest": "Ada"}
    assert waits == [0.2, 0.4]


def test_what_an_async_api_refuses_is_told():
    async def work():
        api = hall(Desk(409))
        with using(api):
            with pytest.raises(BuildFailureError, match="not now") as refused:
                await SeatFactory.create_async()
            with pytest.raises(AsyncServiceError):
                SeatFactory()
            with pytest.raises(UnknownArgumentError, match="guest"):
                await api.book(gest="Ada")
        return refused.value.cause

    assert isinstance(asyncio.run(work()), ConflictingRequestError)


def test_what_is_gone_behind_an_async_api_is_told():
    async def work():
        desk = Desk()
        api = hall(desk)
        with unit_of_work({dict: lambda api, seat: api.get(id=seat["id"])})(api) as unit:
            return await unit.stored({"id": 7})

    with pytest.raises(GoneError):
        asyncio.run(work())


@pytest.mark.parametrize(
    ("kind", "client", "complaint"),
    [
        (Bookings, httpx.AsyncClient(), "answers at once, .* not AsyncClient; AsyncApi takes it"),
        (Hall, httpx.Client(), "an AsyncApi needs a client whose .* is awaited, such as httpx.AsyncClient, not Client"),
        (Hall, None, "an AsyncApi needs a client"),
    ],
)
def test_a_client_of_the_other_kind_is_refused(kind, client, complaint):
    with pytest.raises(UnusableClientError, match=complaint) as refused:
        kind(client)
    assert str(copy.copy(refused.value)) == str(refused.value)
