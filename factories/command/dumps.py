"""`seed dump` and `seed load`: a table as a file, and back."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factories.command.orders import Order, interruptible, program, working
from factories.command.target import Target, real_place
from seedbed.beside import clear
from seedbed.command.console import Console
from seedbed.command.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from services import App

FORMATS = ("dump", "sqlite", "parquet")


def dump(target: Target, order: Order | None, path: str, *, to: str) -> int:
    """Write a table at an endpoint, or a world that is made for it, into a new file; return the exit code.

    Raises:
        UsageError: there is no such format.
        DumpError: there is something of the name already, no folder for it, or it is no text; no world was made.
        ServiceError: the table cannot be read, or the file not be written.
        FailedOrderError: the world could not be made.
    """
    if to not in FORMATS:
        message = f"--to must be one of {', '.join(FORMATS)}, not {to}"
        raise UsageError(message)

    from services.dumps import check_name, check_new  # noqa: PLC0415 - `seed --help` is to be quick

    clear(Path(path))
    check_new(Path(path))
    if to == "parquet":
        check_name(Path(path))

    def write(app: App, console: Console) -> dict[str, Any]:
        return app.dump(Path(path), to=to, progress=lambda rows: console.advance("dump", rows, None))

    said = _at_endpoint(target, write, is_made=False) if order is None else _of_world(order, write, target)
    _tell(target, {"file": path, **said}, f"{said['rows']:,} rows are in {path}")
    return 0


def load(target: Target, path: str) -> int:
    """Write a dump into an empty table, and check it; return the exit code.

    Raises:
        DumpError: the dump is not whole, or not ours; nobody was asked for the table.
        ServiceError: the table is not fit for it, or the engine did not do it.
        InterruptedCommandError: Ctrl-C stopped it.
    """
    from services.dumps import check_whole  # noqa: PLC0415 - `seed --help` is to be quick

    check_whole(Path(path))

    def read(app: App, console: Console) -> dict[str, Any]:
        return app.load(Path(path), progress=lambda rows: console.advance("load", rows, None))

    command = f"{program()} load {shlex.quote(path)} {target.place}"
    rest = f"table {target.table} may hold a part of {path}, each row whole. Go on with: {command}"
    with interruptible(lambda: rest):
        said = _at_endpoint(target, read, is_made=True)
    again = f"{program()} audit {target.place}"
    _tell(target, {"file": path, **said}, f"{said['rows']:,} rows of {path} are in table {target.table}", again)
    return 0


def _at_endpoint(target: Target, work: Callable[[App, Console], dict[str, Any]], *, is_made: bool) -> dict[str, Any]:
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    with (
        Console(is_quiet=target.json) as console,
        connect(target.endpoint_url, target.table, workers=target.workers, is_made=is_made) as app,
        working(),
    ):
        real_place(console, target.endpoint_url, app.endpoint_url)
        return work(app, console)


def _of_world(order: Order, work: Callable[[App, Console], dict[str, Any]], target: Target) -> dict[str, Any]:
    from factories.command.run import report_of  # noqa: PLC0415 - loads the factories
    from seedbed.dynamo.engines import embedded_engine  # noqa: PLC0415 - loads moto
    from services import connect  # noqa: PLC0415 - as above

    with Console(is_quiet=target.json) as console, embedded_engine() as engine:
        report = report_of(order, console, is_dry=False, engine=engine)
        if not report.audit.is_clean:
            console.warn(f"the world that is written has drift: {len(report.audit.findings):,} findings")
        with connect(table=order.table, engine=engine) as app:
            return work(app, console)


def _tell(target: Target, said: dict[str, Any], text: str, again: str = "") -> None:
    digest = [f"digest: {said['digest']}"] if "digest" in said else []
    Console().report(*([json.dumps(said)] if target.json else [text, *digest]), done=text, again=again)
