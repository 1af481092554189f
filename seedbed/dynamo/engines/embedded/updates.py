"""What an update expression makes of a row: moto's executor, and a short way for the plainest expressions.

The short way serves adding whole numbers and setting texts, each at the top of the row: a counter that moves.
It takes only what is plainly right; moto judges everything else. A differential test holds both together.
"""

from __future__ import annotations

import re
from decimal import Context, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from moto.dynamodb.exceptions import ItemSizeTooLarge, ItemSizeToUpdateTooLarge
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined] # has no types at all
    ExpressionAttribute,
    ExpressionAttributeName,
    ExpressionAttributeValue,
    Node,
    UpdateExpressionAddAction,
    UpdateExpressionAddClause,
    UpdateExpressionDeleteAction,
    UpdateExpressionRemoveAction,
    UpdateExpressionSetAction,
    UpdateExpressionSetClause,
    UpdateExpressionValue,
)
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from seedbed.dynamo.engines.embedded.expressions import update_of
from seedbed.dynamo.engines.embedded.rows import Attributes, AttributeValue, Row, copy_value
from seedbed.dynamo.engines.embedded.tables import EmbeddedTable, as_attributes, as_item

if TYPE_CHECKING:
    from moto.dynamodb.models.dynamo_type import Item

# Sums of numbers this long stay far within DynamoDB's 38 digits.
_DIGITS: Final = 18
_EXACT: Final = Context(prec=300)
"""So that a sum of more digits than DynamoDB keeps is refused, and not rounded."""
_WHOLE: Final = re.compile("0|-?[1-9][0-9]*")
_CLAUSES: Final = (UpdateExpressionAddClause, UpdateExpressionSetClause)
_ACTIONS: Final = [
    UpdateExpressionAddAction,
    UpdateExpressionDeleteAction,
    UpdateExpressionRemoveAction,
    UpdateExpressionSetAction,
]


@frozen
class UpdateRequest:
    """An update's key and its expression."""

    key: Attributes
    expression: str
    names: dict[str, str]
    values: dict[str, AttributeValue]


@frozen
class _Step:
    """Add a value to an attribute, or set it."""

    name: str
    value_name: str
    adds: bool


def update_row(table: EmbeddedTable, previous: Row | None, request: UpdateRequest) -> Row:
    """Return the row that an update makes of a row, or of none.

    Raises:
        JsonRESTError: one of moto's, when the expression does not fit the row.
    """
    if previous is not None:
        row = _update_plainly(table, previous, request)
        if row is not None:
            return row
    return update_by_moto(table, previous, request)


def update_by_moto(table: EmbeddedTable, previous: Row | None, request: UpdateRequest) -> Row:
    """Return the row that moto makes of a row, or of none.

    Raises:
        ItemSizeToUpdateTooLarge: the row would be too large.
        JsonRESTError: another of moto's, when the expression does not fit the row.
    """
    item = as_item(request.key if previous is None else previous.attributes, table.definition)
    if request.expression:
        if previous is None:
            # moto judges the expression by an item without even its key, before it makes one.
            _validate(table, request, as_item({}, table.definition))
        tree = _validate(table, request, item)
        tree.normalize()
        try:
            with localcontext(_EXACT):
                UpdateExpressionExecutor(tree, item, request.names).execute()
        except ItemSizeTooLarge as error:
            raise ItemSizeToUpdateTooLarge from error
    return table.admit(as_attributes(item))[1]


def _validate(table: EmbeddedTable, request: UpdateRequest, item: Item) -> Any:
    tree = update_of(request.expression).tree
    return UpdateExpressionValidator(tree, request.names, request.values, item, table.definition).validate()


def _update_plainly(table: EmbeddedTable, previous: Row, request: UpdateRequest) -> Row | None:
    """Return the updated row, or None if that is for moto to say."""
    steps = _steps(request.expression, tuple(request.names.items()))
    if not steps or any(step.name in table.key_names or step.value_name not in request.values for step in steps):
        return None
    attributes = dict(previous.attributes)
    for step in steps:
        value = _result(step, attributes.get(step.name), request.values[step.value_name])
        if value is None:
            return None
        attributes[step.name] = value
    return table.resize(previous, attributes, [step.name for step in steps])


def _result(step: _Step, current: AttributeValue | None, value: AttributeValue) -> AttributeValue | None:
    if not step.adds:
        return copy_value(value) if value.keys() <= {"S"} else None
    total = _whole(current or {"N": "0"})
    addend = _whole(value)
    return None if total is None or addend is None else {"N": str(total + addend)}


def _whole(value: AttributeValue) -> int | None:
    text = value.get("N")
    if isinstance(text, str) and len(text) <= _DIGITS and _WHOLE.fullmatch(text):
        return int(text)
    return None


@lru_cache(maxsize=1024)
def _steps(expression: str, names: tuple[tuple[str, str], ...]) -> tuple[_Step, ...]:
    """Return an expression's steps, or none if it is not of the plainest."""
    tree = update_of(expression).tree
    if any(len(tree.find_clauses([clause])) > 1 for clause in _CLAUSES):
        return ()
    steps = [_step(action, dict(names)) for action in tree.find_clauses(_ACTIONS)]
    known = tuple(step for step in steps if step is not None)
    return known if len({step.name for step in known}) == len(steps) else ()


def _step(action: Node, names: dict[str, str]) -> _Step | None:
    if type(action) not in {UpdateExpressionAddAction, UpdateExpressionSetAction}:
        return None
    path, operand = action.children
    if type(operand) is UpdateExpressionValue and len(operand.children) == 1:
        (operand,) = operand.children
    name = _top_name(path.children, names)
    if name is None or type(operand) is not ExpressionAttributeValue:
        return None
    return _Step(name, operand.get_value_name(), adds=type(action) is UpdateExpressionAddAction)


def _top_name(path: list[Node], names: dict[str, str]) -> str | None:
    if len(path) != 1:
        return None
    (element,) = path
    if type(element) is ExpressionAttributeName:
        return names.get(element.get_attribute_name_placeholder())
    if type(element) is not ExpressionAttribute:
        return None
    name: str = element.get_attribute_name()
    return None if name.upper() in ReservedKeywords.get_reserved_keywords() else name
