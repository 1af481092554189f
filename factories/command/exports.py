"""`seed export` and `seed import`: a world as files that ImportTable takes, and a table made of them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from factories.command.target import Target
from seedbed.command.console import Console

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from factories.command.orders import Order


def export(target: Target, order: Order, name: str) -> int:
    """Write the final rows of a world into a folder, or into a bucket, without an engine; return the exit code.

    Raises:
        UsageError: the world is too large.
        DumpError: the place holds something, or cannot be written.
        FailedRunError: the world could not be made.
        InterruptedRunError: Ctrl-C stopped it.
    """
    from services import exports  # noqa: PLC0415 - `seed --help` is to be quick

    order.check_size()
    began = time.perf_counter()
    with Console(is_quiet=target.json) as console:
        place, is_again = exports.opened(name)
        if is_again:
            console.warn(f"{name} had what a stopped export left; that was taken away, and this one begins anew")
        with place.scratch() as scratch:
            parts = exports.parts_for(0 if order.preset is None else order.preset.rows)
            counts = _written(order, scratch, parts, console)
            made = exports.complete(
                place,
                scratch,
                counts,
                parts,
                table=order.table,
                progress=lambda rows: console.advance("export", rows, None),
            )
    _tell(
        target,
        name,
        {
            "rows": made.rows,
            "digest": made.digest,
            "objects": len(made.parts),
            "counts": made.counts,
            "seconds": round(time.perf_counter() - began, 3),
        },
    )
    return 0


def _written(order: Order, scratch: Path, parts: int, console: Console) -> dict[Path, Counter[str]]:
    from factories.command.run import made_on_paper  # noqa: PLC0415 - loads the factories
    from services import exports  # noqa: PLC0415 - as above

    counts = {scratch / "mark": exports.mark(scratch / "mark", parts)}
    with made_on_paper(order, console) as app:
        counts[scratch / "0"] = exports.write_rows(app, scratch / "0", parts)
    return counts


def _tell(target: Target, name: str, said: dict[str, Any]) -> None:
    lines = [
        f"{said['rows']:,} rows are in {name}, in {said['objects']:,} objects ({said['seconds']:,.1f} s)",
        f"digest: {said['digest']}",
        f"audit it: seed audit --export {name}",
    ]
    Console().print(*([json.dumps({"export": name, **said})] if target.json else lines))
