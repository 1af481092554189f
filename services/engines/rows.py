"""How answers are read: botocore's parser of JSON, which leaves rows as they came.

Our rows are DynamoDB's JSON everywhere. botocore would walk every value of them against its model: seven eighths of
what reading a row costs (docs/design.md has the figures). An attribute of bytes, of which we have none, stays base64.
"""

from __future__ import annotations

from typing import Any

from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

_ROWS = frozenset({"AttributeMap", "Key", "PutItemInputAttributeMap"})
"""What botocore's model of DynamoDB calls a row, or the key of one."""


class RowParser(JSONParser):
    """Reads answers; their rows as `json.loads` gives them."""

    def _handle_map(self, shape: Any, value: Any) -> Any:  # noqa: ANN401 - botocore's own, untyped
        return value if shape.name in _ROWS else super()._handle_map(shape, value)  # type: ignore[misc] # its stubs name no private method; pinned


class RowParserFactory(ResponseParserFactory):
    """The component by which a botocore session finds its parsers."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """Make the parser of a protocol: for JSON, which DynamoDB speaks, ours."""
        return RowParser() if protocol_name == "json" else super().create_parser(protocol_name)
