"""The command `seed` over a small foreign program, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.request import urlopen

import pytest

from seedbed.command import exits
from seedbed.command.cli import Command

OPEN = ("    open=Shop,", "    open=open_shop,")
STORED = '''
class Unit:
    """Undoes, when it is told to, what was done since it was opened."""

    def __init__(self, shop):
        self.shop, self.before = shop, [len(rows) for rows in shop.rows.values()]

    def stored(self, value):
        return value

    def roll_back(self):
        for rows, count in zip(self.shop.rows.values(), self.before):
            del rows[count:]


@contextmanager
def working(shop):
    yield Unit(shop)


@contextmanager
def open_shop():
    shop = Shop()
    yield shop
    print("left:", [len(rows) for rows in shop.rows.values()])


class CustomerFactory('''
ROLLS_BACK = (("\nclass CustomerFactory(", STORED), OPEN, ("    listing=", "    unit_of_work=working,\n    listing="))


def test_a_scenario_is_made_and_recounted(seed):
    code, output, complaint = seed("-s", "rush-hour")

    assert code == 0
    assert output.splitlines()[1:] == [
        "rows: 3 Customer, 3 Order",
        "audit: 3 counters recounted, 3 owners: every one is exact",
        "made in what the open of shop gives, which takes no target",
    ]
    assert complaint == "scenario rush-hour: 1\n"


PICKY = (
    ('    name = "Ada"', '    name = __import__("factory").Sequence("customer {}".format)'),
    (
        "        customer = Customer(len",
        "        assert name not in [one.name for one in self.rows[Customer]], name\n        customer = Customer(len",
    ),
    (
        "suite = Suite(",
        '''
@scenario("quiet-hour")
class QuietHour:
    """One order."""

    def run(self, app):
        return OrderFactory()


suite = Suite(''',
    ),
)


def test_sequences_go_on_from_one_scenario_to_the_next_and_into_the_shell(seed, write):
    name = write("picky", *PICKY)
    asked = ("-s", "rush-hour", "-s", "quiet-hour")

    code, output, complaint = seed(*asked, suite=f"{name}:suite")
    assert (code, output.splitlines()[1]) == (0, "rows: 4 Customer, 4 Order"), complaint
    shell = seed("shell", *asked, "-c", "print(CustomerFactory().name)", suite=f"{name}:suite")
    assert shell[:2] == (0, "customer 4\n"), shell


def test_json_is_one_object_and_nothing_else(seed):
    code, output, complaint = seed("-s", "rush-hour", "--seed", "7", "--json")
    report = json.loads(output)

    assert (code, complaint) == (0, "")
    assert (report["suite"], report["scenarios"], report["seed"]) == ("shop", ["rush-hour"], 7)
    assert report["rows"] == {"Customer": 3, "Order": 3}
    assert report["audit"] == {"counters": 3, "owners": 3, "is_exact": True, "findings": []}


def test_drift_is_told_and_has_a_code_of_its_own(seed, write):
    write("drifting", ("orders_count += 1", "orders_count += 2"))

    code, output, _ = seed("-s", "rush-hour", suite="drifting:suite")

    assert code == 1
    assert "  Customer 1: orders_count is 2, and should be 1" in output.splitlines()


def test_a_refusal_of_the_service_ends_the_run_with_a_code_of_its_own(seed, write):
    write("refusing", ("        order = Order(", "        raise ValueError('sold out')\n        order = Order("))

    code, output, complaint = seed("-s", "rush-hour", suite="refusing:suite")

    assert (code, output) == (3, "")
    assert "seed: rush-hour: ValueError: sold out (OrderFactory with " in complaint


def test_an_audit_without_a_target_recounts_nothing_that_is_thrown_away(seed, write):
    write("aimed", ("    open=Shop,", "    open=lambda target=None: Shop(),"))
    write("settled", ("    open=Shop,", "    open=lambda target=None: Shop(),\n    scratch=Shop,"))
    exact = "audit: nothing is stored that has a counter\n"

    assert seed("audit", suite="aimed:suite") == (
        2,
        "",
        "seed: say what to recount: --target PLACE; without one, shop opens a new world that is thrown away\n",
    )
    assert seed("audit", "--target", "here", suite="aimed:suite")[:2] == (0, exact)
    assert seed("audit", suite="settled:suite")[:2] == (0, exact)
    assert seed("audit")[:2] == (0, f"{exact}recounted is what the open of shop gives, which takes no target\n")


AIMED = ("    open=Shop,", "    open=lambda target=None, is_dry=False: Shop(),")
PLANNED = ("    listing=", "    planner={'small': lambda app: OrderFactory()},\n    listing=")
THROWN_AWAY = "this world is thrown away now: with --target PLACE it stays"
NO_TARGET = "made in what the open of shop gives, which takes no target"


@pytest.mark.parametrize("asked", [("-s", "rush-hour"), ("-e", "small"), ("-e", "small", "-s", "rush-hour")])
@pytest.mark.parametrize(
    ("changes", "target", "is_kept", "said"),
    [
        ([AIMED], [], False, [THROWN_AWAY]),
        ([AIMED], ["--target", "here"], True, []),
        ([AIMED], ["--target", "here", "--dry-run"], False, ["dry run: nothing was written"]),
        ([AIMED], ["--dry-run"], False, ["dry run: nothing was written"]),
        ([AIMED, ("    listing=", "    scratch=Shop,\n    listing=")], [], True, []),
        ([], [], None, [NO_TARGET]),
    ],
)
def test_a_report_says_whether_the_world_stays(
    program, write, monkeypatch, capsys, asked, changes, target, is_kept, said
):
    name = write("kept", PLANNED, *changes)
    (program / "pyproject.toml").write_text(f'[tool.seedbed]\nsuite = "{name}:suite"\n')

    def seed(*arguments):
        assert exits.run(Command([*asked, *target, *arguments]).run) == 0
        return capsys.readouterr().out.splitlines()

    assert [line for line in seed() if line.split(":")[0] not in {"suite shop", "rows", "audit"}] == said
    assert json.loads(seed("--json")[0])["is_kept"] is is_kept


def test_a_dry_run_keeps_nothing_where_the_unit_of_work_can_roll_back(seed, write):
    write("rolling", *ROLLS_BACK)

    code, output, _ = seed("-s", "rush-hour", "--dry-run", suite="rolling:suite")
    wet = seed("-s", "rush-hour", suite="rolling:suite")[1]

    assert code == 0
    assert output.splitlines()[0] == "left: [0, 0]"
    assert "rows: 3 Customer, 3 Order" in output.splitlines()
    assert output.splitlines()[-1] == "dry run: nothing was written"
    assert wet.splitlines()[0] == "left: [3, 3]"


def test_presets_are_made_where_the_suite_has_a_planner(seed, write):
    planned = '''def small(app, progress):
    """A few."""
    progress("orders", 2, 2)
    OrderFactory.create_batch(2)


suite = Suite(
    "shop",
    planner={"small": small, "none": lambda app: None},'''
    write("planned", ('suite = Suite(\n    "shop",', planned))

    assert seed(suite="planned:suite")[1].splitlines()[1] == "rows: 2 Customer, 2 Order"
    assert seed("-e", "none", suite="planned:suite")[1].splitlines()[1] == "rows: 0 Customer, 0 Order"
    assert seed("-e", "smal", suite="planned:suite") == (
        2,
        "",
        "seed: no preset is called 'smal': did you mean small?\n",
    )
    assert seed("scenarios", suite="planned:suite")[1].splitlines() == [
        "-e small           A few.",
        "-e none",
        "rush-hour          Many orders at once.",
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "say what to make in shop: -s SCENARIO; its scenarios: rush-hour"),
        (("-s", "rush"), "no scenario is called 'rush': did you mean rush-hour? (your own: package.module:ClassName)"),
        (("-s", "rush-hour", "-s", "rush-hour"), "the scenario rush-hour is given 2 times: give it once"),
        (("-e", "big"), "suite shop cannot make the preset big: it has no planner; say Suite(planner={"),
        (("-s", "rush-hour", "--dry-run"), "suite shop cannot make a dry run: it needs a unit of work whose unit has"),
        (
            ("-s", "rush-hour", "--target", "x"),
            "suite shop: its app does not open: open takes no target, and 'x' is given",
        ),
        (("-s", "rush-hour", "--as-of", "2026-11-01"), "suite shop cannot set the date: its open takes no `clock`;"),
        (("-s", "rush-hour", "--as-of", "soon"), "--as-of must be a date such as 2026-11-01, not 'soon'"),
        (("--dry-run", "shell"), "--dry-run cannot be used with shell"),
        (("rush-hour",), "no such command 'rush-hour': did you mean -s rush-hour?"),
        (("audti",), "no such command 'audti': did you mean audit?"),
        (("lint", "-f", "OrderFactry"), "suite shop: no factory is called 'OrderFactry': did you mean OrderFactory"),
        (("lint", "--strategy", "crate"), "suite shop: no strategy is called 'crate': did you mean create"),
        (("audit", "--suite"), "--suite needs a suite, written module:name"),
        (("--suite", "a:b", "audit", "--suite=a:b"), "--suite is given 2 times: give it once"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(seed, arguments, complaint):
    code, output, told = seed(*arguments)

    assert (code, output) == (2, "")
    assert told.startswith(f"seed: {complaint}")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ((("import contextmanager", "import contextmanagr"),), "suite 'bad:suite' cannot be used: ImportError: cannot"),
        (
            (("open=Shop", "open=lambda: 1 / 0"),),
            "suite shop: its app does not open: ZeroDivisionError: division by zero (",
        ),
        (
            (('service = "place_order"', 'service = "place_ordr"'),),
            "OrderFactory creates through 'place_ordr', and Shop has",
        ),
        ((("    listing=", "    unit_of_work=lambda app: app,\n    listing="),), "the suite shop's unit_of_work must"),
        (
            (("    listing=", "    unit_of_work=contextmanager(lambda app: (3 for _ in 'x')),\n    listing="),),
            "the suite shop's unit_of_work must yield a unit that has `stored(value)`; it gave 3",
        ),
        (
            (("factories=__name__", "factories='nowhere'"),),
            "suite shop: its factories 'nowhere' cannot be used: Module",
        ),
    ],
)
def test_a_suite_that_cannot_be_used_is_told_in_one_line_and_nothing_is_written(seed, write, changes, complaint):
    write("bad", *changes, ("        customer = Customer(", "        print('written')\n        customer = Customer("))

    code, output, told = seed("-s", "rush-hour", suite="bad:suite")

    assert (code, output) == (2, "")
    assert told.startswith(f"seed: {complaint}")
    assert told.count("\n") == 1


def test_without_a_suite_it_is_said_what_to_write_and_where(program):
    def run(*arguments):
        command = [sys.executable, "-m", "seedbed", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    missing = run("-s", "x")

    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.startswith(f"seed: no suite found: there is no pyproject.toml in {program} or above. Write ")
    assert run("--version").stdout.startswith("seedbed ")
    assert "Usage: seed" in run("--help").stdout
    assert "--install-completion" in run("--help").stdout
    assert "_SEED_COMPLETE" in run("--show-completion", "bash").stdout


def test_the_shell_looks_at_what_is_stored_and_shows_entities_on_one_line(seed):
    def shown(code):
        return seed("shell", "-s", "rush-hour", "-c", code)

    assert shown("first(Customer)") == (0, "Customer(id=1, name='Ada', is_vip=False, orders_count=1)\n", "")
    assert shown("find(Order, amount=10, id=2)")[1] == "[Order(id=2, customer_id=2, amount=10)]\n"
    assert shown("find(Order, lambda order: order.id > 9)")[1] == "[]\n"
    assert shown("u = CustomerFactory()\nOrderFactory(customer=u)\nprint(refresh(u).orders_count)")[1] == "1\n"
    assert shown("audit().is_exact")[1] == "True\n"
    assert shown("len(run_scenario('rush-hour'))")[1] == "3\n"
    assert "Order has no field 'amont': did you mean amount?" in shown("find(Order, amont=1)")[2]


def test_the_shell_runs_what_is_piped_in(seed):
    assert seed("shell", text="OrderFactory()\nprint(len(find(OrderFactory)))\n") == (0, "1\n", "")


def test_lint_tells_all_that_is_wrong(seed, write):
    write(
        "linted",
        ("large = Trait(amount=1000)", "large = Trait(amount=1000)\n        free = Trait(amount=0)"),
        ("        order = Order(", "        assert amount, 'an order costs something'\n        order = Order("),
        ("orders_count += 1", "orders_count += 1 + (amount > 999)"),
    )

    code, output, _ = seed("lint", "--strategy", "create", suite="linted:suite")

    assert code == 1
    values = "AssertionError: an order costs something (OrderFactory with customer_id=1, amount=0)"
    assert output.splitlines() == [
        "lint: 6 trials of shop: 3 wrong",
        "  OrderFactory.create(large=True): Customer 1: orders_count is 2, and should be 1",
        f"  OrderFactory.create(free=True): BuildFailureError: {values}",
        f"  OrderFactory.create(large=True, free=True): BuildFailureError: {values}",
    ]


def test_lint_leaves_a_world_alone_that_holds_something(seed, write):
    write("full", ("self.rows = {Customer: [], ", "self.rows = {Customer: [Customer(1, 'x', False)], "))

    told = "the world that it opens holds 1 Customer; say by Suite(scratch=...) how an empty one is opened"
    assert seed("lint", suite="full:suite") == (2, "", f"seed: suite shop cannot be linted: {told}\n")


PLACES = {
    "its module": ("suite = Suite(", "raise SystemExit(0)\nsuite = Suite("),
    "its app": ("    open=Shop,", "    open=lambda: sys.exit(0),"),
    "a scenario": ("        return OrderFactory.create_batch(3)", "        CustomerFactory(); sys.exit(0)"),
    "a service": ("        customer = Customer(len", "        sys.exit(0)\n        customer = Customer(len"),
    "a listing": ("    listing=lambda app, model: app.rows[model],", "    listing=lambda app, model: sys.exit(0),"),
}


WAYS = [("-s", "rush-hour"), ("-s", "rush-hour", "--json"), ("lint",)]


@pytest.mark.parametrize(
    ("place", "arguments"),
    [(place, way) for place in PLACES for way in WAYS if (place, way) != ("a scenario", WAYS[2])],
)
def test_a_program_that_leaves_in_the_middle_is_told_and_never_passes_for_done(seed, write, place, arguments):
    write("leaving", ("\nfrom contextlib", "\nimport sys\nfrom contextlib"), PLACES[place])

    code, output, complaint = seed(*arguments, suite="leaving:suite")

    line = next(line for line in (output + complaint).splitlines() if "sys.exit(0)" in line)
    assert "leaving.py:" in line
    assert code in {1, 2, 3}
    assert code == 2 or place not in {"its module", "its app"}


def test_a_class_that_is_named_and_is_none_is_refused(seed, write):
    write("odd", ("    factories=__name__,", "    factories=[CustomerFactory, Shop],"))
    write("plain", ("    scenarios=__name__,", "    scenarios=[RushHour, Order],"))

    assert seed("lint", suite="odd:suite")[::2] == (
        2,
        "seed: suite shop: factories: odd:Shop is not a ServiceFactory that is not abstract\n",
    )
    assert seed("-s", "rush-hour", suite="plain:suite")[::2] == (
        2,
        'seed: suite shop: scenarios: plain:Order is not a scenario: write @scenario("a-name") above it\n',
    )


NOTHING_IS_MADE = ("def sign_up(", "def sign_up(self, *_a, **_k): raise SystemError\n\n    def old(")
BAD_COUNTERS = {
    "a field": ('"orders_count"', '"order_count"', "Customer has no field 'order_count': did you mean orders_count?"),
    "by": ('by="customer_id"', 'by="customer"', "Order has no field 'customer': did you mean customer_id?"),
    "a model": ("of=Customer", "of=str", "of= must be a model"),
    "two of one name": (
        "    counters=[Counter(",
        "    counters=[Counter('orders_count', of=Customer, recount=max), Counter(",
        "two are called Customer.orders_count",
    ),
    "arguments": ('counts=Order, by="customer_id"', "recount=lambda app: 0", "and does not take these two"),
    "a name": ("of=Customer", 'of="nowhere:Customer"', "No module named 'nowhere'"),
}


@pytest.mark.parametrize(("before", "after", "message"), BAD_COUNTERS.values(), ids=BAD_COUNTERS)
def test_a_counter_that_cannot_be_recounted_is_told_before_anything_is_made(seed, write, before, after, message):
    write(
        "miscounting",
        (before, after),
        ("def sign_up(", "def sign_up(self, *_a, **_k): raise SystemError\n    def old("),
    )

    code, output, complaint = seed("-s", "rush-hour", suite="miscounting:suite")

    assert (code, output) == (2, "")
    assert message in complaint
    assert len(complaint.splitlines()) == 1


def test_a_recount_that_fails_is_told_as_what_it_is_when_all_is_made(seed, write):
    write("recounting", ('counts=Order, by="customer_id"', "recount=lambda app, owner: 1 // 0"))

    code, output, complaint = seed("-s", "rush-hour", suite="recounting:suite")

    assert (code, output) == (3, "")
    assert complaint.splitlines()[-1].startswith(
        "seed: all of rush-hour is made, and was not recounted: counter Customer.orders_count: its recount failed for "
        "1: ZeroDivisionError"
    )


SHOWN = (
    (
        "suite = Suite(",
        """
def pages(app):
    from starlette.responses import HTMLResponse
    from starlette.routing import Route

    def orders(request):
        return HTMLResponse(f"{len(app.rows[Order])} orders {request.state.csrf}")

    return [Route("/", orders)]


suite = Suite(""",
    ),
    ("    listing=", "    pages=pages,\n    listing="),
)


def test_the_pages_of_a_suite_are_shown_after_what_is_asked_for_is_made(write, program):
    name = write("shown", *SHOWN)
    (program / "pyproject.toml").write_text(f'[tool.seedbed]\nsuite = "{name}:suite"\n')
    line = [sys.executable, "-m", "seedbed.command.cli", "browse", "-s", "rush-hour", "--port", "0"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            said = process.stdout.readline()
            assert said.startswith("shop is shown at http://127.0.0.1:")
            with urlopen(said.split()[4].rstrip(";")) as answer:  # noqa: S310 - of this machine
                assert answer.read().startswith(b"3 orders ")
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        finally:
            process.kill()


def test_a_suite_without_pages_says_what_is_missing(seed):
    code, output, complaint = seed("browse", "--port", "0")
    assert (code, output) == (2, "")
    assert "suite shop cannot show its app in a browser: say Suite(pages=...)" in complaint


@pytest.mark.parametrize("explain", ["lambda error: 1 // 0", "lambda error: None", "lambda error: ' '"])
def test_an_explain_that_does_not_explain_hides_no_error(seed, write, explain):
    write("mute", ("    open=Shop,", f"    open=Shop,\n    explain={explain},"), ('"customer_id"', '"customer"'))

    code, _, complaint = seed("-s", "rush-hour", suite="mute:suite")

    assert (code, len(complaint.splitlines())) == (2, 1)
    assert "Order has no field 'customer': did you mean customer_id?" in complaint
