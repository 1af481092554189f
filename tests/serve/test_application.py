"""DynamoDB's POST and a suite's pages at one address."""

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from seedbed.dynamo.engines import embedded_engine
from seedbed.serve.application import application
from seedbed.serve.errors import HostError
from seedbed.serve.pages import guarded
from seedbed.serve.places import Place, place
from seedbed.serve.running import running

PAGES = guarded(lambda: [Route("/", lambda _request: PlainTextResponse("pages"))])


def client_of(url, key):
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_get_is_the_pages_and_post_is_dynamodb():
    with embedded_engine() as engine, running(application(engine.perform, pages=PAGES)) as url:
        assert client_of(url, "any").list_tables()["TableNames"] == []
        with TestClient(application(engine.perform, pages=PAGES), base_url="http://localhost") as client:
            assert client.get("/").text == "pages"
            assert client.post("/", headers={"X-Amz-Target": "x"}).status_code == 404
            assert client.get("/nowhere").status_code == 404


def test_without_pages_get_says_that_it_is_well():
    with embedded_engine() as engine, TestClient(application(engine.perform)) as client:
        assert client.get("/").text.startswith("healthy")


def test_with_a_token_actions_are_for_whoever_signs_by_it():
    with embedded_engine() as engine, running(application(engine.perform, token="s3cret")) as url:
        assert client_of(url, "s3cret").list_tables()["TableNames"] == []
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            client_of(url, "other").list_tables()


def test_on_this_machine_alone_no_token_is_asked_for():
    with place(0, "127.0.0.1") as here, place(0, "0.0.0.0") as everywhere:  # noqa: S104 - what is tested
        assert here.token is None
        assert here.page == f"{here.url}/"
        assert everywhere.token
        assert everywhere.page == f"{everywhere.url}/?token={everywhere.token}"
        assert isinstance(everywhere, Place)
        assert everywhere.url.startswith("http://127.0.0.1:")
        assert everywhere.token not in everywhere.url


def test_a_host_that_is_none_of_this_machine_is_told():
    with pytest.raises(HostError, match=r"--host 203\.0\.113\.1 is no address"), place(0, "203.0.113.1"):
        pass


@pytest.mark.parametrize(("host", "status"), [("evil.example", 403), ("localhost:8000", 404), ("127.0.0.1", 404)])
def test_a_page_whose_name_was_made_to_lead_here_asks_dynamodb_nothing(host, status):
    with embedded_engine() as engine, TestClient(application(engine.perform)) as client:
        headers = {"Host": host, "Origin": f"http://{host}"}  # browsers send it, SDKs do not
        assert client.post("/", headers=headers).status_code == status
        assert client.post("/", headers={"Host": "a-box-of-docker"}).status_code == 404
