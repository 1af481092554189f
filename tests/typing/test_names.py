"""What type checkers see of modules that are not what they seem: fronts, and factory_boy's declarations with types."""

from __future__ import annotations

import ast
from pathlib import Path

import factory
import pytest
from factory.declarations import BaseDeclaration, PostGenerationDeclaration

import seedbed.declarations

ROOT = Path(__file__).resolve().parents[2]
OURS = {"Trait"}  # seedbed's own is typed
STUB = ROOT / "seedbed" / "declarations.pyi"
MODULES = [path for package in ("seedbed", "services", "factories") for path in (ROOT / package).rglob("*.py")]


def seen(path):
    """The statements of a module that a checker reads, those under a condition too."""
    waiting = ast.parse(path.read_text(encoding="utf-8")).body
    while waiting:
        statement = waiting.pop(0)
        yield statement
        if isinstance(statement, ast.If):
            hidden = ast.unparse(statement.test) == "not TYPE_CHECKING"
            waiting[:0] = [*([] if hidden else statement.body), *statement.orelse]


def names_of(statement):
    """The names that a statement makes by an assignment or a definition."""
    targets = getattr(statement, "targets", [])
    made = {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return made | {getattr(statement, "name", None)}


def test_no_module_lets_a_checker_take_any_name_from_it():
    of_any_name = [path for path in MODULES if any("__getattr__" in names_of(one) for one in seen(path))]
    assert [str(path.relative_to(ROOT)) for path in of_any_name] == []


@pytest.mark.parametrize("name", seedbed.declarations.__all__)
def test_a_declaration_is_factory_boys_own(name):
    assert getattr(seedbed.declarations, name) is getattr(factory, name)


def test_every_declaration_of_factory_boy_has_a_type():
    kinds = {
        name
        for name, value in vars(factory).items()
        if isinstance(value, type) and issubclass(value, (BaseDeclaration, PostGenerationDeclaration))
    }
    typed = {one.name for one in seen(STUB) if isinstance(one, ast.ClassDef)}

    assert typed == kinds - OURS
    assert typed <= set(seedbed.declarations.__all__)


def test_the_types_are_of_the_names_that_there_are():
    named = next(one.value for one in seen(STUB) if isinstance(one, ast.Assign))

    assert ast.literal_eval(named) == seedbed.declarations.__all__
