"""Who calls the app, and notes what came of it. What a worker calls is a function of seed, worker and number alone."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from services import connect
from services.app import App
from services.errors import (
    HandleTakenError,
    NotFoundError,
    PermissionDeniedError,
    ServiceError,
    StoppedError,
    UnavailableError,
    UncommittedError,
    UndeliveredError,
)
from tests.contract.world import START
from tests.histories.histories import DONE, REFUSED, UNKNOWN, Event, Register
from tests.histories.proxy import NAME

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

PEOPLE: Final = 6
POSTS: Final = 3
SLOTS: Final = 3
HANDLES: Final = 4
CALLS_OF_A_PLACE: Final = 400
"""Calls of one worker in one place: registers stay small."""


@attrs.frozen
class Place:
    """A part of the world that calls meet in for a while: people, their posts, and what may come to be."""

    name: str
    users: tuple[str, ...]
    posts: tuple[str, ...]
    handles: tuple[str, ...]
    """Those that everybody wants; beside these each user has one of their own, at first."""

    @property
    def register(self) -> Register:
        """The register of all handles here."""
        return ("handles", self.name, *self.handles, *(own(self, user) for user in self.users))

    @property
    def owners(self) -> frozenset[tuple[str, str]]:
        """Who has which handle at first."""
        return frozenset((user, own(self, user)) for user in self.users)


def own(place: Place, user: str) -> str:
    """The handle that a user is born with."""
    return f"{place.name}_own{place.users.index(user)}"


def places(app: App, count: int) -> list[Place]:
    """Make so many places."""
    with app.unit_of_work():
        return [_place(app, f"p{number}") for number in range(count)]


def _place(app: App, name: str) -> Place:
    users = tuple(_user(app, f"{name}_own{number}").id for number in range(PEOPLE))
    posts = tuple(app.posts.create_post(author_id=users[number], caption="hello").id for number in range(POSTS))
    return Place(name, users, posts, tuple(f"{name}_all{number}" for number in range(HANDLES)))


def _user(app: App, handle: str) -> Any:
    return app.profiles.create_profile(
        email=f"{handle}@example.org", username=handle, handle=handle, full_name=handle.title()
    )


def texts(found: Sequence[Place]) -> str:
    """Write places for another process."""
    return json.dumps([attrs.asdict(place) for place in found])


def of_texts(text: str) -> list[Place]:
    """Read places of another process."""
    return [
        Place(**{name: tuple(part) if isinstance(part, list) else part for name, part in one.items()})
        for one in json.loads(text)
    ]


@attrs.define
class Worker:
    """Calls one app, one call after another."""

    app: App
    number: int
    seed: int | str
    places: Sequence[Place]
    events: list[Event] = attrs.Factory(list)
    _name: str = ""
    _requests: Iterator[int] = attrs.Factory(itertools.count)

    def play(self, count: int) -> list[Event]:
        """Make so many calls, and return what came of them."""
        events: Any = self.app.engine.client.meta.events if self.app.engine else None
        events.register("before-send.dynamodb", self._sign)
        for number in range(count):
            self._name, self._requests = f"{self.number}/{number}", itertools.count()
            draw = random.Random(f"{self.seed}/{self._name}")
            place = self.places[number // CALLS_OF_A_PLACE % len(self.places)]
            ((kind,),) = (draw.choices(list(_ACTS), [weight for weight, _ in _ACTS.values()]),)
            _ACTS[kind][1](_Turn(self, number, place, draw))
        events.unregister("before-send.dynamodb", self._sign)
        return self.events

    def _sign(self, request: AWSPreparedRequest, **_event: object) -> None:
        request.headers[NAME] = f"{self._name}/{next(self._requests)}"


@attrs.frozen
class _Turn:
    """One call, or one unit of work, of a worker at a place."""

    worker: Worker
    number: int
    place: Place
    draw: random.Random

    @property
    def app(self) -> App:
        return self.worker.app

    def note(self, register: Register, what: tuple[str, tuple[Any, ...]], start: int, outcome: tuple[str, str]) -> None:
        """Note what came of a call."""
        event = Event(
            self.worker.number, self.number, register, *what, start, time.monotonic_ns(), outcome[0], outcome[1]
        )
        self.worker.events.append(event)

    def set(self, register: Register, value: bool, call: Callable[[], object]) -> None:
        """Make a call that sets a flag."""
        start = time.monotonic_ns()
        try:
            call()
        except NotFoundError as error:
            # Of what others may have deleted it is a read; of all else it is not so, and nothing will explain it.
            is_read = not value and register[0] in {"post", "comment"}
            self.note(register, ("get", (False if is_read else None,)), start, (DONE, said(error)))
        except ServiceError as error:
            is_whole = value or register[0] not in {"post", "comment"}
            self.note(register, ("set", (value,)), start, outcome_of(error, is_whole=is_whole))
        else:
            self.note(register, ("set", (value,)), start, (DONE, ""))

    def get(self, register: Register, call: Callable[[], object]) -> None:
        """Make a call that reads a flag; one that fails tells nothing."""
        start = time.monotonic_ns()
        try:
            found = bool(call())
        except NotFoundError:
            found = False
        except ServiceError:
            return
        self.note(register, ("get", (found,)), start, (DONE, ""))


def outcome_of(error: ServiceError, *, is_whole: bool = True) -> tuple[str, str]:
    """Tell what an error says of the call: that it is written, that nothing is, or that nobody knows.

    A call that is not whole, such as a deletion with all that hangs on it, may have been stopped half way.
    """
    if isinstance(error, UndeliveredError):
        return DONE, said(error)
    is_unknown = error.is_unknown or (not is_whole and isinstance(error, UnavailableError | PermissionDeniedError))
    return UNKNOWN if is_unknown else REFUSED, said(error)


def said(error: BaseException) -> str:
    """Show an error."""
    return f"{type(error).__name__}: {str(error)[:200]}"


# Acts


def _like(turn: _Turn) -> None:
    user, post = turn.draw.choice(turn.place.users), turn.draw.choice(turn.place.posts)
    likes, register = turn.app.likes, ("like", turn.place.name, user, post)
    kind = turn.draw.randrange(3)
    if kind == 0:
        turn.get(register, lambda: likes.has_liked(user, post))
    else:
        call = likes.like_post if kind == 1 else likes.unlike_post
        turn.set(register, kind == 1, lambda: call(user, post))


def _follow(turn: _Turn) -> None:
    one, other = turn.draw.sample(turn.place.users, 2)
    follows, register = turn.app.follows, ("follow", turn.place.name, one, other)
    kind = turn.draw.randrange(3)
    if kind == 0:
        turn.get(register, lambda: follows.is_following(one, other))
    else:
        call = follows.follow_user if kind == 1 else follows.unfollow_user
        turn.set(register, kind == 1, lambda: call(one, other))


def _post(turn: _Turn) -> None:
    name = f"{turn.place.name}/post/{turn.draw.randrange(SLOTS)}"
    post_id = _foreseen(turn.app, turn.place, name)
    author, register = turn.place.users[0], ("post", turn.place.name, post_id)

    def create() -> None:
        with turn.app.at(START, name):
            turn.app.posts.create_post(author_id=author, caption=name)

    kind = turn.draw.randrange(4)
    if kind == 0:
        turn.get(register, lambda: turn.app.posts.get(post_id))
    elif kind == 1:
        turn.set(register, False, lambda: turn.app.posts.delete_post(post_id, user_id=author))
    else:
        turn.set(register, True, create)


def _comment(turn: _Turn) -> None:
    name = f"{turn.place.name}/comment/{turn.draw.randrange(SLOTS)}"
    comment_id = _foreseen(turn.app, turn.place, name)
    author, post = turn.place.users[1], turn.place.posts[0]
    comments, register = turn.app.comments, ("comment", turn.place.name, post, comment_id)

    def create() -> None:
        with turn.app.at(START, name):
            comments.create_comment(author, post, name)

    kind = turn.draw.randrange(4)
    if kind == 0:
        turn.get(register, lambda: comments.get(post, comment_id))
    elif kind == 1:
        turn.set(register, False, lambda: comments.delete_comment(post, comment_id, user_id=author))
    else:
        turn.set(register, True, create)


def _foreseen(app: App, place: Place, name: str) -> str:
    """The id that every worker draws by a name: of ids drawn by key, the app's seed is a part."""
    with app.at(START, name):
        return app.ids.new(START)


def _find(turn: _Turn) -> None:
    handle = turn.draw.choice((*turn.place.handles, *(own(turn.place, user) for user in turn.place.users)))
    start = time.monotonic_ns()
    try:
        found = turn.app.profiles.find_by_handle(handle)
    except ServiceError:
        return
    what = ("find", (found.id if found else None, handle))
    turn.note(turn.place.register, what, start, (DONE, ""))


def _rename(turn: _Turn) -> None:
    user = turn.draw.choice(turn.place.users)
    handle = turn.draw.choice((*turn.place.handles, own(turn.place, user), own(turn.place, user)))
    start = time.monotonic_ns()
    what, outcome = ("take", (user, handle)), (DONE, "")
    try:
        turn.app.profiles.update_profile(user, handle=handle)
    except HandleTakenError:
        what = ("taken", (user, handle))
    except ServiceError as error:
        outcome = outcome_of(error)
    turn.note(turn.place.register, what, start, outcome)


def _unit(turn: _Turn) -> None:
    """A unit of work: what came of each call is asked of the unit, and of those without a value known by its end."""
    user, start = turn.draw.choice(turn.place.users), time.monotonic_ns()
    likes, register = turn.app.likes, ("like", turn.place.name, user)
    asked: list[tuple[Register, bool, object]] = []
    error: ServiceError | None = None
    unit: Any = None
    try:
        with turn.app.unit_of_work() as unit:
            for post in turn.draw.sample(turn.place.posts, 2):
                liked = turn.draw.random() < 0.6
                value = likes.like_post(user, post) if liked else likes.unlike_post(user, post)
                asked.append(((*register, post), liked, value))
    except ServiceError as stop:
        error = stop
    for place, liked, value in asked:
        turn.note(place, ("set", (liked,)), start, _outcome_in(unit, value, error))


def _outcome_in(unit: Any, value: object, error: ServiceError | None) -> tuple[str, str]:
    if error is None:
        return DONE, ""
    if value is None:  # of what has no value the unit tells nothing but sums
        is_nothing = isinstance(error, StoppedError) and not (error.committed or error.unknown)
        return REFUSED if is_nothing else UNKNOWN, said(error)
    try:
        unit.stored(value)
    except UncommittedError as lost:
        return REFUSED, said(lost)
    except ServiceError as other:
        return UNKNOWN, said(other)
    return DONE, ""


_ACTS: Final[Mapping[str, tuple[int, Callable[[_Turn], None]]]] = {
    "like": (30, _like),
    "follow": (20, _follow),
    "post": (6, _post),
    "comment": (10, _comment),
    "find": (10, _find),
    "rename": (10, _rename),
    "unit": (14, _unit),
}


def connected(url: str, table: str, *, skew_seconds: float = 0) -> App:
    """Connect a worker's own app. All share a seed, so that ids by key are the same everywhere; clocks may be wrong."""
    skew = timedelta(seconds=skew_seconds)
    return connect(url, table, is_made=False, workers=1, seed="histories", clock=lambda: datetime.now(UTC) + skew)
