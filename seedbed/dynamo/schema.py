"""The table's shape: what CreateTable is asked for, and in what a table that is there differs from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seedbed.dynamo.rows import INDEX

SCHEMA: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK", "GSI1PK", "GSI1SK")
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": INDEX,
            "KeySchema": [
                {"AttributeName": "GSI1PK", "KeyType": "HASH"},
                {"AttributeName": "GSI1SK", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def differences(description: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what a DescribeTable's answer differs from our schema, a line each."""

    def schema(part: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(key["AttributeName"], key["KeyType"]) for key in part["KeySchema"]]

    if schema(description) != schema(SCHEMA):
        yield f"its keys are {schema(description)}, ours PK and SK"
    types = {part["AttributeName"]: part["AttributeType"] for part in description["AttributeDefinitions"]}
    wrong = [name for name in ("PK", "SK", "GSI1PK", "GSI1SK") if types.get(name, "S") != "S"]
    if wrong:
        yield f"{', '.join(wrong)} must be strings"
    indexes = {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", ())}
    if INDEX not in indexes:
        yield f"it has no index {INDEX}"
    elif schema(indexes[INDEX]) != schema(SCHEMA["GlobalSecondaryIndexes"][0]):
        yield f"its {INDEX} is over {schema(indexes[INDEX])}, ours over GSI1PK and GSI1SK"
