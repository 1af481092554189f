"""Looks at what is stored, in any store that can be listed: for a shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seedbed.strategy.errors import near
from seedbed.suite.declaration import Suite
from seedbed.suite.errors import SuiteError
from seedbed.suite.models import fields_of, value_of


def first(suite: Suite, app: Any, model: Any) -> Any:
    """Return the first that is stored of a model, as the store lists it; None where there is none.

    Raises:
        MissingPartError: Nothing tells how the store is listed.
    """
    return next(iter(suite.rows(app, _model_of(model))), None)


def find(suite: Suite, app: Any, model: Any, *conditions: Callable[[Any], bool], **fields: Any) -> list[Any]:
    """Return all that is stored of a model whose fields are these, and of which every condition is true.

    Raises:
        SuiteError: The model has no such field.
        MissingPartError: Nothing tells how the store is listed.

    Cost: every row of the model is read.
    """
    model = _model_of(model)
    known = fields_of(model)
    for name in fields:
        if known is not None and name not in known:
            message = f"{model.__name__} has no field {name!r}: {near(name, known)}"
            raise SuiteError(message)
    return [
        row
        for row in suite.rows(app, model)
        if all(value_of(row, name) == value for name, value in fields.items())
        and all(is_so(row) for is_so in conditions)
    ]


def refresh(suite: Suite, app: Any, entity: Any) -> Any:
    """Return an entity as it is stored now.

    Raises:
        SuiteError: It is not there any more.
        MissingPartError: Nothing tells how the store is listed.

    Cost: one row in SQL and Django; else every row of the model is read.
    """
    kind, store = type(entity), suite.store(app)
    key = store.key(kind)
    value = value_of(entity, key)
    found = store.find(kind, key, value)
    if found is None:
        message = f"{kind.__name__} {value!r} is not there any more"
        raise SuiteError(message)
    return found


def _model_of(model: Any) -> Any:
    """Return the model of a factory; else what is given."""
    meta: Any = getattr(model, "_meta", None)
    return meta.get_model_class() if hasattr(meta, "get_model_class") else model
