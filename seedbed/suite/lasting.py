"""Whether what was made is there once the app is closed: services that only flush leave nothing, and see all of it."""

from __future__ import annotations

import sys
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from seedbed.suite.declaration import Suite
from seedbed.suite.errors import LostRowsError, SuiteDeclarationError
from seedbed.suite.loops import settle
from seedbed.suite.models import is_table, mapper_of, name_of
from seedbed.suite.sessions import find_session

Count = Callable[[], int]


def counts_later(suite: Suite, app: Any) -> Mapping[str, Count]:
    """Return, for each model of SQLAlchemy's that the factories make, what counts its rows once the app is closed."""
    models = {factory._meta.get_model_class() for factory in suite.factory_classes()}  # type: ignore[no-untyped-call]  # noqa: SLF001 - factory_boy's
    found = {model: _engine(app, model) for model in models if is_table(model) or mapper_of(model) is not None}
    return {
        name_of(model): _counter(suite.name, engine, model)
        for model, engine in found.items()
        if engine is not None and not _is_in_memory(engine)
    }


def check_stored(suite: str, rows: Mapping[str, int], counts: Mapping[str, Count]) -> None:
    """Refuse to report rows that are gone; what cannot be counted any more is taken to be there.

    Raises:
        LostRowsError: Fewer rows are stored than the app saw.
    """
    lost: dict[str, int] = {}
    for name in sorted(rows.keys() & counts.keys()):
        with suppress(Exception):  # a database that was thrown away when the app was closed, or does not answer now
            missing = rows[name] - counts[name]()
            lost |= {name: missing} if missing > 0 else {}
    if lost:
        raise LostRowsError(suite, lost)


def check_listed(suite: Suite, rows: Mapping[str, int], made: object) -> None:
    """Refuse to report that nothing is there of what a run returned, where the suite lists rows itself.

    Raises:
        SuiteDeclarationError: Its listing finds none.
    """
    if suite.listing is None:
        return
    for name, count in Tally(type(one).__name__ for one in _flatten(made, 4)).items():
        if rows.get(name) == 0:
            problem = f"it finds no {name}, and {count:,} that were made were returned: let it list all that are stored"
            raise SuiteDeclarationError(suite.name, "listing", problem)


def _flatten(made: object, depth: int) -> Iterator[object]:
    held = made.values() if isinstance(made, Mapping) else made
    if depth and isinstance(made, (Mapping, list, tuple, set)):
        for one in held:  # type: ignore[attr-defined]  # one of these
            yield from _flatten(one, depth - 1)
    else:
        yield made


def _engine(app: Any, model: Any) -> Any:
    mapper = mapper_of(model)
    with find_session(app) as session, suppress(Exception):  # it has no bind for the model: then nothing is known
        bind = session.get_bind(**({"clause": model} if mapper is None else {"mapper": mapper}))
        return bind.engine
    return None


def _is_in_memory(engine: Any) -> bool:
    url = engine.url
    return engine.dialect.name == "sqlite" and (not url.database or "memory" in f"{url.database}{url.query}")


def _counter(suite: str, engine: Any, model: Any) -> Count:
    sql = sys.modules["sqlalchemy"]
    asked = sql.select(sql.func.count()).select_from(model)

    def read() -> int:
        with engine.connect() as connection:
            return int(connection.execute(asked).scalar_one())

    def count() -> int:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database).exists():
            return sys.maxsize  # SQLite would make it anew
        engine.dispose(close=not engine.dialect.is_async)  # what is left of an async one belongs to another loop
        try:
            if not engine.dialect.is_async:
                return read()
            waited: int = settle(suite, "its engine", sys.modules["sqlalchemy.util"].greenlet_spawn(read))
            return waited
        finally:
            engine.dispose(close=not engine.dialect.is_async)

    return count
