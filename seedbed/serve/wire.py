"""DynamoDB's protocol on HTTP: what a request asks, and how an answer or a refusal is written."""

from __future__ import annotations

import base64
import json
import uuid
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from attrs import frozen
from moto.core.exceptions import JsonRESTError

Perform: TypeAlias = Callable[[str, object], dict[str, Any]]

BODY_BYTES: Final = 16 * 1024 * 1024
"""Of a request, at most (AWS: ServiceQuotas, "API-specific limits")."""
JSON: Final = "application/x-amz-json-1.0"
_TYPES: Final = {JSON, "application/x-amz-json-1.1", "application/json"}
_TARGET: Final = "DynamoDB_20120810"
_CORAL: Final = "com.amazon.coral.service#"


@frozen
class Answer:
    """What goes back over the wire."""

    status: int
    body: bytes
    content_type: str = JSON

    def headers(self) -> dict[str, str]:
        """Return what SDKs read: they know a damaged answer by its sum."""
        return {
            "content-type": self.content_type,
            "x-amz-crc32": str(zlib.crc32(self.body)),
            "x-amzn-requestid": uuid.uuid4().hex.upper(),
            "server": "Server",
        }


def answer(perform: Perform, headers: Mapping[str, str], body: bytes) -> Answer:
    """Answer one request; of what is wrong with it, in DynamoDB's own words."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
        return Answer(404, b"<UnknownOperationException/>\n", "application/xml")
    service, _, action = headers.get("x-amz-target", "").partition(".")
    if service != _TARGET or not action:
        return refusal(400, f"{_CORAL}UnknownOperationException")
    try:
        request = json.loads(body)
    except ValueError:  # also text that is no UTF-8
        return refusal(400, f"{_CORAL}SerializationException")
    except RecursionError:
        return refusal(400, f"{_CORAL}SerializationException", "Nesting Levels have exceeded supported limits")
    return _answer_of(perform, action, request)


def _answer_of(perform: Perform, action: str, request: object) -> Answer:
    try:
        done = perform(action, request)
    except JsonRESTError as error:
        return Answer(error.code, error.get_body().encode())
    return Answer(200, json.dumps(done, default=_plain, separators=(",", ":")).encode())


def refusal(status: int, kind: str, message: str | None = None) -> Answer:
    """Write a refusal of one of AWS's types."""
    said = {"__type": kind} if message is None else {"__type": kind, "message": message}
    return Answer(status, json.dumps(said).encode())


def too_large() -> Answer:
    """Refuse a body that is larger than AWS takes."""
    return refusal(413, f"{_CORAL}RequestEntityTooLargeException", f"The request is over {BODY_BYTES} bytes")


def _plain(value: object) -> object:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    return str(value)
