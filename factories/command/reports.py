"""`seed report`: a world, or a table at an endpoint, as one HTML file to look at."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from factories.command.orders import Order, working
from factories.command.target import Target, real_place
from seedbed.beside import beside, clear, is_there
from seedbed.command.console import Console
from seedbed.command.errors import UsageError

if TYPE_CHECKING:
    from factories.reporting import Figures
    from services import App


def report(target: Target, order: Order | None, path: str, *, is_forced: bool) -> int:
    """Write the figures of a table at an endpoint, or of a world that is made for it; return the exit code, 1 on drift.

    Raises:
        UsageError: the file is there and not to be replaced, or cannot be written.
        NoPlotsError: the extra `report` is not installed.
        ServiceError: the table cannot be used.
        FailedOrderError: the world could not be made.
    """
    from factories.reporting import check_plots, load_plots  # noqa: PLC0415 - loads NumPy

    file = Path(path)
    clear(file)
    _check(file, is_forced=is_forced)
    check_plots()
    with Console(is_quiet=target.json) as console:
        figures = _at_endpoint(target, console) if order is None else _of_world(order, console)
    load_plots()
    _write(file, figures.page(), is_forced=is_forced)
    said = {"file": path, **figures.as_json()}
    text = f"the report is in {path}: open it in a browser"
    Console().report(json.dumps(said) if target.json else text, done=text)
    return 0 if figures.audit.is_clean else 1


def _at_endpoint(target: Target, console: Console) -> Figures:
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    with connect(target.endpoint_url, target.table, workers=target.workers, is_made=False) as app, working():
        place = real_place(console, target.endpoint_url, app.endpoint_url)
        return _look(app, f"table {target.table} of {place}", console)


def _of_world(order: Order, console: Console) -> Figures:
    from factories.command.run import on_paper, warn_of_size  # noqa: PLC0415 - loads the factories

    warn_of_size(order, console, is_dry=True)
    started = time.perf_counter()
    with on_paper(order, console) as app:
        took = time.perf_counter() - started
        return _look(app, f"table {order.table}, played through in memory", console, took)


def _look(app: App, place: str, console: Console, took: float | None = None) -> Figures:
    from factories.reporting import Cost, look  # noqa: PLC0415 - loads NumPy

    cost = None if took is None else Cost.of(app.usage, took)
    return look(app, place=place, cost=cost, progress=lambda rows: console.advance("audit", rows, None))


def _check(file: Path, *, is_forced: bool) -> None:
    """Refuse before anything is made what could not be written afterwards.

    Raises:
        UsageError: the file is there already, or is no file, or its folder is missing or closed to us.
    """
    if file.is_dir():
        message = f"{file} is a folder: name a file in it, such as {file / 'report.html'}"
    elif is_there(file) and not is_forced:
        message = f"{file} is there already: name another file, or add --force to replace it"
    elif not file.parent.is_dir():
        message = f"{file} cannot be written: there is no folder {file.parent}"
    elif not os.access(file.parent, os.W_OK):
        message = f"{file} cannot be written: the folder {file.parent} is closed to us"
    else:
        return
    raise UsageError(message)


def _write(file: Path, text: str, *, is_forced: bool) -> None:
    """Write a file whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    _check(file, is_forced=is_forced)
    try:
        with beside(file) as folder:
            (folder / "report.html").write_text(text, encoding="utf-8")
            (folder / "report.html").replace(file)
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise UsageError(message) from error
