"""A folder beside a place, for what is on its way there; one that a killed process left is taken away by the next."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

_END: Final = ".unfinished"
_LONGEST_BYTES: Final = 200
"""Of a name; most systems take 255, and there is more in a folder's."""


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Lend a new hidden folder on the same disk as `place`; it is gone after the block, whatever comes of it.

    It is locked meanwhile, and the system takes the lock back however this process ends.

    Raises:
        OSError: it cannot be made.
    """
    clear(place)
    with ExitStack() as stack:
        while True:
            made = tempfile.TemporaryDirectory(prefix=f".{_stem(place)}.", suffix=_END, dir=place.parent)
            lock = _locked(Path(made.name), is_awaited=True)
            if Path(made.name).is_dir():  # else another's `clear` came between
                break
            made.cleanup()
            if lock is not None:
                os.close(lock)
        if lock is not None:
            stack.callback(os.close, lock)
        yield Path(stack.enter_context(made))


def is_there(place: Path) -> bool:
    """Tell whether there is something at a place.

    Raises:
        OSError: that cannot be told: no file can have the name, or its folder is closed to us. Since Python 3.14
            `Path.exists` and its kin say no to that.
    """
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def clear(place: Path) -> None:
    """Take away what killed processes left beside `place`: only what nobody holds, so not where there are no locks."""
    ours = re.compile(rf"\.{re.escape(_stem(place))}\.[a-z0-9_]{{8}}{re.escape(_END)}")
    with suppress(OSError):
        for left in [path for path in place.parent.iterdir() if ours.fullmatch(path.name)]:
            lock = _locked(left, is_awaited=False)
            if lock is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


def _stem(place: Path) -> str:
    name = os.fsencode(place.name)
    return place.name if len(name) <= _LONGEST_BYTES else hashlib.sha256(name).hexdigest()


def _locked(folder: Path, *, is_awaited: bool) -> int | None:
    """Lock a folder and return what holds it; None where another has it, or there are no locks."""
    try:
        import fcntl  # noqa: PLC0415 - not everywhere

        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | (0 if is_awaited else fcntl.LOCK_NB))
    except OSError:
        os.close(opened)
        return None
    return opened
