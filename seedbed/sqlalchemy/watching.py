"""Sees what is executed in a session: statements that write past the ORM leave its objects as they were."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Connection, Engine

from seedbed.sqlalchemy.reading import Reader, lend

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Bind: TypeAlias = Engine | Connection
_SELECTS = re.compile(r"\s*(SELECT|SHOW|EXPLAIN|PRAGMA|VALUES)\b", re.IGNORECASE)


class Watch:
    """What was executed in one session since the last `renew`."""

    def __init__(self, session: Session, *, is_expiring: bool, is_async: bool) -> None:
        self.is_used = False  # whether the database was asked for anything
        self._session = session
        self._is_past = False  # whether a statement wrote past the ORM
        self._is_expiring = is_expiring
        self._is_async = is_async

    def attach(self, lead: Callable[[Bind], Bind]) -> None:
        """Watch the session from here on; its connections are those that `lead` returns for its own."""
        session: Any = self._session
        session.get_bind, session.execute = self._leading(session.get_bind, lead), self._watching(session.execute)

    def _leading(self, choose: Callable[..., Bind], lead: Callable[[Bind], Bind]) -> Callable[..., Bind]:
        def get_bind(mapper: Any = None, *, clause: Any = None, **options: Any) -> Bind:
            self.is_used = True
            if mapper is None or clause is not None:
                self._is_past = self._is_past or _writes_past(mapper, clause)
            return lead(choose(mapper, clause=clause, **options))

        return get_bind

    def _watching(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        """Return an `execute` that sees options that are given beside a statement, as `Query.update` gives them."""

        def watch(*args: Any, **options: Any) -> Any:
            given = options.get("execution_options")
            if given and given.get("synchronize_session") is False:
                self._is_past = True
            return execute(*args, **options)

        return watch

    def renew(self) -> None:
        """Let services decide by what is stored, where objects may differ from it."""
        if self._is_past or self._is_expiring:
            self.load() if self._is_async else self._session.expire_all()
        self._is_past = self.is_used = False

    def load(self) -> None:
        """Read all objects of the session anew: in an async one, those that are expired cannot be read."""
        Reader(lend(self._session)).ahead(list(self._session.identity_map.values()))


def _writes_past(mapper: Any, clause: Any) -> bool:
    """Tell whether a statement may write and leave the objects of the session as they were.

    The connection alone, with no statement, is asked for by who writes past the ORM.
    """
    if clause is None:
        return True
    if clause.is_select:
        return False
    if mapper is not None:
        return clause.get_execution_options().get("synchronize_session") is False
    return not clause.is_text or _SELECTS.match(str(clause)) is None
