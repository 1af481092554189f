"""Signatures: AWS's own test vectors, and whatever botocore signs."""

from __future__ import annotations

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from seedbed.dynamo.engines.signing import Scope, authorization

# AWS's signature version 4 test suite: its scope, its secret, and those of its requests that are a POST to /.
SCOPE = Scope("AKIDEXAMPLE", "us-east-1", "service")
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
VANILLA = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z"}
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuw"
    "thAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVX"
    "AkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
VECTORS = {
    "post-vanilla": ({}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-header-value-case": (
        {"my-header1": "VALUE1"},
        b"",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
    ),
    "post-header-key-sort": (
        {"my-header1": "value1"},
        b"",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    "post-sts-header-before": (
        {"x-amz-security-token": TOKEN},
        b"",
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    ),
    "post-x-www-form-urlencoded": (
        {"content-type": "application/x-www-form-urlencoded"},
        b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_request_of_awss_test_suite_has_its_signature(name):
    headers, body, signature = VECTORS[name]
    signed = ";".join(sorted({**VANILLA, **headers}))

    assert authorization(SCOPE, SECRET, {**VANILLA, **headers}, body) == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={signed}, Signature={signature}"
    )


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30)
VALUES = st.lists(WORDS, min_size=1, max_size=3).map("  ".join)
NAMES = st.from_regex(r"x-[a-z0-9]{1,8}", fullmatch=True)
KEYS = st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True)


@given(
    key=KEYS,
    secret=WORDS,
    token=st.none() | WORDS,
    region=st.sampled_from(["us-east-1", "cn-north-1", "eu-isoe-west-1"]),
    host=st.sampled_from(["localhost:8000", "dynamodb.us-east-1.amazonaws.com", "[::1]:8000"]),
    headers=st.dictionaries(NAMES, VALUES, max_size=4),
    body=st.binary(max_size=200),
)
def test_a_signature_is_botocores(key, secret, token, region, host, headers, body):
    theirs = AWSRequest("POST", f"http://{host}/", headers, body)
    SigV4Auth(Credentials(key, secret, token), "dynamodb", region).add_auth(theirs)

    signed = {**headers, "host": host, "x-amz-date": theirs.headers["X-Amz-Date"]}
    if token is not None:
        signed["x-amz-security-token"] = token
    assert authorization(Scope(key, region, "dynamodb"), secret, signed, body) == theirs.headers["Authorization"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bearer token",
        "AWS4-ECDSA-P256-SHA256 Credential=a/20150830/service/aws4_request, SignedHeaders=host, Signature=0",
    ],
)
def test_an_authorization_of_another_kind_has_no_scope(text):
    assert Scope.read(text) is None


def test_the_scope_of_a_signature_is_read_off_it():
    read = Scope.read(authorization(SCOPE, SECRET, VANILLA, b""))
    assert read == (SCOPE, ["host", "x-amz-date"])
