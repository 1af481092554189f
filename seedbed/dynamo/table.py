"""The one DynamoDB table: its writes, and whose it is.

Whether it is there, and as it should be, is looked at in `definition.py`. How a call is sent, tried again and answered
is told in `calls.py`. What is read of it, in `reading.py`. What is written, and when, is decided in `unit_of_work.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from seedbed.dynamo.actions import MAX_ACTIONS, Action, PutRow, Refused
from seedbed.dynamo.calls import Calls
from seedbed.dynamo.definition import Definition
from seedbed.dynamo.engines import Engine
from seedbed.dynamo.errors import (
    EngineError,
    PermissionDeniedError,
    UnprocessedError,
)
from seedbed.dynamo.mark import Mark, check_known, mark_row
from seedbed.dynamo.pacing import AWS_UNITS_A_SECOND, Pacer
from seedbed.dynamo.reading import WORTH_OF_A_BATCH, Reads
from seedbed.dynamo.rows import SCHEMA_MARK, Key, Row, key_of
from seedbed.dynamo.schema import Schema
from seedbed.dynamo.store import (
    WRITE_CHUNK,
    chunks,
    count_batch,
    count_writes,
    units_by_partition,
)
from seedbed.dynamo.usage import Meter
from seedbed.dynamo.wire import key_json, nothing, render
from seedbed.errors import ServiceError


class Table(Reads):
    """One table behind one engine. Every call is retried with jitter, within a bound; safe for threads."""

    def __init__(self, engine: Engine, name: str, schema: Schema, *, endpoint_url: str | None = None) -> None:
        meter, pacer = Meter(), Pacer(AWS_UNITS_A_SECOND if engine.kind == "aws" else None)
        super().__init__(name, Calls(engine, meter, pacer, endpoint_url))
        self.engine = engine
        self.schema = schema
        self.meter = meter
        self.sizes: dict[Key, int] = {}
        self.is_remote = engine.kind != "embedded"
        self.keeps_rows = True
        self.has_conflicts = self.is_spread = engine.kind == "aws"
        self._pacer = pacer
        self._endpoint_url = endpoint_url
        self._mark = Mark(schema)
        self.fan_out_limit: int | None = None

    def share(self, writers: int) -> None:
        """Write beside so many others, itself among them: each takes its part of what a partition takes on AWS.

        What may meet on a row goes in turn, wherever the table is.
        """
        self.has_conflicts = True
        self._pacer.share(writers)

    def close(self) -> None:
        """Send nothing more."""
        self._calls.close()

    def __repr__(self) -> str:
        """Show the table's name and where it is."""
        return f"Table({self.name!r}, {self._endpoint_url or 'embedded'})"

    # Schema

    def ensure(self, *, is_made: bool = True) -> bool:
        """Create the table when it is missing (unless told not to), else check its shape; check for transactions.

        Returns:
            Whether the table is there now.

        Raises:
            TableShapeError: a table of this name has another shape.
            TransactionsUnsupportedError: the engine cannot do TransactWriteItems.
            EndpointUnreachableError: nothing answers, within seconds.
            PermissionDeniedError: the credentials are missing, wrong, or lack a permission.
        """
        definition = Definition(self._calls, self.name, self._endpoint_url)
        description = definition.find()
        is_probed = self.engine.kind == "endpoint"
        mark = None if is_probed or description is None else self.get(SCHEMA_MARK)
        if is_probed:
            mark = self._probe(definition, is_read_only=description is not None and not is_made)
        self._mark.look_at(mark, is_due=description is None)
        if description is None and is_made:
            definition.create()
        return description is not None or is_made

    def _probe(self, definition: Definition, *, is_read_only: bool) -> Row | None:
        try:
            return definition.check_transactions()
        except PermissionDeniedError:
            if not is_read_only:
                raise
            return self.get(SCHEMA_MARK)  # whoever may only read looks all the same

    # The mark

    @property
    def version(self) -> int | None:
        """The schema version that the table's mark says; None: it bears no mark."""
        return self._mark.version

    def leave_mark(self) -> None:
        """Mark the table as ours, unless it is marked.

        Raises:
            ServiceError: the engine did not do it.

        Cost: 1 transaction of 1 action.
        """
        try:
            self._transact((), (PutRow(SCHEMA_MARK, mark_row(self.schema)),))
        except Refused as refused:
            self._mark.look_at(refused.rows.get(0))
        except ServiceError as error:
            is_there = error.is_unknown and SCHEMA_MARK in self.look([SCHEMA_MARK])
            error.is_unknown = False  # what the caller wants to write was not sent
            if not is_there:
                raise
            self._mark.look_at(mark_row(self.schema))
        else:
            self._mark.look_at(mark_row(self.schema))
        if self.version is None:
            self._write_chunk([{"PutRequest": {"Item": mark_row(self.schema)}}])
            self._mark.look_at(mark_row(self.schema))

    def _first(self, actions: Sequence[Action]) -> None:
        """Write into a table for the first time: the mark goes along, in the same transaction, where it is due."""
        self._see_to_mark()
        if not self._mark.is_due or len(actions) == MAX_ACTIONS:
            if self._mark.is_due:
                self.leave_mark()
            self._transact(actions)
            return
        try:
            self._transact(actions, (PutRow(SCHEMA_MARK, mark_row(self.schema)),))
        except Refused as refused:
            self._again(actions, dict(refused.rows))
        else:
            self._mark.look_at(mark_row(self.schema))

    def _again(self, actions: Sequence[Action], refused: dict[int, Row | None]) -> None:
        if len(actions) in refused:  # somebody else left the mark
            self._mark.look_at(refused.pop(len(actions)))
            check_known(self)
        if refused:
            raise Refused(refused)
        self._transact(actions)

    def _see_to_mark(self) -> None:
        """Find out whether the mark is due: of a table with rows and no mark nobody knows whose they are."""
        check_known(self)
        if not self._mark.is_due:
            self._mark.settle(is_due=not any(self.scan()))

    # Writes

    def transact(self, actions: Sequence[Action]) -> None:
        """Write 1 to 100 actions, all or none.

        Raises:
            Refused: conditions refused some of them; nothing was written.
            NewerSchemaError: the table is of a newer version.
            ServiceError: the engine did not do it after all tries (UnavailableError), or refused the credentials
                (PermissionDeniedError); its `is_unknown` tells whether it may be written all the same.

        Cost: 1 TransactWriteItems a try; 1 more where an answer was lost and no later one told the outcome.
        """
        if self._mark.is_open:
            self._transact(actions)
        else:
            self._first(actions)

    def _transact(self, actions: Sequence[Action], mark: tuple[Action, ...] = ()) -> None:
        sent = (*actions, *mark)
        parameters: dict[str, Any] = {"TransactItems": [render(action, self.name) for action in sent]}
        if self.is_remote:
            parameters["ClientRequestToken"] = str(uuid.uuid4())
        if self._pacer.is_needed:
            self._pacer.wait(units_by_partition(actions, self.sizes))
        partitions = [action.key[0] for action in sent]
        try:
            self._call("TransactWriteItems", "transact_write_items", partitions, **parameters)
        except (Refused, ServiceError) as error:
            if not (error.is_unknown and self.is_remote and self._was_done(parameters, sent[0].key, error)):
                raise
        count_writes(self, actions)

    def _was_done(self, sent: Mapping[str, Any], key: Key, error: Refused | ServiceError) -> bool:
        """Find out whether a transaction is written of which answers were lost, and see that it no longer will be.

        Its token is spent on nothing: then what is still on its way is refused for another request's token, as this
        one is if the transaction is written. (DynamoDB keeps tokens for 10 minutes, and a signature is good for less.)
        A refusal alone does not tell: of a try that is on its way the conditions may hold by the time it arrives.

        Raises:
            ServiceError: it was refused, and its token could not be spent: so it may be written yet.
        """
        is_refused = isinstance(error, Refused)
        spent = {"TransactItems": [nothing(key, self.name)], "ClientRequestToken": sent["ClientRequestToken"]}
        tries = {} if is_refused else {"worth": ()}  # an engine that lost all of them is gone
        try:
            self._call("TransactWriteItems", "transact_write_items", **tries, **spent)
        except ServiceError as other:
            if isinstance(other, EngineError) and other.code == "IdempotentParameterMismatchException":
                return True
            if is_refused:
                other.is_unknown = True
                raise
            return False
        error.is_unknown = False
        return False

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        """Put and delete rows without conditions, each key once.

        Raises:
            NewerSchemaError: the table is of a newer version.
            UnprocessedError: keys were left undone after all tries; it names them.
            UnavailableError: the engine did not answer.

        Cost: 1 BatchWriteItem per 25 rows.
        """
        if not self._mark.is_open:
            self._see_to_mark()
            if self._mark.is_due:
                self.leave_mark()
        requests = chain(
            ({"PutRequest": {"Item": row}} for row in puts),
            ({"DeleteRequest": {"Key": key_json(key)}} for key in deletes),
        )
        for chunk in chunks(requests, WRITE_CHUNK):
            self._write_chunk(list(chunk))

    def _write_chunk(self, requests: list[dict[str, Any]]) -> None:
        left = requests
        for attempt in self._calls.tries("BatchWriteItem", WORTH_OF_A_BATCH):
            with attempt:
                answer = self._calls.send_once("BatchWriteItem", "batch_write_item", RequestItems={self.name: left})
                left = answer.get("UnprocessedItems", {}).get(self.name, [])
                if left:
                    raise UnprocessedError("BatchWriteItem", [_request_key(request) for request in left])
        puts = [request["PutRequest"]["Item"] for request in requests if "PutRequest" in request]
        deletes = [_request_key(request) for request in requests if "DeleteRequest" in request]
        count_batch(self, puts, deletes)


def _request_key(request: Mapping[str, Any]) -> Key:
    return key_of(request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"])
