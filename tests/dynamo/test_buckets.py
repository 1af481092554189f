"""An export into a bucket that S3, or Ctrl-C, stops at any of its requests: nothing is left, or that is told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from factories.command import exports as command
from factories.command.orders import order_of
from factories.command.target import Target
from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.errors import DumpError, LeftInBucketError
from seedbed.dynamo.exports import buckets
from seedbed.dynamo.exports.fragments import Fragments
from seedbed.dynamo.rows import key_of
from services import exports
from services.rows.schema import SCHEMA

PLACE = "s3://worlds/p"
WHOLE = "p/manifest-summary.json"


class Bucket:
    """As much of S3's client as is used, over a dictionary. One request fails, or all from one on."""

    def __init__(self):
        self.objects = {}
        self.forget()

    def forget(self):
        self.asked, self.at, self.error, self.is_done, self.is_for_good = 0, 0, None, False, False

    def fail(self, at, error, *, is_done, is_for_good):
        self.asked, self.at, self.error, self.is_done, self.is_for_good = 0, at, error, is_done, is_for_good

    def _ask(self, act):
        self.asked += 1
        fails = self.at and (self.asked == self.at or (self.is_for_good and self.asked > self.at))
        result = act() if not fails or self.is_done else None
        if fails:
            raise self.error
        return result

    def put_object(self, Bucket, Key, Body):  # noqa: N803 - S3's names, here and below
        self._ask(lambda: self.objects.update({Key: Body}))

    def upload_file(self, path, _bucket, key):
        self.put_object("worlds", key, Path(path).read_bytes())

    def get_object(self, Bucket, Key):  # noqa: N803
        return {"Body": io.BytesIO(self._ask(lambda: self.objects[Key]))}

    def delete_object(self, Bucket, Key):  # noqa: N803
        self._ask(lambda: self.objects.pop(Key, None))

    def list_objects_v2(self, Bucket, Prefix, MaxKeys=1_000):  # noqa: N803
        names = self._ask(lambda: sorted(name for name in self.objects if name.startswith(Prefix)))
        return {"Contents": [{"Key": name} for name in names[:MaxKeys]]}

    def get_paginator(self, _name):
        return self

    def paginate(self, **asked):
        yield self.list_objects_v2(**asked)


@pytest.fixture
def bucket(monkeypatch):
    made = Bucket()
    monkeypatch.setattr(buckets, "_client", lambda _name: made)
    return made


def export():
    with exports.opened(PLACE) as (place, _), place.scratch() as scratch:
        fragments = Fragments(scratch / "0", 3, SCHEMA)
        rows = [{"PK": {"S": f"USER#{number}"}, "SK": {"S": "PROFILE"}} for number in range(20)]
        fragments.take((key_of(row), canonical(row)) for row in rows)
        fragments.write()
        exports.complete(place, scratch, {scratch / "0": fragments.counts}, 3, table="social")


REFUSED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "The provided token has expired."}}, "Any")
LOST = EndpointConnectionError(endpoint_url="https://s3.example")


@pytest.mark.parametrize("is_for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("error", [REFUSED, LOST, KeyboardInterrupt()], ids=["refused", "lost", "interrupted"])
def test_an_export_that_is_stopped_leaves_nothing_or_tells_it(bucket, error, is_done, is_for_good):
    export()
    requests, whole = bucket.asked, {*bucket.objects}
    assert len(whole) == 1 + 3 + 2  # what it began with, the parts, the manifests
    for at in range(1, requests + 1):
        bucket.objects.clear()
        bucket.fail(at, error, is_done=is_done, is_for_good=is_for_good)
        with pytest.raises((DumpError, KeyboardInterrupt)) as raised:
            export()
        if bucket.objects:
            assert raised.type is LeftInBucketError
            names = {name.removeprefix("p/") for name in bucket.objects}
            run = next((name.split("/")[1] for name in names if name.startswith("data/")), "")
            assert f"{PLACE}/_started" in raised.value.left
            assert f"data/{run}" in raised.value.left
            assert {name for name in names if not name.startswith("data/") and name not in raised.value.left} == set()
        elif error.__class__ is KeyboardInterrupt and raised.type is not LeftInBucketError:
            assert raised.type is KeyboardInterrupt
        bucket.forget()
    bucket.objects.clear()
    export()
    assert WHOLE in bucket.objects


def test_a_command_that_is_stopped_says_what_it_could_not_take_away(bucket):
    order = order_of(Target(env="minimal", seed=7, as_of="2026-11-01"))
    bucket.fail(4, KeyboardInterrupt(), is_done=True, is_for_good=True)
    with pytest.raises(
        command.InterruptedExportError, match=r"take away what is left: s3://worlds/p/_started"
    ) as raised:
        command.export(Target(json=True), order, PLACE, processes=1)
    assert raised.value.exit_code == 130
    assert "begins anew" not in str(raised.value)
    assert bucket.objects
