"""What a command refuses."""

from __future__ import annotations

from seedbed.strategy.errors import FactoryError


class UsageError(FactoryError):
    """The command was told something that it cannot do."""
