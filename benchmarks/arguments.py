"""Junk for arguments: every public method of the services and factories, given what it cannot use, in every place.

    python -m benchmarks.arguments [count] [seed]

What is not refused by an error of ours that names the argument, or leaves rows behind, is printed, with exit code 1.
"""

from __future__ import annotations

import inspect
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs

from factories import CommentFactory, FeedItemFactory, FollowFactory, LikeFactory, PostFactory, UserFactory, using
from factories.errors import FactoryError
from services import App, connect
from services.entities import Run
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError

FACTORIES = (UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory)
SERVICES = ("profiles", "posts", "likes", "comments", "follows", "feeds", "runs")
OWN = ("at", "unit_of_work", "audit", "repair")
JUNK: tuple[Any, ...] = (
    None,
    "",
    " ",
    "x",
    "nobody",
    "no",
    "2026",
    "USER#1",
    "\0",
    "\ud800",
    "x" * 3_000,
    b"bytes",
    0,
    -1,
    1.5,
    10**30,
    math.nan,
    math.inf,
    True,
    False,
    [],
    [None],
    ["x"],
    [1, "a"],
    (),
    {},
    {"a": 1},
    {1, 2},
    object,
    object(),
    len,
    date(2026, 1, 1),
    datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    datetime(1, 1, 1, tzinfo=UTC),
    timedelta(days=1),
    Ellipsis,
    iter(()),
)


_RUN = Run(
    name="7/minimal/2026-01-01",
    seed="7",
    preset="minimal",
    as_of=datetime(2026, 1, 1, tzinfo=UTC),
    code_version="1",
    worlds="w",
    phase="users",
)


@attrs.frozen
class Fault:
    """A call that went wrong in the wrong way."""

    call: str
    given: str
    outcome: str

    def __str__(self) -> str:
        """Write it on a line."""
        return f"{self.call}({self.given}): {self.outcome}"


@attrs.frozen
class Call:
    """A callable by name, with arguments that it takes."""

    name: str
    function: Callable[..., Any]
    fitting: dict[str, Any]


class World:
    """An app with one of everything, and what can be called on it."""

    def __init__(self, app: App) -> None:
        self.app = app
        with using(app, seed=1):
            self.users = UserFactory.create_batch(3)
            self.post = PostFactory(author=self.users[0])
            self.comment = CommentFactory(post=self.post, user=self.users[1])
        self.found = app.audit()

    def calls(self) -> Iterator[Call]:
        """Yield all that is called."""
        for service in SERVICES:
            owner = getattr(self.app, service)
            for name, function in inspect.getmembers(owner, callable):
                if not name.startswith("_"):
                    yield Call(f"app.{service}.{name}", function, self._fitting(function))
        for name in OWN:
            yield Call(f"app.{name}", getattr(self.app, name), self._fitting(getattr(self.app, name)))
        for factory in FACTORIES:
            names = [*factory._meta.pre_declarations, *factory._meta.post_declarations, *factory._meta.parameters]  # noqa: SLF001 - factory_boy's
            yield Call(f"{factory.__name__}.create", factory.create, dict.fromkeys(names))
            yield Call(f"{factory.__name__}.create_batch", factory.create_batch, {"size": 1, **dict.fromkeys(names)})

    def _fitting(self, function: Callable[..., Any]) -> dict[str, Any]:
        known = {
            "user_id": self.users[0].id,
            "author_id": self.users[0].id,
            "post_id": self.post.id,
            "comment_id": self.comment.id,
            "follower_id": self.users[1].id,
            "followee_id": self.users[2].id,
            "reader_id": self.users[1].id,
            "user_ids": [self.users[0].id],
            "post_ids": [self.post.id],
            "content": "Nice",
            "email": "somebody@example.com",
            "username": "somebody",
            "handle": "somebody",
            "full_name": "Somebody",
            "name": "7/minimal/2026-01-01",
            "before": "users",
            "after": "posts",
            "found": self.found,
            "report": "{}",
            "run": self.app.runs.begin(_RUN),
            "piece": "users:0-9",
            "made": "{}",
        }
        parameters = inspect.signature(function).parameters.values()
        return {one.name: known.get(one.name) for one in parameters if one.kind is not one.VAR_KEYWORD}


def faults(count: int, seed: int) -> Iterator[Fault]:
    """Make so many calls with junk in one argument or two; yield what went wrong in the wrong way."""
    source = random.Random(seed)
    with connect() as app:
        world = World(app)
        calls = list(world.calls())
        for _ in range(count):
            call = source.choice(calls)
            names = source.sample([*call.fitting, "nonsense"], min(source.randint(1, 2), len(call.fitting) + 1))
            given = {name: source.choice(JUNK) for name in names}
            with using(app, seed=source.getrandbits(60)):
                fault = tried(app, call, given)
            if fault is not None:
                yield fault


def tried(app: App, call: Call, junk: dict[str, Any]) -> Fault | None:
    """Make one call; say what went wrong in the wrong way."""
    fitting = {name: value for name, value in call.fitting.items() if value is not None}
    before = _rows(app, call)
    wrong = None
    try:
        _make(call, {**fitting, **junk})
    except (ServiceError, FactoryError) as error:
        wrong = None if _names(error, junk) else f"does not name the argument: {error!r:.200}"
        if _rows(app, call) != before and not isinstance(error.__cause__, ConflictError):
            # (Of a name that is taken the table tells at the end: what hooks made by then stays, docs/design.md.)
            wrong = f"left {_rows(app, call)} rows behind, {before} before: {error!r:.200}"
    except Exception as error:  # noqa: BLE001 - what is looked for
        wrong = None if _is_of_the_call(error, junk) else f"{error!r:.200}"
    shown = ", ".join(f"{name}={value!r:.40}" for name, value in junk.items())
    return None if wrong is None else Fault(call.name, shown, wrong)


def _make(call: Call, arguments: dict[str, Any]) -> None:
    result = call.function(**arguments)
    if hasattr(result, "__enter__"):
        with result:
            pass


def _names(error: Exception, junk: dict[str, Any]) -> bool:
    """Tell whether an error names an argument or shows the text that was given for one, if that is what it is about."""
    if isinstance(error, (ConflictError, ForbiddenError, NotFoundError)):
        return True
    text = str(error)
    return any(
        name.removesuffix("s").split("_")[0] in text or (isinstance(value, str) and repr(value) in text)
        for name, value in junk.items()
    )


def _rows(app: App, call: Call) -> Any:
    """Count all rows; of a factory's call its own only: what it nests is made before it, as in factory_boy."""
    rows = app.usage.rows
    kind = call.name.partition("Factory.")[0].upper().replace("FEEDITEM", "FEED_ITEM")
    return app.usage.rows_put if "." in kind else rows[kind]


def _is_of_the_call(error: Exception, junk: dict[str, Any]) -> bool:
    """Tell whether it is Python's own error of a keyword that a function has not."""
    return (
        isinstance(error, TypeError) and "unexpected keyword argument 'nonsense'" in str(error) and "nonsense" in junk
    )


def main() -> int:
    """Make the calls, print what went wrong by kind; return 1 if anything did."""
    count, seed = (int(text) for text in [*sys.argv[1:], *("200000", "0")[len(sys.argv) - 1 :]])
    found = list(faults(count, seed))
    kinds = Counter(f"{fault.call}: {fault.outcome.partition('(')[0]}" for fault in found)
    for fault in found[:50]:
        print(fault)
    for kind, times in kinds.most_common():
        print(f"{times:>7,}  {kind}")
    print(f"{count:,} calls with junk, {len(found):,} answered in the wrong way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
