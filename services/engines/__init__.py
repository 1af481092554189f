"""Where the table lives: embedded in this process, at an endpoint, or AWS. Importing this loads no boto3 and no moto."""

from __future__ import annotations

from services.engines.connections import (
    AWS,
    Engine,
    EngineKind,
    aws_engine,
    embedded_engine,
    endpoint_engine,
    open_engine,
)

__all__ = ["AWS", "Engine", "EngineKind", "aws_engine", "embedded_engine", "endpoint_engine", "open_engine"]
