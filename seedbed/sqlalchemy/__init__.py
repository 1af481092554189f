"""Units of work over the sessions of an app on SQLAlchemy 2.

    from seedbed.sqlalchemy import unit_of_work

    class OrderFactory(ServiceFactory[Order]):
        class Meta:
            service = OrderService.place_order
            unit_of_work = unit_of_work("session")  # app.session; or once for all: Suite(unit_of_work=...)

The outermost factory call is one transaction: `create_batch(1_000)` commits once, and so does what its hooks create.
Each service call stands in a savepoint. A call that is refused, by a rule or by the database, leaves nothing behind,
the session is usable, and the calls before it stand.

*What services do themselves.* A service that commits ends its own part: it stays, whatever the call does next. One that
rolls back loses its own part and nothing of the calls before it. `with session.begin():` and `begin_nested()` work in a
service as they do outside. What is written to the database is committed, or rolled back, when the unit of work ends.

*What is returned* is read from the database, once the hooks have run: server defaults, counters, whatever triggers
wrote. It is the same object that the service returned, and where its session is closed by then, its columns are loaded
all the same. An object that is mapped by nothing (a dataclass, an id) is returned as it is.

*Async*: an AsyncSession, an async_scoped_session or an async_sessionmaker serves `create_async` in the same way.
Objects of an async session stay loaded, since one that is expired cannot be read there.

*In a batch* objects stay loaded from one call to the next, as in a loop over the service in one transaction. After a
statement that writes past the ORM they are expired, so no service decides by what was. Where triggers write what
services decide by, say `unit_of_work("session", is_expiring=True)`.

*A transaction of the caller's own* (`with session.begin():` around the factory call, or a savepoint) is joined: the
caller commits it or rolls it back. A service's commit keeps its part in there and no more, its rollback undoes no more.

*Several tasks or threads* need a session each, or a sessionmaker: one session in two at once is refused.

*Worlds for tests*, in SQLite: `Suite(keep=...)` writes one by `keep_world`, and `open_world` opens copies of it.

Cost of an outermost call: one transaction; two short statements for each service call; one query for each 500 objects
that are returned.
"""

from __future__ import annotations

from seedbed.libraries import need

need("sqlalchemy")

from seedbed.sqlalchemy.errors import (  # noqa: E402 - once it is known to be there
    ConnectionInUseError,
    NotASessionError,
    NotSqliteError,
    SessionInUseError,
    TransactionLostError,
)
from seedbed.sqlalchemy.opening import unit_of_work  # noqa: E402 - as above
from seedbed.sqlalchemy.unit import Unit  # noqa: E402 - as above
from seedbed.sqlalchemy.worlds import keep_world, open_world  # noqa: E402 - as above

__all__ = [
    "ConnectionInUseError",
    "NotASessionError",
    "NotSqliteError",
    "SessionInUseError",
    "TransactionLostError",
    "Unit",
    "keep_world",
    "open_world",
    "unit_of_work",
]
