"""Sessions of SQLAlchemy's asyncio part, which needs greenlet: told apart without importing it.

Whoever has such a session has imported that part; where nobody has, nothing is one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeGuard

    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


def _is_one(value: object, *names: str) -> bool:
    module: Any = sys.modules.get("sqlalchemy.ext.asyncio")
    return module is not None and isinstance(value, tuple(getattr(module, name) for name in names))


def is_async(value: object) -> TypeGuard[AsyncSession | async_sessionmaker[Any]]:
    """Tell whether it is an AsyncSession, or makes them."""
    return _is_one(value, "AsyncSession", "async_sessionmaker")


def is_async_maker(value: object) -> bool:
    """Tell whether it makes AsyncSessions."""
    return _is_one(value, "async_sessionmaker")


def is_async_scope(value: object) -> bool:
    """Tell whether it is an async_scoped_session."""
    return _is_one(value, "async_scoped_session")
