"""Mutants of a module: its text with one thing changed, by Cosmic Ray's operators and two of our own."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import parso
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator, operator_names

COMPARISONS = "Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is|In_NotIn|NotIn_In"
SUMS = "Add_Sub|Sub_Add|Mul_Add|BitOr_BitAnd|BitAnd_BitOr|FloorDiv_Mul|RShift_LShift"
OPERATORS = re.compile(
    r"core/(AddNot|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceTrueWithFalse|ReplaceFalseWithTrue|RemoveDecorator"
    r"|ReplaceBreakWithContinue|ReplaceContinueWithBreak|ZeroIterationForLoop|NumberReplacer"
    rf"|ReplaceUnaryOperator_Delete_Not|ReplaceComparisonOperator_({COMPARISONS})|ReplaceBinaryOperator_({SUMS}))"
)
"""Of Cosmic Ray's operators one or two a kind: the others change the same places once more."""


MEASURE = re.compile(r"_?[A-Z][A-Z_]* = ")
"""A module's own numbers are measures: tests take them by name, so that another one is no fault."""


class Mutant(NamedTuple):
    """A module's text with one change, where that is, and the lines that differ."""

    text: str
    line: int
    scope: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"`{self.scope}`: `{self.before}` → `{self.after}`"


class RemoveStatement(Operator):
    """Take a statement out of a function."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if node.type == "simple_stmt" and is_in_function(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return parso.parse(f"{node.get_first_leaf().prefix}pass\n")

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class RemoveKeyword(Operator):
    """Take a keyword argument out of a call."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        if node.type in {"arglist", "trailer"} and is_in_function(node):
            yield from ((child.start_pos, child.end_pos) for child in node.children if is_keyword(child))

    def mutate(self, node: Any, index: int) -> Any:
        places = [place for place, child in enumerate(node.children) if is_keyword(child)]
        rest = node.children[places[index] + 1 :]
        node.children[places[index] :] = rest[1:] if rest and rest[0].type == "operator" and rest[0] == "," else rest
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


def is_in_function(node: Any) -> bool:
    return parso.python.tree.search_ancestor(node, "funcdef") is not None


def is_keyword(node: Any) -> bool:
    return node.type == "argument" and len(node.children) == 3 and node.children[1] == "="


def mutants_of(path: Path) -> list[Mutant]:
    """Make every mutant of a file that says something else than it, each once, in the order of their lines."""
    text = path.read_text(encoding="utf-8")
    seen, found = {meaning(text)}, list[Mutant]()
    for changed in changes(text):
        what = meaning(changed)
        if what is not None and what not in seen:
            seen.add(what)
            found.append(difference(text, changed))
    found = [mutant for mutant in found if not MEASURE.match(mutant.before)]
    return sorted(found, key=lambda mutant: mutant.line)


def changes(text: str) -> Iterator[str]:
    known = [get_operator(name)() for name in sorted(operator_names()) if OPERATORS.fullmatch(name)]
    for operator in (*known, RemoveStatement(), RemoveKeyword()):
        occurrence = 0
        while (changed := mutate_code(text, operator, occurrence)) is not None:
            occurrence += 1
            yield changed


class Plain(ast.NodeTransformer):
    """Takes out what Python reads and does not act on: annotations, texts that stand alone, `pass`."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        self.generic_visit(node)
        return None if isinstance(node.value, ast.Constant) else node

    def visit_Pass(self, _node: ast.Pass) -> None:
        return None


def meaning(text: str) -> str | None:
    """What a text says; None where Python cannot read it."""
    try:
        return ast.dump(Plain().visit(ast.parse(text)))
    except SyntaxError:
        return None


def difference(text: str, changed: str) -> Mutant:
    old, new = text.splitlines(), changed.splitlines()
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    blocks = [step for step in steps if step[0] != "equal"]
    before = " ".join(line.strip() for line in old[blocks[0][1] : blocks[-1][2]]).strip()
    after = " ".join(line.strip() for line in new[blocks[0][3] : blocks[-1][4]]).strip()
    line = next(number for number in range(blocks[0][1], len(old)) if old[number].strip()) + 1
    return Mutant(changed, line, scope_of(text, line), before, after)


def scope_of(text: str, line: int) -> str:
    """Name the class and function that a line is in."""
    inside = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and first_line(node) <= line <= (node.end_lineno or 0)
    ]
    return ".".join(node.name for node in sorted(inside, key=first_line))


def first_line(node: ast.ClassDef | ast.FunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
