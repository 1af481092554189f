"""Records of a world by name: kept beside it, and found again in each copy."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from seedbed.suite.models import is_django, mapper_of, value_of
from seedbed.worlds.errors import UnknownRecordError, WorldError

if TYPE_CHECKING:
    from seedbed.suite import Suite

_FILE = "records.pickle"


@attrs.frozen
class _Stored:
    """A row of a database, which is looked up again: an object of another session is of no use."""

    model: type[Any]
    key: str
    value: Any


class World(Mapping[str, Any]):
    """A copy of a world: `world.app`, and its records by name, `world["star"]`.

    Each copy has records of its own, so what a test does to one no other sees; none can be put or taken.
    """

    def __init__(self, suite: Suite, app: Any, folder: Path) -> None:
        self.app = app
        self._suite = suite
        self._kept: Mapping[str, bytes] = pickle.loads((folder / _FILE).read_bytes())  # noqa: S301 - checked by its sum
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a record.

        Raises:
            UnknownRecordError: There is none of the name.
        """
        if name not in self._kept:
            raise UnknownRecordError(name, self._kept)
        if name not in self._found:
            self._found[name] = self._find(pickle.loads(self._kept[name]))  # noqa: S301 - as above
        return self._found[name]

    def _find(self, kept: Any) -> Any:
        if isinstance(kept, _Stored):
            return self._suite.store(self.app).find(kept.model, kept.key, kept.value)
        return type(kept)(map(self._find, kept)) if type(kept) in {list, tuple} else kept

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the records."""
        return iter(self._kept)

    def __len__(self) -> int:
        """Count the records."""
        return len(self._kept)

    def __repr__(self) -> str:
        """Show the app and the names."""
        return f"World({self.app!r}, {', '.join(self._kept)})"


def write_records(suite: Suite, app: Any, records: Mapping[str, Any], folder: Path) -> None:
    """Write the records of a world beside it.

    Raises:
        WorldError: One cannot be kept.
    """
    kept = {name: _dump(name, _reduce(suite, app, value)) for name, value in records.items()}
    (folder / _FILE).write_bytes(pickle.dumps(kept))


def _reduce(suite: Suite, app: Any, value: Any) -> Any:
    kind = type(value)
    if kind in {list, tuple}:
        return kind(_reduce(suite, app, one) for one in value)
    if is_django(kind) or mapper_of(kind) is not None:
        key = suite.store(app).key(kind)
        return _Stored(kind, key, value_of(value, key))
    return value


def _dump(name: str, value: Any) -> bytes:
    try:
        found = pickle.dumps(value)
        pickle.loads(found)  # noqa: S301 - of our own making
    except Exception as error:  # whatever a stranger's class raises
        why = f"it cannot be kept for other tests: {type(error).__name__}: {error}"
        raise WorldError(name, f"as a record, {why}") from error
    return found
