"""Where an export lies: a folder of this machine, or what a bucket holds under a prefix (`buckets.py`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from seedbed.dynamo.errors import DumpError

S3 = "s3://"


class Place(Protocol):
    """Files by their whole names: paths of a folder, keys of a bucket."""

    root: str
    """What all names begin with."""

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

    def remove(self, file: str) -> None:
        """Take a file away."""

    def names(self) -> Iterator[str]:
        """Yield all files, in order."""


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.root = path.as_posix()
        self._path = path

    def __str__(self) -> str:
        """Write where it is."""
        return str(self._path)

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
        """Take a file in, whole or not at all."""
        target = Path(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.part")
        shutil.move(path, beside)
        beside.replace(target)

    def remove(self, file: str) -> None:
        """Take a file away."""
        Path(file).unlink()

    def names(self) -> Iterator[str]:
        """Yield all files, in order."""
        yield from (path.as_posix() for path in sorted(self._path.rglob("*")) if path.is_file())


def place_of(name: str) -> Place:
    """Open the place that a name means: `s3://bucket/prefix`, or a folder.

    Raises:
        DumpError: it names no bucket, or there is no such folder.
        MissingLibraryError: it is in a bucket, and boto3 is not installed.
    """
    if name.startswith(S3):
        from seedbed.dynamo.exports.buckets import Bucket  # noqa: PLC0415 - loads boto3

        return Bucket(name)
    path = Path(name)
    if not path.is_dir():
        raise DumpError(name, "there is no such folder")
    return Folder(path)
