"""How answers are read: botocore's parser of JSON, which leaves rows as they came, and reads nothing else as an answer.

Our rows are DynamoDB's JSON everywhere. botocore would walk every value of them against its model: seven eighths of
what reading a row costs (docs/design.md has the figures). An attribute of bytes, of which we have none, stays base64.
botocore also takes no body, half of one or a page of HTML for an answer with nothing in it: for a write that was done,
or a row that is not there.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from botocore.parsers import JSONParser, ResponseParser, ResponseParserError, ResponseParserFactory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, ServiceModel
    from mypy_boto3_dynamodb import DynamoDBClient

_ROWS = frozenset({"AttributeMap", "Key", "PutItemInputAttributeMap"})
"""What botocore's model of DynamoDB calls a row, or the key of one."""
_CHECKSUM = "x-amz-crc32"
_ERRORS = 300
"""The status from which botocore takes an answer for an error."""
_SHOWN = 200
"""Characters of a body that an error shows."""


class RowParser(JSONParser):
    """Reads answers; their rows as `json.loads` gives them.

    Raises:
        ResponseParserError: an answer is no JSON object, damaged, or has no member of what its operation answers.
    """

    def parse(self, response: Any, shape: Any) -> Any:  # noqa: ANN401 - botocore's own
        """Read an answer, or an error.

        Raises:
            ResponseParserError: see the class.
        """
        _check_sum(response)
        try:
            return super().parse(response, shape)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"an answer of another shape: {_show(response)}"
            raise ResponseParserError(message) from error

    def _do_parse(self, response: Any, shape: Any) -> Any:  # noqa: ANN401 - botocore's own, untyped
        parsed: dict[str, Any] = {}
        if shape is not None:
            said = _object(response)
            if said is None or (said and not said.keys() & shape.members.keys()):
                message = f"no answer of this operation: {_show(response)}"
                raise ResponseParserError(message)
            parsed = self._parse_shape(shape, said)  # type: ignore[attr-defined] # its stubs name no private method; pinned
        self._inject_response_metadata(parsed, response["headers"])  # type: ignore[attr-defined] # as above
        return parsed

    def _do_error_parse(self, response: Any, shape: Any) -> Any:  # noqa: ANN401 - botocore's own, untyped
        if _object(response) is None:
            error = {"Code": str(response["status_code"]), "Message": _text(response)}
            return {"Error": error, "ResponseMetadata": {}}
        return super()._do_error_parse(response, shape)  # type: ignore[misc] # as above

    def _handle_map(self, shape: Any, value: Any) -> Any:  # noqa: ANN401 - botocore's own, untyped
        return value if shape.name in _ROWS else super()._handle_map(shape, value)  # type: ignore[misc] # as above


class RowParserFactory(ResponseParserFactory):
    """The component by which a botocore client finds its parsers."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """Make the parser of a protocol: for JSON, which DynamoDB speaks, ours."""
        return RowParser() if protocol_name == "json" else super().create_parser(protocol_name)


def read_answer(parser: ResponseParser, response: Mapping[str, Any], model: OperationModel) -> dict[str, Any]:
    """Read what an operation answered; of an error also what it has beside its message, such as CancellationReasons.

    Raises:
        ResponseParserError: it is no answer of this operation.
    """
    answer: dict[str, Any] = parser.parse(response, model.output_shape)  # type: ignore[arg-type] # None: it answers nothing
    if response["status_code"] >= _ERRORS:
        shape = _error_shape(model.service_model, answer["Error"].get("Code", ""))
        if shape is not None:
            answer.update(parser.parse(response, shape))
    return answer


_ERROR_SHAPES: dict[str, Any] = {}


def _error_shape(model: ServiceModel, code: str) -> Any:  # noqa: ANN401 - botocore's
    """Return what an error has, None where no model knows it: found once, since the model of each client looks anew."""
    if code not in _ERROR_SHAPES:
        look: Any = model.shape_for_error_code  # whose stub takes a number
        _ERROR_SHAPES[code] = look(code)
    return _ERROR_SHAPES[code]


def _check_sum(response: Mapping[str, Any]) -> None:
    """Compare a body with the sum that DynamoDB sends along; botocore does so in its legacy mode of retries only.

    Raises:
        ResponseParserError: the body is another one.
    """
    wanted = response["headers"].get(_CHECKSUM, "")
    if wanted.isdigit() and int(wanted) != crc32(response["body"]):
        message = f"an answer that was damaged on its way: {_show(response)}"
        raise ResponseParserError(message)


def _object(response: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a body that is a JSON object; None: it is none."""
    try:
        said = json.loads(response["body"])
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _text(response: Mapping[str, Any]) -> str:
    body: bytes = response["body"][:_SHOWN]
    return body.decode(errors="replace")


def _show(response: Mapping[str, Any]) -> str:
    return repr(_text(response)) if response["body"] else "nothing"


def reading_rows(client: DynamoDBClient) -> DynamoDBClient:
    """Return the same client with answers read as here; what is given is left as it is."""
    twin: Any = object.__new__(type(client))  # a client cannot be copied: it looks for what it lacks in itself
    vars(twin).update(vars(client))
    twin._endpoint = copy.copy(twin._endpoint)  # noqa: SLF001 - where botocore keeps it; pinned
    twin._endpoint._response_parser_factory = RowParserFactory()  # noqa: SLF001 - as above
    return cast("DynamoDBClient", twin)
