"""The social app's suite: what `seed`, the pytest plugin and the shell are told about it. Nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedbed.suite import Counter, Finding, Suite, SuiteAudit
from services.entities import Comment, Follow, Like, Post, User

if TYPE_CHECKING:
    from seedbed.dynamo.engines import Engine
    from services import App

_TABLE = "world.json.gz"


@contextmanager
def open_app(
    target: str | None = None,
    *,
    clock: Callable[[], datetime] | None = None,
    seed: int | str | None = None,
    is_dry: bool = False,
    world: Path | None = None,
) -> Iterator[App]:
    """Open the app: embedded in this process, or at the endpoint that `target` names, where its table is `social`.

    With a `world` it is embedded, and holds a copy of what `keep` wrote there.

    Raises:
        ServiceError: As `connect`.
    """
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    validate = target is None and not is_dry
    with (
        nullcontext() if world is None else _open_world(world).copy() as engine,
        connect(target, engine=engine, clock=clock, seed=seed, is_dry=is_dry, validate=validate) as app,
    ):
        yield app


def keep(app: Any, folder: Path) -> None:
    """Write the app's table into a folder.

    Raises:
        DumpError: It cannot be written.
    """
    app.dump(folder / _TABLE)


@cache
def _open_world(world: Path) -> Engine:
    """Return an engine with what `keep` wrote, which is copied and never written to; one of each in a process."""
    from seedbed.dynamo.engines import embedded_engine  # noqa: PLC0415 - loads moto
    from services import connect  # noqa: PLC0415 - as above

    engine = embedded_engine(validate=True)
    with connect(engine=engine) as app:
        app.load(world / _TABLE)
    return engine


def audit(app: Any) -> SuiteAudit:
    """Recount all that the app's own audit does: every row and counter, not the declared counters alone.

    Raises:
        ServiceError: The table cannot be used.
    """
    found = app.audit()
    findings = tuple(Finding(str(one.kind.value), one.message, one.stored, one.expected) for one in found.findings)
    return SuiteAudit(found.counters, found.rows, findings)


def rows(app: Any, model: Any) -> Iterable[Any]:
    """List all that is stored of an entity.

    Raises:
        ServiceError: It is none of the app's, or the table cannot be used.
    """
    listed: Iterable[Any] = app.rows(model)
    return listed


suite = Suite(
    "social",
    open=open_app,
    factories="factories",
    scenarios="factories.scenarios",
    counters=[
        Counter("likes_count", of=Post, counts=Like, by="post_id"),
        Counter("comments_count", of=Post, counts=Comment, by="post_id"),
        Counter("replies_count", of=Comment, counts=Comment, by="parent_comment_id"),
        Counter("posts_count", of=User, counts=Post, by="author_id"),
        Counter("followers_count", of=User, counts=Follow, by="followee_id"),
        Counter("following_count", of=User, counts=Follow, by="follower_id"),
    ],
    planner="factories.seeding.planner:presets",
    keep=keep,
    listing=rows,
    auditor=audit,
    pages="factories.pages:pages",
    command="factories.command.cli:app",
    explain="factories.command.cli:explain",
)
