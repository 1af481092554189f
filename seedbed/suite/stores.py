"""How the store of an app is read: its rows, the values of a field, and how many rows there are for each owner.

In this order: as the suite lists rows itself (`listing`), as its unit of work says, Django's way for one of its models,
SQLAlchemy's for one of its. What is read are columns, not objects that a session may hold from before.
"""

from __future__ import annotations

import sys
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol, TypeAlias

from seedbed.plain import show
from seedbed.suite.errors import CounterError, MissingPartError, SuiteDeclarationError
from seedbed.suite.loops import calling, check_waiting, settle
from seedbed.suite.models import column_of, is_django, is_table, mapper_of, name_of, value_of
from seedbed.suite.sessions import find_session, is_session_async

Listing: TypeAlias = Callable[[Any, Any], Iterable[Any]]
"""`(app, model) -> rows`."""


class Store(Protocol):
    """What an audit reads."""

    def rows(self, model: Any) -> Iterable[Any]:
        """List all that is stored of a model."""

    def find(self, model: Any, key: str, value: Any) -> Any:
        """Return what is stored of a model under a key, or None."""

    def total(self, model: Any) -> int:
        """Count all that is stored of a model."""

    def key(self, model: Any) -> str:
        """Return the name of the field by which others name one of a model."""

    def values(self, model: Any, key: str, field: str) -> Iterable[tuple[Any, Any]]:
        """List the key of all that is stored of a model, each with what a field holds."""

    def counts(self, model: Any, by: str, key: str) -> Mapping[Any, int]:
        """Count the rows of a model by what they hold in `by`: the key of an owner, or an owner, which has one."""


class Stores(Store, Protocol):
    """All of an app's, one for each model."""

    def check(self, model: Any) -> None:
        """Refuse a model that nothing tells how to list.

        Raises:
            MissingPartError: It is one.
        """


def store_of(suite: str, app: Any, listing: Listing | None, unit_of_work: object) -> Stores:
    """Return how the store of an app is read."""
    return _Choice(suite, app, listing, unit_of_work)


def totals(store: Store, models: Iterable[Any]) -> dict[str, int]:
    """Count the rows of each model, by its name, sorted; of one that cannot be listed, nothing is said."""
    found = {}
    for model in dict.fromkeys(models):
        with suppress(MissingPartError):
            found[name_of(model)] = store.total(model)
    return dict(sorted(found.items()))


class _Choice:
    """Chooses for each model, since an app may keep one here and one there."""

    def __init__(self, suite: str, app: Any, listing: Listing | None, unit_of_work: object) -> None:
        self._suite = suite
        self._app = app
        self._listing: Listing | None = listing or getattr(unit_of_work, "rows", None)

    def check(self, model: Any) -> None:
        self._of(model)

    def rows(self, model: Any) -> Iterable[Any]:
        return self._of(model).rows(model)

    def find(self, model: Any, key: str, value: Any) -> Any:
        return self._of(model).find(model, key, value)

    def total(self, model: Any) -> int:
        return self._of(model).total(model)

    def key(self, model: Any) -> str:
        return self._of(model).key(model)

    def values(self, model: Any, key: str, field: str) -> Iterable[tuple[Any, Any]]:
        return self._of(model).values(model, key, field)

    def counts(self, model: Any, by: str, key: str) -> Mapping[Any, int]:
        return self._of(model).counts(model, by, key)

    def _of(self, model: Any) -> Store:
        if self._listing is not None:
            return _Listing(self._suite, self._app, self._listing)
        if is_django(model):
            return _Django()
        if is_table(model) or mapper_of(model) is not None:
            return _Sql(self._suite, self._app)
        name = name_of(model)
        remedy = f"nothing tells how all of {name} are listed; say Suite(listing=...), which takes the app and a model"
        raise MissingPartError(self._suite, "list rows", remedy)


class _Listing:
    """Rows that a function lists."""

    def __init__(self, suite: str, app: Any, listing: Listing) -> None:
        self._suite = suite
        self._app = app
        self._listing = listing

    def rows(self, model: Any) -> Iterable[Any]:
        name = name_of(model)
        with calling(self._suite, f"its listing of {name}"):
            found = settle(self._suite, "its listing", self._listing(self._app, model))
        if not isinstance(found, Iterable) or isinstance(found, (str, bytes, Mapping)):
            problem = f"for {name} it must return the rows that are stored, [] where there are none, not {show(found)}"
            raise SuiteDeclarationError(self._suite, "listing", problem)
        return self._read(found, name) if isinstance(found, Iterator) else found

    def _read(self, rows: Iterator[Any], name: str) -> Iterator[Any]:
        with calling(self._suite, f"its listing of {name}"):
            yield from rows

    def find(self, model: Any, key: str, value: Any) -> Any:
        return next((row for row in self.rows(model) if _read(model, row, key) == value), None)

    def total(self, model: Any) -> int:
        return sum(1 for _ in self.rows(model))

    def key(self, model: Any) -> str:
        del model
        return "id"

    def values(self, model: Any, key: str, field: str) -> Iterator[tuple[Any, Any]]:
        for row in self.rows(model):
            yield _read(model, row, key), _read(model, row, field)

    def counts(self, model: Any, by: str, key: str) -> Mapping[Any, int]:
        found = (_key_of(_read(model, row, by), key) for row in self.rows(model))
        return Tally(_check_key(model, by, value) for value in found)


def _read(model: Any, row: Any, name: str) -> Any:
    try:
        return value_of(row, name)
    except AttributeError as error:
        raise CounterError(f"{name_of(model)}.{name}", f"a row has no such field: {error}") from error


def _key_of(value: Any, key: str) -> Any:
    return getattr(value, key, value)


def _check_key(model: Any, by: str, value: Any) -> Any:
    try:
        hash(value)
    except TypeError as error:
        problem = f"a row holds {show(value)}, by which no owner can be known: {error}"
        raise CounterError(f"{getattr(model, '__name__', repr(model))}.{by}", problem) from error
    return value


class _Django:
    """Django's models, through the manager that hides nothing."""

    def rows(self, model: Any) -> Iterable[Any]:
        return model._base_manager.all().iterator()  # type: ignore[no-any-return]  # noqa: SLF001 - Django's own word for it

    def find(self, model: Any, key: str, value: Any) -> Any:
        return model._base_manager.filter(**{key: value}).first()  # noqa: SLF001 - as above

    def total(self, model: Any) -> int:
        return int(model._base_manager.count())  # noqa: SLF001 - as above

    def key(self, model: Any) -> str:
        del model
        return "pk"

    def values(self, model: Any, key: str, field: str) -> Iterable[tuple[Any, Any]]:
        return model._base_manager.values_list(key, field).iterator()  # type: ignore[no-any-return]  # noqa: SLF001 - as above

    def counts(self, model: Any, by: str, key: str) -> Mapping[Any, int]:
        del key
        grouped = model._base_manager.order_by().values_list(by).annotate(sys.modules["django.db.models"].Count("pk"))  # noqa: SLF001 - as above
        return dict(grouped)


class _Sql:
    """SQLAlchemy's mapped models and tables, in the session that the app has."""

    def __init__(self, suite: str, app: Any) -> None:
        self._suite = suite
        self._app = app

    def rows(self, model: Any) -> Iterable[Any]:
        def read(session: Any) -> list[Any]:
            found = session.execute(_sql().select(model), execution_options={"populate_existing": True})
            return list(found if is_table(model) else found.unique().scalars())

        found: list[Any] = self._read(model, read)
        return found

    def find(self, model: Any, key: str, value: Any) -> Any:
        asked = _sql().select(model).where(column_of(model, key) == value)
        options = {"execution_options": {"populate_existing": True}}
        return self._read(model, lambda session: session.execute(asked, **options).unique().scalars().first())

    def total(self, model: Any) -> int:
        asked = _sql().select(_sql().func.count()).select_from(model)
        return int(self._read(model, lambda session: session.execute(asked).scalar_one()))

    def key(self, model: Any) -> str:
        mapper = mapper_of(model)
        columns = list(model.primary_key) if mapper is None else list(mapper.primary_key)
        if len(columns) != 1:
            name = name_of(model)
            raise CounterError(
                name, f"its primary key has {len(columns)} columns; say by Counter(key=...) which is meant"
            )
        return str(columns[0].key if mapper is None else mapper.get_property_by_column(columns[0]).key)

    def values(self, model: Any, key: str, field: str) -> Iterable[tuple[Any, Any]]:
        asked = _sql().select(column_of(model, key), column_of(model, field))
        found: list[tuple[Any, Any]] = self._read(model, lambda session: list(map(tuple, session.execute(asked))))
        return found

    def counts(self, model: Any, by: str, key: str) -> Mapping[Any, int]:
        del key
        column = column_of(model, by)
        asked = _sql().select(column, _sql().func.count()).group_by(column)
        return dict(self._read(model, lambda session: list(map(tuple, session.execute(asked)))))

    def _read(self, model: Any, ask: Callable[[Any], Any]) -> Any:
        """Ask in the app's session; in an async one as SQLAlchemy does it, in a greenlet of its own."""

        def read() -> Any:
            with find_session(self._app) as session:
                if session is None:
                    remedy = f"{type(self._app).__name__} has no SQLAlchemy session or engine; say Suite(listing=...)"
                    raise MissingPartError(self._suite, "list rows", remedy)
                return ask(session)

        if not is_session_async(self._app, model):
            return read()
        check_waiting(self._suite, "its SQLAlchemy session")
        return settle(self._suite, "its SQLAlchemy session", sys.modules["sqlalchemy.util"].greenlet_spawn(read))


def _sql() -> Any:
    return sys.modules["sqlalchemy"]  # loaded by then: what is read is a model of its
