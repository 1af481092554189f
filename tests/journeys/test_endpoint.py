"""`seed` and `seed audit` on a table that outlives the command: going on, recounting, mending."""

from __future__ import annotations

import json
import signal
from uuid import uuid4

import pytest

from seedbed.dynamo.rows import key_of
from tests.journeys.conftest import AS_OF, figures, one_line, suggested

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
LARGER = """
users = 30
influencers = 2
influencer_followers = [30, 40]
posts_per_user = [4, 6]
likes_per_post = [10, 20]
comments_per_post = [1, 3]
follows_per_user = 8
"""
NOTHING = {"users": 0, "posts": 0, "likes": 0, "comments": 0, "follows": 0, "feed_items": 0}


def test_a_dry_run_writes_nothing_and_says_what_the_run_then_does(seed, place):
    dry = seed.report(*WORLD, *place.options, "--dry-run")
    refused = one_line(seed("audit", *place.options))
    made = seed.report(*WORLD, *place.options)

    assert figures(dry) == figures(made)
    assert refused.startswith(f"there is no table {place.table!r}")
    assert len(place.rows()) == made["rows"]


def test_an_endpoint_gets_the_figures_of_the_embedded_engine(seed, place, first_world):
    made = seed.report(*WORLD, *place.options, "--workers", "3")

    assert figures(made) == figures(first_world)
    assert (made["engine"], made["table"]) == (place.endpoint_url, place.table)


def test_a_second_run_writes_nothing(seed, place, first_world):
    seed.report(*WORLD, *place.options)
    before = place.rows()

    again = seed.report(*WORLD, *place.options)

    assert place.rows() == before
    assert (again["created"], again["rows"], again["write_units"]) == (NOTHING, 0, 0)
    assert again["nothing_to_do"] is True
    assert again["calls"] == 2  # whose rows the table holds, and how far the run came
    assert again["audit"] == {"rows": 0, "counters": 0, "findings": []}
    assert again.keys() == first_world.keys()


def test_a_second_run_says_that_everything_was_there(seed, place):
    seed(*WORLD, *place.options)

    said = seed(*WORLD, *place.options).stdout.splitlines()

    place_options = f"--endpoint-url {place.endpoint_url} --table {place.table}"
    where = f"table {place.table} of {place.endpoint_url}"
    assert said[:-2] == [
        f"minimal, seed 7, as of {AS_OF}: was in {where} already, nothing was written",
        "nothing to do: an earlier run completed it, this one read nothing else (2 API calls)",
    ]
    assert said[-2:] == [f"enter it: seed shell {place_options}", f"audit it: seed audit {place_options}"]


def test_two_presets_stand_beside_each_other(seed, place, first_world):
    (seed.directory / "minimal.toml").write_text("users = 10\nfollows_per_user = 2\n", encoding="utf-8")
    seed.report(*WORLD, *place.options)

    beside = seed.report("-e", "minimal.toml", *WORLD[2:], *place.options)

    assert beside["created"]["users"] > 0
    assert beside["audit"]["rows"] == first_world["rows"] + beside["rows"]
    assert beside["audit"]["findings"] == []


def _change(place, entity_type, **attributes):
    """Change the first row of a kind behind the services' back."""
    row = min((row for row in place.rows().values() if row["entity_type"]["S"] == entity_type), key=key_of)
    with place.app() as app:
        app.session.store.write_batch([row | attributes], [])
    return list(key_of(row))


def test_drift_is_told_mended_and_gone(seed, place, first_world):
    seed.report(*WORLD, *place.options)
    before = place.rows()
    key = _change(place, "POST", likes_count={"N": "99"})

    found = seed("audit", *place.options)
    told = seed("audit", *place.options, "--json")
    mended = seed("audit", *place.options, "--repair", "--yes", place.table)
    after = seed("audit", *place.options)

    right = int(before[tuple(key)]["likes_count"]["N"])
    assert (found.returncode, told.returncode, mended.returncode, after.returncode) == (1, 1, 0, 0)
    audit = json.loads(told.stdout)
    assert [(one["key"], one["stored"], one["expected"]) for one in audit["findings"]] == [(key, 99, right)]
    read = f"audit: {first_world['rows']} rows read, {first_world['audit']['counters']} counters recounted, "
    message = audit["findings"][0]["message"]
    assert found.stdout.splitlines() == [f"{read}1 finding", f"  {message}"]
    *said, kept, verdict = mended.stdout.splitlines()
    assert said == [*found.stdout.splitlines(), "mended: 1", f"  {message}: set to {right}"]
    assert kept.startswith(f"what was deleted or changed is kept in removed-{place.table}-")
    assert verdict == f"{read}every number is right"
    assert after.stdout.splitlines() == [f"{read}every number is right"]
    assert place.rows() == before


def test_a_repair_is_one_json_object_too(seed, place):
    seed.report(*WORLD, *place.options)
    key = _change(place, "POST", likes_count={"N": "99"})

    result = seed("--json", "audit", *place.options, "--repair", "--yes", place.table)

    report = json.loads(result.stdout)
    assert (result.returncode, result.stderr, report["findings"]) == (0, "", [])
    assert [one["key"] for one in report["mended"]] == [key]


def test_what_no_repair_can_mend_stays_drift(seed, place):
    seed.report(*WORLD, *place.options)
    _change(place, "COMMENT", content={"N": "5"})

    result = seed("audit", *place.options, "--repair", "--yes", place.table)

    assert result.returncode == 1
    assert "mended" not in result.stdout


def test_an_option_before_or_behind_audit_beats_the_variable_and_not_each_other(seed, place):
    seed.report(*WORLD, *place.options)

    before = seed("--table", place.table, "audit", SEED_ENDPOINT_URL=place.endpoint_url, SEED_TABLE="another")
    behind = seed("audit", *place.options, SEED_TABLE="another")
    both = seed("--table", "another", "audit", *place.options)

    assert (before.returncode, behind.returncode) == (0, 0)
    assert one_line(both) == "--table is given before audit and behind it: give it once"


@pytest.mark.parametrize("workers", ["1", "4"])
def test_ctrl_c_says_how_to_go_on_and_going_on_completes_the_world(seed, place, other_place, workers):
    (seed.directory / "larger.toml").write_text(LARGER, encoding="utf-8")
    world = ["-e", "larger.toml", "--as-of", AS_OF]
    process = seed.start(*world, *place.options, "--workers", workers, stdout=-1, stderr=-1)
    for line in process.stderr:
        if line.startswith("posts: "):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    last = err.splitlines()[-1]
    stopped = place.rows()
    kinds = {one["kind"] for one in json.loads(seed("audit", *place.options, "--json").stdout)["findings"]}
    went_on = seed(*suggested(last), "--json")
    seed.report(*world, *other_place.options)

    assert (process.returncode, out) == (130, "")
    assert last.startswith(
        "seed: stopped; every count is exact, feeds are filled at the end. Go on with: seed -e larger"
    )
    assert "Traceback" not in err
    assert kinds <= {"missing_item"}  # feeds are delivered last
    assert went_on.returncode == 0
    assert stopped.keys() < place.rows().keys()
    assert place.rows() == other_place.rows()


def test_ctrl_c_on_the_embedded_engine_says_that_nothing_is_left(seed):
    process = seed.start("-e", "realistic", "--as-of", AS_OF, stdout=-1, stderr=-1)
    for line in process.stderr:
        if line.startswith("audience: "):
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "seed: stopped; the embedded engine's data ended with it. "
        f"Begin again with: seed -e realistic --seed 0 --as-of {AS_OF}"
    )


def test_aws_that_is_another_place_is_named_as_that(seed, endpoint_url):
    variables = {"AWS_ENDPOINT_URL_DYNAMODB": endpoint_url.replace("http://", "http://user:secret@")}
    options = ["--endpoint-url", "aws", "--table", f"journey-{uuid4()}"]

    told = seed(*WORLD, *options, **variables)
    assert (told.returncode, f"of {endpoint_url}" in told.stdout) == (0, True)
    assert seed.report(*WORLD, *options, **variables)["engine"] == endpoint_url
    for command in (WORLD, ["audit"], ["status"], ["digest"], ["reset", *WORLD, "-y"]):
        said = seed(*command, *options, **variables)
        assert f"warning: aws is {endpoint_url} here" in said.stderr
        assert "secret" not in said.stdout + said.stderr
