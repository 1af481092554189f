"""docs/aws.md: its policies allow what the command does at AWS, and nothing more."""

from __future__ import annotations

import json
import re

import pytest

from seedbed.dynamo.engines import embedded_engine
from seedbed.dynamo.rows import SCHEMA_MARK
from tests.documents import ROOT
from tests.journeys.front import embedded, refusal, serving

POLICY = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
READS, WRITES = (
    {action.partition(":")[2] for statement in json.loads(text)["Statement"] for action in statement["Action"]}
    for text in POLICY.findall((ROOT / "docs" / "aws.md").read_text(encoding="utf-8"))
)
PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
WORLD = ("-s", "edge-cases", "--seed", "7", "--as-of", "2026-11-01")


def is_probe(parts):
    """Tell whether this only asks an endpoint that is not AWS whether it has transactions: AWS is never asked."""
    return len(parts) == 1 and parts[0].get("ConditionCheck", {}).get("Key", {}).get("PK") == {"S": SCHEMA_MARK[0]}


def actions(operation, parameters):
    """Return what a request must be allowed; a transaction what it consists of."""
    if operation == "TransactWriteItems":
        parts = parameters["TransactItems"]
        return set() if is_probe(parts) else {PARTS[kind] for part in parts for kind in part}
    return {operation}


def allowing(client, allowed, used):
    """Answer as an engine whose credentials have only some permissions."""
    answer = embedded(client)

    def answer_allowed(operation, parameters):
        needed = actions(operation, parameters)
        used.update(needed)
        if needed <= allowed:
            return answer(operation, parameters)
        return refusal("AccessDeniedException", f"not authorized to perform: dynamodb:{min(needed - allowed)}")

    return answer_allowed


@pytest.fixture
def at_aws(seed):
    """Run commands at what they take for AWS, with some permissions; return what each used in all."""

    def run(client, allowed, *commands):
        used = set()
        with serving(allowing(client, allowed, used)) as front:
            keys = {"AWS_ACCESS_KEY_ID": "seed", "AWS_SECRET_ACCESS_KEY": "seed", "AWS_DEFAULT_REGION": "eu-west-1"}
            for command in commands:
                line = (*command, "--endpoint-url", "aws", "--table", "staging")
                result = seed(*line, AWS_ENDPOINT_URL_DYNAMODB=front.url, **keys)
                assert (command, result.returncode) == (command, 0), result.stderr
        return used

    return run


def test_the_policies_are_what_the_commands_use(at_aws):
    with embedded_engine() as engine:
        wrote = at_aws(engine.client, READS | WRITES, (*WORLD, "--yes", "staging"))
        read = at_aws(engine.client, READS, ("audit",), ("digest",), ("status",), ("dump", "world"))
        took = at_aws(engine.client, READS | WRITES, ("reset", *WORLD, "--yes", "staging"))

    assert read <= READS
    assert wrote | took | read == READS | WRITES
