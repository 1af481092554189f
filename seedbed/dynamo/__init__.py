"""A unit of work over one DynamoDB table: for apps that keep what they count exact by conditions on their writes.

    session = Session(table := Table(open_engine(None), "library", SCHEMA))
    session.apply(Change(puts=(Put(key, row),), adds=(Add(owner, {"loans_count": 1}, unless(NoBookError, id)),)), loan)

docs/dynamodb.md shows a whole app. What there is, by what it is for:

- *the table*: `Schema` and `Entity` say what an app keeps in it; `Table` is one behind an engine of `open_engine`
  (None: in this process; "aws"; a URL); `DryTable` plays writes through and sends none.
- *writes*: a `Change` is what one service call writes, whole or not at all: `Put`, `Delete`, `Add`, `Set` and `Exists`,
  each with what its refusal means (`unless`, `already`); an `Effect` is what is done after it. `row_of` writes a row.
- *where services write and read*: `Session`. `session.unit_of_work()` is the app's `unit_of_work`: it packs the Changes
  of many calls into few transactions, and its unit, a `UnitOfWork`, answers for each.

Names are imported when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.fronts import Front
from seedbed.libraries import need_installed

need_installed("boto3", "botocore")  # here, and not in the traceback of whichever module would import them first

if TYPE_CHECKING:
    from seedbed.dynamo.changes import Add as Add
    from seedbed.dynamo.changes import Change as Change
    from seedbed.dynamo.changes import Delete as Delete
    from seedbed.dynamo.changes import Effect as Effect
    from seedbed.dynamo.changes import Exists as Exists
    from seedbed.dynamo.changes import Put as Put
    from seedbed.dynamo.changes import Set as Set
    from seedbed.dynamo.changes import already as already
    from seedbed.dynamo.changes import unless as unless
    from seedbed.dynamo.engines import Engine as Engine
    from seedbed.dynamo.engines import open_engine as open_engine
    from seedbed.dynamo.memory import DryTable as DryTable
    from seedbed.dynamo.outcomes import RefusedChangesError as RefusedChangesError
    from seedbed.dynamo.outcomes import StoppedError as StoppedError
    from seedbed.dynamo.pages import page as page
    from seedbed.dynamo.rows import Key as Key
    from seedbed.dynamo.rows import Row as Row
    from seedbed.dynamo.rows import row_of as row_of
    from seedbed.dynamo.schema import Entity as Entity
    from seedbed.dynamo.schema import Schema as Schema
    from seedbed.dynamo.session import Session as Session
    from seedbed.dynamo.table import Table as Table
    from seedbed.dynamo.unit_of_work import UnitOfWork as UnitOfWork

_FRONT = Front(
    __name__,
    {
        "seedbed.dynamo.changes": ("Add", "Change", "Delete", "Effect", "Exists", "Put", "Set", "already", "unless"),
        "seedbed.dynamo.engines": ("Engine", "open_engine"),
        "seedbed.dynamo.memory": ("DryTable",),
        "seedbed.dynamo.outcomes": ("RefusedChangesError", "StoppedError"),
        "seedbed.dynamo.pages": ("page",),
        "seedbed.dynamo.rows": ("Key", "Row", "row_of"),
        "seedbed.dynamo.schema": ("Entity", "Schema"),
        "seedbed.dynamo.session": ("Session",),
        "seedbed.dynamo.table": ("Table",),
        "seedbed.dynamo.unit_of_work": ("UnitOfWork",),
    },
)
if not TYPE_CHECKING:  # to a checker a module that has `__getattr__` has any name
    __all__ = _FRONT.names  # noqa: PLE0605 - the imports above tell type checkers
    __getattr__, __dir__ = _FRONT.get, _FRONT.list
