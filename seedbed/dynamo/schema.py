"""What a table looks like to the engine, the same for every app, and what an app keeps in it: its `Schema`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from seedbed.dynamo.rows import INDEX, Key, Row

TABLE: dict[str, Any] = {
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
"""What CreateTable is asked for: two keys, and one index of keys only: a counter that moves rewrites no index."""


@attrs.frozen
class Entity:
    """Rows whose values a service returns: their type, how one is read, where it stands.

    `is_batched`: such rows are written by plain batches too, outside of any Change.
    """

    kind: str
    read: Callable[[Row], Any]
    key: Callable[[Any], Key]
    is_batched: bool = False


@attrs.frozen
class Schema:
    """What an app keeps in its table.

    Attributes:
        version: goes up when an older program would harm what a newer one writes.
        began: since when this version is, as a row's created_at: the same version leaves the same mark everywhere.
        kind_of: the type of the rows that a key names; "" for none of the app's.
        is_indexed: whether the rows that a key names stand in the index.
        entities: by the types of the values that services return.
        notes: the types of rows that are no content, such as a run's own: a digest leaves them out.
        notes_in_rows: attributes of other rows of which the same is true.
    """

    version: int
    began: str
    kind_of: Callable[[Key], str]
    is_indexed: Callable[[Key], bool]
    entities: Mapping[type, Entity]
    notes: frozenset[str] = frozenset()
    notes_in_rows: frozenset[str] = frozenset()


def differences(description: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what a DescribeTable's answer differs from `TABLE`, a line each."""

    def schema(part: Mapping[str, Any]) -> list[tuple[str, str]]:
        return [(key["AttributeName"], key["KeyType"]) for key in part["KeySchema"]]

    if schema(description) != schema(TABLE):
        yield f"its keys are {schema(description)}, ours PK and SK"
    types = {part["AttributeName"]: part["AttributeType"] for part in description["AttributeDefinitions"]}
    wrong = [name for name in ("PK", "SK", "GSI1PK", "GSI1SK") if types.get(name, "S") != "S"]
    if wrong:
        yield f"{', '.join(wrong)} must be strings"
    indexes = {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", ())}
    if INDEX not in indexes:
        yield f"it has no index {INDEX}"
    elif schema(indexes[INDEX]) != schema(TABLE["GlobalSecondaryIndexes"][0]):
        yield f"its {INDEX} is over {schema(indexes[INDEX])}, ours over GSI1PK and GSI1SK"
