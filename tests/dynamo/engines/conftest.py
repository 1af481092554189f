"""A table like the app's, on the engine under test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from seedbed.dynamo.engines import Engine, embedded_engine

CreateTable = Callable[..., None]


def _schema(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


@pytest.fixture(scope="session")
def create_table() -> CreateTable:
    def create(client: Any, name: str = "social") -> None:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"} for key in ("PK", "SK", "GSI1PK", "GSI1SK")
            ],
            KeySchema=_schema("PK", "SK"),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "GSI1",
                    "KeySchema": _schema("GSI1PK", "GSI1SK"),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )

    return create


@pytest.fixture
def engine(create_table: CreateTable) -> Iterator[Engine]:
    with embedded_engine(validate=True) as engine:
        create_table(engine.client)
        yield engine


@pytest.fixture
def client(engine: Engine) -> Any:
    return engine.client


@pytest.fixture
def all_rows() -> Callable[..., list[Any]]:
    def read(client: Any, **parameters: Any) -> list[Any]:
        pages = client.get_paginator("scan").paginate(TableName="social", ConsistentRead=True, **parameters)
        return [item for page in pages for item in page["Items"]]

    return read
