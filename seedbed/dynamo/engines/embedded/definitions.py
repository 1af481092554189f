"""Changes of a table's definition, held to the table as it stands: all are looked at before one is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from moto.dynamodb.exceptions import MockValidationException, ResourceNotFoundException

from seedbed.dynamo.engines.embedded.checks import check_schema
from seedbed.portable import Portable

if TYPE_CHECKING:
    from moto.dynamodb.models.table import Table

_INVALID: Final = "One or more parameter values were invalid: "
_ON_DEMAND: Final = "PAY_PER_REQUEST"
_UNITS: Final = ("ReadCapacityUnits", "WriteCapacityUnits")


class DefinitionError(Portable, MockValidationException):
    """A change does not fit the table."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


def merge_types(table: Table, given: Iterable[Mapping[str, str]] | None) -> list[dict[str, str]]:
    """Return the table's attribute definitions with those that a change gives: AWS keeps what it does not name."""
    types = {one["AttributeName"]: one["AttributeType"] for one in (*table.attr, *(given or ()))}
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def check_indexes(table: Table, updates: Iterable[Mapping[str, Any]], defined: set[str]) -> None:
    """Refuse changes of indexes that are not there, and new ones of a name that is taken or of undefined keys.

    Raises:
        DefinitionError: an index is there already.
        RequestError: an index's keys are none, or not defined.
        ResourceNotFoundException: an index is not there.
    """
    names = {index.name for index in table.all_indexes()}
    for update in updates:
        ((kind, about),) = update.items()
        if kind != "Create" and about["IndexName"] not in names:
            raise ResourceNotFoundException
        if kind == "Create":
            if about["IndexName"] in names:
                raise DefinitionError("Attempting to create an index which already exists")
            check_schema(about["KeySchema"], defined)


def check_throughput(table: Table, throughput: Mapping[str, Any] | None, billing_mode: str | None) -> None:
    """Refuse units for a table that is billed on demand, and those that it has already.

    Raises:
        DefinitionError: they are such.
    """
    if not throughput:
        return
    mode = billing_mode or table.billing_mode
    if mode == _ON_DEMAND:
        raise DefinitionError(
            f"{_INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is {mode}"
        )
    if table.billing_mode != _ON_DEMAND and all(table.throughput[unit] == throughput[unit] for unit in _UNITS):
        raise DefinitionError(_no_change(throughput))


def _no_change(throughput: Mapping[str, Any]) -> str:
    parts = (
        f"Current {unit} provisioned for the table: {throughput[unit]}. Requested {unit}: {throughput[unit]}."
        for unit in _UNITS
    )
    return (
        "The provisioned throughput for the table will not change. The requested value equals the current value. "
        f"{' '.join(parts)} Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher "
        "limits."
    )


def check_time_to_live(table: Table, wanted: Mapping[str, Any]) -> None:
    """Refuse to switch to what is so already.

    Raises:
        DefinitionError: it is.
    """
    is_on = table.ttl["TimeToLiveStatus"] == "ENABLED"
    if wanted["Enabled"] is is_on:
        raise DefinitionError(f"TimeToLive is already {'enabled' if is_on else 'disabled'}")
