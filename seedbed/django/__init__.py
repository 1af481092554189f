"""Units of work over Django's databases, and `manage.py seed`.

    from seedbed.django import unit_of_work

    class VisitFactory(ServiceFactory[Visit]):
        class Meta:
            service = staticmethod(services.book_visit)
            unit_of_work = unit_of_work()  # or once for all: Suite(unit_of_work=unit_of_work())

The outermost factory call is one `transaction.atomic()`: `create_batch(1_000)` commits once, with what hooks create.
Each service call stands in a savepoint: one that is refused, by a rule or by the database, leaves nothing behind, and
the calls before it stand. Inside a transaction of the caller's (pytest-django's `db`, `ATOMIC_REQUESTS`, an `atomic`
block) all of it is a savepoint of that one; with `transactional_db` and in a command it is committed.

Services may use `atomic`, also with `durable=True`. What they give to `transaction.on_commit` runs once the outermost
transaction commits; that of a refused call does not. What is returned is read from the database once the hooks have
run, into the very object that the service returned, as `refresh_from_db` does it.

`unit_of_work("default", "archive")` is for services that write to several databases: each commits for itself, the last
named first.

In `INSTALLED_APPS`, `"seedbed.django"` adds `manage.py seed`, which is the command of the suite that the project
declares: by the setting `SEEDBED_SUITE = "module:name"`, or as everywhere.

Django's transactions are plain, so async code is refused. There, `await sync_to_async(VisitFactory.create)()` creates,
by services that are plain or made so by `async_to_sync`.

`seed lint` tries each factory in a world that is thrown away, and the databases of a project hold what people want to
keep. `Suite(open=open_clinic, scratch=seedbed.django.scratch(open_clinic))` makes others beside them by the migrations.

Where Django defers a constraint to the commit (a foreign key that leads nowhere), SQLite refuses all of a batch there;
PostgreSQL and Oracle are asked after each call, and refuse that call alone.

Cost of an outermost call: one transaction; two short statements for each service call; one query for each 500 objects
that are returned.
"""

from __future__ import annotations

from seedbed.libraries import need

need("django")

from seedbed.django.databases import scratch  # noqa: E402 - once Django is known to be there
from seedbed.django.errors import AsyncCodeError, BrokenTransactionError, ConnectionLostError  # noqa: E402 - as above
from seedbed.django.unit import Unit, unit_of_work  # noqa: E402 - as above

__all__ = ["AsyncCodeError", "BrokenTransactionError", "ConnectionLostError", "Unit", "scratch", "unit_of_work"]
