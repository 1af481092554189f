"""A DynamoDB in this process: moto's rules over rows of our own. Importing this imports moto."""

from __future__ import annotations

from seedbed.dynamo.engines.embedded.transport import open_embedded

__all__ = ["open_embedded"]
