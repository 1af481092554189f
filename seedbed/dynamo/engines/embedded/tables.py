"""One table: moto's definition of it, our rows, and what a row must fulfil to be stored."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from attrs import define, field, frozen
from moto.dynamodb.exceptions import (
    HashKeyTooLong,
    InvalidAttributeTypeError,
    ItemSizeTooLarge,
    ItemSizeToUpdateTooLarge,
    ProvidedKeyDoesNotExist,
    RangeKeyTooLong,
)
from moto.dynamodb.limits import HASH_KEY_MAX_LENGTH, RANGE_KEY_MAX_LENGTH
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import GlobalSecondaryIndex, SecondaryIndex, Table
from moto.dynamodb.responses import validate_put_has_empty_keys

from seedbed.dynamo.engines.embedded.limits import IndexKeyTypeError, MissingKeyError
from seedbed.dynamo.engines.embedded.parameters import normal_number, read_attribute
from seedbed.dynamo.engines.embedded.rows import (
    Attributes,
    AttributeValue,
    IndexRows,
    Key,
    KeySchema,
    Row,
    TableRows,
    copy_value,
)
from seedbed.dynamo.engines.embedded.sizes import name_bytes, names_bytes, value_bytes

EMPTY_KEY_MESSAGE = (
    "One or more parameter values are not valid. "
    "The AttributeValue for a key attribute cannot contain an empty string value. Key: {}"
)
_ITEM_LIMIT_BYTES = 400 * 1024
"""Of an item, with its names (AWS: ServiceQuotas, "Items")."""


def key_schema(schema: list[dict[str, str]], attribute_types: dict[str, str]) -> KeySchema:
    """Read a key schema as CreateTable spells it."""
    names = {element["KeyType"]: element["AttributeName"] for element in schema}
    range_name = names.get("RANGE")
    range_type = None if range_name is None else attribute_types[range_name]
    return KeySchema(names["HASH"], attribute_types[names["HASH"]], range_name, range_type)


@frozen
class KeyRule:
    """What an attribute that is a key, of the table or of an index, must be."""

    name: str
    kind: str
    limit_bytes: int
    too_long: type[Exception]
    index_name: str | None

    def is_plainly_kept(self, item: Attributes) -> bool:
        """Tell whether an item keeps the rule at first sight: a character takes four bytes at most."""
        value = item.get(self.name)
        if value is None:
            return self.index_name is not None
        content = value.get(self.kind)
        return bool(content) and len(content) * 4 <= self.limit_bytes  # type: ignore[arg-type]


@define(eq=False)
class EmbeddedTable:
    """A table's definition and rows, and the checks between a request and a row."""

    definition: Table
    rows: TableRows = field(init=False)
    key_names: frozenset[str] = field(init=False)
    _rules: list[KeyRule] = field(init=False)
    _key_rules: tuple[KeyRule, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make room for the rows."""
        self.rows = TableRows(key_schema(self.definition.schema, self._attribute_types()))
        self.refresh()

    def copy(self) -> EmbeddedTable:
        """Return the same table for another engine: what one writes or changes, the other does not see."""
        copied = EmbeddedTable(deepcopy(self.definition))
        copied.rows = self.rows.copy()
        return copied

    def refresh(self) -> None:
        """Take over the indexes of the definition, which may have changed."""
        indexes = {index.name: self._index_rows(index) for index in self.definition.all_indexes()}
        self.rows.take_indexes(indexes)
        self._rules = _rules(self.rows.schema, None)
        self._key_rules = tuple(self._rules)
        for index in indexes.values():
            self._rules += _rules(index.schema, index.name)
        self.key_names = frozenset(rule.name for rule in self._rules)

    def _attribute_types(self) -> dict[str, str]:
        return {attribute["AttributeName"]: attribute["AttributeType"] for attribute in self.definition.attr}

    def _index_rows(self, index: SecondaryIndex) -> IndexRows:
        schema = key_schema(index.schema, self._attribute_types())
        projection = index.projection or {}
        projected = None
        if projection.get("ProjectionType") in {"KEYS_ONLY", "INCLUDE"}:
            keys = {*self.definition.table_key_attrs, *schema.types()}
            projected = frozenset(keys | set(projection.get("NonKeyAttributes", [])))
        return IndexRows(index.name, schema, projected, is_global=isinstance(index, GlobalSecondaryIndex))

    def key_of(self, key: Attributes, *, empty_key_message: str | None = None) -> Key:
        """Return the position that a request's key names.

        Raises:
            ProvidedKeyDoesNotExist: it is not made of the table's key, all of it and no more.
            JsonRESTError: a part of it is empty.
        """
        if {name: next(iter(value)) for name, value in key.items()} != self.rows.schema.types():
            raise ProvidedKeyDoesNotExist
        if not all(rule.is_plainly_kept(key) for rule in self._key_rules):
            self._check_key_values(key, empty_key_message or EMPTY_KEY_MESSAGE)
        return self.rows.schema.key_of(key)

    def admit(self, item: Attributes, *, empty_key_message: str | None = None) -> tuple[Key, Row]:
        """Check an item as moto checks a put, and return its key and its row.

        Raises:
            JsonRESTError: one of moto's, when the item must not be stored.
        """
        is_plain = all(rule.is_plainly_kept(item) for rule in self._rules)
        if not is_plain:
            self._check_key(item)
        row = self._row(item)
        if not is_plain:
            self._check_key_values(item, empty_key_message)
        return self.rows.schema.key_of(row.attributes), row

    def resize(self, previous: Row, attributes: Attributes, changed: list[str]) -> Row:
        """Return the row of attributes that differ from a row's in these names, whose values are flat.

        Raises:
            ItemSizeToUpdateTooLarge: it would be too large.
        """
        size_bytes = previous.size_bytes
        for name in changed:
            size_bytes += name_bytes(name) + value_bytes(attributes[name])
            if name in previous.attributes:
                size_bytes -= name_bytes(name) + value_bytes(previous.attributes[name])
        if size_bytes > _ITEM_LIMIT_BYTES:
            raise ItemSizeToUpdateTooLarge
        return Row(attributes, size_bytes)

    def _check_key(self, item: Attributes) -> None:
        for name, kind in self.rows.schema.types().items():
            if name not in item:
                raise MissingKeyError(name)
            if kind not in item[name]:
                raise InvalidAttributeTypeError(name, expected_type=kind, actual_type=next(iter(item[name])))

    def _check_key_values(self, item: Attributes, empty_key_message: str | None) -> None:
        """Make moto's checks of keys, and AWS's of an index key's type, which moto lacks on a put.

        Raises:
            IndexKeyTypeError: an index key is of another type.
            HashKeyTooLong: a partition key is.
            RangeKeyTooLong: a sort key is.
        """
        validate_put_has_empty_keys(item, self.definition, empty_key_message)
        for rule in self._rules:
            if rule.name not in item:
                continue
            if rule.kind not in item[rule.name]:
                actual = next(iter(item[rule.name]))
                raise IndexKeyTypeError(rule.name, rule.kind, actual=actual, index_name=rule.index_name)
            if DynamoType(item[rule.name]).size() > rule.limit_bytes:
                raise rule.too_long

    def _row(self, item: Attributes) -> Row:
        size_bytes = names_bytes(tuple(item))
        normal: Attributes = {}
        for name, value in item.items():
            ((kind, content),) = value.items()
            if kind == "S" and type(content) is str:
                # A call per attribute would cost a third of a put.
                size_bytes += len(content) if content.isascii() else len(content.encode())
            else:
                normal[name] = _normal(value)
                size_bytes += value_bytes(normal[name])
        if size_bytes > _ITEM_LIMIT_BYTES:
            raise ItemSizeTooLarge
        return Row(item | normal, size_bytes)


def _normal(value: AttributeValue) -> AttributeValue:
    """Return a value in the form in which DynamoDB gives it back.

    Raises:
        AttributeValueError: it is none that DynamoDB keeps.
    """
    ((kind, content),) = value.items()
    if kind == "N" and type(content) is str:
        return {kind: normal_number(content)}
    return value if kind == "BOOL" and type(content) is bool else read_attribute(value)


def _rules(schema: KeySchema, index_name: str | None) -> list[KeyRule]:
    rules = [KeyRule(schema.hash_name, schema.hash_type, HASH_KEY_MAX_LENGTH, HashKeyTooLong, index_name)]
    if schema.range_name is not None and schema.range_type is not None:
        rules.append(KeyRule(schema.range_name, schema.range_type, RANGE_KEY_MAX_LENGTH, RangeKeyTooLong, index_name))
    return rules


def as_item(attributes: Attributes, definition: Table) -> Item:
    """Return moto's form of attributes.

    Made without moto's constructors, which measure the item once per attribute and keep every item for ever.
    """
    item: Any = object.__new__(Item)
    item.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    for name, value in attributes.items():
        dict.__setitem__(item.attrs, name, DynamoType(copy_value(value)))
    item.hash_key = item.attrs.get(definition.hash_key_attr)
    item.range_key = item.attrs.get(definition.range_key_attr)
    return item  # type: ignore[no-any-return]


def as_attributes(item: Item) -> Attributes:
    """Return moto's item in the form of a request."""
    return {name: _plain(value) for name, value in item.attrs.items()}


def _plain(value: DynamoType) -> AttributeValue:
    if value.type == "L":
        return {"L": [_plain(element) for element in value.value]}
    if value.type == "M":
        return {"M": {name: _plain(member) for name, member in value.value.items()}}
    return {value.type: list(value.value) if value.is_set() else value.value}
