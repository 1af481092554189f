"""The making of an export: shares of a world side by side in processes, each on paper, and one export of all.

A world is a function of seed and ordinal, so a process needs nothing but the order. Scenarios, and worlds that are
small, are made in this process, each in one piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from factories.cluster.processes import Processes, processors
from factories.command.orders import Order, Part
from factories.command.run import on_paper
from factories.errors import FactoryError
from factories.pictures.kinds import images
from factories.presets import Preset
from factories.seeding.phases import WORLD_PHASES, begin_run, stages_of
from factories.seeding.shares import shares_of
from factories.seeding.slices import SlicedWorld
from factories.texts.locales import using
from seedbed.command.console import Console
from services import App, exports
from services.exports import Manifest

Mapped = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Does the same for each, here or in other processes, and yields what comes of it in order."""


class LostProcessError(FactoryError):
    """A process of an export ended without a word."""

    exit_code = 3

    def __init__(self) -> None:
        super().__init__(
            "a process of the export was killed, most often since memory was short: nothing was written. Begin again "
            "with fewer --processes"
        )


@attrs.frozen
class Job:
    """What a process has to know to make any share of a world: all that its rows are a function of."""

    order: Order
    part: Part
    preset: Preset
    scratch: Path
    objects: int


def make(order: Order, place: exports.Place, scratch: Path, console: Console, processes: int | None) -> Manifest:
    """Make an export of what is ordered; return its manifest.

    Raises:
        DumpError: it cannot be written.
        FailedOrderError: the world could not be made.
        InterruptedOrderError: Ctrl-C stopped it.
        LostProcessError: a process was killed.
    """
    shares = [] if order.preset is None else shares_of(order.preset, processes or 1)
    number = min(processes or processors(), max(1, len(shares)))
    shared = [shares[first::number] for first in range(number)] if len(shares) > 1 else []
    with _processes(number) as mapped:
        return make_of(shared, order, place, scratch, console=console, mapped=mapped)


def make_of(
    shared: Sequence[Sequence[range]],
    order: Order,
    place: exports.Place,
    scratch: Path,
    *,
    console: Console,
    mapped: Mapped = map,
) -> Manifest:
    """Make an export of shares of the preset, of several for each process, and of all else in one piece.

    Raises:
        DumpError: it cannot be written.
        FailedOrderError: the world could not be made.
        InterruptedOrderError: Ctrl-C stopped it.
    """
    objects = exports.parts_for(0 if order.preset is None else order.preset.rows)
    counts = {scratch / "mark": exports.mark(scratch / "mark", objects)}
    with on_paper(attrs.evolve(order, env=None, preset=None) if shared else order, console) as app:
        if shared and order.preset is not None:
            _note_run(app, order)
            job = Job(order, order.parts[0], order.preset, scratch, objects)
            console.advance("processes", 0, len(shared))
            counts |= _count(mapped(partial(make_shares, job), shared), len(shared), console)
        counts[scratch / "whole"] = exports.write_rows(app, scratch / "whole", objects)
    told = partial(console.advance, "export", total=None)
    return exports.complete(place, scratch, counts, objects, table=order.table, mapped=mapped, progress=told)


def _count(
    made: Iterable[tuple[Path, Counter[str]]], total: int, console: Console
) -> Iterator[tuple[Path, Counter[str]]]:
    for done, (folder, counts) in enumerate(made, 1):
        console.advance("processes", done, total)
        yield folder, counts


def _note_run(app: App, order: Order) -> None:
    """Write down the run whose users the shares note, as one that is done."""
    run = begin_run(app, order, order.parts[0])
    stages = stages_of(app, order.parts[0], run)
    for phase in WORLD_PHASES:
        stages.reach(phase)


def make_shares(job: Job, shares: Sequence[range]) -> tuple[Path, Counter[str]]:
    """Make shares of a job's world in this process, one after another; return the folder of their rows, and how many.

    What is drawn once is kept from share to share, and a share's rows are written and forgotten before the next one.

    Raises:
        FailedOrderError: a share could not be made.
    """
    order, part, counts = job.order, job.part, Counter[str]()
    folder = job.scratch / f"of-{shares[0].start}"
    nothing = attrs.evolve(order, env=None, preset=None, scenarios=())
    with (
        on_paper(nothing, Console(is_quiet=True)) as app,
        using(app, seed=part.name, locale=order.locale),
        images(order.images),
        app.runs.recording(part.name),
    ):
        exports.hold_a_part(app)
        world = SlicedWorld(app, job.preset)
        for share in shares:
            for phase in WORLD_PHASES:
                world.make_owned(phase, share)
            counts += exports.write_rows(app, folder, job.objects)
    return folder, counts


@contextmanager
def _processes(number: int) -> Iterator[Mapped]:
    """Lend what does things in so many processes, or in this one where that is all.

    Raises:
        LostProcessError: one of them was killed.
    """
    if number == 1:
        yield map
        return
    try:
        with Processes(number) as pool:
            yield pool.map
    except BrokenProcessPool as error:
        raise LostProcessError from error
