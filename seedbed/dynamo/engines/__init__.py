"""Where the table lives: in this process, at an endpoint, or AWS. Importing it loads no boto3, no moto."""

from __future__ import annotations

from seedbed.dynamo.addresses import AWS
from seedbed.dynamo.engines.connections import (
    Engine,
    EngineKind,
    aws_engine,
    embedded_engine,
    endpoint_engine,
    open_engine,
)

__all__ = ["AWS", "Engine", "EngineKind", "aws_engine", "embedded_engine", "endpoint_engine", "open_engine"]
