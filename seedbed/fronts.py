"""The front of a package: its public names, each imported when it is first asked for.

    _FRONT = Front(__name__, {"shop.orders": ("Order", "OrderService")})
    if not TYPE_CHECKING:
        __all__, __getattr__, __dir__ = _FRONT.names, _FRONT.get, _FRONT.list

Type checkers read the imports that stand beside it, under TYPE_CHECKING, and find what is misspelt.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any


class Front:
    """The public names of a package, by the modules that they are in."""

    def __init__(self, package: str, homes: Mapping[str, tuple[str, ...]]) -> None:
        self._package = package
        self._homes = {name: home for home, names in homes.items() for name in names}
        self.names = sorted(self._homes)

    def get(self, name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
        """Import a public name, and keep it in the package.

        Raises:
            AttributeError: There is no such name.
        """
        if name not in self._homes:
            message = f"module {self._package!r} has no attribute {name!r}"
            raise AttributeError(message)
        value = getattr(importlib.import_module(self._homes[name]), name)
        setattr(sys.modules[self._package], name, value)
        return value

    def list(self) -> list[str]:
        """List the public names."""
        return sorted(self.names)
