"""moto's readings of condition and update expressions, each made once.

moto reads the same text afresh for every action, several times. A reading has no state: it can be shared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from moto.dynamodb.comparisons import (
    AttributePath,
    Func,
    FuncBeginsWith,
    Op,
    create_condition_expression_parser,
)
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.parsing.ast_nodes import Node  # type: ignore[attr-defined] # has no types at all
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined] # has no types at all
    ExpressionAttributeName,
    UpdateExpressionParser,
)

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.rows import Attributes, AttributeValue

_REMEMBERED = 1024
_INVALID: Final = "Invalid ConditionExpression: "
_CALLED: Final = re.compile(r"(?<![#:\w])([A-Za-z_]\w*)\s*\(")
_FUNCTIONS: Final = {
    *("AND", "IN", "NOT", "OR", "and", "in", "not", "or"),  # no functions, but brackets may follow them
    *("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"),
}
_COUNTED: Final = re.compile(r"Wrong number of arguments in (?P<name>\w+) \((?P<operands>.*)\)")
"""moto's words for what AWS says otherwise."""


@frozen
class Condition:
    """A condition that moto has read."""

    operation: Any
    names_used: tuple[str, ...]
    attributes: frozenset[str]
    """What it looks at, at the top of a row."""
    # moto's judgement where no row is, the commonest case of all; False if moto cannot say.
    holds_on_nothing: bool

    def holds(self, row: Glance | None) -> bool:
        """Let moto judge a row. What cannot be compared, such as a text with a number, is no match."""
        try:
            return bool(self.operation.expr(row))
        except (AttributeError, LookupError, TypeError, ValueError):
            return False


@frozen
class Update:
    """An update expression that moto has read. moto copies the tree before it works on it."""

    tree: Node
    names_used: tuple[str, ...]


class Glance:
    """A row as moto's conditions look at it: an attribute is turned into moto's form when one looks."""

    __slots__ = ("_attributes",)

    def __init__(self, attributes: Attributes) -> None:
        """Look at these attributes."""
        self._attributes = attributes

    @property
    def attrs(self) -> Glance:
        """The mapping that moto expects there."""
        return self

    def __contains__(self, name: str) -> bool:
        """Tell whether the row has an attribute."""
        return name in self._attributes

    def __getitem__(self, name: str) -> DynamoType:
        """Return an attribute in moto's form."""
        return DynamoType(self._attributes[name])


def condition_of(
    expression: str | None, names: dict[str, str] | None, values: dict[str, AttributeValue] | None
) -> Condition:
    """Return moto's reading of a condition or filter; no expression is a condition that always holds."""
    if not values:
        return _condition(expression, _frozen(names), "")
    try:
        return _condition(expression, _frozen(names), json.dumps(values))
    except TypeError:  # binary values are no JSON
        return _read_condition(expression, names, values)


@lru_cache(maxsize=_REMEMBERED)
def _condition(expression: str | None, names: tuple[tuple[str, str], ...], values: str) -> Condition:
    return _read_condition(expression, dict(names), json.loads(values) if values else None)


def _read_condition(
    expression: str | None, names: dict[str, str] | None, values: dict[str, AttributeValue] | None
) -> Condition:
    parser = create_condition_expression_parser(expression, names or {}, values or {})
    try:
        operation = parser.parse()
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:  # how moto refuses and breaks
        raise MockValidationException(f"{_INVALID}{why_unreadable(expression or '', error)}") from error
    _take_binary(operation)
    names_used = tuple(parser.expr_attr_names_found)
    return Condition(operation, names_used, frozenset(_attributes(operation)), _holds_on_nothing(operation))


class _BeginsWith(FuncBeginsWith):
    """begins_with of binary too, which moto finds in nothing."""

    def expr(self, item: Any) -> bool:
        """Judge a row."""
        kind = self.attr.get_type(item)
        if kind not in {"S", "B"} or self.substr.get_type(item) != kind:
            return False
        return bool(self.attr.expr(item).startswith(self.substr.expr(item)))


def _take_binary(part: Any) -> None:
    if type(part) is FuncBeginsWith:
        part.__class__ = _BeginsWith
    for inner in _inner(part):
        _take_binary(inner)


def _inner(part: Any) -> Iterable[Any]:
    if isinstance(part, (list, tuple)):
        return part
    return vars(part).values() if isinstance(part, (Func, Op)) else ()


def _attributes(part: Any) -> Iterator[str]:
    if isinstance(part, AttributePath):
        yield part.path[0]
    for inner in _inner(part):
        yield from _attributes(inner)


def why_unreadable(expression: str, error: Exception) -> str:
    """Say in AWS's words why moto could not read a condition."""
    if isinstance(error, KeyError):
        (word,) = error.args
        what = "name used in the document path" if str(word).startswith("#") else "value used in expression"
        return f"An expression attribute {what} is not defined; attribute {what.split(maxsplit=1)[0]}: {word}"
    if str(error).startswith("Incorrect operand type"):  # a class of its own in later versions of moto alone
        return str(error)
    unknown = next((name for name in _CALLED.findall(expression) if name not in _FUNCTIONS), None)
    if unknown is not None:
        return f"Invalid function name; function: {unknown}"
    if (counted := _COUNTED.fullmatch(str(error))) is not None:
        number = counted["operands"].count(",") + bool(counted["operands"].strip())
        return (
            "Incorrect number of operands for operator or function; operator or function: "
            f"{counted['name']}, number of operands: {number}"
        )
    return f'Syntax error; token: "<EOF>", near: "{expression.strip()[-20:]}"'


@contextmanager
def read_as(member: str) -> Iterator[None]:
    """Let refusals of a condition name the member that it stands in.

    Raises:
        MockValidationException: what moto raised, with that name.
    """
    try:
        yield
    except MockValidationException as error:
        if not str(error.message).startswith(_INVALID):
            raise
        raise MockValidationException(f"Invalid {member}: {error.message.removeprefix(_INVALID)}") from error


def _holds_on_nothing(operation: Any) -> bool:
    try:
        return bool(operation.expr(None))
    except (TypeError, ValueError):  # the size of an attribute that is not there, and the like
        return False


@lru_cache(maxsize=_REMEMBERED)
def update_of(expression: str) -> Update:
    """Return moto's reading of an update expression."""
    tree = UpdateExpressionParser.make(expression)
    names = tree.find_clauses([ExpressionAttributeName])
    return Update(tree, tuple(name.get_attribute_name_placeholder() for name in names))


def _frozen(names: dict[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple(names.items()) if names else ()
