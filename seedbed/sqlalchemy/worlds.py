"""Worlds for tests in SQLite: a database written into a folder, and opened in memory as often as it is asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

from seedbed.sqlalchemy.errors import NotSqliteError

_FILE = "world.sqlite"


def keep_world(place: Engine | Connection | Session | scoped_session[Any] | sessionmaker[Any], folder: Path) -> None:
    """Write the database of an engine or a session into a folder, as committed.

    Raises:
        NotSqliteError: it is none of SQLite's.
    """
    with _connection(place) as source, closing(sqlite3.connect(folder / _FILE)) as file:
        source.backup(file)


def open_world(folder: Path, **options: Any) -> Engine:
    """Return an engine on a copy, in memory, of the database that `keep_world` wrote; options are create_engine's.

    Cost: copying the database in memory, 0.1 ms a megabyte.
    """
    settings: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine("sqlite://", **{**settings, **options})
    with _connection(engine) as copy:
        copy.deserialize(_content(folder / _FILE))
    return engine


@cache
def _content(file: Path) -> bytes:
    return file.read_bytes()


@contextmanager
def _connection(place: Any) -> Iterator[sqlite3.Connection]:
    if isinstance(place, sessionmaker):
        with place() as session, _connection(session) as connection:
            yield connection
        return
    bind = place if isinstance(place, (Engine, Connection)) else place.get_bind()
    engine = bind.engine
    if engine.dialect.name != "sqlite" or engine.dialect.is_async:
        raise NotSqliteError(engine.dialect.name)
    raw = engine.raw_connection()
    try:
        found: Any = raw.driver_connection
        yield found
    finally:
        raw.close()
