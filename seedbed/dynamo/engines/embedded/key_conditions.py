"""A query's key condition, held to what AWS takes before moto reads it: moto takes more, and breaks on some of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from moto.dynamodb.comparisons import AttributePath, Func, Op, OpAnd, create_condition_expression_parser
from moto.dynamodb.comparisons import AttributeValue as Value
from moto.dynamodb.exceptions import MockValidationException

from seedbed.dynamo.engines.embedded.checks import placeholders_in
from seedbed.dynamo.engines.embedded.expressions import read_as, why_unreadable
from seedbed.dynamo.engines.embedded.limits import KeyTypeError, MissedKeyError
from seedbed.dynamo.engines.embedded.rows import KeySchema, scalar
from seedbed.portable import Portable

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.rows import AttributeValue

_SERVED: Final = {"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}
_MIRRORED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CONDITIONS: Final = 2


class KeyConditionError(Portable, MockValidationException):
    """A key condition is none that a query can follow."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


@frozen
class Clause:
    """One condition on one part of a key, with the placeholders of what it is compared with."""

    attribute: str
    operator: str
    values: tuple[str, ...]

    def text(self, name: str) -> str:
        """Say it with the attribute first."""
        if self.operator == "begins_with":
            return f"begins_with({name}, {self.values[0]})"
        return f"{name} {self.operator} {' AND '.join(self.values)}"


def in_order(request: Mapping[str, Any], schema: KeySchema) -> dict[str, Any]:
    """Return a query whose condition says the same as moto wants it: the partition key first, attributes before values.

    Raises:
        KeyConditionError: AWS follows no such condition.
        KeyTypeError: a value has another type than the key.
        MissedKeyError: a part of the key is not asked for.
    """
    expression, names = request["KeyConditionExpression"], request.get("ExpressionAttributeNames") or {}
    clauses = _read(expression, tuple(names.items()))
    _check_parts(clauses, schema)
    values: Mapping[str, AttributeValue] = request.get("ExpressionAttributeValues") or {}
    for word in {word for clause in clauses for word in clause.values} - values.keys():
        raise KeyConditionError(
            "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; "
            f"attribute value: {word}"
        )
    for clause in clauses:
        _check_values(clause, [values[name] for name in clause.values], schema.types()[clause.attribute])
    ordered = sorted(clauses, key=lambda clause: clause.attribute != schema.hash_name)
    own = {f"#key{number}": clause.attribute for number, clause in enumerate(ordered)}
    text = " AND ".join(clause.text(name) for name, clause in zip(own, ordered, strict=True))
    return {**request, "KeyConditionExpression": text, "ExpressionAttributeNames": _others(request, names) | own}


def _others(request: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return the names that stand elsewhere than in the key condition, or nowhere."""
    used = placeholders_in(request["KeyConditionExpression"])
    elsewhere = placeholders_in(f"{request.get('FilterExpression', '')} {request.get('ProjectionExpression', '')}")
    return {name: value for name, value in names.items() if name in elsewhere or name not in used}


@lru_cache(maxsize=1024)
def _read(expression: str, names: tuple[tuple[str, str], ...]) -> tuple[Clause, ...]:
    """Read a condition once for all values: each placeholder stands for itself.

    Raises:
        KeyConditionError: it cannot be read, or AWS follows no such condition.
    """
    values = {word: {"S": word} for word in placeholders_in(expression) if word[0] == ":"}
    try:
        with read_as("KeyConditionExpression"):
            tree = create_condition_expression_parser(expression, dict(names), values).parse()
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise KeyConditionError(f"Invalid KeyConditionExpression: {why_unreadable(expression, error)}") from error
    return tuple(_clause(part) for part in _parts(tree))


def _parts(tree: Any) -> Iterator[Any]:
    if isinstance(tree, OpAnd):
        yield from _parts(tree.lhs)
        yield from _parts(tree.rhs)
    else:
        yield tree


def _clause(part: Op | Func) -> Clause:
    operator = _operator(part)
    if operator not in _SERVED:
        raise KeyConditionError(f"Invalid operator used in KeyConditionExpression: {operator}")
    operands = [part.lhs, part.rhs] if isinstance(part, Op) else [*part.arguments]
    for operand in operands:
        if isinstance(operand, Func):
            raise KeyConditionError(f"Invalid operator used in KeyConditionExpression: {_operator(operand)}")
    paths = [operand for operand in operands if isinstance(operand, AttributePath)]
    if len(paths) != 1:
        what = "Multiple attribute names used in one condition" if paths else "No key attribute specified"
        raise KeyConditionError(f"Invalid condition in KeyConditionExpression: {what}")
    return _about(paths[0], operator, operands)


def _about(path: AttributePath, operator: str, operands: list[Any]) -> Clause:
    if len(path.path) > 1:
        raise KeyConditionError("KeyConditionExpressions cannot have conditions on nested attributes")
    if operands[0] is not path:
        if operator not in _MIRRORED:
            raise KeyConditionError(
                f"Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute as its "
                "first operand"
            )
        operator = _MIRRORED[operator]
    values = tuple(str(operand.value) for operand in operands if isinstance(operand, Value))
    return Clause(path.path[0], operator, values)


def _operator(part: Any) -> str:
    if isinstance(part, Func):
        return str(part.FUNC)
    return str(part.OP)


def _check_parts(clauses: tuple[Clause, ...], schema: KeySchema) -> None:
    asked = _each_once(clauses)
    if schema.hash_name not in asked:
        raise MissedKeyError(schema.hash_name)
    if asked[schema.hash_name].operator != "=":
        raise KeyConditionError("Query key condition not supported")
    if schema.range_name is None and len(asked) > 1:
        raise KeyConditionError("Query key condition not supported")
    if schema.range_name is not None and asked.keys() - schema.types().keys():
        raise MissedKeyError(schema.range_name)


def _each_once(clauses: tuple[Clause, ...]) -> dict[str, Clause]:
    if len(clauses) > _CONDITIONS:
        raise KeyConditionError("Conditions can be of length 1 or 2 only")
    asked = {clause.attribute: clause for clause in clauses}
    if len(asked) != len(clauses):
        raise KeyConditionError("KeyConditionExpressions must only contain one condition per key")
    return asked


def _check_values(clause: Clause, values: list[AttributeValue], kind: str) -> None:
    kinds = [next(iter(value)) for value in values]
    if clause.operator == "begins_with" and kinds[0] not in {"S", "B"}:
        raise KeyConditionError(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
            f"begins_with, operand type: {kinds[0]}"
        )
    if clause.operator == "BETWEEN":
        _check_bounds(values, kinds)
    if any(found != kind for found in kinds):
        raise KeyTypeError


def _check_bounds(values: list[AttributeValue], kinds: list[str]) -> None:
    low, high = (f"AttributeValue: {{{kind}:{value[kind]}}}" for kind, value in zip(kinds, values, strict=True))
    operands = f"lower bound operand: {low}, upper bound operand: {high}"
    if kinds[0] != kinds[1]:
        raise KeyConditionError(
            "Invalid KeyConditionExpression: The BETWEEN operator requires same data type for lower and upper bounds; "
            f"{operands}"
        )
    if kinds[0] in {"S", "N", "B"} and scalar(values[0]) > scalar(values[1]):
        raise KeyConditionError(
            "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to "
            f"lower bound; {operands}"
        )
