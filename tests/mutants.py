"""`make mutants`: change one thing in a module at a time, run the tests that concern it, and name what no test notices.

Each mutant is a forked process that imports the changed text in place of the module; no file is touched. What is known
to be no fault stands in docs/mutants.md, by its lines, and is left out.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.util
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from tests.mutations import Mutant, mutants_of

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "mutants.md"
HEAVY = ("boto3", "faker", "factory", "hypothesis.stateful", "moto.dynamodb.models", "numpy", "rich.console", "typer")
"""What a mutant need not import anew. Nothing of ours is among it."""
ELSEWHERE = "tests/strategy/test_front.py"
"""Its tests run in processes of their own, which a mutant does not reach; so do those of tests/plugin."""
QUIET = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")
TIMES, SECONDS = 5, 10
"""A mutant may take so many times as long as the tests do without one, and so many seconds more."""
BOUND_SECONDS = 900
SEED = 10
NOT_TRIED = 9


def _tests(where: str, files: str) -> list[str]:
    return [f"tests/{where}/test_{file}.py" for file in files.split()]


STRATEGY = "tests/strategy"
MODULES = {
    "seedbed.dynamo.packing": _tests("dynamo", "packing packed"),
    "seedbed.dynamo.row_actions": _tests("dynamo", "row_actions packing packed"),
    "seedbed.dynamo.sending": _tests("dynamo", "sending"),
    "seedbed.dynamo.unit_of_work": [
        *_tests("contract", "unit_of_work closed lost_answers forks stopped dry_run"),
        *_tests("dynamo", "aws"),
    ],
    "seedbed.dynamo.answers": _tests("contract", "unit_of_work closed lost_answers forks stopped"),
    "seedbed.dynamo.writing": _tests("contract", "unit_of_work closed lost_answers forks stopped"),
    "seedbed.dynamo.session": _tests("contract", "unit_of_work closed dry_run stopped"),
    "seedbed.dynamo.returned_values": _tests("contract", "unit_of_work lost_answers"),
    "services.deletion.leaving": _tests("contract", "leaving runs"),
    "services.runs": _tests("contract", "runs"),
    "services.delivery.fan_out": _tests("contract", "feeds"),
    "seedbed.dynamo.tries": _tests("dynamo", "tries"),
    "seedbed.dynamo.dumps": [
        *_tests("contract", "dumps"),
        *_tests("dynamo", "full_disks"),
        *_tests("services", "paths"),
    ],
    **{
        f"seedbed.dynamo.exports.{name}": [
            *_tests("dynamo", "exports buckets"),
            *_tests("factories", "imports"),
            *_tests("services/audit", "exports"),
        ]
        for name in ("buckets", "finishing", "fragments", "images", "importing", "layout", "places")
    },
    "seedbed.strategy.pool": [*_tests("factories", "pools recycling"), STRATEGY],
    "seedbed.strategy.roles": [*_tests("factories", "pools recycling social"), STRATEGY],
    "seedbed.strategy.related": [*_tests("factories", "hook_arguments social"), STRATEGY],
    "seedbed.strategy.traits": [*_tests("factories", "traits social"), STRATEGY],
    "seedbed.strategy.base": [*_tests("factories", "base"), STRATEGY],
    "seedbed.strategy.builder": [*_tests("factories", "builder base agreement"), STRATEGY],
    "seedbed.strategy.plan": [*_tests("factories", "builder calls_found_right traits"), STRATEGY],
    "seedbed.strategy.shortening": ["tests/test_errors.py::TestCauseFirst"],
    "seedbed.strategy.keywords": [
        *_tests("factories", "calls_found_right agreement hook_arguments base traits sizes"),
        STRATEGY,
    ],
    "seedbed.strategy.agreement": [*_tests("factories", "agreement hook_arguments"), STRATEGY],
    "seedbed.strategy.recycling": _tests("factories", "recycling pools sizes"),
    "seedbed.strategy.options": [
        *_tests("factories", "base factory_boy_contract traits"),
        STRATEGY,
    ],
    "seedbed.strategy.run": [*_tests("factories", "base stored_values"), STRATEGY],
}
"""What is changed, and the files of the tests that should notice."""


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a module its changed text."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> Any:
        path = path_of(self._name)
        return importlib.util.spec_from_file_location(fullname, path, loader=self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._text, str(path_of(self._name)), "exec"), module.__dict__)  # noqa: S102 - that is the point


def path_of(name: str) -> Path:
    return ROOT / f"{name.replace('.', '/')}.py"


class Run(NamedTuple):
    """A module's tests, and how long they may take."""

    name: str
    seconds: float

    def end_of(self, text: str) -> str:
        """Run them with a text in the module's place; tell how that ended."""
        child = os.fork()
        if child == 0:
            os._exit(self._outcome(text))
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return "noticed" if status else "survived"
            time.sleep(0.02)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return "noticed"

    def _outcome(self, text: str) -> int:
        os.setsid()
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        sys.meta_path.insert(0, Finder(self.name, text))
        try:
            module = importlib.import_module(self.name)  # before pytest: its rewriting of plugins finds modules first
            end = int(pytest.main([*QUIET, f"--ignore={ELSEWHERE}", *MODULES[self.name]]))
            return end if sys.modules[self.name] is module else NOT_TRIED
        except BaseException:  # noqa: BLE001 - whatever a mutant does, it is noticed
            return 1


def equivalents(name: str) -> dict[str, str]:
    """Read the mutants of a module that are known to be no fault, each with its reason."""
    part = re.search(rf"^### {re.escape(name)}$(.*?)(?=^##|\Z)", LIST.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return dict(re.findall(r"^- (`.*`: `.*` → `.*`): (.+)$", part.group(1) if part else "", re.MULTILINE))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def chosen(mutants: list[Mutant], only: str, sample: int | None) -> list[Mutant]:
    """Those whose lines match; of more than a sample, the same ones each time."""
    found = [mutant for mutant in mutants if re.search(only, str(mutant))]
    if sample is None or len(found) <= sample:
        return found
    return sorted(random.Random(SEED).sample(found, sample), key=lambda mutant: mutant.line)


def examine(name: str, only: str, sample: int | None) -> bool:
    """Try the mutants of a module that are asked for; tell whether each was noticed or is known to be no fault."""
    begun = time.monotonic()
    if Run(name, BOUND_SECONDS).end_of(path_of(name).read_text("utf-8")) != "survived":
        say(f"{name}: its tests fail without a mutant")
        return False
    run = Run(name, TIMES * (time.monotonic() - begun) + SECONDS)
    excused, mutants = equivalents(name), mutants_of(path_of(name))
    stale = sorted(set(excused) - set(map(str, mutants)))
    ends = Counter[str]()
    for mutant in chosen(mutants, only, sample):
        end = "equivalent" if str(mutant) in excused else run.end_of(mutant.text)
        ends[end] += 1
        if end == "survived":
            say(f"{name}:{mutant.line}: {mutant}")
    for each in stale:
        say(f"{name}: docs/mutants.md has what is not there: {each}")
    say(f"{name}: {ends['noticed']} noticed, {ends['survived']} survived, {ends['equivalent']} equivalent")
    return not ends["survived"] and not stale


def main(arguments: Sequence[str]) -> int:
    """Examine what is asked for; return the exit code: 1 where a mutant survived."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(MODULES)}; all unless given")
    parser.add_argument("--only", default="", metavar="REGEX", help="only mutants whose lines match")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of a module, the same ones each time")
    options = parser.parse_args(arguments)
    missing = [
        path
        for name in options.modules or MODULES
        for path in MODULES[name]
        if not Path(ROOT, path.partition("::")[0]).exists()
    ]
    if missing:
        parser.error(f"MODULES names tests that are not there: {', '.join(missing)}")
    os.chdir(ROOT)
    for name in HEAVY:
        importlib.import_module(name)
    ends = [examine(name, options.only, options.sample) for name in options.modules or MODULES]
    return 0 if all(ends) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
