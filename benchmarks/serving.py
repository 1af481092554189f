"""`seed serve` and `seed load`: how soon a world is served, PutItem over HTTP, and a load beside raw BatchWriteItem.

Run as `python -m benchmarks.serving` from the checkout. moto's own server is measured in the same run where
`pip install 'moto[server]'` was done; a load goes to the endpoint that SEEDBED_ENDPOINT_URL names (`python -m
benchmarks.engine -- …` starts a real engine), else to `seed serve`.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from benchmarks.command import SEED
from seedbed.dynamo.dumps import Manifest, dump, load, read_manifest, rows_of
from seedbed.dynamo.schema import TABLE
from services import connect

CLIENTS = 8
PUTS = 1_000
ROWS = 100_000
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.PutItem",
    "Authorization": "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, "
    "Signature=x",
}


def main() -> None:
    """Print the figures."""
    with _served("-e", "realistic") as (url, seconds):
        print(f"seed serve -e realistic: ready in {seconds:.1f} s (wanted: 5)")
        ours = _puts(url)
    print(f"PutItem by {CLIENTS} clients: {ours:,.0f} a second (wanted: 3,000, or three times moto's server)")
    if find_spec("flask") is not None:
        with _motos() as url:
            print(f"  x{ours / _puts(url):.1f} of moto's own server")
    raw, loaded = _loads()
    print(f"load of {ROWS:,} rows: {loaded:.1f} s, x{loaded / raw:.2f} of raw BatchWriteItem (wanted: 1.3)")


@contextmanager
def _served(*options: str) -> Iterator[tuple[str, float]]:
    started = time.perf_counter()
    command = [*SEED, "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            found = next(filter(None, (re.search(r"served at (\S+?)[,;]", line) for line in process.stdout or ())))
            yield found[1], time.perf_counter() - started
        finally:
            process.kill()


@contextmanager
def _motos() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - only where Flask is installed

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def _puts(url: str) -> float:
    table = f"puts-{uuid4()}"
    _send(url, "CreateTable", {"TableName": table, **TABLE})
    started = time.perf_counter()
    with ProcessPoolExecutor(CLIENTS) as pool:
        list(pool.map(_put_many, [url] * CLIENTS, [table] * CLIENTS, range(CLIENTS)))
    return CLIENTS * PUTS / (time.perf_counter() - started)


def _put_many(url: str, table: str, client: int) -> None:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port)
    for number in range(PUTS):
        item = {"PK": {"S": f"{client}/{number}"}, "SK": {"S": "x"}, "text": {"S": "y" * 200}}
        connection.request("POST", "/", json.dumps({"TableName": table, "Item": item}), HEADERS)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise ConnectionError(response.status)


def _send(url: str, action: str, body: dict[str, Any]) -> None:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port)
    connection.request("POST", "/", json.dumps(body), HEADERS | {"X-Amz-Target": f"DynamoDB_20120810.{action}"})
    connection.getresponse().read()


def _loads() -> tuple[float, float]:
    """Return the seconds of raw batches, and of a load with its checks, of the same rows."""
    with tempfile.TemporaryDirectory() as folder, _endpoint() as url:
        path, manifest = _world(Path(folder))
        with connect(url, f"raw-{uuid4()}") as app:
            client, name = app.engine.client, app.table.name  # type: ignore[union-attr] # an endpoint has one
            raw = _timed(lambda: _write_raw(client, name, path, manifest))
        with connect(url, f"load-{uuid4()}") as app:
            return raw, _timed(lambda: load(app.session.store, path, workers=app.workers))


@contextmanager
def _endpoint() -> Iterator[str]:
    given = os.environ.get("SEEDBED_ENDPOINT_URL")
    if given:
        yield given
        return
    with _served() as (url, _):
        yield url


def _world(folder: Path) -> tuple[Path, Manifest]:
    with connect() as app:
        rows = (
            {"PK": {"S": f"ROW{n}"}, "SK": {"S": "X"}, "entity_type": {"S": "X"}, "text": {"S": "y" * 150}}
            for n in range(ROWS)
        )
        app.session.store.write_batch(rows, [])
        dump(app.session.store, folder / "rows.json.gz")
    return folder / "rows.json.gz", read_manifest(folder / "rows.json.gz", 99)


def _write_raw(client: Any, table: str, path: Path, manifest: Manifest) -> None:
    rows = rows_of(path, manifest)
    while chunk := list(islice(rows, 25)):
        client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": row}} for row in chunk]})


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
