"""Objects as they are stored: read from the database, many at a time, into the very objects that services returned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, router
from django.db.models import Model

from seedbed.errors import GoneError, UnreadableError

CHUNK = 500
"""Objects in one query: each is a parameter, and SQLite took 999 of them before its version 3.32."""


class Reader:
    """Reads objects anew."""

    def __init__(self) -> None:
        self._fresh: dict[int, object] = {}

    def ahead(self, values: Iterable[object]) -> None:
        """Read many objects at once, so that `stored` needs to read none of them, once."""
        self._fresh = {}
        groups: dict[tuple[type[Any], str], list[Any]] = {}
        for value in values:
            if isinstance(value, Model) and _is_plain(value):
                groups.setdefault((type(value), _database(value)), []).append(value)
        for (model, alias), objects in groups.items():
            for first in range(0, len(objects), CHUNK):
                with suppress(
                    Exception
                ):  # such as a ValueError of a field's from_db_value: then each is read by itself, which tells why
                    self._read(model, alias, objects[first : first + CHUNK])

    def _read(self, model: type[Any], alias: str, objects: Sequence[Any]) -> None:
        stored = model._base_manager.using(alias).in_bulk([one.pk for one in objects])  # noqa: SLF001 - Django's own word for it
        for one in objects:
            if one.pk in stored:
                _fill(one, stored[one.pk])
                self._fresh[id(one)] = one

    def stored(self, value: Any) -> None:
        """Read an object as it is stored now; what is none of Django's is left as it is.

        Raises:
            GoneError: Its row was deleted.
            UnreadableError: One of its fields refuses what the row has.
            DatabaseError: It could not be read.
        """
        if not isinstance(value, Model) or value._state.adding or self._fresh.pop(id(value), None) is value:  # noqa: SLF001 - Django's own word for it
            return
        which = f"{value._meta.pk.name} {value.pk!r}"  # noqa: SLF001 - as above
        if value.pk is None:
            raise GoneError(value, which)
        try:
            value.refresh_from_db(using=_database(value))
        except ObjectDoesNotExist as error:
            raise GoneError(value, which) from error
        except DatabaseError:
            raise
        except Exception as error:
            raise UnreadableError(value, which, error) from error


def _database(value: Any) -> str:
    return value._state.db or router.db_for_read(type(value), instance=value)  # type: ignore[no-any-return]  # noqa: SLF001 - as above


def _is_plain(value: Any) -> bool:
    """Tell whether an object is stored, and read anew in Django's own way."""
    is_stored = value.pk is not None and not value._state.adding  # noqa: SLF001 - as above
    return is_stored and type(value).refresh_from_db is Model.refresh_from_db


def _fill(value: Any, stored: Any) -> None:
    """Give an object the fields of another one, as `refresh_from_db` does; what is cached beside them is forgotten."""
    deferred = value.get_deferred_fields()
    for field in value._meta.concrete_fields:  # noqa: SLF001 - as above
        if field.attname not in deferred:
            setattr(value, field.attname, getattr(stored, field.attname))
    for field in (*value._meta.fields, *value._meta.related_objects, *value._meta.private_fields):  # noqa: SLF001 - as above
        if field.is_relation and field.is_cached(value):
            field.delete_cached_value(value)
    value._prefetched_objects_cache = {}  # noqa: SLF001 - as above
