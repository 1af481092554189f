"""Services that are reached over HTTP, by a client such as httpx's, or the TestClient of Starlette and FastAPI.

    from seedbed.http import Api, Endpoint

    class Bookings(Api):
        book = Endpoint("POST", "/rooms/{room_id}/bookings", Booking, takes=("room_id", "guest", "night"))
        get = Endpoint("GET", "/bookings/{id}", Booking)

    class BookingFactory(ServiceFactory[Booking]):
        class Meta:
            service = Bookings.book  # found in the app: app.bookings = Bookings(httpx.Client(base_url=...))
            unit_of_work = unit_of_work({Booking: lambda app, booking: app.bookings.get(id=booking.id)})

An endpoint is called with keywords. Those that its path names go there; the others are the query of GET, HEAD and
DELETE, and the JSON body elsewhere. `takes` names all of them, so that a factory refuses a wrong one before it calls.

*Answers* are read into a pydantic model, an attrs class, a dataclass, or lists of these (`list[Booking]`); into what a
function of yours makes of the JSON; without any, the JSON is returned.

*Refusals* are errors of the families of `seedbed.errors`, with the server's own message: InvalidRequestError (400, 422
and the other 4xx; its `fields` are those that the server names), ForbiddenRequestError (401, 403), NoResourceError
(404, 410), ConflictingRequestError (409, 412), RedirectedRequestError (3xx, which the client did not follow),
ServerError (429, 5xx) and NoAnswerError (timeouts, lost connections).
`Api(client, errors={409: RoomTakenError})` raises an app's own instead, made of that message.

*Retries*: what may be sent again without harm is, up to `tries` times: GET, HEAD, PUT, DELETE, and what never reached
the server. A POST or PATCH is, where the API knows it again: `Api(client, idempotency_header="Idempotency-Key")` sends
a key of its own with each call, the same in each try. Without, one whose answer was lost is a failure that may be there
all the same, and is told as such (`is_unknown`).

*Async clients*: endpoints of an `AsyncApi(httpx.AsyncClient(...))` are awaited, and their factories used by
`create_async`; what reads anew for `unit_of_work` may be async too.

There is no transaction over HTTP: a call that was answered is stored, and a dry run cannot be had.
"""

from __future__ import annotations

from seedbed.http.api import Api, AsyncApi, Endpoint
from seedbed.http.errors import (
    ConflictingRequestError,
    FieldError,
    ForbiddenRequestError,
    InvalidEndpointError,
    InvalidRequestError,
    NoAnswerError,
    NoResourceError,
    RedirectedRequestError,
    ResponseError,
    ServerError,
    UnreadableAnswerError,
    UnsentRequestError,
    UnusableClientError,
)
from seedbed.http.unit import Unit, unit_of_work

__all__ = [
    "Api",
    "AsyncApi",
    "ConflictingRequestError",
    "Endpoint",
    "FieldError",
    "ForbiddenRequestError",
    "InvalidEndpointError",
    "InvalidRequestError",
    "NoAnswerError",
    "NoResourceError",
    "RedirectedRequestError",
    "ResponseError",
    "ServerError",
    "Unit",
    "UnreadableAnswerError",
    "UnsentRequestError",
    "UnusableClientError",
    "unit_of_work",
]
