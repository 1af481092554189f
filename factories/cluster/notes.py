"""What is noted of a slice: what its making took, as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

import attrs

from seedbed.dynamo.usage import Usage

NOTE = Usage(Counter(TransactWriteItems=1), Counter(RUN_SLICE=1), rows_put=1, write_units=2)
"""What the note itself takes."""


def note_of(usage: Usage) -> str:
    """Write what a slice took."""
    return json.dumps(attrs.asdict(usage))


def read_note(text: str) -> Usage:
    """Read what a slice took; of a note that was changed past us, nothing."""
    try:
        told = json.loads(text)
        return Usage(**told | {"calls": Counter(told["calls"]), "rows": Counter(told["rows"])})
    except (KeyError, TypeError, ValueError):
        return Usage()


def total(usages: Iterable[Usage]) -> Usage:
    """Add up."""
    every = list(usages)
    return Usage(
        sum((one.calls for one in every), Counter()),
        Counter({kind: sum(one.rows[kind] for one in every) for kind in {k for one in every for k in one.rows}}),
        sum(one.rows_put for one in every),
        sum(one.rows_deleted for one in every),
        sum(one.write_units for one in every),
    )
