"""Parameters of DynamoDB's first years, said again as the expressions that took their place.

So one reading serves both, and what such a parameter means here is what its expression means.
Source: Amazon DynamoDB developer guide, "Legacy conditional parameters".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Final

from attrs import define, field
from moto.dynamodb.exceptions import MockValidationException

from seedbed.dynamo.engines.embedded.rows import AttributeValue
from seedbed.portable import Portable

_INVALID: Final = "One or more parameter values were invalid: "
_SIGNS: Final = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
_FUNCTIONS: Final = {
    "BEGINS_WITH": "begins_with({name}, {0})",
    "BETWEEN": "{name} BETWEEN {0} AND {1}",
    "CONTAINS": "contains({name}, {0})",
    "NOT_CONTAINS": "(attribute_exists({name}) AND NOT contains({name}, {0}))",
    "NOT_NULL": "attribute_exists({name})",
    "NULL": "attribute_not_exists({name})",
}
_ARGUMENTS: Final = {"BETWEEN": 2, "NOT_NULL": 0, "NULL": 0}
_CLAUSES: Final = ("SET", "REMOVE", "ADD", "DELETE")
_FILTERS: Final = {
    "Expected": "ConditionExpression",
    "KeyConditions": "KeyConditionExpression",
    "QueryFilter": "FilterExpression",
    "ScanFilter": "FilterExpression",
}
LEGACY: Final = frozenset({*_FILTERS, "AttributesToGet", "AttributeUpdates", "ConditionalOperator"})
"""All of them."""


class LegacyParameterError(Portable, MockValidationException):
    """A parameter of the first years contradicts itself."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


def modern(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request that asks the same by expressions; one without such parameters is returned as it is.

    Raises:
        LegacyParameterError: a parameter contradicts itself.
    """
    found = dict(request)
    if "RequestItems" in found:
        found["RequestItems"] = {name: _rewrite(batch) for name, batch in found["RequestItems"].items()}
    done: dict[str, Any] = _rewrite(found)
    return done


def is_legacy(request: Mapping[str, Any]) -> bool:
    """Tell whether a request, or one of the batches in it, has such a parameter."""
    if not LEGACY.isdisjoint(request):
        return True
    return any("AttributesToGet" in batch for batch in request.get("RequestItems", {}).values())


def _rewrite(part: Any) -> Any:
    if LEGACY.isdisjoint(part):
        return part
    words = _Words()
    kept = {name: value for name, value in part.items() if name not in LEGACY}
    operator = f" {part.get('ConditionalOperator', 'AND')} "
    for name, expression in _FILTERS.items():
        if part.get(name):
            kept[expression] = operator.join(words.conditions(part[name]))
    if part.get("AttributesToGet"):
        kept["ProjectionExpression"] = ", ".join(map(words.name, _each_once(part["AttributesToGet"])))
    if part.get("AttributeUpdates"):
        kept["UpdateExpression"] = words.updates(part["AttributeUpdates"])
    return kept | words.members()


def _each_once(names: list[str]) -> list[str]:
    if len({*names}) != len(names):
        raise LegacyParameterError(f"{_INVALID}Duplicate value in attribute name: {_first_twice(names)}")
    return names


def _first_twice(names: list[str]) -> str:
    return next(name for place, name in enumerate(names) if name in names[:place])


@define
class _Words:
    """The placeholders of one request."""

    _names: dict[str, str] = field(factory=dict)
    _values: dict[str, AttributeValue] = field(factory=dict)
    _numbers: Iterator[int] = field(factory=count)

    def name(self, attribute: str) -> str:
        placeholder = f"#legacy{next(self._numbers)}"
        self._names[placeholder] = attribute
        return placeholder

    def value(self, value: AttributeValue) -> str:
        placeholder = f":legacy{next(self._numbers)}"
        self._values[placeholder] = value
        return placeholder

    def members(self) -> dict[str, Any]:
        given = {"ExpressionAttributeNames": self._names, "ExpressionAttributeValues": self._values}
        return {member: words for member, words in given.items() if words}

    def conditions(self, conditions: Mapping[str, Any]) -> Iterator[str]:
        for attribute, condition in conditions.items():
            yield self._condition(attribute, *_comparison(attribute, condition))

    def _condition(self, attribute: str, operator: str, arguments: list[AttributeValue]) -> str:
        wanted = _ARGUMENTS.get(operator, 1)
        if (len(arguments) != wanted) if operator != "IN" else not arguments:
            raise LegacyParameterError(f"{_INVALID}Invalid number of argument(s) for the {operator} ComparisonOperator")
        name, values = self.name(attribute), [self.value(argument) for argument in arguments]
        if operator == "IN":
            return f"{name} IN ({', '.join(values)})"
        if operator in _SIGNS:
            return f"{name} {_SIGNS[operator]} {values[0]}"
        return _FUNCTIONS[operator].format(*values, name=name)

    def updates(self, updates: Mapping[str, Any]) -> str:
        clauses: dict[str, list[str]] = {clause: [] for clause in _CLAUSES}
        for attribute, update in updates.items():
            clause, text = self._update(attribute, update.get("Action", "PUT"), update.get("Value"))
            clauses[clause].append(text)
        return " ".join(f"{clause} {', '.join(parts)}" for clause, parts in clauses.items() if parts)

    def _update(self, attribute: str, action: str, value: AttributeValue | None) -> tuple[str, str]:
        if value is None:
            if action != "DELETE":
                raise LegacyParameterError(
                    f"{_INVALID}Only DELETE action is allowed when no attribute value is specified"
                )
            return "REMOVE", self.name(attribute)
        name, given = self.name(attribute), self.value(value)
        return ("SET", f"{name} = {given}") if action == "PUT" else (action, f"{name} {given}")


def _comparison(attribute: str, condition: Mapping[str, Any]) -> tuple[str, list[AttributeValue]]:
    """Return the operator and the arguments of a condition, however it is written.

    Raises:
        LegacyParameterError: it contradicts itself.
    """
    operator, value = condition.get("ComparisonOperator"), condition.get("Value")
    arguments = condition.get("AttributeValueList", [] if value is None else [value])
    if operator is not None:
        if "Exists" in condition:
            raise LegacyParameterError(
                f"{_INVALID}Exists and ComparisonOperator cannot be used together for Attribute: {attribute}"
            )
        return operator, list(arguments)
    return _existence(attribute, condition, [*_values_of(value)])


def _existence(
    attribute: str, condition: Mapping[str, Any], values: list[AttributeValue]
) -> tuple[str, list[AttributeValue]]:
    if condition.get("AttributeValueList"):
        raise LegacyParameterError(
            f"{_INVALID}AttributeValueList can only be used with a ComparisonOperator for Attribute: {attribute}"
        )
    is_there = condition.get("Exists", True)
    if not is_there and values:
        raise LegacyParameterError(f"{_INVALID}Value cannot be used when Exists is false for Attribute: {attribute}")
    if is_there and not values:
        said = "TRUE" if "Exists" in condition else "NULL"
        raise LegacyParameterError(f"{_INVALID}Value must be provided when Exists is {said} for Attribute: {attribute}")
    return ("EQ", values) if is_there else ("NULL", [])


def _values_of(value: AttributeValue | None) -> Iterable[AttributeValue]:
    return () if value is None else (value,)
