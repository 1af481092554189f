"""A request as it comes over the wire, held to the API's own model: what AWS says before any action looks at it.

First the JSON must have the types of the model (SerializationException), then each member what the model asks of it
(ValidationException, all of them in one message). Attribute values come out as the engine keeps them: numbers in their
one normal form, binary as bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import MockValidationException

from seedbed.plain import plain_text
from seedbed.portable import Portable

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

Problems: TypeAlias = list[str]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
DIGITS: Final = 38
LARGEST_EXPONENT: Final = 125
SMALLEST_EXPONENT: Final = -130
LEVELS: Final = 32

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WIDE = Context(prec=400, Emax=10**9, Emin=-(10**9))
_INVALID = "One or more parameter values were invalid: "
_JAVA = {
    "string": "String",
    "integer": "Integer",
    "long": "Long",
    "boolean": "Boolean",
    "timestamp": "Date",
    "double": "Double",
}
_OF_JSON: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
    "double": (int, float),
}

_IN_AWSS_ORDER: Final = {
    frozenset(members): members
    for members in (
        ("ALL", "INCLUDE", "KEYS_ONLY"),
        ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
        ("B", "N", "S"),
        ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    )
}
"""How AWS lists what a member may be; the model lists it otherwise."""


class SerializationError(Portable, JsonRESTError):
    """The JSON of a request has another type than the API's."""

    def __init__(self, message: str) -> None:
        super().__init__("com.amazon.coral.service#SerializationException", message)


class ConstraintsError(Portable, MockValidationException):
    """Members of a request are missing, or not as the API asks."""

    def __init__(self, problems: Problems) -> None:
        plural = "" if len(problems) == 1 else "s"
        super().__init__(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")


class AttributeValueError(Portable, MockValidationException):
    """An attribute value is none."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


def read(model: OperationModel, body: object) -> dict[str, Any]:
    """Return a request's parameters, checked, without those that are null.

    Raises:
        SerializationError: a part has another type than the API's.
        ConstraintsError: members are missing, or out of their bounds.
        AttributeValueError: an attribute value is none.
    """
    problems: Problems = []
    if model.input_shape is None:
        return {}
    found: dict[str, Any] = _read(model.input_shape, body, "", problems)
    if problems:
        raise ConstraintsError(problems)
    return found


def _read(shape: Any, value: Any, path: str, problems: Problems) -> Any:
    if shape.name == "AttributeValue":
        return read_attribute(value)
    reader = _READERS.get(shape.type_name)
    if reader is not None:
        return reader(shape, value, path, problems)
    _check_scalar(shape.type_name, value)
    problems += _constraints(shape, value, path)
    return value


def _read_structure(shape: Any, value: Any, path: str, problems: Problems) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SerializationError(_describe_unexpected(value))
    found = {}
    for name, member in shape.members.items():
        at = _join(path, name)
        if value.get(name) is not None:
            found[name] = _read(member, value[name], at, problems)
        elif name in shape.required_members:
            problems.append(f"Value null at '{at}' failed to satisfy constraint: Member must not be null")
    return found


def _read_list(shape: Any, value: Any, path: str, problems: Problems) -> list[Any]:
    if not isinstance(value, list):
        raise SerializationError(_describe_unexpected(value))
    problems += _constraints(shape, value, path)
    return [_read(shape.member, one, f"{path}.{place}.member", problems) for place, one in enumerate(value, 1)]


def _read_map(shape: Any, value: Any, path: str, problems: Problems) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SerializationError(_describe_unexpected(value))
    problems += _constraints(shape, value, path)
    return {
        name: _read(shape.value, one, f"{path}.{name}.member", problems)
        for name, one in value.items()
        if one is not None
    }


_READERS = {"structure": _read_structure, "list": _read_list, "map": _read_map}


def _join(path: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name


def _check_scalar(kind: str, value: object) -> None:
    wanted = _OF_JSON.get(kind)
    if wanted is None or (isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))):
        return
    java = _JAVA[kind]
    if isinstance(value, dict):
        raise SerializationError("Start of structure or map found where not expected.")
    if isinstance(value, list):
        raise SerializationError(f"Unrecognized collection type class java.lang.{java}")
    raise SerializationError(f"{_token(value)} cannot be converted to {java}")


def _token(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, str):
        return "STRING_VALUE"
    return "DECIMAL_VALUE" if isinstance(value, float) else "NUMBER_VALUE"


def _describe_unexpected(value: object) -> str:
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    return "Start of list found where not expected" if isinstance(value, list) else "Unexpected value type in payload"


def _constraints(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Find what a value does not keep of its shape's metadata."""
    about = shape.metadata
    for what in _find_broken(about, value):
        shown = f"'{value}'" if isinstance(value, (str, int, float)) else f"'{_list_text(value)}'"
        yield f"Value {shown} at '{path}' failed to satisfy constraint: Member must {what}"


def _find_broken(about: Mapping[str, Any], value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "enum" in about and value not in about["enum"]:
            members = _IN_AWSS_ORDER.get(frozenset(about["enum"]), about["enum"])
            yield f"satisfy enum value set: [{', '.join(members)}]"
        if "pattern" in about and not re.fullmatch(about["pattern"], value):
            yield f"satisfy regular expression pattern: {about['pattern']}"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    size, have = (value, "have value") if is_number else (len(value) if hasattr(value, "__len__") else 0, "have length")
    if "min" in about and size < about["min"]:
        yield f"{have} greater than or equal to {about['min']}"
    if "max" in about and size > about["max"]:
        yield f"{have} less than or equal to {about['max']}"


def _list_text(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, (list, dict)) else str(value)


# Attribute values


def read_attribute(value: Any, level: int = 0) -> dict[str, Any]:
    """Return one attribute value as the engine keeps it.

    Raises:
        SerializationError: its JSON has another type than an attribute value's.
        AttributeValueError: it is empty, of two types, or not what its type asks.
    """
    if not isinstance(value, dict):
        raise SerializationError(_describe_unexpected(value))
    kinds = [kind for kind in _KINDS if value.get(kind) is not None]
    if len(kinds) != 1:
        fault = "has more than one datatypes set" if kinds else "is empty"
        raise AttributeValueError(
            f"Supplied AttributeValue {fault}, must contain exactly one of the supported datatypes"
        )
    if level > LEVELS:
        raise AttributeValueError("Nesting Levels have exceeded supported limits")
    kind = kinds[0]
    return {kind: _KINDS[kind](value[kind], level)}


def _text(value: Any, _level: int) -> str:
    _check_scalar("string", value)
    return value if type(value) is str else plain_text(value)  # as the other engines get it, of a (str, Enum) too


def _number(value: Any, level: int) -> str:
    return normal_number(_text(value, level))


@lru_cache(maxsize=4096)
def normal_number(text: str) -> str:
    """Return a number in the one form in which DynamoDB gives it back: "1.5E2" is "150".

    Raises:
        AttributeValueError: it is none, or outside of what DynamoDB keeps.
    """
    if not _NUMBER.fullmatch(text):
        raise AttributeValueError(f"The parameter cannot be converted to a numeric value: {text}")
    number = Decimal(text)
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > DIGITS:
        raise AttributeValueError(f"Attempting to store more than {DIGITS} significant digits in a Number")
    if not digits:
        return "0"
    if number.adjusted() > LARGEST_EXPONENT:
        raise AttributeValueError(
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        )
    if number.adjusted() < SMALLEST_EXPONENT:
        raise AttributeValueError(
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        )
    return format(number.normalize(_WIDE), "f")


def _binary(value: Any, level: int) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    try:
        return base64.b64decode(_text(value, level), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SerializationError(f"Invalid Base64: {error}") from error


def _flag(value: Any, _level: int) -> bool:
    _check_scalar("boolean", value)
    return bool(value)


def _null(value: Any, level: int) -> bool:
    if not _flag(value, level):
        raise AttributeValueError(f"{_INVALID}Null attribute value types must have the value of true")
    return True


def _elements(value: Any, level: int) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise SerializationError(_describe_unexpected(value))
    return [read_attribute(one, level + 1) for one in value]


def _members(value: Any, level: int) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict):
        raise SerializationError(_describe_unexpected(value))
    return {name: read_attribute(one, level + 1) for name, one in value.items()}


def _set_of(read_one: Any, when_empty: str) -> Any:
    def read_set(value: Any, level: int) -> list[Any]:
        if not isinstance(value, list):
            raise SerializationError(_describe_unexpected(value))
        found = [read_one(one, level) for one in value]
        if not found:
            raise AttributeValueError(f"{_INVALID}{when_empty}")
        if len({*found}) != len(found):
            raise AttributeValueError(f"{_INVALID}Input collection {_list_text(value)} contains duplicates.")
        return found

    return read_set


_KINDS: Final[Mapping[str, Any]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _flag,
    "NULL": _null,
    "L": _elements,
    "M": _members,
    "SS": _set_of(_text, "An string set  may not be empty"),
    "NS": _set_of(_number, "An number set  may not be empty"),
    "BS": _set_of(_binary, "Binary sets should not be empty"),
}
