"""What a model of anybody's has: its fields and its key, as far as the class tells."""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Mapping
from typing import Any

import attrs


def fields_of(model: Any) -> frozenset[str] | None:
    """Return the names of a model's fields, properties among them; None where the class does not tell them all."""
    if is_table(model):
        return frozenset(model.c.keys())
    declared = _fields_of(model) if isinstance(model, type) else None
    if declared is None:
        return None
    return frozenset(declared) | {name for name in dir(model) if not name.startswith("_")}


def name_of(model: Any) -> str:
    """Return what a model or a table is called."""
    return str(getattr(model, "__name__", getattr(model, "name", repr(model))))


def is_table(model: Any) -> bool:
    """Tell whether it is a table of SQLAlchemy."""
    sql: Any = sys.modules.get("sqlalchemy")
    return sql is not None and isinstance(model, sql.Table)


def mapper_of(model: Any) -> Any:
    """Return SQLAlchemy's mapper of a model, or None."""
    sql: Any = sys.modules.get("sqlalchemy")
    return None if sql is None or not isinstance(model, type) else sql.inspect(model, raiseerr=False)


def column_of(model: Any, name: str) -> Any:
    """Return what SQLAlchemy selects a field by: of a relation the column that says whose a row is."""
    if is_table(model):
        return model.c[name]
    relation = mapper_of(model).relationships.get(name)
    return getattr(model, name) if relation is None else next(iter(relation.local_columns))


def is_django(model: Any) -> bool:
    """Tell whether it is a model of Django's."""
    django: Any = sys.modules.get("django.db.models")
    return django is not None and isinstance(model, type) and issubclass(model, django.Model)


def _fields_of(model: Any) -> set[str] | None:
    """Return what kinds of classes declare that declare everything; others may set anything when they are made."""
    if attrs.has(model):
        return {field.name for field in attrs.fields(model)}
    if dataclasses.is_dataclass(model):
        return {field.name for field in dataclasses.fields(model)}
    if is_django(model):
        return _django_names(model)
    mapper = mapper_of(model)
    if mapper is not None:
        return set(mapper.all_orm_descriptors.keys())
    named = getattr(model, "model_fields", getattr(model, "_fields", None))  # pydantic's, a named tuple's
    if named is None and typing.is_typeddict(model):
        named = model.__required_keys__ | model.__optional_keys__
    return None if named is None else set(named)


def _django_names(model: Any) -> set[str]:
    fields = model._meta.get_fields()  # noqa: SLF001 - Django's own word for it
    return {name for field in fields for name in (field.name, getattr(field, "attname", field.name))} | {"pk"}


def value_of(row: Any, name: str) -> Any:
    """Return what a row has in a field: an attribute, or of a mapping an entry.

    Raises:
        AttributeError: It has no such thing.
    """
    if isinstance(row, Mapping):
        if name in row:
            return row[name]
        message = f"it has no {name!r}, only {', '.join(map(repr, row))}"
        raise AttributeError(message)
    return getattr(row, name)
