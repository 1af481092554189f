"""Wiring: one App holds the services, the table, the clock and the ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import attrs

from seedbed.clock import At, Clock, Ids
from seedbed.dynamo.digest import Digest, digest_of
from seedbed.dynamo.engines import Engine, open_engine
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.scanning import entities
from seedbed.dynamo.session import Session, check_workers
from seedbed.dynamo.store import Store
from seedbed.dynamo.unit_of_work import UnitOfWork
from seedbed.dynamo.usage import Usage
from seedbed.plain import plain_text, whole_number
from seedbed.settings import check_flags, check_functions, check_text
from services.comments import CommentService
from services.container import Container, Make, check_makers
from services.delivery.fan_out import FanOut
from services.errors import (
    InvalidSettingError,
    InvalidTableNameError,
    ServiceError,
    TableNotFoundError,
    UnpicklableAppError,
)
from services.feeds import FeedService
from services.follows import FollowService
from services.likes import LikeService
from services.members import Members
from services.posts import PostService
from services.profiles import ProfileService
from services.recounts import RecountService
from services.rows.schema import SCHEMA
from services.runs import RunService

if TYPE_CHECKING:
    from services.audit import Audit, Repair

FAN_OUT_LIMIT = 1_000
"""Authors with more followers than this are merged on read. Our choice: one delivery stays within 40 batch writes."""
WORKERS = 4
"""Packs sent side by side by default, where an engine is reached over a connection: one thread makes one of them ready
while the engine works at another, and an engine of one writer gains nothing by more (docs/design.md)."""


_NUMBERS_END = 10**38
"""A number of DynamoDB has at most 38 digits: Amazon DynamoDB Developer Guide, "Supported data types"."""


@attrs.frozen
class App:
    """The social app over one table. Close it, or use it in a `with`, when done."""

    session: Session = attrs.field(repr=False)
    clock: Clock = attrs.field(repr=False)
    ids: Ids = attrs.field(repr=False)
    table: Store
    engine: Engine | None = attrs.field(repr=False)
    container: Container = attrs.field(repr=False)
    fan_out_limit: int = FAN_OUT_LIMIT

    @property
    def profiles(self) -> ProfileService:
        """Who there is."""
        return self.container.get(ProfileService)

    @property
    def posts(self) -> PostService:
        """What authors publish."""
        return self.container.get(PostService)

    @property
    def likes(self) -> LikeService:
        """Who likes which post."""
        return self.container.get(LikeService)

    @property
    def comments(self) -> CommentService:
        """What is said under posts."""
        return self.container.get(CommentService)

    @property
    def follows(self) -> FollowService:
        """Who follows whom."""
        return self.container.get(FollowService)

    @property
    def feeds(self) -> FeedService:
        """What users see of those whom they follow."""
        return self.container.get(FeedService)

    @property
    def recounts(self) -> RecountService:
        """What the counters of one user or post must be, by the rows."""
        return self.container.get(RecountService)

    @property
    def place(self) -> str:
        """The table's name and where it is, for people to read."""
        return repr(self.table)

    @property
    def segments(self) -> int:
        """In how many segments a scan of the whole table is read best: as many as workers on AWS, one elsewhere."""
        return self.workers if self.session.unflushed.is_spread else 1

    @property
    def workers(self) -> int:
        """How many requests are sent side by side where nothing else is said."""
        return self.session.workers

    @property
    def runs(self) -> RunService:
        """How far seeding runs have come, and who came with them."""
        return self.container.get(RunService)

    def unit_of_work(
        self, *, is_dry: bool = False, workers: int | None = None, skipping: tuple[type[ServiceError], ...] = ()
    ) -> AbstractContextManager[UnitOfWork]:
        """Queue the writes of all calls in the block and commit them packed; see `Session.unit_of_work`."""
        return self.session.unit_of_work(is_dry=is_dry, workers=workers, skipping=skipping)

    def rehearsal(self) -> AbstractContextManager[UnitOfWork]:
        """Let the calls of the block return values that are stored, and write nothing; see `Session.rehearsal`."""
        return self.session.rehearsal()

    def at(self, moment: datetime | None = None, key: str | None = None) -> At:
        """Stand the clock still at `moment`, and draw ids by `key`, for the block; docs/context.md tells for whom."""
        return At(self.clock, self.ids, moment, key)

    def share(self, writers: int) -> None:
        """Write beside so many other processes, this one among them; see `seedbed.dynamo.store.Store.share`."""
        self.table.share(writers)

    @property
    def endpoint_url(self) -> str | None:
        """Where the table really is, without user and password; None: in this process."""
        return None if self.engine is None else self.engine.url

    @property
    def usage(self) -> Usage:
        """What this app has sent since it was connected, or in this dry run."""
        return self.session.unflushed.meter.read()

    def dump(self, path: Path, *, to: str = "dump", progress: Callable[[int], None] | None = None) -> dict[str, Any]:
        """Write the table into a new file: as `seedbed.dynamo.dumps` does, or `to` "sqlite" or "parquet".

        Raises:
            DumpError: there is something of the name already, or it cannot be written.
            InvalidSettingError: `path` is none, `to` is no such form, or `progress` cannot be called.
        """
        from seedbed.dynamo.dumps import dump  # noqa: PLC0415 - most programs do not need it
        from seedbed.dynamo.exporting import export  # noqa: PLC0415 - as above

        path = _check_path(path)
        if to not in ("dump", "sqlite", "parquet"):  # a tuple: `to` may be what has no hash
            raise InvalidSettingError("to", to, '"dump", "sqlite" or "parquet"')
        check_functions(progress=progress)
        store = self.session.store
        if to != "dump":
            rows = export(store, path, to, segments=self.segments, progress=progress or (lambda _rows: None))
            return {"rows": rows}
        made = dump(store, path, segments=self.segments, progress=progress)
        return {"rows": made.rows, "digest": made.digest, "counts": made.counts}

    def load(self, path: Path, *, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
        """Write a dump into the table, which must be empty; a load that was stopped goes on.

        Raises:
            DumpError: the dump is damaged, of another program, or newer; nothing was written.
            NotEmptyError: the table holds rows.
            InvalidSettingError: `path` is none, or `progress` cannot be called.
        """
        from seedbed.dynamo.dumps import load  # noqa: PLC0415 - most programs do not need it

        check_functions(progress=progress)
        made = load(self.session.store, _check_path(path), workers=self.workers, progress=progress)
        return {"rows": made.rows, "digest": made.digest, "counts": made.counts}

    def audit(self, **options: Any) -> Audit:
        """Recount everything in the table, and check every row against the others; see `services.audit.audit`."""
        from services.audit import audit  # noqa: PLC0415 - it loads SQLite, which most programs do not need

        return audit(self, **{"segments": self.segments, **options})

    def repair(self, found: Audit, **options: Any) -> Repair:
        """Mend what an audit found, where that can be; see `services.audit.repair`."""
        from services.audit import repair  # noqa: PLC0415 - as above

        return repair(self, found, **{"segments": self.segments, **options})

    def rows(self, model: type) -> Iterator[Any]:
        """Yield all that is stored of an entity: User, Post, Like, Comment, Follow or FeedItem, in no order.

        Raises:
            InvalidSettingError: `model` is none of these.
            UnavailableError: the engine did not answer.

        Cost: 1 Scan per 1 MB of the table, as far as rows are taken.
        """
        return entities(self, model)

    def digest(self) -> Digest:
        """Sum up all content of the table; see `seedbed.dynamo.digest`."""
        return digest_of(self, segments=self.segments)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied.

        Raises:
            UnpicklableAppError: always.
        """
        raise UnpicklableAppError

    def close(self) -> None:
        """Close services and engine; a later call raises AppClosedError. The rows of an embedded engine are gone."""
        self.session.close()
        self.container.close()
        if self.engine is not None:
            self.engine.close()

    def __enter__(self) -> Self:
        """Return the app itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the app."""
        self.close()


def connect(
    endpoint_url: str | None = None,
    table: str = "social",
    *,
    region: str | None = None,
    session: object = None,
    engine: Engine | None = None,
    workers: int | None = None,
    fan_out_limit: int = FAN_OUT_LIMIT,
    clock: Clock | Callable[[], datetime] | None = None,
    seed: int | str | None = None,
    services: Mapping[type, Make] | None = None,
    validate: bool = False,
    is_dry: bool = False,
    is_made: bool = True,
) -> App:
    """Connect to a table, which is made when it is missing, and wire the services to it.

    Args:
        endpoint_url: None for an engine embedded in this process, "aws" for AWS, else a DynamoDB endpoint's URL. A user
            and password in it are dropped: DynamoDB is signed for.
        table: the table's name.
        region: AWS's region; by default what AWS's configuration finds.
        session: your own boto3 Session, or a DynamoDB client, which is left open; by default what boto3 finds in the
            environment. The embedded engine reads nothing of that.
        engine: one that is open already, such as `embedded_engine(data=path)`; it is left open.
        workers: how many packs a unit of work sends side by side; by default 1 inside this process, else 4.
        fan_out_limit: authors with more followers than this are merged on read.
        clock: tells the time; by default the system's.
        seed: makes ids reproducible; by default they are random.
        services: another implementation in a service's place: `{LikeService: make}`. `make` is called once, with the
            container, whose `get` gives it Session, Clock, Ids and other services by their types.
        validate: let the client check every call against its model: slower, for tests.
        is_dry: play all writes through and send none; nor is a missing table made.
        is_made: make the table when it is missing.

    Raises:
        InvalidError: a setting is wrong.
        EndpointUnreachableError: nothing answers at the endpoint.
        PermissionDeniedError: the credentials are missing or not enough.
        TableNotFoundError: the table is missing, and was not to be made.
        TableShapeError: a table of this name has another shape.
        TransactionsUnsupportedError: the engine has no transactions.
    """
    table, workers, fan_out_limit = _check_settings(table, workers, fan_out_limit)
    check_flags(validate=validate, is_dry=is_dry, is_made=is_made)
    endpoint_url, region = check_text("endpoint_url", endpoint_url), _check_region(region)
    _check_engine(engine)
    others = check_makers(services)
    told = clock if isinstance(clock, Clock) else Clock(clock)
    ids = Ids(seed)
    connections = max(10, 2 * (workers or WORKERS))
    opened, store = _open(
        table,
        endpoint_url,
        engine,
        is_dry=is_dry,
        is_made=is_made,
        region=region,
        session=session,
        max_connections=connections,
        validate=validate,
    )
    own = Session(store, workers=workers or (WORKERS if store.is_remote else 1))
    own.on_effects(FanOut(own, fan_out_limit).settle)
    own.on_ids(lambda: ids.is_keyed and told.is_still)
    store.fan_out_limit = fan_out_limit
    container = Container(_makers(own, told, ids) | others)
    return App(own, told, ids, store, opened, container, fan_out_limit)


def _open(
    table: str, endpoint_url: str | None, engine: Engine | None, *, is_dry: bool, is_made: bool, **options: Any
) -> tuple[Engine | None, Store]:
    if engine is not None and (endpoint_url is not None or options["session"] is not None):
        raise InvalidSettingError("engine", engine.kind, "left out where an endpoint or a session is named")
    if endpoint_url is None and options["session"] is not None:
        rule = "left out where the engine is embedded: name an endpoint"
        raise InvalidSettingError("session", type(options["session"]).__name__, rule)
    if is_dry and endpoint_url is None and engine is None:
        return None, DryTable(None, table, SCHEMA)
    from seedbed.dynamo.table import Table  # noqa: PLC0415 - loads botocore, which nothing in memory needs

    engine = open_engine(endpoint_url, **options) if engine is None else attrs.evolve(engine, close=lambda: None)
    store = Table(engine, table, SCHEMA, endpoint_url=engine.url)
    try:
        is_there = store.ensure(is_made=is_made and not is_dry)
    except BaseException:
        engine.close()
        raise
    if not is_there and not is_made:
        engine.close()
        raise TableNotFoundError(table)
    return engine, DryTable(store if is_there else None, table, SCHEMA) if is_dry else store


def _check_settings(table: object, workers: object, fan_out_limit: object) -> tuple[str, int | None, int]:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    if not isinstance(table, str) or not 3 <= len(table) <= 255 or not set(table) <= allowed:  # noqa: PLR2004 - AWS's rule
        raise InvalidTableNameError(table)
    limit = whole_number(fan_out_limit)
    if limit is None or not 0 <= limit < _NUMBERS_END:
        raise InvalidSettingError("fan_out_limit", fan_out_limit, "a whole number, 0 or more, of at most 38 digits")
    return plain_text(table), check_workers(workers), limit


def _check_path(path: object) -> Path:
    if not isinstance(path, (str, Path)) or not str(path):
        raise InvalidSettingError("path", path, "a path")
    return Path(path)


def _check_engine(engine: object) -> None:
    if engine is not None and not isinstance(engine, Engine):
        raise InvalidSettingError("engine", engine, "an engine that is open, or None")


def _check_region(region: object) -> str | None:
    rule = "the name of a region, such as eu-west-1, or None"
    if region == "":
        raise InvalidSettingError("region", region, rule)
    return check_text("region", region, rule)


def _makers(session: Session, clock: Clock, ids: Ids) -> dict[type, Make]:
    members = Members()
    return {
        Session: lambda _: session,
        Clock: lambda _: clock,
        Ids: lambda _: ids,
        Members: lambda _: members,
        ProfileService: lambda _: ProfileService(session, clock, ids, members),
        RunService: lambda _: RunService(session, clock, members),
        PostService: lambda _: PostService(session, clock, ids),
        LikeService: lambda _: LikeService(session, clock),
        CommentService: lambda _: CommentService(session, clock, ids),
        FollowService: lambda _: FollowService(session, clock),
        FeedService: lambda _: FeedService(session, clock),
        RecountService: lambda _: RecountService(session),
    }
