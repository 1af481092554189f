"""`seed` on the embedded engine: what it makes, what it prints where, and which option does what."""

from __future__ import annotations

import os
import pty
import re

import pytest

from factories.scenarios import scenarios
from tests.journeys.conftest import AS_OF, figures

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
SCENARIO = """
from factories import UserFactory
from factories.scenarios import scenario


@scenario("two-friends")
class TwoFriends:
    '''Two friends.'''

    def run(self, app):
        return UserFactory.create_batch(2, followers=1)
"""
PRESET = """
users = 4
verified = 0.5
influencers = 1
influencer_followers = 6
posts_per_user = 2
likes_per_post = 3
comments_per_post = 1
follows_per_user = 2
"""


def test_json_is_one_object_with_the_promised_fields(first_world):
    assert set(first_world) >= {
        "preset", "seed", "as_of", "created", "rows", "calls", "write_units", "seconds", "audit",
    }  # fmt: skip
    assert (first_world["preset"], first_world["seed"], first_world["as_of"]) == ("minimal", 7, AS_OF)
    assert list(first_world["created"]) == ["users", "posts", "likes", "comments", "follows", "feed_items"]
    assert list(first_world["audit"]) == ["rows", "counters", "findings"]


def test_what_is_created_is_what_the_audit_counts(first_world):
    made, audit = first_world["created"], first_world["audit"]

    # A user has 3 claims and is noted as the run's, a post has its listing, a follow its other end; the run has a row.
    rows = 1 + 5 * made["users"] + 2 * made["posts"] + made["likes"] + made["comments"] + 2 * made["follows"]
    assert first_world["rows"] == audit["rows"] == rows + made["feed_items"]
    assert audit["counters"] == 3 * made["users"] + 2 * made["posts"] + made["comments"]
    assert audit["findings"] == []
    assert min(made.values()) > 0


def test_the_same_seed_makes_the_same_again(seed, first_world):
    assert figures(seed.report(*WORLD)) == figures(first_world)


def test_workers_change_no_figure(seed, first_world):
    assert figures(seed.report(*WORLD, "--workers", "4")) == figures(first_world)


def test_a_dry_run_gives_the_figures_of_the_real_one(seed, first_world):
    dry = seed.report(*WORLD, "--dry-run")

    assert figures(dry) == figures(first_world)
    assert (dry["dry_run"], first_world["dry_run"]) == (True, False)


@pytest.mark.parametrize("change", [["--seed", "8"], ["--as-of", "2026-11-02"]])
def test_another_seed_or_date_makes_another_world(seed, first_world, change):
    world = dict(zip(WORLD[::2], WORLD[1::2], strict=True)) | dict([change])
    options = [part for option in world.items() for part in option]
    assert seed.report(*options, "--dry-run")["handles"] != first_world["handles"]


def test_variables_set_the_options(seed):
    variables = {
        "SEED_ENV": "minimal",
        "SEED_SCENARIO": "conversation edge-cases",
        "SEED_SEED": "7",
        "SEED_AS_OF": AS_OF,
        "SEED_TABLE": "mine",
        "SEED_WORKERS": "2",
    }
    options = [*WORLD, "-s", "conversation", "-s", "edge-cases", "--table", "mine", "--workers", "2"]

    by_variables, by_options = seed.report("--dry-run", **variables), seed.report("--dry-run", *options)

    assert by_variables | {"seconds": 0} == by_options | {"seconds": 0}
    assert (by_options["table"], by_options["scenarios"]) == ("mine", ["conversation", "edge-cases"])


def test_an_option_beats_its_variable(seed):
    report = seed.report("-e", "minimal", "--seed", "3", "--dry-run", SEED_ENV="stress", SEED_SEED="4")

    assert (report["preset"], report["seed"]) == ("minimal", 3)


def test_several_scenarios_are_made_without_a_preset(seed):
    report = seed.report("-s", "conversation", "-s", "active-community", "--as-of", AS_OF)

    assert (report["preset"], report["scenarios"]) == (None, ["conversation", "active-community"])
    assert report["audit"]["rows"] == report["rows"] > 0
    assert report["audit"]["findings"] == []


def test_a_scenario_of_ones_own_is_found_in_the_directory(seed):
    (seed.directory / "mine.py").write_text(SCENARIO, encoding="utf-8")

    report = seed.report("-s", "mine:TwoFriends")

    assert report["created"] == {"users": 4, "posts": 0, "likes": 0, "comments": 0, "follows": 2, "feed_items": 0}


def test_a_preset_of_ones_own_is_made_as_it_says(seed):
    (seed.directory / "four.toml").write_text(PRESET, encoding="utf-8")

    report = seed.report("-e", "four.toml", "--as-of", AS_OF)

    made = report["created"]
    assert report["preset"] == "four.toml"
    assert report["audience"] == made["users"] - 4
    assert (made["posts"], made["likes"], made["comments"]) == (8, 24, 8)
    assert made["follows"] == 4 * 2 + report["audience"]
    assert report["audit"]["findings"] == []


def test_the_summary_says_everything_and_progress_is_plain_lines_apart(seed, first_world):
    result = seed(*WORLD)

    made = first_world["created"]
    counters = first_world["audit"]["counters"]
    summary = re.sub(r"[\d.,]+  \([\d,]+ entities", "N  (N entities", result.stdout)
    faces = re.search("look at: (.*)\n", summary)
    assert faces
    assert re.findall(r"@(\w+) \([\d,]+ followers?\)", faces[1]) == first_world["handles"]
    assert result.returncode == 0
    assert re.sub(" +", " ", summary.replace(faces[0], "")).splitlines() == [
        f"minimal, seed 7, as of {AS_OF}: is in table social of the embedded engine",
        f" users {made['users']} ({first_world['audience']} of them are the influencers' audience)",
        f" posts {made['posts']}",
        f" likes {made['likes']}",
        f" comments {made['comments']}",
        f" follows {made['follows']}",
        f" feed items {made['feed_items']}",
        f" rows {first_world['rows']}",
        f" API calls {first_world['calls']} ({first_world['calls'] / sum(made.values()):.3f} an entity)",
        f" write units {first_world['write_units']:,} ({first_world['usd']:.4f} USD on AWS, on demand)",
        " seconds N (N entities a second)",
        f"audit: {first_world['rows']} rows read, {counters} counters recounted, every number is right",
        "world: at this size 1 of 13 figures can be compared with real networks: all are alike",
        f"digest: {first_world['digest']}",
        "the embedded engine's data ended with this command; at a DynamoDB that --endpoint-url names, they stay",
        f"enter such a world: seed shell -e minimal --seed 7 --as-of {AS_OF}",
    ]
    assert result.stderr.splitlines() == [
        "users: 10",
        f"audience: {first_world['audience']}",
        f"follows: {made['follows']}",
        f"posts: {made['posts']}",
        f"feeds of posts: {made['posts']}",
        f"likes of posts: {made['posts']}",
        f"comments on posts: {made['posts']}",
    ]


def test_figures_stand_in_one_column(seed):
    lines = seed("-e", "minimal", "--dry-run").stdout.splitlines()

    assert {re.match(r"  \D+[\d.,]+", line).end() for line in lines if line.startswith("  ")} == {26}


def test_a_terminal_sees_bars_that_are_gone_in_the_end(seed):
    ours, theirs = pty.openpty()
    process = seed.start(*WORLD, "--dry-run", stdout=-1, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # Linux's way to say that the other end is closed
        pass
    finally:
        os.close(ours)
    out, _ = process.communicate()

    assert process.returncode == 0
    assert out.endswith("dry run: nothing was written\n")
    assert b"likes of posts \x1b[" in shown
    assert b"users: 10" not in shown
    assert shown.endswith(b"\x1b[2K")  # the bars are erased
    assert shown.rfind(b"\x1b[?25h") > shown.rfind(b"\x1b[?25l")  # and the cursor is back


def test_the_stress_preset_warns_of_its_size_before_it_starts(seed):
    process = seed.start("-e", "stress", stdout=-1, stderr=-1)
    try:
        warning = process.stderr.readline()
    finally:
        process.kill()
        process.communicate()

    assert warning == (
        "seed: warning: this makes some 1.9 million rows, and the embedded engine holds them in memory: "
        "give it an engine of its own, by --endpoint-url\n"
    )


def test_scenarios_are_listed_with_what_they_are(seed):
    result = seed("scenarios")

    assert (result.returncode, result.stderr) == (0, "")
    listed = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert listed == {name: text for name, text in scenarios().items() if name in listed}
    assert listed.keys() >= {"popular-post", "active-community", "conversation", "celebrity-feed", "edge-cases"}


def test_help_names_every_option_and_loads_nothing_heavy(seed):
    watching = (
        "import sys\nfrom seedbed.command.cli import main\n"
        "sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "finally: print([m for m in ('boto3', 'botocore', 'moto', 'factory', 'faker', 'rich') if m in sys.modules])\n"
    )
    result = seed("--help")
    loaded = seed.python(watching)

    assert (result.returncode, result.stderr) == (0, "")
    assert set(re.findall(r"--[a-z-]+", result.stdout)) == {
        "--env", "--scenario", "--seed", "--as-of", "--dry-run", "--endpoint-url", "--table", "--workers", "--json",
        "--locale", "--images", "--allow-large", "--beside-others", "--yes", "--help",
        "--cluster", "--shard", "--slice",
    }  # fmt: skip
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_the_shell_runs_a_command_in_a_seeded_world(seed, first_world):
    handle = first_world["handles"][0]

    result = seed("shell", *WORLD, "-c", f"app.profiles.find_by_handle({handle!r}).handle")

    assert (result.returncode, result.stdout, result.stderr) == (0, f"{handle!r}\n", "")


def test_the_shell_takes_options_from_before_its_name(seed):
    result = seed("--table", "mine", "shell", "-c", "app.table.name, len(UserFactory.create_batch(3))")

    assert (result.returncode, result.stdout, result.stderr) == (0, "('mine', 3)\n", "")
