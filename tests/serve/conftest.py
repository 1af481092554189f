"""An empty engine behind HTTP, and a client of it that validates nothing itself."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from attrs import frozen

from seedbed.dynamo.engines import Engine, embedded_engine
from seedbed.serve.server import serving

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@frozen
class Place:
    """Where an engine is served."""

    url: str
    engine: Engine

    def send(self, action: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Post a body, as it is or as JSON, and return the status and the answer."""
        text = body if isinstance(body, (bytes, str)) else json.dumps(body)
        own = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{action}"} | headers
        status, answered = self.post(text, {name: value for name, value in own.items() if value is not None})
        return status, json.loads(answered)

    def post(self, body: bytes | str, headers: dict[str, str], path: str = "/") -> tuple[int, bytes]:
        """Post to any path."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@pytest.fixture
def place() -> Iterator[Place]:
    with embedded_engine() as engine:
        engine.client.create_table(**TABLE)
        with serving(engine.perform) as url:
            yield Place(url, engine)


@pytest.fixture
def client(place) -> Any:
    """Somebody else's client, as boto3 makes it."""
    return boto3.client(
        "dynamodb", endpoint_url=place.url, region_name="x", aws_access_key_id="x", aws_secret_access_key="x"
    )
