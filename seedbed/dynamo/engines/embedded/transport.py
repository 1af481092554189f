"""Between one boto3 client and the embedded tables: what the client would send is answered in this process.

Two handlers on the client's own events do it. The first takes the parameters before botocore writes them out
as JSON, the second gives the answer where botocore would send the request (as botocore's own Stubber does).
So nothing outside this client is touched, and no request is signed, sent or parsed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.model import ServiceModel
from botocore.parsers import ResponseParser, create_parser
from moto.core.exceptions import JsonRESTError

from seedbed import forks
from seedbed.dynamo.engines.embedded.actions import Actions
from seedbed.dynamo.engines.embedded.backend import EmbeddedBackend
from seedbed.dynamo.engines.embedded.checks import check
from seedbed.dynamo.engines.embedded.first_checks import check_first
from seedbed.dynamo.engines.embedded.keeping import Kept
from seedbed.dynamo.engines.embedded.limits import UnknownOperationError, UnwritableFileError
from seedbed.dynamo.engines.embedded.parameters import read
from seedbed.dynamo.engines.rows import read_answer
from seedbed.dynamo.engines.sessions import new_client, without_plugins
from seedbed.dynamo.errors import DataFileError

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_dynamodb import DynamoDBClient

_REGION: Final = "us-east-1"
_ACCOUNT: Final = "000000000000"
_URL: Final = "http://embedded.invalid"
PARAMETERS: Final = "embedded-parameters"
"""Where a call's context keeps its parameters until it is answered."""
# botocore asks this parameter for table names when it chooses an endpoint, and cannot do without it.
_READ_BY_BOTOCORE: Final = ("RequestItems",)
_CREDENTIAL: Final = "embedded"


def open_embedded(
    config: Config, *, validate: bool, data: Path | None = None, source: Transport | None = None
) -> tuple[DynamoDBClient, Transport]:
    """Return a client of a new DynamoDB in this process, and what answers it: empty, or with what `source` holds.

    Raises:
        ConnectionClosedError: the source was closed.
        DataFileError: another process has the file, or it is damaged, foreign, or of a newer version.
    """
    with without_plugins():
        client = new_client(
            region_name=_REGION,
            endpoint_url=_URL,
            verify=False,  # nothing is sent; else botocore looks for a bundle in the environment
            config=config.merge(Config(proxies={})),
            aws_access_key_id=_CREDENTIAL,
            aws_secret_access_key=_CREDENTIAL,
        )
    transport = Transport(client.meta.service_model, keeps_validation=validate)
    if source is not None:
        transport.take_copy(source)
    if data is not None:
        transport.keep(data)
    # Its types know only handlers that return nothing.
    events: Any = client.meta.events
    events.register("provide-client-params.dynamodb.*", transport.take_parameters)
    events.register("before-call.dynamodb.*", transport.answer)
    return client, transport


@define(eq=False)
class Transport:
    """Answers one client, and who asks over the wire, one action at a time."""

    _model: ServiceModel
    keeps_validation: bool
    _actions: Actions | None = field(factory=lambda: Actions(EmbeddedBackend(_REGION, _ACCOUNT)), init=False)
    _kept: Kept | None = field(default=None, init=False)
    _lock: threading.RLock = field(factory=forks.new_lock, init=False)  # a child inherits no half of a transaction
    _request_numbers: count[int] = field(factory=lambda: count(1), init=False)
    _parser: ResponseParser = field(factory=lambda: create_parser("json"), init=False)

    def take_parameters(
        self, params: dict[str, Any], context: dict[str, Any], **_event: object
    ) -> dict[str, Any] | None:
        """Keep the parameters for the answer; unless it validates, leave botocore nothing to write out."""
        context[PARAMETERS] = dict(params)
        return None if self.keeps_validation else {name: {} for name in _READ_BY_BOTOCORE if name in params}

    def answer(
        self, model: OperationModel, context: dict[str, Any], **_event: object
    ) -> tuple[AWSResponse, dict[str, Any]]:
        """Return what botocore would have read from the wire.

        Raises:
            ConnectionClosedError: the engine was closed.
        """
        try:
            if self.keeps_validation:
                check(model.name, context[PARAMETERS])
            known = self._answer_in_turn(model, context[PARAMETERS])
        except JsonRESTError as refusal:
            return self._refusal(model, refusal)
        known["ResponseMetadata"] = self._metadata(200)
        return AWSResponse(_URL, 200, HTTPHeaders(), None), known

    def direct(self, operation: str, _method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a call of this process that no client made, as a client would.

        Raises:
            ClientError: the engine refused it.
            ConnectionClosedError: the engine was closed.
        """
        model = self._model.operation_model(operation)
        try:
            return self._answer_in_turn(model, dict(parameters))
        except JsonRESTError as refusal:
            error = self._error(model, refusal)
        raise ClientError(error, operation)  # type: ignore[arg-type] # its parts are checked by nobody

    def keep(self, path: Path) -> None:
        """Take over what a file holds, and write into it what is changed from now on.

        Raises:
            DataFileError: another process has it, or it is damaged, foreign, or of a newer version.
        """
        actions = Actions(EmbeddedBackend(_REGION, _ACCOUNT))
        kept = Kept(path)
        actions.backend.watch = kept.note
        try:
            kept.restore(actions)
        except BaseException:
            kept.close()
            raise
        self._actions, self._kept = actions, kept

    def take_copy(self, source: Transport) -> None:
        """Hold what another holds now; what is written to one from now on, the other does not see.

        Raises:
            ConnectionClosedError: the source was closed.
        """
        with source._lock:
            if source._actions is None:
                raise ConnectionClosedError(endpoint_url=_URL)
            self._actions = Actions(source._actions.backend.copy())

    def close(self) -> None:
        """Drop the rows. A second call does nothing."""
        with self._lock:
            self._actions = None
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    def perform(self, action: str, body: object) -> dict[str, Any]:
        """Do what a request over the wire asks, and return its answer, with bytes and datetimes as boto3 has them.

        Raises:
            UnknownOperationError: the engine does not offer the action.
            JsonRESTError: another of DynamoDB's own errors: the request is wrong, or refused.
            ConnectionClosedError: the engine was closed.
        """
        if action not in self._model.operation_names:
            raise UnknownOperationError(action)
        model = self._model.operation_model(action)
        check_first(action, body)
        request = read(model, body)
        check(action, request)
        return self._answer_in_turn(model, request)

    def _answer_in_turn(self, model: OperationModel, parameters: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if self._actions is None:
                raise ConnectionClosedError(endpoint_url=_URL)
            answered = self._do(self._actions, model.name, parameters)
        # moto answers more than the API has, and a few operations answer nothing.
        members = {} if model.output_shape is None else model.output_shape.members
        return {name: value for name, value in answered.items() if name in members}

    def _do(self, actions: Actions, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if self._kept is None:
            return actions.answer(name, parameters)
        try:
            return actions.answer(name, parameters)
        finally:  # also of a batch that was refused half way, and of what was undone
            self._keep_up(self._kept, actions, (name, parameters))

    def _keep_up(self, kept: Kept, actions: Actions, call: tuple[str, dict[str, Any]]) -> None:
        try:
            kept.commit(actions, *call)
        except DataFileError as error:  # what is not in the file must not be answered, now or later
            self.close()
            raise UnwritableFileError(str(error)) from error

    def _refusal(self, model: OperationModel, refusal: JsonRESTError) -> tuple[AWSResponse, dict[str, Any]]:
        parsed = self._error(model, refusal)
        return AWSResponse(_URL, refusal.code, HTTPHeaders(), None), parsed

    def _error(self, model: OperationModel, refusal: JsonRESTError) -> dict[str, Any]:
        wire = {
            "body": refusal.get_body().encode(),
            "headers": dict(refusal.get_headers()),
            "status_code": refusal.code,
        }
        parsed = read_answer(self._parser, wire, model)
        parsed["ResponseMetadata"] = self._metadata(refusal.code)
        return parsed

    def _metadata(self, status: int) -> dict[str, Any]:
        return {
            "RequestId": f"embedded-{next(self._request_numbers)}",
            "HTTPStatusCode": status,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        }
