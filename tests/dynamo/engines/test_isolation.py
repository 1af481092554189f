"""An embedded engine is a world of its own: nothing of it shows elsewhere in the process, nor vice versa."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from moto import mock_aws

from seedbed.dynamo.engines import embedded_engine, endpoint_engine

KEY = {"PK": {"S": "A"}, "SK": {"S": "a"}}


def test_two_engines_share_no_table_and_no_row(engine, create_table):
    with embedded_engine() as other:
        assert other.client.list_tables()["TableNames"] == []

        create_table(other.client)
        engine.client.put_item(TableName="social", Item=KEY)

        assert "Item" not in other.client.get_item(TableName="social", Key=KEY)
        assert engine.client.get_item(TableName="social", Key=KEY)["Item"] == KEY


def test_opening_and_using_an_engine_leaves_the_environment_alone(create_table):
    before = dict(os.environ)

    with embedded_engine() as engine:
        create_table(engine.client)
        engine.client.put_item(TableName="social", Item=KEY)

    assert dict(os.environ) == before


def test_another_client_still_goes_to_the_network(engine):
    # Nothing listens on port 1, and only a client that really tries finds that out.
    with endpoint_engine("http://127.0.0.1:1") as other, pytest.raises(EndpointConnectionError):
        other.client.list_tables()


def test_a_table_under_mock_aws_is_not_the_engines(engine, create_table):
    with mock_aws():
        mocked = boto3.session.Session().client("dynamodb", region_name="us-east-1")
        assert mocked.list_tables()["TableNames"] == []

        create_table(mocked, "mocked")
        engine.client.put_item(TableName="social", Item=KEY)

        assert mocked.list_tables()["TableNames"] == ["mocked"]
        assert engine.client.list_tables()["TableNames"] == ["social"]
    assert engine.client.get_item(TableName="social", Key=KEY)["Item"] == KEY


def test_moto_keeps_its_own_classes():
    code = """
import moto.dynamodb.comparisons as comparisons
import moto.dynamodb.models as models
import moto.dynamodb.models.dynamo_type as types
import moto.dynamodb.models.table as table
import moto.dynamodb.responses as responses
from botocore.client import BaseClient
from moto.core.botocore_stubber import BotocoreStubber
owners = [models, table, responses, types, comparisons, models.DynamoDBBackend, table.Table, types.Item]
owners += [types.DynamoType, types.LimitedSizeDict, responses.DynamoHandler, BotocoreStubber, BaseClient]
owners += [comparisons.ConditionExpressionParser]
before = [dict(vars(owner)) for owner in owners]
from seedbed.dynamo.engines import embedded_engine
embedded_engine().client.list_tables()
assert [dict(vars(owner)) for owner in owners] == before
assert not models.dynamodb_backends, list(models.dynamodb_backends)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_engines_imports_neither_boto3_nor_moto():
    code = "import sys, seedbed.dynamo.engines; print([m for m in ('boto3', 'botocore', 'moto') if m in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed.strip() == "[]"


def test_an_endpoint_needs_no_moto():
    code = (
        "import sys; from seedbed.dynamo.engines import open_engine; open_engine('http://localhost:8000');"
        "print('moto' in sys.modules)"
    )

    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert printed.strip() == "False"


def test_closing_frees_the_rows(create_table):
    engine = embedded_engine()
    create_table(engine.client)
    transport = engine._close.__self__
    engine.client.put_item(TableName="social", Item=KEY)
    backend = weakref.ref(transport._actions.backend)
    rows = weakref.ref(transport._actions.backend.table("social").rows)
    assert rows().get(("A", "a")).attributes == KEY

    engine.close()
    engine.close()

    gc.collect()
    assert backend() is None
    assert rows() is None


def test_moto_keeps_no_item_of_an_open_engine(client, all_rows):
    from moto.dynamodb.models.dynamo_type import Item

    before = len(Item.instances_tracked)

    client.put_item(TableName="social", Item=KEY)
    client.update_item(
        TableName="social",
        Key=KEY,
        UpdateExpression="ADD likes :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    assert all_rows(client) == [{**KEY, "likes": {"N": "1"}}]

    assert len(Item.instances_tracked) == before


def test_moto_keeps_nothing_of_an_engine_that_was_opened(create_table):
    from moto.core.model_instances import model_data

    def kept():
        gc.collect()
        return {name: len(model.instances_tracked) for name, model in model_data["dynamodb"].items()}

    before = kept()

    for _ in range(3):
        with embedded_engine() as engine:
            create_table(engine.client)
            engine.client.update_table(TableName="social", BillingMode="PAY_PER_REQUEST")
            engine.client.put_item(TableName="social", Item=KEY)

    assert kept() == before


def test_a_closed_engine_answers_nothing(engine):
    engine.close()

    with pytest.raises(ConnectionClosedError):
        engine.client.list_tables()


def test_what_a_caller_changes_afterwards_is_not_stored(client):
    item = {**KEY, "tags": {"SS": ["x"]}, "nested": {"M": {"list": {"L": [{"S": "one"}]}}}}
    client.put_item(TableName="social", Item=item)

    item["tags"]["SS"].append("y")
    item["nested"]["M"]["list"]["L"].clear()
    read = client.get_item(TableName="social", Key=KEY)["Item"]
    read["PK"]["S"] = "B"
    read["nested"]["M"]["list"]["L"].append({"S": "two"})

    stored = client.get_item(TableName="social", Key=KEY)["Item"]
    assert stored == {**KEY, "tags": {"SS": ["x"]}, "nested": {"M": {"list": {"L": [{"S": "one"}]}}}}


def test_binary_values_come_back_as_they_went_in(client, all_rows):
    item = {**KEY, "photo": {"B": b"\x00\xff"}, "photos": {"BS": [b"\x01", b"\xfe"]}}

    client.put_item(TableName="social", Item=item)

    assert client.get_item(TableName="social", Key=KEY)["Item"] == item
    assert all_rows(client) == [item]
