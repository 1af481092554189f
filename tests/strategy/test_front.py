"""The public names of the package: found when they are asked for, and at no cost before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import seedbed


def run(program):
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_every_public_name_is_there_and_listed():
    for name in seedbed.__all__:
        assert getattr(seedbed, name) is not None
    assert set(seedbed.__all__) <= set(dir(seedbed))


@pytest.mark.parametrize(
    "name", ["ServiceFactory", "One", "Many", "Trait", "Range", "Draw", "Fake", "recycle", "using"]
)
def test_a_name_is_the_same_by_attribute_and_by_import(name):
    assert run(f"from seedbed import {name}; import seedbed; print(seedbed.{name} is {name})") == "True"


def test_a_star_import_brings_them_all():
    assert run("from seedbed import *; import seedbed; print(set(seedbed.__all__) <= set(globals()))") == "True"


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'seedbed' has no attribute 'Factry'"):
        seedbed.Factry  # noqa: B018 - asked for


def loaded(program, *heavy):
    return run(f"import sys; {program}; print(sorted(sys.modules.keys() & {set(heavy)}))")


def test_importing_the_package_imports_nothing_heavy():
    assert loaded("import seedbed", "factory", "faker", "boto3", "attrs", "rich") == "[]"


def test_importing_a_factory_needs_no_aws_and_no_command():
    program = "from seedbed import ServiceFactory, Many, One"
    assert loaded(program, "boto3", "moto", "rich", "typer", "numpy", "svcs") == "[]"
