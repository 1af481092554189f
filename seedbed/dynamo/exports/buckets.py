"""What lies in a bucket of S3, under a prefix, by boto3: with the credentials, region and endpoint that it finds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from seedbed.dynamo.addresses import hide_secrets, without_user
from seedbed.dynamo.errors import DumpError, LeftInBucketError
from seedbed.libraries import need

S3 = "s3://"
ENDED = "another export was written there meanwhile, and this one is dropped: name another place"
_HELD = (
    "another export is being written there, or one was stopped: name another place, or where none runs any more take "
    "away what lies there"
)


def endpoint_url() -> str:
    """Return where buckets are, by AWS's configuration, without user and password; nothing is sent.

    Raises:
        DumpError: the configuration names a profile that is not there, or no URL.
        MissingLibraryError: boto3 is not installed.
    """
    client = _client(S3, aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106 - none is
    return without_user(str(client.meta.endpoint_url))


def bucket_of(place: str) -> str:
    """Return the bucket of `s3://bucket/prefix`.

    Raises:
        DumpError: it names none.
    """
    bucket = place.removeprefix(S3).partition("/")[0]
    if not bucket:
        raise DumpError(place, "it names no bucket: s3://bucket/prefix")
    if "@" in bucket:
        message = "a bucket's name has no @, and credentials are found by boto3: s3://bucket/prefix"
        raise DumpError(hide_secrets(place), message)
    return bucket


def _client(name: str, **credentials: str) -> Any:  # noqa: ANN401 - boto3's types are no part of it
    need("boto3", "botocore")
    import boto3  # noqa: PLC0415 - takes a third of a second
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as above

    try:
        return boto3.client("s3", **credentials)  # type: ignore[call-overload]
    except (BotoCoreError, ValueError) as error:  # botocore's of what is no URL is a plain one
        raise DumpError(name, f"S3: {hide_secrets(str(error))}") from error


class Bucket:
    """The objects under a prefix."""

    def __init__(self, name: str) -> None:
        self.name = name.rstrip("/")
        self.bucket = bucket_of(name)
        prefix = name.removeprefix(S3).partition("/")[2]
        self.root = prefix.rstrip("/")
        self._run = uuid4().hex
        self.data = f"data/{self._run}"
        self._started = ""
        self._put: list[str] = []
        self._client: Any = _client(name)

    def __str__(self) -> str:
        """Write where it is."""
        return self.name

    @contextmanager
    def hold(self, file: str) -> Iterator[None]:
        """Keep other exports out for the block; what this one has put there goes with it where it fails.

        S3 has no locks: of two that begin in one instant the note of one is left, and `put_new` refuses the other.

        Raises:
            DumpError: another one has it, or has not come to its end; or S3 refused it.
            LeftInBucketError: it fails, and S3 does not let what it has put there be taken away.
        """
        if self._is_there(file):
            raise DumpError(self.name, _HELD)
        self._started = file
        try:
            self.write(file, self._note)
            yield
        except BaseException as error:
            try:
                self._take_back()
            except (DumpError, KeyboardInterrupt) as why:
                raise LeftInBucketError(self.name, error, why, self._run) from error
            raise

    @property
    def _note(self) -> bytes:
        return json.dumps({"seedbed": 1, "run": self._run}).encode() + b"\n"

    def _take_back(self) -> None:
        """Take away what this run has put there, and nothing else; `_started` last, where it is still its own."""
        for key in reversed(self._put):
            if key.startswith(f"{self.root}/{self.data}/".removeprefix("/")) or self._is_held():
                self.remove(key)
        if self._is_held():
            self.remove(self._started)

    def _is_held(self) -> bool:
        return self._is_there(self._started) and self.read(self._started) == self._note

    def find(self, name: str) -> list[str]:
        """Return all objects of this name, at any depth, in order."""
        return [key for key in self.names() if key.rpartition("/")[2] == name]

    def names(self) -> Iterator[str]:
        """Yield all objects, in order.

        Raises:
            DumpError: S3 refused it.
        """
        prefix = f"{self.root}/" if self.root else ""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        with self._asking(self.name):
            for page in pages:
                yield from (found["Key"] for found in page.get("Contents", ()))

    def has(self, file: str) -> bool:
        """Tell whether there is such an object.

        Raises:
            DumpError: S3 refused to tell.
        """
        if not self.root or file.startswith(f"{self.root}/"):
            return file in self._all_names
        return self._is_there(file)

    def _is_there(self, file: str) -> bool:
        with self._asking(file):
            found = self._client.list_objects_v2(Bucket=self.bucket, Prefix=file, MaxKeys=1)
        return any(one["Key"] == file for one in found.get("Contents", ()))

    @cached_property
    def _all_names(self) -> frozenset[str]:
        """All objects, listed once: an export may have 50,000 of them."""
        return frozenset(self.names())

    def read(self, file: str) -> bytes:
        """Return what a small object holds.

        Raises:
            DumpError: S3 refused it.
        """
        with self._asking(file):
            body: bytes = self._client.get_object(Bucket=self.bucket, Key=file)["Body"].read()
        return body

    def fetch(self, file: str, scratch: Path) -> Path:
        """Bring an object to this machine, under its key in `scratch`.

        Raises:
            DumpError: S3 refused it.
        """
        path = scratch / file.strip("/").replace("/", "+")
        with self._asking(file):
            self._client.download_file(self.bucket, file, str(path))
        return path

    def put(self, path: Path, file: str) -> None:
        """Send a file there.

        Raises:
            DumpError: S3 refused it.
        """
        self._put.append(file)
        with self._asking(file):
            self._client.upload_file(str(path), self.bucket, file)
        path.unlink()

    def put_new(self, path: Path, file: str) -> None:
        """Send a manifest there.

        Raises:
            DumpError: there is one, another export has taken the place, or S3 refused it.
        """
        if self._is_there(file) or not self._is_held():
            raise DumpError(self.name, ENDED)
        self.put(path, file)

    def write(self, file: str, content: bytes) -> None:
        """Write a small object.

        Raises:
            DumpError: S3 refused it.
        """
        with self._asking(file):
            self._client.put_object(Bucket=self.bucket, Key=file, Body=content)

    def remove(self, file: str) -> None:
        """Take an object away.

        Raises:
            DumpError: S3 refused it.
        """
        with self._asking(file):
            self._client.delete_object(Bucket=self.bucket, Key=file)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend a temporary folder; it is gone after the block."""
        with tempfile.TemporaryDirectory(prefix="seedbed-export-") as path:
            yield Path(path)

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 - as above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        try:
            yield
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise DumpError(
                what if what.startswith(S3) else f"{S3}{self.bucket}/{what}", f"S3: {hide_secrets(str(error))}"
            ) from error
