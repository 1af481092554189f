"""Answers: rows come as they were sent, all else as botocore reads it."""

from __future__ import annotations

import json

import botocore.session
from botocore.parsers import ResponseParser, create_parser

from seedbed.dynamo.engines.rows import RowParserFactory, reading_rows
from seedbed.dynamo.engines.sessions import new_session

ROW = {
    "PK": {"S": "POST#1"},
    "likes_count": {"N": "3"},
    "tags": {"L": [{"S": "a"}, {"S": "b"}]},
    "is_public": {"BOOL": True},
    "bio": {"NULL": True},
    "more": {"M": {"seen": {"SS": ["x", "y"]}}},
}
ANSWERS = [
    ("Scan", {"Items": [ROW, ROW], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": {"PK": {"S": "POST#1"}}}),
    ("GetItem", {"Item": ROW}),
    ("BatchGetItem", {"Responses": {"social": [ROW]}, "UnprocessedKeys": {"social": {"Keys": [{"PK": {"S": "1"}}]}}}),
    ("BatchWriteItem", {"UnprocessedItems": {"social": [{"PutRequest": {"Item": ROW}}]}}),
    ("DescribeTable", {"Table": {"TableName": "social", "CreationDateTime": 1_700_000_000.5}}),
]
REFUSED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "cancelled",
    "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no", "Item": ROW}],
}


def parsed(parser, operation, body, status=200):
    model = botocore.session.get_session().get_service_model("dynamodb")
    wire = {"body": json.dumps(body).encode(), "headers": {}, "status_code": status}
    shape = model.operation_model(operation).output_shape if status == 200 else model.shape_for(operation)
    return parser.parse(wire, shape)


def test_every_answer_is_what_botocore_reads():
    ours, botocores = RowParserFactory().create_parser("json"), create_parser("json")
    for operation, body in ANSWERS:
        assert parsed(ours, operation, body) == parsed(botocores, operation, body)
    cancelled = [parsed(parser, "TransactionCanceledException", REFUSED, 400) for parser in (ours, botocores)]
    assert cancelled[0] == cancelled[1]
    assert cancelled[0]["CancellationReasons"][1]["Item"] == ROW


def test_a_row_is_not_walked_through(monkeypatch):
    walked = []
    walk = ResponseParser._parse_shape
    monkeypatch.setattr(ResponseParser, "_parse_shape", lambda *of: walked.append(of[1].name) or walk(*of))
    assert parsed(RowParserFactory().create_parser("json"), "GetItem", {"Item": ROW})["Item"] == ROW
    assert walked == ["GetItemOutput", "AttributeMap"]


def test_a_client_that_reads_by_it_leaves_the_one_it_was_made_of_as_it_was():
    client = new_session(is_alone=True).client("dynamodb", region_name="eu-west-1")
    twin = reading_rows(client)
    assert isinstance(twin._endpoint._response_parser_factory, RowParserFactory)
    assert not isinstance(client._endpoint._response_parser_factory, RowParserFactory)
    assert twin.meta is client.meta


def test_other_protocols_are_botocores_own():
    assert type(RowParserFactory().create_parser("rest-xml")) is type(create_parser("rest-xml"))
