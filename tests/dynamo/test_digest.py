from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.digest import Digest, digest_of
from services import connect
from services.audit import audit
from services.errors import InvalidSettingError
from services.rows.schema import SCHEMA

USER = {"SK": {"S": "PROFILE"}, "PK": {"S": "USER#1"}, "posts_count": {"N": "0"}}
POST = {"PK": {"S": "POST#1"}, "SK": {"S": "POST"}, "caption": {"S": "Ça"}}
TEXTS = [
    rb'{"PK":{"S":"USER#1"},"SK":{"S":"PROFILE"},"posts_count":{"N":"0"}}',
    rb'{"PK":{"S":"POST#1"},"SK":{"S":"POST"},"caption":{"S":"\u00c7a"}}',
]


def digest(*rows):
    taken = Digest(SCHEMA)
    taken.take(rows)
    return str(taken)


def test_a_digest_is_the_sum_of_the_hashes_of_the_rows_canonical_json():
    hashes = [int(hashlib.sha256(text).hexdigest(), 16) for text in TEXTS]

    assert digest() == "0" * 64
    assert digest(USER) == f"{hashes[0]:064x}"
    assert digest(USER, POST) == digest(POST, USER) == f"{sum(hashes) % 2**256:064x}"


@given(
    st.dictionaries(st.text(), st.dictionaries(st.sampled_from("SNLB"), st.text() | st.lists(st.text()) | st.binary()))
)
def test_a_canonical_row_is_what_the_standard_json_writes(row):
    assert canonical(row).decode() == json.dumps(row, sort_keys=True, separators=(",", ":"), default=repr)


@pytest.mark.parametrize("text", ["\x7f", "\x00\x1f\b\f\n\r\t", "\ud800", "é\u2028", '"\\/', "\U0001f600"])
def test_a_canonical_text_is_escaped_as_the_standard_json_does(text):
    assert canonical({"t": {"S": text}}).decode() == json.dumps({"t": {"S": text}}, separators=(",", ":"))


def test_a_sum_beyond_the_modulus_goes_round():
    assert int(digest(*[USER] * 1_000), 16) == 1_000 * int(digest(USER), 16) % 2**256


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [USER, USER],
        [USER | {"posts_count": {"N": "1"}}],
        [USER | {"posts_count": {"S": "0"}}],
        [USER | {"bio": {"S": ""}}],
        [{"PK": USER["PK"], "SK": USER["SK"]}],
    ],
    ids=["none", "twice", "a value", "a type", "one more attribute", "one less"],
)
def test_any_difference_shows(rows):
    assert digest(*rows) != digest(USER)


def test_how_far_a_run_has_come_is_no_content():
    taken = Digest(SCHEMA)
    taken.take([USER, *({"PK": {"S": "x"}, "entity_type": {"S": kind}} for kind in ("RUN", "RUN_USER"))])

    assert (taken.rows, str(taken)) == (1, digest(USER))


def test_segments_and_the_audits_own_pass_give_the_same(app):
    for number in range(40):
        app.profiles.create_profile(
            email=f"u{number}@example.org", username=f"u{number}_n", handle=f"u{number}_h", full_name="U"
        )
    store = app.session.store

    whole = digest_of(store)

    assert whole.rows == 160
    assert {str(digest_of(store, segments=segments)) for segments in (1, 2, 7)} == {str(whole)}
    assert [audit(store, segments=segments).digest for segments in (1, 3)] == [str(whole)] * 2


@pytest.mark.parametrize("segments", [0, 65, 1.0, True])
def test_segments_out_of_bounds_are_refused(segments):
    with connect() as app, pytest.raises(InvalidSettingError, match="segments"):
        digest_of(app.session.store, segments=segments)
