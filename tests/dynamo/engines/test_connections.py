"""How an engine is opened: which settings its client gets, and what is refused."""

from __future__ import annotations

import os

import pytest
from botocore.exceptions import ParamValidationError

from seedbed.dynamo.engines import aws_engine, embedded_engine, endpoint_engine, open_engine
from services.errors import InvalidError, PermissionDeniedError, UnusableEndpointError


@pytest.fixture(autouse=True)
def no_aws_settings(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.mark.parametrize(
    ("endpoint_url", "kind"),
    [
        (None, "embedded"),
        ("aws", "aws"),
        ("http://localhost:8000", "endpoint"),
        ("https://db.example", "endpoint"),
    ],
)
def test_the_endpoint_decides_the_kind(endpoint_url, kind):
    with open_engine(endpoint_url) as engine:
        assert engine.kind == kind


@pytest.mark.parametrize(
    "endpoint_url",
    ["", "AWS", "localhost:8000", "localhost", "ftp://localhost", "http://", "http:///path", "http://host:port",
     "http://host:99999", "http://[::1", "http://host:0"],
)  # fmt: skip
def test_an_endpoint_that_is_no_url_is_refused(endpoint_url):
    with pytest.raises(UnusableEndpointError) as caught:
        open_engine(endpoint_url)

    assert isinstance(caught.value, InvalidError)
    assert caught.value.endpoint_url == endpoint_url


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "db.localhost"])
def test_an_engine_on_this_machine_needs_no_credentials_and_no_region(host):
    with endpoint_engine(f"http://{host}:8000") as engine:
        assert engine.client._get_credentials().access_key == "local"
        assert engine.client.meta.region_name == "us-east-1"


def test_credentials_of_the_environment_are_used_on_this_machine_too(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")

    with endpoint_engine("http://localhost:8000") as engine:
        assert engine.client._get_credentials().access_key == "mine"


def test_an_engine_on_another_machine_needs_no_credentials_either():
    with endpoint_engine("http://dynamodb:8000") as engine:
        assert engine.client._get_credentials().access_key == "local"


def test_no_credentials_are_made_up_for_aws():
    with endpoint_engine("https://dynamodb.eu-west-1.amazonaws.com") as engine:
        assert engine.client._get_credentials() is None


@pytest.mark.parametrize("endpoint_url", ["aws", "http://localhost:8000"])
def test_a_profile_that_there_is_not_is_told(monkeypatch, endpoint_url):
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(PermissionDeniedError, match="nobody"):
        open_engine(endpoint_url)


def test_the_embedded_engine_reads_no_configuration_of_aws(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with embedded_engine() as engine:
        assert engine.client.list_tables()["TableNames"] == []


def test_aws_takes_the_region_of_the_environment_unless_told(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    with aws_engine() as of_environment, aws_engine(region="eu-west-1") as told:
        assert of_environment.client.meta.region_name == "eu-central-1"
        assert told.client.meta.endpoint_url == "https://dynamodb.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("endpoint_url", ["aws", "http://localhost:8000"])
def test_clients_wait_for_seconds_not_for_minutes_and_leave_retries_to_the_table(endpoint_url):
    with open_engine(endpoint_url, max_connections=7) as engine:
        config = engine.client.meta.config
        retries = (config.retries["mode"], config.retries["total_max_attempts"])
        assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (3, 20, 7)
        assert retries == ("standard", 1)


@pytest.mark.parametrize("endpoint_url", ["aws", "http://localhost:8000"])
def test_the_first_call_gives_up_sooner_and_is_not_tried_again_by_the_client(endpoint_url):
    with open_engine(endpoint_url) as engine:
        config = engine.hasty_client().meta.config
        assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (3, 5, 1)


def test_parameters_are_validated_only_on_request():
    with embedded_engine() as shipped, embedded_engine(validate=True) as strict:
        assert shipped.client.list_tables(NoSuchParameter=1)["TableNames"] == []
        with pytest.raises(ParamValidationError):
            strict.client.list_tables(NoSuchParameter=1)


def test_opening_an_endpoint_changes_no_environment_variable():
    before = dict(os.environ)

    endpoint_engine("http://localhost:8000").close()

    assert dict(os.environ) == before
