"""What each field of a Suite refuses: one rule for all, said in one line when the suite is declared, or is loaded."""

from __future__ import annotations

import sys
import types

import attrs
import pytest

from seedbed import Counter, Suite
from seedbed.strategy.errors import FactoryError
from seedbed.suite import parts
from seedbed.suite.errors import SuiteError
from seedbed.suite.loops import in_loop
from tests.suite.test_parts import part


def takes_none():
    return 1


def needs_a_name(*given, name):
    return given, name


async def wait(_one):
    return 1


NO_FUNCTION = [(5, "it must be a function"), ("", "it must be a function"), ((), "it must be a function")]
NO_NAME = [(name, "no preset can be called") for name in ("", " ", "a b", "-x", "--help", "a/b", "a.py", "a:b", "a\nb")]
FEW, MANY = (takes_none, "too many positional arguments"), (lambda a, b, c: (a, b, c), "missing a required argument")
NAMED = (needs_a_name, "missing a required")
ASYNC = (wait, "it must be plain code, and is async")
NO_PLACE = [(value, "it must be a package, a module") for value in (5, None, "", " ", dict)]

REFUSED = {
    "name": [(name, "a text that is not empty, on one line") for name in ("", " ", 5, None, "a\nb", "\x1b[")],
    "open": [*NO_FUNCTION, (None, "it must be a function"), MANY, NAMED],
    "factories": NO_PLACE,
    "unit_of_work": [*NO_FUNCTION, ("a b", "it must be a function of the app"), FEW, MANY, NAMED],
    "counters": [(5, "a list of Counter"), ("shop:counters", "a list of Counter"), ([5], "a list of Counter"),
                 ([Counter("count", of=Suite, recount=max)] * 2, "two are called Suite.count")],
    "scenarios": NO_PLACE,
    "planner": [(5, "functions by their names"), ("", "functions by their names"), ([max], "functions by their names"),
                *(({name: lambda app: app}, told) for name, told in NO_NAME), ({5: max}, "no preset can be called 5"),
                *(({"small": make}, f"the preset small: {told}")
                  for make, told in ((5, "it must be a function"), ("shop:make", "it must be a function"))),
                *(({"small": make}, told) for make, told in (FEW, MANY, NAMED))],
    "scratch": [*NO_FUNCTION, MANY, NAMED],
    "listing": [*NO_FUNCTION, FEW, MANY, NAMED],
    "keep": [*NO_FUNCTION, FEW, MANY, NAMED],
    "auditor": [*NO_FUNCTION, FEW, MANY, NAMED],
    "command": [(value, "it must be a Typer app") for value in (5, "", "shop", max)],
    "pages": [*NO_FUNCTION, FEW, MANY, NAMED, ASYNC],
    "explain": [*NO_FUNCTION, FEW, MANY, NAMED, ASYNC],
}  # fmt: skip


def declare(**said):
    said = {"name": "shop", "open": dict, "factories": []} | said
    return Suite(said.pop("name"), **said)


def test_every_field_of_a_suite_stands_in_the_table_of_what_it_refuses():
    assert set(REFUSED) == {field.name for field in attrs.fields(Suite)}


@pytest.mark.parametrize(
    ("field", "value", "told"), [(field, *one) for field, refused in REFUSED.items() for one in refused]
)
def test_what_a_field_cannot_mean_is_refused_where_it_is_declared(field, value, told):
    with pytest.raises(SuiteError) as caught:
        declare(**{field: value})

    said = str(caught.value)
    assert (field in said, told in said, "\n" in said) == (True, True, False), said


@pytest.mark.parametrize("field", parts.CALLS)
def test_what_a_name_leads_to_is_held_to_the_same_rule_before_anything_is_opened(field, monkeypatch):
    named = types.ModuleType("named_parts")
    monkeypatch.setitem(sys.modules, "named_parts", named)
    for value, told in REFUSED[field]:
        if isinstance(value, str):  # a name again
            continue
        named.it = value
        suite = declare(**{field: "named_parts:it"})
        with pytest.raises(FactoryError) as caught:
            USED.get(field, lambda suite: in_loop(suite, takes_none))(suite)
        assert field in str(caught.value)
        assert told in str(caught.value) or "named_parts:it" in str(caught.value)


USED = {
    "planner": lambda suite: suite.presets(),
    "keep": lambda suite: parts.load_part("shop", "keep", suite.keep),
    "pages": lambda suite: suite.routes({}),
    "unit_of_work": lambda suite: suite.unit_of_work({}),
}


def test_what_fits_is_taken_however_it_is_written():
    class Opens:
        def __init__(self, target=None, *, clock=None):
            self.said = target, clock

    def make(app, *, progress=None):
        return app, progress

    taken = declare(
        open=Opens, scratch=lambda **_offered: {}, listing=max, keep=lambda *_given: None, explain=str, pages=list,
        planner={"small": make, "very_large-2": wait, "über": print}, unit_of_work="begin", auditor=print,
    )  # fmt: skip
    assert list(taken.presets()) == ["small", "very_large-2", "über"]
    for opens in (dict, lambda target: {1: target}, lambda *given, **offered: {1: (given, offered)}):
        assert declare(open=opens, scratch=dict).open is opens


UNITS = """

class Unit:
    def __init__(self, shop):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def stored(self, value):
        return value


suite = Suite("""
METHODS = {
    "stored(self)": "`stored` can be called as `stored(value)`",
    "call(self)": "`call` can be called as `call(function)`",
    "read_ahead(self)": "`read_ahead` can be called as `read_ahead(values)`",
    "listening(self, more)": "`listening` can be called as `listening()`",
    "roll_back(self, more)": "`roll_back` can be called as `roll_back()`",
    "call(self, function)": "must call the function in `call(function)`, and return what that returned",
    "async stored(self, value)": "unit of work's stored is async, and this call is not",
    "async call(self, function)": "unit of work's call is async, and this call is not",
}


@pytest.mark.parametrize("method", METHODS)
def test_a_unit_whose_methods_do_not_fit_is_one_line_before_anything_is_made(run, method):
    begin = "async def" if method.startswith("async ") else "def"
    definition = f"    {begin} {method.removeprefix('async ')}:\n        return None\n\n\nsuite = Suite("
    changes = ("\nsuite = Suite(", UNITS.replace("\n\nsuite = Suite(", definition)), part("unit_of_work", "Unit")
    code, output, complaint = run("-s", "rush-hour", changes=changes)
    assert (code, output, METHODS[method] in complaint) == (2, "", True), complaint
    assert len(complaint.splitlines()) == 1


@pytest.mark.parametrize("given", ["None", "5", "True", "'a'"])
def test_a_unit_that_gives_no_object_back_is_told_as_a_failure_of_each(run, given):
    changes = ("\nsuite = Suite(", UNITS.replace("return value", f"return {given}")), part("unit_of_work", "Unit")
    code, _, complaint = run("-s", "rush-hour", changes=changes)
    assert (code, "the unit of work Unit must return from `stored(value)`" in complaint.splitlines()[-1]) == (3, True)


def test_a_preset_that_is_called_as_a_scenario_is_refused(run):
    planner = part("planner", "{'rush-hour': lambda app: OrderFactory()}")
    code, output, complaint = run("-e", "rush-hour", changes=(planner,))
    assert (code, output) == (2, "")
    assert complaint == "seed: suite shop: planner: a preset and a scenario are both called rush-hour\n"


@pytest.mark.parametrize("explain", ["nothing", "Order"])
def test_an_explain_that_cannot_be_used_is_one_line_before_anything_is_made(run, explain):
    code, output, complaint = run("-s", "rush-hour", changes=(part("explain", f"__name__ + ':{explain}'"),))
    assert (code, output, len(complaint.splitlines()), "explain" in complaint) == (2, "", 1, True), complaint
