"""What a field refers to, as Django or SQLAlchemy know it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from seedbed.suite.models import column_of, is_django, is_table, mapper_of


class Place(NamedTuple):
    """A column, and by what it is read: the field of a model, or of a table where none of the same registry maps it."""

    column: Any
    model: Any
    field: str


def references(model: Any, field: str) -> list[Place]:
    """Return the place of a field, and after it those that it leads to as a foreign key, the nearest first.

    A parent of multi-table inheritance is led to as well, by its child's key. Nothing where neither of the two knows.
    """
    if is_django(model):
        return list(_of_django(model, field))
    if is_table(model) or mapper_of(model) is not None:
        return list(_of_sql(model, field))
    return []


def is_of_several(model: Any, field: str) -> bool:
    """Tell whether a field is the key of Django's generic foreign key: what it holds are keys of several models."""
    keys = model._meta.private_fields if is_django(model) else ()  # noqa: SLF001 - Django's own word for it
    return any(getattr(one, "fk_field", None) == field for one in keys)


def _of_django(model: Any, field: str) -> Iterator[Place]:
    meta = model._meta  # noqa: SLF001 - Django's own word for it
    column = meta.pk if field == "pk" else meta.get_field(field)
    while column is not None:
        yield Place(column, column.model, getattr(column, "attname", column.name))
        column = getattr(column, "target_field", None)


def _of_sql(model: Any, field: str) -> Iterator[Place]:
    mapper, column = mapper_of(model), column_of(model, field)
    mappers = {} if mapper is None else {one.local_table: one for one in mapper.registry.mappers if not one.single}
    waiting = [column if mapper is None else mapper.columns.get(field, column)]
    while waiting:
        column = waiting.pop(0)
        if getattr(column, "table", None) is None:
            continue  # an expression, which is nobody's key
        yield _place(column, mappers.get(column.table))
        waiting += [key.column for key in column.foreign_keys if _is_found(key)]


def _place(column: Any, mapper: Any) -> Place:
    if mapper is None or column not in mapper._columntoproperty:  # noqa: SLF001 - else asking for it raises
        return Place(column, column.table, column.key)
    return Place(column, mapper.class_, mapper.get_property_by_column(column).key)


def _is_found(key: Any) -> bool:
    """Tell whether the table that a foreign key names was declared, which SQLAlchemy asks when it is used."""
    try:
        return key.column is not None
    except Exception:  # noqa: BLE001 - one of three of SQLAlchemy's, which say that it was not
        return False
