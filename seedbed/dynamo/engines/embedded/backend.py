"""moto's DynamoDB with rows of our own: reads and writes of rows, one at a time.

moto still decides: the reading of expressions is its own, its errors too. What differs is where rows lie, so
that nothing sorts or copies a table. Reading many rows is in `reading`, transactions in `transactions`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    InvalidIndexNameError,
    ResourceNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend

from seedbed.dynamo.engines.embedded import reading
from seedbed.dynamo.engines.embedded.answers import AnswerItem
from seedbed.dynamo.engines.embedded.definitions import (
    check_indexes,
    check_throughput,
    check_time_to_live,
    merge_types,
)
from seedbed.dynamo.engines.embedded.expressions import Condition, Glance, condition_of
from seedbed.dynamo.engines.embedded.limits import InvalidArnError
from seedbed.dynamo.engines.embedded.rows import copy_value
from seedbed.dynamo.engines.embedded.tables import EmbeddedTable
from seedbed.dynamo.engines.embedded.updates import UpdateRequest, update_row
from seedbed.portable import Portable

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.dynamodb.models.table import Table

    from seedbed.dynamo.engines.embedded.rows import Attributes, AttributeValue, Key, Row


class EmbeddedBackend(DynamoDBBackend):
    """One engine's tables. moto does not know of it, so neither `mock_aws` nor another engine reaches it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        """Start without tables."""
        super().__init__(region_name, account_id)
        self._embedded: dict[str, EmbeddedTable] = {}
        self.watch: Callable[[str, Key], None] | None = None

    def table(self, name: str) -> EmbeddedTable:
        """Return a table by its name or ARN.

        Raises:
            ResourceNotFoundException: there is none.
        """
        found = self._embedded.get(name)
        return found if found is not None else self._embedded[self.get_table(name).name]

    def copy(self) -> EmbeddedBackend:
        """Return a backend of the same tables: what is written to one, the other does not see.

        All indexes are made first, so that no copy has to. Cost: 0.5 ms a table, and what `Shelves.copy` tells.
        """
        copied = EmbeddedBackend(self.region_name, self.account_id)
        for name, table in self._embedded.items():
            table.rows.make_indexes()
            copied._embedded[name] = made = table.copy()
            copied.tables[name] = made.definition
            _release(made.definition)
        return copied

    def create_table(self, name: str, *args: Any, **kwargs: Any) -> Table:
        """Create a table as moto does, and make room for its rows."""
        definition = super().create_table(name, *args, **kwargs)
        self._embedded[name] = made = EmbeddedTable(definition)
        if self.watch is not None:
            made.rows.watch = partial(self.watch, name)
        _release(definition)
        return definition

    def delete_table(self, name: str) -> Table:
        """Delete a table as moto does, with its rows."""
        definition = super().delete_table(name)
        del self._embedded[definition.name]
        return definition

    def update_table(self, name: str, **changes: Any) -> Table:  # type: ignore[override] # called by names only
        """Change a table as moto does, where all changes fit it, and fill the indexes it has now.

        Raises:
            ResourceNotFoundException: there is no such table, or no such index.
            JsonRESTError: a change does not fit the table.
        """
        definition = self.get_table(name)
        types = merge_types(definition, changes["attr_definitions"])
        check_indexes(definition, changes["global_index"] or (), {one["AttributeName"] for one in types})
        check_throughput(definition, changes["throughput"], changes["billing_mode"])
        definition = super().update_table(name, **{**changes, "attr_definitions": types})
        self.table(name).refresh()
        _release(definition)
        return definition

    def update_time_to_live(self, table_name: str, ttl_spec: dict[str, Any]) -> None:
        """Switch a table's time to live as moto does; rows do not leave by it.

        Raises:
            ResourceNotFoundException: there is no such table.
            DefinitionError: it is so already.
        """
        check_time_to_live(self._table_called(table_name), ttl_spec)
        super().update_time_to_live(table_name, ttl_spec)

    def _table_called(self, name: str) -> Table:
        """Return a table's definition, or name the table that is missing.

        Raises:
            ResourceNotFoundException: there is none.
        """
        if name not in self.tables and not name.startswith("arn:"):
            raise ResourceNotFoundException(table_name=name)
        return self.get_table(name)

    def tag_resource(self, arn: str, tags: dict[str, str] | list[dict[str, str]]) -> None:
        """Tag a table; a tag of a key that it has takes that one's place. Earlier versions of moto give a list.

        Raises:
            InvalidArnError: it is none.
            ResourceNotFoundException: there is no such table.
        """
        added = tags if isinstance(tags, list) else [{"Key": key, "Value": value} for key, value in tags.items()]
        kept = {tag["Key"]: tag for tag in (*self._table_of_arn(arn).tags, *added)}
        self._table_of_arn(arn).tags = [*kept.values()]

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Take tags off a table.

        Raises:
            InvalidArnError: it is none.
            ResourceNotFoundException: there is no such table.
        """
        self._table_of_arn(arn)
        super().untag_resource(arn, tag_keys)

    def list_tags_of_resource(self, table_arn: str) -> list[dict[str, str]]:
        """Return a table's tags.

        Raises:
            InvalidArnError: it is none.
            ResourceNotFoundException: there is no such table.
        """
        return [*self._table_of_arn(table_arn).tags]

    def _table_of_arn(self, arn: str) -> Table:
        if not arn.startswith("arn:"):
            raise InvalidArnError(arn)
        found = next((table for table in self.tables.values() if table.table_arn == arn), None)
        if found is None:
            raise ResourceNotFoundException(f"Requested resource not found: ResourcArn: {arn} not found")
        return found

    def describe_table(self, name: str) -> dict[str, Any]:
        """Describe a table as moto does, with the count of our rows."""
        described = super().describe_table(name)
        table = self.table(name)
        described["Table"]["ItemCount"] = table.rows.shelves.count
        return described

    def get_item(  # type: ignore[override] # moto only passes the item on
        self, table_name: str, keys: Attributes, projection_expressions: object = None
    ) -> AnswerItem | None:
        """Return a copy of the row under a key; what is projected of it is taken afterwards."""
        del projection_expressions
        table = self.table(table_name)
        keys = {name: keys[name] for name in table.rows.schema.types() if name in keys}
        row = table.rows.get(table.key_of(keys))
        if row is None:
            return None
        return AnswerItem(row.attributes)

    def put_item(  # type: ignore[override] # noqa: PLR0917 - moto's signature; it only passes the item on
        self,
        table_name: str,
        item_attrs: Attributes,
        expected: dict[str, Any] | None = None,
        condition_expression: str | None = None,
        expression_attribute_names: dict[str, str] | None = None,
        expression_attribute_values: dict[str, AttributeValue] | None = None,
        overwrite: bool = False,  # noqa: ARG002, FBT001, FBT002 - no condition always holds
        return_values_on_condition_check_failure: str | None = None,
    ) -> AnswerItem:
        """Put a row if the condition holds."""
        del expected  # legacy.py says it as an expression
        table = self.table(table_name)
        key, row = table.admit(item_attrs)
        condition = condition_of(condition_expression, expression_attribute_names, expression_attribute_values)
        require(
            table.rows.get(key),
            condition,
            return_old=return_values_on_condition_check_failure,
        )
        table.rows.replace(key, row)
        return AnswerItem({name: copy_value(value) for name, value in row.attributes.items()})

    def delete_item(  # type: ignore[override] # noqa: PLR0917 - moto's signature; it only passes the item on
        self,
        table_name: str,
        key: Attributes,
        expression_attribute_names: dict[str, str] | None = None,
        expression_attribute_values: dict[str, AttributeValue] | None = None,
        condition_expression: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
    ) -> AnswerItem | None:
        """Delete the row under a key, if there is one and the condition holds, and return it."""
        table = self.table(table_name)
        position = table.key_of(key)
        condition = condition_of(condition_expression, expression_attribute_names, expression_attribute_values)
        previous = table.rows.get(position)
        require(previous, condition, return_old=return_values_on_condition_check_failure)
        table.rows.replace(position, None)
        return None if previous is None else AnswerItem(previous.attributes)

    def update_item(  # type: ignore[override] # noqa: PLR0917 - moto's signature; it only passes the item on
        self,
        table_name: str,
        key: Attributes,
        update_expression: str,
        expression_attribute_names: dict[str, str],
        expression_attribute_values: dict[str, AttributeValue],
        attribute_updates: dict[str, Any] | None = None,
        expected: dict[str, Any] | None = None,
        condition_expression: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
    ) -> AnswerItem:
        """Update or create the row under a key if the condition holds: wholly or not at all, unlike moto.

        Raises:
            JsonRESTError: one of moto's, when the row must not become what the update makes of it.
        """
        del attribute_updates, expected  # legacy.py says them as expressions
        table = self.table(table_name)
        position = table.key_of(key)
        previous = table.rows.get(position)
        condition = condition_of(condition_expression, expression_attribute_names, expression_attribute_values)
        require(
            previous,
            condition,
            return_old=return_values_on_condition_check_failure,
        )
        request = UpdateRequest(
            key, update_expression, expression_attribute_names or {}, expression_attribute_values or {}
        )
        untouched = table.admit(key)[1] if previous is None else previous
        row = update_row(table, previous, request) if update_expression else untouched
        table.rows.replace(position, row)
        return AnswerItem(row.attributes)

    def list_tables(self, limit: int | None, exclusive_start_table_name: str | None) -> tuple[list[str], str | None]:
        """Name the tables in the order of their names, from behind one that need not be there."""
        names = sorted(name for name in self.tables if name > (exclusive_start_table_name or ""))
        most = limit or len(names)
        return names[:most], names[most - 1] if len(names) > most else None

    def get_schema(self, table_name: str, index_name: str | None) -> list[dict[str, str]]:
        """Return the key schema of a table or an index, as moto does.

        Raises:
            ResourceNotFoundException: there is no such table.
            InvalidIndexNameError: there is no such index; moto takes that for a missing table.
        """
        definition = self.get_table(table_name)
        if index_name and index_name not in {index.name for index in definition.all_indexes()}:
            message = f"The table does not have the specified index: {index_name}"
            raise InvalidIndexNameError(message)
        schema: list[dict[str, str]] = super().get_schema(table_name, index_name)
        return schema

    def describe_time_to_live(self, table_name: str) -> dict[str, str]:
        """Describe a table's time to live, as moto does.

        Raises:
            ResourceNotFoundException: there is no such table.
        """
        described: dict[str, str] = self._table_called(table_name).ttl
        is_off = described["TimeToLiveStatus"] == "DISABLED"
        return {"TimeToLiveStatus": "DISABLED"} if is_off else described

    def query(self, table_name: str, *args: Any, **kwargs: Any) -> Any:
        """Read the rows of one partition of a table or an index, as `reading.query` does."""
        return reading.query(self.table(table_name), *args, **kwargs)

    def scan(self, table_name: str, *args: Any, **kwargs: Any) -> Any:
        """Read the rows of a table or an index, as `reading.scan` does."""
        return reading.scan(self.table(table_name), *args, **kwargs)


def _release(definition: Table) -> None:
    """Take a table's definition out of what moto keeps for its dashboard, as long as the process: 5 KB a table."""
    for model in (definition, *definition.indexes, *definition.global_indexes):
        kept: list[Any] = vars(type(model))["instances_tracked"]
        kept[:] = [other for other in kept if other is not model]


class RefusedError(Portable, ConditionalCheckFailed):
    """moto's refusal of a condition, with the row that stood there if it was asked for."""

    def __init__(self, old: Attributes | None) -> None:
        """Keep the row beside moto's message."""
        super().__init__(item=old)
        self.old = old


def require(
    current: Row | None,
    condition: Condition,
    *,
    return_old: str | None = None,
) -> None:
    """Let moto judge a condition on the row that is there.

    Raises:
        RefusedError: it does not hold; carries the row if `return_old` is ALL_OLD.
    """
    glance = None if current is None else Glance(current.attributes)
    if condition.holds(glance):
        return
    raise RefusedError(current.attributes if return_old == "ALL_OLD" and current is not None else None)
