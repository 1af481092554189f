"""Counter: a stored number, and what it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from seedbed.plain import show
from seedbed.strategy.signatures import takes
from seedbed.suite.errors import CounterError
from seedbed.suite.models import name_of
from seedbed.suite.references import load

_PLAIN = (str, bytes, int, float, list, tuple, set, frozenset, dict)
_NO_MODELS = (str, bytes, int, float, bool, list, tuple, set, frozenset, object)
"""What is no model, whatever lists the rows; a dict may be one."""


@attrs.frozen
class Counter:
    """A field that stores how many rows there are.

        Counter("orders_count", of=Customer, counts=Order, by="customer_id")

    Or what is stored is recounted by a function: `Counter("paid_total", of=Customer, recount=paid_total)`, which is
    called with the app and the owner as it is stored, and returns what the field should be.

    Args:
        field: The field of the owner that stores it.
        of: The owner's model, or its name, "module:name".
        counts: The model of what is counted, or its name; of SQLAlchemy also a table.
        by: The field of what is counted that says whose it is: the owner's key, or the owner. Where it holds keys of
            several models (a polymorphic `object_id`), give `recount`.
        recount: `(app, owner) -> value`, in the place of `counts` and `by`.
        key: The owner's field that `by` holds; by default the primary key, else `id`.
    """

    field: str
    of: Any = attrs.field(kw_only=True)
    counts: Any = attrs.field(default=None, kw_only=True)
    by: str | None = attrs.field(default=None, kw_only=True)
    recount: Callable[[Any, Any], Any] | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what says two things, or nothing.

        Raises:
            CounterError: A field is of the wrong kind, or it is not said what is counted, or by which field, or both
                ways are.
        """
        self._check_kinds()
        self._check_models()
        has_rows = self.counts is not None or self.by is not None
        if has_rows and self.recount is not None:
            raise CounterError(self.name, "give counts= and by=, or recount=, and not both")
        if not has_rows and self.recount is None:
            raise CounterError(self.name, 'say what it counts: counts=Order, by="customer_id"; or recount=function')
        if has_rows and (self.counts is None or self.by is None):
            missing = "by=, the field that says whose a row is" if self.by is None else "counts=, the model of the rows"
            raise CounterError(self.name, f"it lacks {missing}")

    def _check_models(self) -> None:
        for name in ("of", "counts"):
            value = getattr(self, name)
            is_left_out = value is None and name == "counts"
            is_name = isinstance(value, str) and all(value.partition(":"))
            is_plain = value is None or isinstance(value, _PLAIN) or any(value is one for one in _NO_MODELS)
            if not (is_left_out or is_name) and is_plain:
                rule = f'{name}= must be a model, or its name as "module:name", not {show(value)}'
                raise CounterError(show(self.field), rule)

    def _check_kinds(self) -> None:
        for name in ("field", "by", "key"):
            value = getattr(self, name)
            if not isinstance(value, str) and (value is not None or name == "field"):
                raise CounterError(show(self.field), f"{name}= must be the name of a field, not {show(value)}")
        if self.recount is not None and not callable(self.recount):
            rule = f"recount= must be a function of the app and the owner, not {show(self.recount)}"
            raise CounterError(self.name, rule)
        if self.recount is not None and not takes(self.recount, 2):
            raise CounterError(self.name, "recount= is called with the app and the owner, and does not take these two")

    @property
    def name(self) -> str:
        """What it is called: `Customer.orders_count`."""
        of = self.of.rpartition(":")[2] if isinstance(self.of, str) else name_of(self.of)
        return f"{of}.{self.field}"

    @property
    def owner_model(self) -> Any:
        """The owner's model.

        Raises:
            SuiteImportError: Its name leads nowhere.
        """
        return _model(self.name, self.of)

    @property
    def row_model(self) -> Any:
        """The model of what is counted, or None.

        Raises:
            SuiteImportError: Its name leads nowhere.
        """
        return _model(self.name, self.counts)


def _model(counter: str, model: Any) -> Any:
    return load(f"counter {counter}: its model", model) if isinstance(model, str) else model
