"""`seed export` and `seed import`: a world as files that ImportTable takes, and a table made of them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from factories.command.target import Target
from seedbed.command.console import Console

if TYPE_CHECKING:
    from factories.command.orders import Order


def export(target: Target, order: Order, name: str, *, processes: int | None = None) -> int:
    """Write the final rows of a world into a folder, or into a bucket, without an engine; return the exit code.

    Args:
        target: what the options say.
        order: the world.
        name: the folder, or `s3://bucket/prefix`.
        processes: how many make it side by side; None for as many as there are processors, where it is large enough.

    Raises:
        UsageError: the world is too large.
        DumpError: the place holds something, or cannot be written.
        FailedRunError: the world could not be made.
        InterruptedRunError: Ctrl-C stopped it.
    """
    from factories.command import shares  # noqa: PLC0415 - loads the factories
    from services import exports  # noqa: PLC0415 - `seed --help` is to be quick

    order.check_size()
    began = time.perf_counter()
    with Console(is_quiet=target.json) as console:
        place, is_again = exports.opened(name)
        if is_again:
            console.warn(f"{name} had what a stopped export left; that was taken away, and this one begins anew")
        with place.scratch() as scratch:
            made = shares.make(order, place, scratch, console, processes)
    said = {"rows": made.rows, "digest": made.digest, "objects": len(made.parts), "counts": made.counts}
    _tell(target, name, {**said, "seconds": round(time.perf_counter() - began, 3)})
    return 0


def _tell(target: Target, name: str, said: dict[str, Any]) -> None:
    lines = [
        f"{said['rows']:,} rows are in {name}, in {said['objects']:,} objects ({said['seconds']:,.1f} s)",
        f"digest: {said['digest']}",
        f"audit it: seed audit --export {name}",
    ]
    Console().print(*([json.dumps({"export": name, **said})] if target.json else lines))
