"""What is known of an endpoint by its address, and that no password of one is kept, shown or sent on."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import boto3
import botocore
import pytest
from botocore.config import Config

from factories.command.target import Target
from seedbed.dynamo.addresses import AWS_DOMAINS, address_of, hide_secrets
from seedbed.dynamo.engines import embedded_engine, endpoint_engine, open_engine
from services import connect
from services.errors import InvalidSettingError, ServiceError, UnusableEndpointError
from tests.faults import no_waiting
from tests.journeys.front import embedded, embedded_front, serving

KEYS = {"aws_access_key_id": "mine", "aws_secret_access_key": "mine", "region_name": "eu-west-1"}


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_SESSION_TOKEN": "token",
    }.items():
        monkeypatch.setenv(name, value)


# Whose it is


@pytest.mark.parametrize("dot", ["", "."])
@pytest.mark.parametrize("host", ["dynamodb.eu-west-1.{}", "vpce-1.dynamodb.us-east-1.vpce.{}", "DYNAMODB.X.{}"])
@pytest.mark.parametrize("domain", AWS_DOMAINS)
def test_a_host_of_aws_is_aws(host, domain, dot):
    assert address_of(f"https://{host.format(domain)}{dot}").is_of_aws


def test_every_domain_that_botocore_knows_is_of_aws():
    partitions = json.loads((Path(botocore.__file__).parent / "data/partitions.json").read_text())["partitions"]
    known = {domain for one in partitions for name, domain in one["outputs"].items() if name.endswith("nsSuffix")}

    assert known | {one["outputs"]["dualStackDnsSuffix"] for one in partitions} <= {*AWS_DOMAINS}


@pytest.mark.parametrize("host", ["amazonaws.com.evil.example", "xamazonaws.com", "amazonaws.com@evil.example", "db"])
def test_a_host_that_only_looks_like_aws_is_not(host):
    assert not address_of(f"https://{host}").is_of_aws


# Tokens


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost:1", "localhost.", "[::1]:1", "db.localhost", "127.1.2.3"])
def test_a_token_goes_to_this_machine(host):
    with endpoint_engine(f"http://{host}") as engine:
        assert engine.client._get_credentials().token == "token"


@pytest.mark.parametrize("session", [None, boto3.Session(**KEYS, aws_session_token="token")], ids=["found", "given"])
@pytest.mark.parametrize("host", ["dynamodb:8000", "10.0.0.1", "localhost.example", "127.0.0.1.example", "[fe80::1]"])
def test_no_token_goes_to_another_machine_by_plain_http(host, session):
    with open_engine(f"http://{host}", session=session) as engine:
        credentials = engine.client._get_credentials()
        assert (credentials.token, credentials.access_key) == (None, "real" if session is None else "mine")

    with open_engine(f"https://{host}", session=session) as engine:
        assert engine.client._get_credentials().token == "token"


@pytest.mark.parametrize("endpoint_url", ["aws", "http://dynamodb.eu-west-1.amazonaws.com"])
def test_a_token_for_aws_by_plain_http_is_refused(monkeypatch, endpoint_url):
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb.eu-west-1.amazonaws.com")

    with pytest.raises(UnusableEndpointError, match="a session token is not sent over plain http: use https"):
        open_engine(endpoint_url)


# The caller's own session


def test_a_session_of_ones_own_decides_credentials_and_region():
    with open_engine("aws", session=boto3.Session(**KEYS)) as engine:
        assert engine.kind == "aws"
        assert engine.url == "https://dynamodb.eu-west-1.amazonaws.com"
        assert engine.client._get_credentials().access_key == "mine"


@pytest.mark.parametrize("kind", ["session", "client", "botocore client"])
@pytest.mark.parametrize("is_named_aws", [True, False])
def test_an_app_writes_through_what_it_is_given(kind, is_named_aws, monkeypatch):
    with embedded_front() as front:
        session = boto3.Session(**KEYS)
        client = session.client("dynamodb", endpoint_url=front.url, config=Config(connect_timeout=3))
        if kind == "session" and is_named_aws:
            monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", front.url)
        given = session if kind == "session" else client
        with connect("aws" if is_named_aws else front.url, session=given) as app:
            user = app.profiles.create_profile(email="a@example.com", username="ada", handle="ada", full_name="Ada")
            with app.unit_of_work():
                app.posts.create_post(author_id=user.id, caption="One")
            assert app.profiles.get(user.id).posts_count == 1
            assert app.endpoint_url == front.url
        assert client.list_tables()["TableNames"] == ["social"]  # it is the caller's, and left open


@pytest.mark.parametrize("kind", ["session", "client"])
def test_what_is_no_answer_is_none_through_what_an_app_is_given(kind):
    engine, answers = embedded_engine(), [b"<html>Please sign in.</html>", b'{"Item": "none"}', b"", b"{"]
    real = embedded(engine.client)

    def answer(operation, parameters):
        return (200, answers.pop()) if operation == "GetItem" and answers else real(operation, parameters)

    with engine, serving(answer) as front, no_waiting():
        session = boto3.Session(**KEYS)
        client = session.client("dynamodb", endpoint_url=front.url)
        with connect(front.url, session=session if kind == "session" else client) as app:
            user = app.profiles.create_profile(email="a@example.com", username="ada", handle="ada", full_name="Ada")
            assert app.profiles.get(user.id) == user
        assert answers == []


@pytest.mark.parametrize(
    ("endpoint_url", "made", "rule"),
    [
        (None, lambda: boto3.Session(**KEYS), "left out where the engine is embedded"),
        ("aws", lambda: boto3.client("s3", **KEYS), "a boto3 Session or a DynamoDB client"),
        ("aws", lambda: boto3.resource("dynamodb", **KEYS), "a boto3 Session or a DynamoDB client"),
        ("aws", lambda: "profile", "a boto3 Session or a DynamoDB client"),
        ("http://localhost:1", lambda: boto3.client("dynamodb", **KEYS), "a client for http://localhost:1"),
    ],
    ids=["embedded", "s3", "resource", "text", "elsewhere"],
)
@pytest.mark.parametrize("is_dry", [True, False])
def test_what_is_no_session_for_the_endpoint_is_refused(endpoint_url, made, rule, is_dry):
    with pytest.raises(InvalidSettingError, match=f"session must be {rule}"):
        connect(endpoint_url, session=made(), is_dry=is_dry)


# AWS's own configuration


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL", "nonsense"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "http://user:secret@[x"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_DEFAULTS_MODE", "nonsense"),
        ("AWS_RETRY_MODE", "nonsense"),
        ("AWS_PROFILE", "nobody"),
        ("AWS_DEFAULT_REGION", "not a region"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "nonsense"),
        ("AWS_CA_BUNDLE", " "),
    ],
)
@pytest.mark.parametrize("endpoint_url", ["aws", "http://127.0.0.1:1"])
def test_nonsense_in_awss_configuration_is_a_typed_error_or_nothing(monkeypatch, variable, value, endpoint_url):
    monkeypatch.setenv(variable, value)

    said = ""
    try:
        open_engine(endpoint_url).close()
    except ServiceError as error:
        said = everything_said(error)
    assert "secret" not in said


# Passwords

BAD = [
    "ftp://user:secret@host",
    "user:secret@localhost:8000",
    "http://user:secret@",
    "http://user:secret@host:port",
    "http://user:sec/secret@host",
    "http://user:12/secret@host",
    "http://user:12?secret@host",
    "http://user:12#secret@host",
    "http://user:sec secret@host",
    "http://host/?password=secret",
    "http://user:x@host/?password=secret",
    "http://user:secret@[::1",
    "//user:secret@host",
    "http://us@er:secret@host:0",
]


def everything_said(error: BaseException) -> str:
    """All that an error and those behind it show: text, repr, attributes, traceback."""
    said, seen = "", error
    while seen is not None:
        said += f"{seen} {seen!r} {vars(seen)} {seen.args}"
        seen = seen.__cause__ or seen.__context__
    return said + "".join(traceback.format_exception_only(error))


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_is_refused_does_not_show_its_password(url):
    with pytest.raises(UnusableEndpointError) as refusal:
        connect(url)

    assert "secret" not in everything_said(refusal.value)


@pytest.mark.parametrize("user", ["user:secret", ":secret", "secret", "secret:secret", "us%40er:secret", "a@b:secret"])
def test_an_address_is_used_without_user_and_password(user):
    with embedded_front() as front:
        host = front.url.removeprefix("http://")
        with connect(f"http://{user}@{host}") as app:
            assert app.endpoint_url == front.url
            assert "secret" not in f"{app!r} {app.table!r} {app.engine!r} {app.engine.client.meta.endpoint_url}"


@pytest.mark.parametrize("named", ["address", "variable"])
def test_an_address_where_nobody_answers_does_not_show_its_password(monkeypatch, named):
    url = "http://user:secret@127.0.0.1:1"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(ServiceError) as refusal:
        connect("aws" if named == "variable" else url)

    assert "http://127.0.0.1:1 does not answer" in str(refusal.value)
    assert "secret" not in everything_said(refusal.value)


def test_texts_are_shown_without_users_and_passwords():
    assert hide_secrets('no answer of "http://u:secret@h:1/": ok') == 'no answer of "http://h:1/": ok'


def test_what_the_command_is_told_keeps_no_password():
    target = Target(endpoint_url="http://user:secret@host:1")

    assert (target.endpoint_url, "secret" in repr(target)) == ("http://host:1", False)
