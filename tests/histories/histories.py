"""What happened, call by call, and whether it can have happened: registers, outcomes, counters."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from seedbed.dynamo.rows import Key, Row
from tests.contract.world import drift
from tests.histories.registers import Op, State, Step, flag, is_linearizable, names

DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"
Register: TypeAlias = tuple[str, ...]
"""Its kind, the part of the world it is in, and whose it is."""
_LAST: Final = 1 << 61


@attrs.frozen
class Event:
    """One call by one worker at one register."""

    worker: int
    number: int
    register: Register
    name: str
    values: tuple[Any, ...]
    start: int
    end: int
    outcome: str
    said: str = ""

    @property
    def op(self) -> Op:
        """The call as its register's history has it."""
        return Op(self.start, None if self.outcome == UNKNOWN else self.end, self.name, self.values)


def write(path: Path, events: Iterable[Event]) -> None:
    """Keep events, a line each."""
    with path.open("w", encoding="utf-8") as file:
        for event in events:
            file.write(json.dumps(attrs.asdict(event)) + "\n")


def read(path: Path) -> Iterator[Event]:
    """Read events again."""
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = json.loads(line)
        yield Event(**parts | {"register": tuple(parts["register"]), "values": tuple(parts["values"])})


def wrong(events: Sequence[Event], rows: Mapping[Key, Row], initial: Mapping[Register, State]) -> list[str]:
    """Name every register whose history, up to the rows in the end, nothing explains, and every counter that is off.

    A register that is not in `initial` began as false.
    """
    histories: dict[Register, list[Event]] = defaultdict(list)
    for event in events:
        histories[event.register].append(event)
    found = [
        told
        for register, history in histories.items()
        for told in _unexplained(register, history, rows, initial.get(register, False))
    ]
    return [*found, *drift(dict(rows))]


def _unexplained(
    register: Register, history: Sequence[Event], rows: Mapping[Key, Row], initial: State
) -> Iterator[str]:
    step, last = _MODELS[register[0]], _last(register, rows)
    # What was refused was never done, so it is no part of the history.
    ops = [event.op for event in history if event.outcome != REFUSED]
    if not is_linearizable([*ops, *last], initial, step):
        lines = [f"{register} has no order that explains it; in the end {[op.values for op in last]}"]
        lines += [f"    {line(event)}" for event in sorted(history, key=lambda event: event.start)]
        yield "\n".join(lines)


def line(event: Event) -> str:
    """Show an event."""
    call = f"{event.name} {' '.join(map(str, event.values))}"
    return f"{event.worker}/{event.number} [{event.start}-{event.end}] {call}: {event.outcome} {event.said}"


# Registers


_MODELS: Final[Mapping[str, Step]] = {
    **dict.fromkeys(("like", "follow", "post", "comment"), flag),
    "handles": names,
}


def _last(register: Register, rows: Mapping[Key, Row]) -> list[Op]:
    """What is there in the end, as reads that came after all else."""
    kind, _, *ids = register
    if kind == "handles":
        owners = {row["handle"]["S"]: row["id"]["S"] for key, row in rows.items() if key[1] == "PROFILE"}
        return [Op(_LAST, _LAST + 1, "find", (owners.get(name), name)) for name in ids]
    return [Op(_LAST, _LAST + 1, "get", (_KEYS[kind](*ids) in rows,))]


_KEYS: Final[Mapping[str, Any]] = {
    "like": lambda user_id, post_id: (f"POST#{post_id}", f"LIKE#{user_id}"),
    "follow": lambda follower_id, followee_id: (f"USER#{follower_id}", f"FOLLOW#{followee_id}"),
    "post": lambda post_id: (f"POST#{post_id}", "POST"),
    "comment": lambda post_id, comment_id: (f"POST#{post_id}", f"COMMENT#{comment_id}"),
}
