"""What a run reports, to programs and to people; and what it shows on the way."""

from __future__ import annotations

from collections import Counter

import attrs
import pytest

from factories.command.report import Face, Report, audit_lines
from seedbed.command.console import PATIENCE_SECONDS, Console
from seedbed.dynamo.usage import Usage
from services.audit import Audit, Finding, Kind

ROWS = Counter(USER=1_200, CLAIM=3_600, POST=300, LIKE=3_000, COMMENT=10, FOLLOW=50, FEED_ITEM=440)
REPORT = Report(
    preset="realistic",
    scenarios=("conversation",),
    seed=7,
    as_of="2026-11-01",
    is_dry_run=False,
    endpoint=None,
    table="social",
    audience=1_150,
    usage=Usage(Counter(TransactWriteItems=90, BatchWriteItem=10), ROWS, 8_700, 100, 20_000),
    seconds=2.5,
    audit=Audit(8_600, 4_210, (), "0f" * 32),
    faces=(Face("ada", 1), Face("grace", 1_001)),
)
NOTHING = attrs.evolve(REPORT, usage=Usage(Counter(GetItem=3)), is_dry_run=True, endpoint="http://db:1", faces=())


def _audit(count):
    findings = [Finding(Kind.COUNTER, ("POST#1", "POST"), f"wrong {number}") for number in range(count)]
    return Audit(5, 3, tuple(findings), "0f" * 32)


def test_a_report_as_json():
    assert REPORT.as_json() == {
        "preset": "realistic",
        "scenarios": ["conversation"],
        "seed": 7,
        "as_of": "2026-11-01",
        "dry_run": False,
        "engine": "embedded",
        "table": "social",
        "created": {"users": 1200, "posts": 300, "likes": 3000, "comments": 10, "follows": 50, "feed_items": 440},
        "audience": 1150,
        "rows": 8600,
        "calls": 100,
        "write_units": 20000,
        "usd": 0.0125,
        "seconds": 2.5,
        "audit": {"rows": 8600, "counters": 4210, "findings": []},
        "digest": "0f" * 32,
        "nothing_to_do": False,
        "left_out": [],
        "world": {},
        "handles": ["ada", "grace"],
    }


def test_a_report_in_a_notebook_is_a_page():
    shown = attrs.evolve(REPORT, scenarios=("<b>",))._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert f"<dt>users</dt><dd>{REPORT.created['users']:,}</dd>" in shown
    assert f"<td>seconds</td><td>{REPORT.seconds:,.2f}</td>" in shown
    assert "every number is right" in shown
    assert "2 findings" in attrs.evolve(REPORT, audit=_audit(2))._repr_html_()


def test_a_report_for_people():
    assert list(REPORT.lines()) == [
        "realistic + conversation, seed 7, as of 2026-11-01: is in table social of the embedded engine",
        "  users              1,200  (1,150 of them are the influencers' audience)",
        "  posts                300",
        "  likes              3,000",
        "  comments              10",
        "  follows               50",
        "  feed items           440",
        "  rows               8,600",
        "  API calls            100  (0.020 an entity)",
        "  write units       20,000  (0.0125 USD on AWS, on demand)",
        "  seconds             2.50  (2,000 entities a second)",
        "audit: 8,600 rows read, 4,210 counters recounted, every number is right",
        f"digest: {'0f' * 32}",
        "look at: @ada (1 follower), @grace (1,001 followers)",
    ]


def test_a_run_that_found_everything_there_claims_nothing():
    lines = list(NOTHING.lines())

    assert lines[0] == (
        "realistic + conversation, seed 7, as of 2026-11-01: was in table social of http://db:1 already, "
        "nothing would be written"
    )
    assert [line for line in lines if "audience" in line or "entit" in line or "look at" in line] == []


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (0, ["audit: 5 rows read, 3 counters recounted, every number is right"]),
        (1, ["audit: 5 rows read, 3 counters recounted, 1 finding", "  wrong 0"]),
        (
            22,
            [
                "audit: 5 rows read, 3 counters recounted, 22 findings",
                *(f"  wrong {number}" for number in range(20)),
                "  … and 2 more (--json prints all)",
            ],
        ),
    ],
)
def test_an_audit_is_told_with_its_first_findings(count, lines):
    assert list(audit_lines(_audit(count))) == lines


def test_a_phase_is_told_once_when_it_is_done(capsys):
    with Console(clock=lambda: 0.0) as console:
        for done in (1, 2, 3, 3):
            console.advance("posts", done, 3)
        console.advance("audit", 100, None)

    assert capsys.readouterr() == ("", "posts: 3\n")


def test_a_long_phase_says_now_and_then_how_far_it_is(capsys):
    times = iter([0.0, PATIENCE_SECONDS / 2, PATIENCE_SECONDS, PATIENCE_SECONDS, PATIENCE_SECONDS + 1])
    console = Console(clock=lambda: next(times))
    for done in (1_000, 2_000, 3_000):
        console.advance("likes of posts", done, 9_000)

    assert capsys.readouterr() == ("", "likes of posts: 2,000 of 9,000\n")


def test_a_quiet_console_prints_results_only(capsys):
    with Console(is_quiet=True) as console:
        console.warn("large")
        console.advance("posts", 3, 3)
        console.print("{}")

    assert capsys.readouterr() == ("{}\n", "")
