"""`seed export` and `seed import`: a world as files that ImportTable takes, and a table made of them."""

from __future__ import annotations

import json
import shlex
import time
from typing import TYPE_CHECKING, Any

from factories.command.orders import InterruptedOrderError, interruptible, program, working
from factories.command.target import Target, real_place
from factories.errors import FactoryError
from seedbed.command.console import Console

if TYPE_CHECKING:
    from factories.command.orders import Order


class OtherTableError(FactoryError):
    """What was imported is not what the export holds."""

    exit_code = 3

    def __init__(self, table: str, name: str, digest: str) -> None:
        self.table, self.name, self.digest = table, name, digest
        super().__init__(
            f"the table {table} was made, and its digest is {digest}, not that of {name}: rows were lost or changed on "
            "the way, or somebody wrote meanwhile. Delete the table and import again"
        )


class InterruptedExportError(FactoryError):
    """Ctrl-C stopped an export."""

    exit_code = 130

    def __init__(self, name: str, left: str = "the same command begins anew, without what is left there") -> None:
        self.name, self.left = name, left
        super().__init__(f"stopped; there is no export in {name} yet: {left}")


def export(target: Target, order: Order, name: str, *, processes: int | None = None) -> int:
    """Write the final rows of a world into a folder, or into a bucket, without an engine; return the exit code.

    Args:
        target: what the options say.
        order: the world.
        name: the folder, or `s3://bucket/prefix`.
        processes: how many make it side by side; None for as many as there are processors, where it is large enough.

    Raises:
        UsageError: the world is too large.
        DumpError: the place holds something, another export is being written there, or it cannot be written.
        FailedOrderError: the world could not be made.
        InterruptedExportError: Ctrl-C stopped it.
        LeftInBucketError: it failed, and a bucket does not let what is there of it be taken away.
    """
    from factories.command import shares  # noqa: PLC0415 - loads the factories
    from services import exports  # noqa: PLC0415 - `seed --help` is to be quick

    order.check_size()
    began = time.perf_counter()
    try:
        with Console(is_quiet=target.json) as console, exports.opened(name) as (place, is_again):
            if is_again:
                console.warn(f"{name} had what a stopped export left; that was taken away, and this one begins anew")
            with place.scratch() as scratch:
                made = shares.make(order, place, scratch, console, processes)
    except (KeyboardInterrupt, InterruptedOrderError) as error:
        raise InterruptedExportError(name) from error
    except exports.LeftInBucketError as error:
        if not isinstance(error.__cause__, (KeyboardInterrupt, InterruptedOrderError)):
            raise
        raise InterruptedExportError(name, error.left) from error
    said = {"rows": made.rows, "digest": made.digest, "objects": len(made.parts), "counts": made.counts}
    _tell(target, name, {**said, "seconds": round(time.perf_counter() - began, 3)})
    return 0


def import_table(target: Target, name: str, through: str | None) -> int:
    """Let DynamoDB make a new table of an export, and audit it; return the exit code, 1 on drift.

    Raises:
        DumpError: the export is none that an import takes, the table is there, or not all rows were taken.
        ServiceError: the engine has no ImportTable, or cannot be used.
        OtherTableError: what is in the table is not what the export holds.
        InterruptedCommandError: Ctrl-C stopped it.
    """
    from factories.command.report import audit_lines  # noqa: PLC0415 - loads SQLite
    from factories.command.run import audit_table  # noqa: PLC0415 - as above
    from services import connect, exports  # noqa: PLC0415 - the AWS client takes a third of a second

    endpoint = str(target.endpoint_url)
    rest = (
        f"an import that was begun goes on without this command. Once the table {target.table} is there, audit it "
        f"with: {program()} audit {target.place}; while there is none, begin again"
    )
    with interruptible(lambda: rest), Console(is_quiet=target.json) as console, working():
        expected = exports.import_table(
            name, endpoint, target.table, through=through, progress=lambda rows: console.advance("import", rows, None)
        )
        with connect(endpoint, target.table, workers=target.workers, is_made=False) as app:
            real_place(console, target.endpoint_url, app.endpoint_url)
            found = audit_table(app, console)
    if expected not in {None, found.digest}:
        raise OtherTableError(target.table, name, found.digest)
    said = {"table": target.table, "import": name, "digest": found.digest, "audit": found.to_json()}
    lines = [
        f"{found.rows:,} rows of {name} are in table {target.table}",
        *audit_lines(found),
        f"digest: {found.digest}",
    ]
    printed = [json.dumps(said)] if target.json else lines
    Console().report(*printed, done=lines[0], again=f"{program()} audit {target.place}")
    return 0 if found.is_clean else 1


def _tell(target: Target, name: str, said: dict[str, Any]) -> None:
    audit = f"{program()} audit --export {shlex.quote(name)}"
    objects = "1 object" if said["objects"] == 1 else f"{said['objects']:,} objects"
    lines = [
        f"{said['rows']:,} rows are in {name}, in {objects} ({said['seconds']:,.1f} s)",
        f"digest: {said['digest']}",
        f"audit it: {audit}",
    ]
    Console().report(*([json.dumps({"export": name, **said})] if target.json else lines), done=lines[0], again=audit)
