"""What a suite's own functions give, and how they fail: each in one line, with the code that fits, and nothing left."""

from __future__ import annotations

import pytest

from seedbed.suite import Suite
from seedbed.suite.errors import SuiteCloseError, SuiteDeclarationError, SuitePartError

PARTS = '''

from contextlib import suppress


class Wrapped(Exception):
    pass


@contextmanager
def swallows():
    with suppress(BaseException):
        yield Shop()


@contextmanager
def swallows_and_yields_again():
    try:
        yield Shop()
    except Exception:
        yield Shop()


class SwallowsByClass:
    def __enter__(self):
        return Shop()

    def __exit__(self, *error):
        return True


def yields_nothing():
    return
    yield


@contextmanager
def yields_twice():
    yield Shop()
    yield Shop()


def generates_twice():
    yield Shop()
    yield Shop()


@contextmanager
def yields_none():
    yield None


class Unclosing(Shop):
    def close(self):
        raise OSError("disk full")


class Leaving(Shop):
    def close(self):
        raise SystemExit(4)


@contextmanager
def fails_at_the_end():
    yield Shop()
    raise OSError("disk full")


@contextmanager
def translates():
    try:
        yield Shop()
    except Exception as error:
        raise Wrapped("translated") from error


class SwallowingUnit:
    def __init__(self, shop):
        self.shop = shop

    def __enter__(self):
        self.before = [len(rows) for rows in self.shop.rows.values()]
        return self

    def __exit__(self, *error):
        if error[0]:
            for rows, count in zip(self.shop.rows.values(), self.before):
                del rows[count:]
        return True

    def roll_back(self):
        pass

    def stored(self, value):
        return value


def refuse_unit(shop):
    raise OSError("no pool")


def give_none(*_given):
    return None


def list_lazily(app, model):
    yield from app.rows[model]
    raise OSError("lost")


@scenario("failing")
class Failing:
    """Makes one, and fails."""

    def run(self, app):
        OrderFactory()
        raise KeyError("nothing of ours")


suite = Suite('''
BODY = ("\nsuite = Suite(", PARTS)


def open_by(name):
    return ("    open=Shop,", f"    open={name},")


def part(field, value):
    return ("    counters=[", f"    {field}={value},\n    counters=[")


def listing(value):
    return ("    listing=lambda app, model: app.rows[model],", f"    listing={value},")


NEXT = "-s", "rush-hour"


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ((open_by("yields_nothing"),), 2, "its app does not open: RuntimeError: generator didn't yield"),
        ((open_by("yields_none"),), 2, "yields_none gave None where the app is to be"),
        ((open_by("give_none"),), 2, "give_none gave None where the app is to be"),
        ((open_by("yields_twice"),), 3, "its app does not close: RuntimeError: generator didn't stop"),
        ((open_by("generates_twice"),), 3, "its app does not close: RuntimeError: generator didn't stop"),
        ((open_by("Unclosing"),), 3, "its app does not close: OSError: disk full"),
        ((open_by("fails_at_the_end"),), 3, "its app does not close: OSError: disk full"),
        ((open_by("Leaving"),), 3, "its app does not close: its code called sys.exit(4)"),
        ((listing("lambda app: []"),), 2, "listing: it is called with the app and a model: too many"),
        ((listing("give_none"),), 3, "was not recounted: suite shop: listing: for Order it must return the rows"),
        ((listing("lambda app, model: 5"),), 3, "return the rows that are stored, [] where there are none, not 5"),
        ((listing("lambda app, model: 'abc'"),), 3, "it must return the rows that are stored"),
        ((listing("lambda app, model: app.rows"),), 3, "it must return the rows that are stored"),
        ((listing("lambda app, model: app.nothing"),), 3, "its listing of Order failed: AttributeError: "),
        ((listing("list_lazily"),), 3, "its listing of Order failed: OSError: lost"),
        ((listing("lambda app, model: [1, 2]"),), 3, "counter Order.customer_id: a row has no such field"),
        ((listing("lambda app, model: []"),), 3, "listing: it finds no Order, and 3 that were made were returned"),
        ((part("unit_of_work", "lambda: 1"),), 2, "unit_of_work: it is called with the app: too many"),
        ((part("unit_of_work", "give_none"),), 2, "the suite shop's unit_of_work must be a method that returns"),
        ((part("unit_of_work", "lambda app: 5"),), 2, "the suite shop's unit_of_work must be a method that returns"),
        ((part("unit_of_work", "refuse_unit"),), 3, "its unit of work failed: OSError: no pool"),
        ((part("auditor", "lambda: 1"),), 2, "auditor: it is called with the app: too many"),
        ((part("auditor", "refuse_unit"),), 3, "was not recounted: suite shop: its auditor failed: OSError: no pool"),
        ((part("auditor", "give_none"),), 3, "was not recounted: suite shop: auditor: it must return a SuiteAudit"),
        ((part("planner", "__name__ + ':Failing'"),), 2, "planner: "),
    ],
    ids=range(25),
)  # fmt: skip
def test_what_a_function_of_a_suite_gives_wrongly_is_one_line(run, changes, code, told):
    found, output, complaint = run(*NEXT, changes=(BODY, *changes))
    last = complaint.splitlines()[-1]
    assert (found, output, last.startswith("seed: "), told in last) == (code, "", True, True), complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize(
    "opens", ["swallows", "SwallowsByClass", "swallows_and_yields_again", "Unclosing", "fails_at_the_end", "Shop"]
)
@pytest.mark.parametrize("unit", [[], [part("unit_of_work", "SwallowingUnit")]], ids=["no unit", "a swallowing unit"])
def test_what_a_run_raises_is_told_whatever_its_open_and_unit_make_of_it(run, opens, unit):
    code, output, complaint = run("-s", "failing", changes=(BODY, open_by(opens), *unit))
    assert (code, output, "KeyError: 'nothing of ours'" in complaint) == (3, "", True), complaint


def test_what_an_open_translates_is_told_as_it_says(run):
    code, _, complaint = run("-s", "failing", changes=(BODY, open_by("translates")))
    assert (code, "Wrapped: translated" in complaint.splitlines()[-1]) == (3, True), complaint


@pytest.mark.parametrize(
    ("explain", "told"),
    [
        ("lambda error: f'look: {type(error).__name__}'", "seed: look: KeyError"),
        ("lambda error: str(error)", "KeyError: 'nothing of ours'"),
        ("give_none", "KeyError: 'nothing of ours'"),
        ("lambda error: 1 // 0", "KeyError: 'nothing of ours'"),
    ],
)
def test_a_suites_explain_is_asked_about_what_comes_raw_out_of_a_scenario(run, explain, told):
    code, _, complaint = run("-s", "failing", changes=(BODY, part("explain", explain)))
    assert (code, complaint.splitlines()[-1], "Traceback" in complaint) == (3, told, "look" not in told)


def suite_of(opens):
    return Suite("shop", open=opens, factories=[], listing=lambda _app, _model: [])


class Unclosing:
    def close(self):
        raise OSError


class Swallowing:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return True


def test_in_a_test_too_what_a_block_raises_comes_out_of_it():
    for opens in (Unclosing, Swallowing):
        with pytest.raises(LookupError), suite_of(opens).app():
            raise LookupError
    with pytest.raises(SuiteCloseError, match="its app does not close: OSError"), suite_of(Unclosing).app():
        pass


def test_a_listing_is_read_as_it_is_given():
    rows = [object()]
    assert Suite("one", open=dict, factories=[], listing=lambda _app, _model: rows).rows({}, object) is rows

    def refuse(_app, _model):
        raise OSError

    for found, kind in ((refuse, SuitePartError), (lambda _app, _model: None, SuiteDeclarationError)):
        with pytest.raises(kind):
            Suite("one", open=dict, factories=[], listing=found).rows({}, object)
