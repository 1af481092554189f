"""A table as the engine knows it: whether it is there, whether its shape is ours, and how it is made."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

from seedbed.dynamo.actions import CheckRow, Refused
from seedbed.dynamo.calls import TROUBLE, Calls
from seedbed.dynamo.errors import EngineError, MalformedAnswerError, TableShapeError, TransactionsUnsupportedError
from seedbed.dynamo.rows import SCHEMA_MARK, Row
from seedbed.dynamo.schema import TABLE, differences
from seedbed.dynamo.wire import render

CREATE_SECONDS = 60
CREATE_WAIT_SECONDS = 0.2
"""AWS takes some seconds to make a table, so it is asked that often; a local engine has made it by the first look."""
FIRST_WAIT_SECONDS = 0.002


class Definition:
    """The definition of one table behind one engine."""

    def __init__(self, calls: Calls, name: str, endpoint_url: str | None) -> None:
        self._calls = calls
        self._name = name
        self._endpoint_url = endpoint_url

    def find(self) -> Mapping[str, Any] | None:
        """Return the description of the table, once it is active; None where there is none. This is the first call.

        Raises:
            TableShapeError: A table of this name has another shape.
            EngineError: Whatever answers there is no DynamoDB, or the table does not get active.
            ServiceError: Nothing answers, within seconds, or the credentials will not do.
        """
        description = self._ask()
        if description is not None:
            self._check_shape(description)
            self._wait_until_active(description)
        return description

    def create(self) -> None:
        """Make the table, unless somebody else just does, and wait until it is active.

        Raises:
            EngineError: It cannot be made, or does not get active.
        """
        description: Mapping[str, Any] | None = None
        try:
            answer = self._calls.send("CreateTable", "create_table", TableName=self._name, **TABLE)
            description = answer.get("TableDescription")
        except EngineError as error:
            if error.code != "ResourceInUseException":
                raise
        self._wait_until_active(description or self._describe())

    def check_transactions(self) -> Row | None:
        """See that the engine does TransactWriteItems; return the table's mark, if it has one.

        Raises:
            TransactionsUnsupportedError: It does not.
            MalformedAnswerError: What answers makes no sense.
            ServiceError: Nothing answers, or the credentials will not do.
        """
        # It is refused in any case, and answers with the table's mark: one call for both.
        never = CheckRow(SCHEMA_MARK, {"version": {"S": "none"}})
        try:
            self._calls.send("TransactWriteItems", "transact_write_items", TransactItems=[render(never, self._name)])
        except Refused as refused:
            return refused.rows.get(0)
        except (*TROUBLE, MalformedAnswerError):
            raise
        except EngineError as error:
            if error.code == "ResourceNotFoundException":
                return None  # it would do it, were the table there
            raise TransactionsUnsupportedError(self._endpoint_url, error.why) from error
        raise TransactionsUnsupportedError(self._endpoint_url, "a condition that does not hold was not refused")

    def _ask(self) -> Mapping[str, Any] | None:
        try:
            with self._calls.hastily():
                return self._describe(worth=TROUBLE, worth_few=(MalformedAnswerError,))
        except MalformedAnswerError as error:
            if error.code != MalformedAnswerError.MALFORMED:
                raise
            why = "whatever answers there is no DynamoDB: check the endpoint"
            raise EngineError("DescribeTable", "NotDynamoDB", why) from error

    def _describe(self, **options: Any) -> Mapping[str, Any] | None:
        try:
            answer = self._calls.send("DescribeTable", "describe_table", TableName=self._name, **options)
        except EngineError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        return cast("Mapping[str, Any]", answer["Table"])

    def _check_shape(self, description: Mapping[str, Any]) -> None:
        found = list(differences(description))
        if found:
            raise TableShapeError(self._name, found)

    def _wait_until_active(self, description: Mapping[str, Any] | None) -> None:
        deadline, pause = time.monotonic() + CREATE_SECONDS, FIRST_WAIT_SECONDS
        while description is None or description.get("TableStatus") == "CREATING":
            if time.monotonic() > deadline:
                raise EngineError("CreateTable", "TimeOut", f"{self._name!r} is not active after {CREATE_SECONDS} s")
            time.sleep(pause)
            pause = min(2 * pause, CREATE_WAIT_SECONDS)
            description = self._describe()
