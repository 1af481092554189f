"""Every error there is travels: by pickle to another process, by copy, with all that it holds and what caused it."""

from __future__ import annotations

import copy
import importlib
import inspect
import multiprocessing
import pickle
import pkgutil
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

import factories
import seedbed
import services
import tests.adapters.clinic  # noqa: F401 - sets Django up, without which no module of its can be imported
from factories import UserFactory
from factories.command.orders import order_of
from factories.command.target import Target
from factories.errors import BuildFailureError, FactoryError, InvalidFlagError
from seedbed.portable import Portable
from services import errors
from services.entities import Run
from services.errors import ServiceError

ROOT = Path(__file__).resolve().parent.parent


class StrangersError(Exception):
    """Breaks where pickle calls it, as errors with a signature of their own do."""

    def __init__(self, code, *, reason):
        self.code, self.reason = code, reason
        super().__init__(f"{code}: {reason}")


@cache
def error_classes():
    """All exception classes that our packages define, found by importing every module."""
    found = {}
    for package in (seedbed, services, factories):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                defined = vars(importlib.import_module(module.name)).values()
                found.update((one, None) for one in defined if isinstance(one, type))
    ours = ("seedbed.", "services.", "factories.")
    return sorted(
        (one for one in found if issubclass(one, BaseException) and one.__module__.startswith(ours)),
        key=lambda one: (one.__module__, one.__qualname__),
    )


def caused(error):
    """An error with a cause, the context of that, and a note."""
    error.__cause__ = KeyError("cause")
    error.__cause__.__context__ = StrangersError(7, reason="theirs")
    error.add_note("a note")
    return error


RUN = Run(
    name="n",
    seed="7",
    preset="minimal",
    as_of=datetime(2026, 1, 1, tzinfo=UTC),
    code_version="1",
    worlds="w",
    phase="p",
)
VALUES = {
    "factory": UserFactory,
    "values": {"handle": "ada", "lock": threading.Lock(), "key": lambda: 1, "deep": [{"lock": threading.Lock()}]},
    "fields": [errors.FieldError("handle", "is wrong", threading.Lock()), errors.FieldError("bio", "is long", "x")],
    "refusals": [caused(errors.HandleTakenError("ada")), errors.UserNotFoundError("u")],
    "run": RUN,
    "order": order_of(Target(env="minimal", as_of="2026-01-01"), is_default_env=True),
    "span": (1, 2),
    "failures": (),
    "missing": [("PK", "SK")],
    "rows": {0: None, 1: {"PK": {"S": "x"}}},
    "old": {"PK": SimpleNamespace()},
    "app": SimpleNamespace(lock=threading.Lock()),
    "error": ValueError("x"),
    "given": {"author": "a", "author_id": threading.Lock()},
}


def sample(kind):
    """One error of a class, made by its own signature."""
    makes = kind.__new__ if "__new__" in vars(kind) else kind.__init__
    try:
        parameters = list(inspect.signature(makes).parameters.values())[1:]
    except (TypeError, ValueError):
        return kind("a message")
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return kind("a message")
    given = {parameter.name: value_for(parameter) for parameter in parameters}
    return kind(**given)


SEVERAL = ["one", "two"]
KINDS = {
    "bool": True,
    "Mapping": {"one": "two"},
    "Sequence": SEVERAL,
    "Iterable": SEVERAL,
    "list": SEVERAL,
    "tuple": SEVERAL,
}


def value_for(parameter):
    if parameter.name == "cause":
        return caused(errors.ThrottledError("Query", 8, partitions=["p"]))
    if parameter.name in VALUES:
        return VALUES[parameter.name]
    kind = str(parameter.annotation)
    return next((value for begin, value in KINDS.items() if kind.startswith(begin)), 3 if "int" in kind else "text")


def shown(value):
    """A value as it is compared: errors by class and parts, locks and lambdas by their repr."""
    if isinstance(value, BaseException):
        parts = {name: part for name, part in vars(value).items() if name != "failures"}
        chain = [value.__cause__, value.__context__, value.__suppress_context__]
        return type(value), str(value), shown(list(value.args)), shown(parts), shown(chain)
    if isinstance(value, dict):
        return {name: shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [shown(one) for one in value]
    if isinstance(value, errors.FieldError):
        return value.field, value.message, shown(value.value)
    return value if type(value) in {str, int, bool, type} or value is None else str(value)


def sent(error, level=pickle.DEFAULT_PROTOCOL):
    return pickle.loads(pickle.dumps(error, level))  # noqa: S301 - written here


WAYS = {
    **{f"pickle {level}": lambda error, level=level: sent(error, level) for level in range(6)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "twice": lambda error: sent(copy.deepcopy(sent(error))),
}


def test_there_are_errors_of_every_part():
    homes = {kind.__module__ for kind in error_classes()}
    assert {
        "seedbed.dynamo.errors",
        "seedbed.dynamo.outcomes",
        "seedbed.errors",
        "seedbed.strategy.errors",
        "services.errors",
        "factories.errors",
        "factories.presets",
        "factories.scenarios.errors",
        "seedbed.dynamo.engines.embedded.limits",
    } <= homes
    assert len(error_classes()) > 75


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", error_classes(), ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_error_travels_with_all_that_it_holds(kind, way):
    error = caused(sample(kind))

    other = WAYS[way](error)

    assert other is not error
    assert type(other) is kind
    assert other.__notes__ == ["a note"]
    assert shown(other) == shown(error)
    assert isinstance(error, Portable)


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_s_error_travels_with_its_failures_and_what_it_made(way):
    first = BuildFailureError.of(UserFactory, {"handle": "ada"}, caused(errors.HandleTakenError("ada", "u1")))
    second = BuildFailureError.of(UserFactory, {}, errors.ValidationError("x", VALUES["fields"]))
    batch = first.of_batch([first, second], [RUN])

    other = WAYS[way](batch)

    assert [type(one) for one in other.failures] == [type(first), type(second)]
    assert [one.field for one in other.failures[1].fields] == ["handle", "bio"]
    assert other.factory is UserFactory
    assert other.created == (RUN,)
    assert other.cause.owner_id == "u1"
    assert other.cause.__notes__ == ["a note"]
    assert isinstance(other.cause.__cause__.__context__, StrangersError)
    assert other.cause.__cause__.__context__.reason == "theirs"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "copy"])
def test_a_single_failure_is_its_own_failure_also_after_the_way(way):
    other = WAYS[way](BuildFailureError.of(UserFactory, {}, ValueError("x")))
    assert other.failures[0] is other


def test_an_error_of_a_class_that_nobody_finds_travels_as_the_nearest_that_is_found():
    class HiddenError(errors.UserNotFoundError):
        pass

    class ForeignError(Exception):
        pass

    error = HiddenError("u1")
    error.__cause__ = ForeignError("theirs")
    other = sent(error)
    assert (type(other), other.user_id) == (errors.UserNotFoundError, "u1")
    assert str(other) == "HiddenError: no user has the id 'u1'"
    assert (type(other.__cause__), str(other.__cause__)) == (Exception, "ForeignError: theirs")
    assert type(copy.deepcopy(error)) is HiddenError


def test_a_value_that_holds_itself_travels_as_far_as_it_can():
    values = {"lock": threading.Lock()}
    values["self"] = values
    other = sent(BuildFailureError.of(UserFactory, values, ValueError("x")))
    assert other.values["lock"] == repr(values["lock"])


def test_long_chains_of_causes_take_no_longer_than_they_are():
    error = first = errors.UserNotFoundError("0")
    for number in range(60):
        error.__cause__ = errors.UserNotFoundError(str(number))
        error = error.__cause__
    other = sent(first)
    for _ in range(60):
        other = other.__cause__
    assert other.user_id == "59"


# Across processes. A worker that cannot send its error would hang: so each has a time limit.


def fail(name):
    kind = next(one for one in error_classes() if one.__name__ == name)
    raise caused(sample(kind))


NAMES = [kind.__name__ for kind in error_classes() if issubclass(kind, ServiceError | FactoryError)]


def test_every_error_comes_out_of_a_pool():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        results = [(name, pool.apply_async(fail, [name])) for name in NAMES]
        for name, result in results:
            with pytest.raises((ServiceError, FactoryError)) as caught:
                result.get(60)
            assert type(caught.value).__name__ == name


def test_every_error_comes_out_of_an_executor_that_goes_on():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        for name in NAMES:
            error = executor.submit(fail, name).exception(60)
            assert type(error).__name__ == name
        assert executor.submit(abs, -1).result(60) == 1


def test_xdist_reports_every_error(tmp_path):
    (tmp_path / "test_raising.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "import pytest\nfrom tests.test_errors import NAMES, fail\n"
        "@pytest.mark.parametrize('name', NAMES)\ndef test_it(name):\n    fail(name)\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", "--tb=line", "-q", str(tmp_path)]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert f"{len(NAMES)} failed" in answer.stdout, answer.stdout + answer.stderr
    assert "INTERNALERROR" not in answer.stdout + answer.stderr


class TestCauseFirst:
    def test_the_cause_stands_before_the_values(self):
        values = {"email": "ada@example.org", "handle": "ada", "bio": "x" * 500}
        error = BuildFailureError.of(UserFactory, values, errors.HandleTakenError("ada"))
        assert str(error).startswith("HandleTakenError: the handle 'ada' is taken (UserFactory with handle='ada'")
        assert len(str(error)) < 300
        assert error.values == values

    def test_values_of_which_the_cause_speaks_come_first_and_others_as_far_as_there_is_room(self):
        values = {"bio": "b" * 500, "site": "s" * 30, "age": 7, "handle": "ada", "note": "n" * 30}
        values |= {"x": 1, "y": 2, "z": 3}
        text = str(BuildFailureError.of(UserFactory, values, ValueError("'ada' is taken at this age")))
        assert text == (
            "ValueError: 'ada' is taken at this age (UserFactory with age=7, handle='ada', bio='bbbbbbbbbbbbbbbbb..."
            f"bbbbbbbbbbbbbbbbbb', site='{'s' * 30}', note='{'n' * 30}', x=1, y=2 and 1 more)"
        )

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (StrangersError("x" * 99, reason=""), "StrangersError('xx...xxxxxxxxxxxxxxx: ')"),
            ([10**9_999], "[a whole number of thousands of digits]"),
        ],
        ids=["long", "of which repr fails"],
    )
    def test_values_and_who_acts_are_shown_in_short(self, value, shown):
        error = BuildFailureError.of(UserFactory, {"a": value}, ValueError(), acting={"actor": value, "to": value})
        assert str(error) == f"ValueError:  (UserFactory with a={shown}, acting as {shown}, to={shown})"

    def test_what_switches_no_trait_is_shown_in_short(self):
        text = str(InvalidFlagError("PostFactory", "viral", "y" * 99))
        assert "True or False, not 'yyyyyyyyyyyy...yyyyyyyyyyyyy', which" in text

    def test_nothing_is_said_of_no_values(self):
        assert str(BuildFailureError.of(UserFactory, {}, ValueError("no"))) == "ValueError: no (UserFactory)"

    @pytest.mark.parametrize(
        "error",
        [
            errors.UncommittedError(errors.HandleTakenError("ada")),
            errors.StoppedError(errors.HandleTakenError("ada"), committed=1, unwritten=2),
            errors.RefusedChangesError([errors.HandleTakenError("ada")], 1),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_errors_of_a_unit_of_work_begin_with_what_caused_them(self, error):
        assert str(error).startswith("the handle 'ada' is taken")
