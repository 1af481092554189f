"""What the command leaves unloaded until somebody uses it."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import sys
from seedbed.command.later import LIBRARY_OF, load_orms_later
load_orms_later()
load_orms_later()
assert len(sys.meta_path) == before + 1
import factory
from seedbed.strategy.base import ServiceFactory
assert not {*LIBRARY_OF.values()} & {*sys.modules}, "an ORM is loaded before anybody asks for it"
"""
USES = {
    "from": "from factory.alchemy import SQLAlchemyModelFactory as base",
    "import": "import factory.alchemy; base = factory.alchemy.SQLAlchemyModelFactory",
    "attribute": "base = factory.alchemy.SQLAlchemyModelFactory",
    "library first": "import sqlalchemy; base = factory.alchemy.SQLAlchemyModelFactory",
    "django": "base = factory.django.DjangoModelFactory; assert 'sqlalchemy' not in sys.modules",
}


def run(text):
    code = "import sys; before = len(sys.meta_path)\n" + text
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_orm_is_loaded_when_a_factory_uses_it(use):
    ended = run(f"{BEGIN}\n{use}\nassert issubclass(base, factory.Factory)\nassert base._meta is not None\n")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_without_an_orm_factory_boy_is_what_it_is_without_it():
    gone = "sys.modules['sqlalchemy'] = sys.modules['django'] = None"
    ended = run(f"{gone}\n{BEGIN.replace('{*LIBRARY_OF.values()} & {*sys.modules}', 'False')}\nprint(dir(factory))")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "'Factory'" in ended.stdout
    assert "'alchemy'" not in ended.stdout


def test_a_command_loads_no_orm():
    ended = run(
        "import atexit\n"
        "sys.argv = ['seed', '-e', 'minimal', '--json']\n"
        "atexit.register(lambda: print(sorted({'sqlalchemy', 'django'} & {*sys.modules}), file=sys.stderr))\n"
        "from seedbed.command.cli import main\n"
        "main()\n"
    )
    assert (ended.returncode, ended.stderr) == (0, "[]\n")
