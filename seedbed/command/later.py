"""What factory_boy loads for whoever may need it is loaded when somebody does.

`import factory` loads SQLAlchemy and Django wherever they are installed, for its factories over their models: a third
of a second before a command of another program begins.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader, find_spec
from types import ModuleType

LIBRARY_OF = {"factory.alchemy": "sqlalchemy", "factory.django": "django"}
"""factory_boy's modules for an ORM, and what each loads."""


class _Later(MetaPathFinder):
    """Finds those modules, and has each loaded when it is first asked for anything; without its library, at once."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        library = LIBRARY_OF.get(fullname)
        if library is None or library in sys.modules or find_spec(library) is None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def load_orms_later() -> None:
    """Leave factory_boy's modules for SQLAlchemy and Django until they are used, in a process of the command's."""
    if not any(isinstance(finder, _Later) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Later())
