"""`seed --cluster`, `--shard` and `--slice`: a run made by many processes, and what this one has to say of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from factories.command.orders import Order, Part
from seedbed.command.console import Console
from services.errors import RunNotFoundError, TableNotFoundError

if TYPE_CHECKING:
    from factories.cluster.spreading import Makers, Tally
    from factories.seeding.phases import Stages
    from factories.seeding.seeder import World
    from services import App


def spread(app: App, order: Order, part: Part, stages: Stages, *, console: Console, tally: Tally) -> World:
    """Have a preset's world made by the order's crew.

    Raises:
        SliceError: A slice could not be made.
        ClusterError: The cluster is not there, or cannot be used.
        MissingLibraryError: Dask is not installed.
        ServiceError: The table cannot be used.
    """
    from factories.cluster.spreading import Spreading  # noqa: PLC0415 - loads the factories
    from factories.cluster.worker import Job  # noqa: PLC0415 - as above

    spreading = Spreading(app, Job(order, part), stages, console.advance)

    def run(makers: Makers) -> World:
        return spreading.run(makers, tally)

    if order.crew.shard is not None:
        return _as_shard(app, order, part, run, tally=tally, console=console)
    from factories.cluster.dask import workers  # noqa: PLC0415 - as above

    with workers(order.crew, console.note) as makers:
        world = run(makers)
    app.runs.forget_slices(part.name)
    return world


def _as_shard(
    app: App, order: Order, part: Part, run: Callable[[Makers], World], *, tally: Tally, console: Console
) -> World:
    from factories.cluster.notes import read_note  # noqa: PLC0415 - as above
    from factories.cluster.shards import Shards  # noqa: PLC0415 - as above

    number, count = order.crew.shard or (0, 1)
    world = run(Shards(app, number, count, say=console.note))
    if number == 0:  # whose summary is of all
        noted = app.runs.slices(part.name)
        tally.slices, tally.usages = len(noted), [read_note(text) for text in noted.values()]
        app.runs.forget_slices(part.name)
    return world


def make_slice(order: Order, *, is_json: bool) -> int:
    """Make the order's one slice in this process; return the exit code.

    Raises:
        NoSliceError: It is none, or the world is not cut so.
        NoRunError: The run is not begun, or was taken away.
        EarlySliceError: The run has not come to its phase.
        FactoryError: It cannot be made.
        ServiceError: The table cannot be used.
    """
    from factories.cluster.errors import NoRunError  # noqa: PLC0415 - as above
    from factories.cluster.worker import Job, make_alone  # noqa: PLC0415 - as above
    from factories.seeding.slices import Slice  # noqa: PLC0415 - as above

    piece = Slice.read(order.crew.piece or "")
    with Console(is_quiet=is_json) as console:
        try:
            made = make_alone(Job(order, order.parts[0]), piece, console.advance)
        except (RunNotFoundError, TableNotFoundError) as error:
            raise NoRunError(str(piece), order.table, order.whole_command) from error
    rows = made.usage.rows_put - made.usage.rows_deleted
    told = {"slice": str(piece), "rows": rows, "calls": made.usage.total_calls, "left_out": len(made.left_out)}
    verdict = f"{rows:,} rows more for it" if made.usage.calls else "the run has come further, nothing was to be done"
    said = f"slice {piece}: is in table {order.table}, {verdict}"
    console.report(json.dumps(told) if is_json else said, done=said)
    return 0
