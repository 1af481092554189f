"""Where an export lies: a folder of this machine, or what a bucket holds under a prefix (`buckets.py`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from seedbed.beside import is_there
from seedbed.dynamo.dumps import check_name, naming
from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports.buckets import ENDED, S3, Bucket


class Place(Protocol):
    """Files by their whole names: paths of a folder, keys of a bucket."""

    root: str
    """What all names begin with."""
    data: str
    """Where in it an export's rows are put."""

    def hold(self, file: str) -> AbstractContextManager[None]:
        """Keep other exports out for the block, by a file that says that the place is an export's."""

    def find(self, name: str) -> list[str]:
        """Return all files of this name, at any depth, in order."""

    def has(self, file: str) -> bool:
        """Tell whether there is such a file."""

    def read(self, file: str) -> bytes:
        """Return what a small file holds."""

    def fetch(self, file: str, scratch: Path) -> Path:
        """Return a file as one of this machine, brought into `scratch` where it is not."""

    def put(self, path: Path, file: str) -> None:
        """Take a file of this machine in, in place of what goes by the name."""

    def put_new(self, path: Path, file: str) -> None:
        """Take in a manifest, unless another export has put its own there, or holds the place by now."""

    def write(self, file: str, content: bytes) -> None:
        """Write a small file."""

    def remove(self, file: str) -> None:
        """Take a file away."""

    def names(self) -> Iterator[str]:
        """Yield all files, in order."""

    def scratch(self) -> AbstractContextManager[Path]:
        """Lend a folder of this machine for what is to be put there; it is gone after the block."""


_OURS = b'{"seedbed": 1}\n'
MAKING = ".making"
"""Within a folder: what is on its way there."""
UNDER_WAY = "another export is being written there: wait for its end, or name another place"


class Folder:
    """A folder of this machine."""

    data = "data"

    def __init__(self, path: Path) -> None:
        self.root = path.as_posix()
        self._path = path

    def __str__(self) -> str:
        """Write where it is."""
        return str(self._path)

    @contextmanager
    def hold(self, file: str) -> Iterator[None]:
        """Keep other exports out for the block, by a lock that the system takes back however this process ends.

        Raises:
            DumpError: another one has it, or it cannot be written.
        """
        import fcntl  # noqa: PLC0415 - not everywhere; who only reads needs none

        with ExitStack() as stack:
            try:
                Path(file).parent.mkdir(parents=True, exist_ok=True)
                held = stack.enter_context(Path(file).open("ab"))
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if held.tell() == 0:
                    held.write(_OURS)
                    held.flush()
            except BlockingIOError as error:
                raise DumpError(self, UNDER_WAY) from error
            except OSError as error:
                raise DumpError(file, f"it cannot be written ({error.strerror})") from error
            yield

    def find(self, name: str) -> list[str]:
        """Return all files of this name, at any depth, in order."""
        return sorted(path.as_posix() for path in self._path.rglob(name) if path.is_file())

    def has(self, file: str) -> bool:
        """Tell whether there is such a file."""
        return Path(file).is_file()

    def read(self, file: str) -> bytes:
        """Return what a small file holds.

        Raises:
            DumpError: it cannot be read.
        """
        try:
            return Path(file).read_bytes()
        except OSError as error:
            raise DumpError(file, f"it cannot be read ({error.strerror})") from error

    def fetch(self, file: str, scratch: Path) -> Path:  # noqa: ARG002 - it is here already
        """Return a file as it lies there."""
        return Path(file)

    def put(self, path: Path, file: str) -> None:
        """Take a file in, whole or not at all: `path` is best in `scratch`, on the same disk.

        Raises:
            DumpError: it cannot be written.
        """
        try:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            path.replace(file)
        except OSError as error:
            raise DumpError(file, f"it cannot be written ({error.strerror})") from error

    def put_new(self, path: Path, file: str) -> None:
        """Take in a manifest.

        Raises:
            DumpError: there is one, or it cannot be written.
        """
        if self.has(file):
            raise DumpError(self, ENDED)
        self.put(path, file)

    def write(self, file: str, content: bytes) -> None:
        """Write a small file.

        Raises:
            DumpError: it cannot be written.
        """
        try:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_bytes(content)
        except OSError as error:
            raise DumpError(file, f"it cannot be written ({error.strerror})") from error

    def remove(self, file: str) -> None:
        """Take a file away."""
        Path(file).unlink()

    def names(self) -> Iterator[str]:
        """Yield all files, in order."""
        yield from (path.as_posix() for path in sorted(self._path.rglob("*")) if path.is_file())

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend a folder within this one; it is gone after the block."""
        path = self._path / MAKING
        shutil.rmtree(path, ignore_errors=True)  # empty folders of one that was killed
        path.mkdir(parents=True)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def place_of(name: str, *, is_new: bool = False) -> Place:
    """Open the place that a name means: `s3://bucket/prefix`, or a folder, which may be a new one.

    Raises:
        DumpError: it names no bucket, is another URL, or no text; there is no such folder, or none for a new one.
        MissingLibraryError: it is in a bucket, and boto3 is not installed.
    """
    if name.startswith(S3):
        return Bucket(name)
    if "://" in name:
        raise DumpError(name, "a place is a folder, or s3://bucket/prefix")
    path = Path(name)
    check_name(path)
    with naming(name):
        if is_new:
            _check_new(path)
        elif not is_there(path) or not path.is_dir():
            raise DumpError(name, "there is no such folder")
    return Folder(path)


def _check_new(path: Path) -> None:
    if is_there(path) and not path.is_dir():
        raise DumpError(path, "it is a file, and an export is a folder")
    if not path.absolute().parent.is_dir():
        raise DumpError(path, f"there is no folder {path.absolute().parent}")
