"""Folders of made worlds: one is there as a whole or not at all, and two who ask at once make it once."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

_MANIFEST = "manifest.json"
_WAIT_SECONDS = 600
"""So long one who asks waits for another who makes the world."""
_UNUSED_SECONDS = 7 * 24 * 3600
"""A world that nobody asked for so long is taken away when another is made."""


class WorldStore:
    """Made worlds in a folder, by key. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole: set[str] = set()  # looked at in this process

    def find(self, key: str, make: Callable[[Path], None]) -> Path:
        """Return the folder of a world; where it is missing or damaged, `make` fills one first.

        Cost: the first time in a process, its files are read.
        """
        place = self.folder / key
        if key not in self._whole or not place.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._alone(key):
                if not _is_whole(place):
                    self._make(place, make)
            self._whole.add(key)
            place.touch()  # when it was last used
        return place

    def _make(self, place: Path, make: Callable[[Path], None]) -> None:
        self._tidy()
        shutil.rmtree(place, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="making-", ignore_cleanup_errors=True) as draft:
            made = Path(draft) / place.name
            made.mkdir()
            make(made)
            (made / _MANIFEST).write_text(json.dumps(_sums(made)), encoding="utf-8")
            made.rename(place)

    def _tidy(self) -> None:
        oldest = time.time() - _UNUSED_SECONDS
        for place in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another process tidied it
                if place.stat().st_mtime >= oldest:
                    continue
                if place.is_dir():
                    shutil.rmtree(place, ignore_errors=True)
                else:
                    place.unlink()

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Keep other processes out; a lock of SQLite's is free again when its holder is killed."""
        with closing(sqlite3.connect(self.folder / f"{key}.lock", timeout=_WAIT_SECONDS, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield


def _is_whole(place: Path) -> bool:
    try:
        said = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(said == _sums(place))


def _sums(place: Path) -> dict[str, str]:
    """Return a checksum of each file, by its name."""
    files = sorted(file for file in place.rglob("*") if file.is_file() and file.name != _MANIFEST)
    return {file.relative_to(place).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
