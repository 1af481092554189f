"""moto's readings of condition and update expressions, each made once.

moto reads the same text afresh for every action, several times. A reading has no state: it can be shared.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import frozen
from moto.dynamodb.comparisons import create_condition_expression_parser
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


@frozen
class Condition:
    """A condition that moto has read."""

    operation: Any
    names_used: tuple[str, ...]
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
    except (KeyError, ValueError) as error:  # how moto says that a placeholder or the syntax is wrong
        raise MockValidationException(f"Invalid ConditionExpression: {error}") from error
    return Condition(operation, tuple(parser.expr_attr_names_found), _holds_on_nothing(operation))


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
