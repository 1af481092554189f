"""A drawn value that somebody has already: the seed drew it before. A refusal of it names the seed, and what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from factory.declarations import SelfAttribute

from seedbed.plain import show
from seedbed.strategy.traits import alternatives

_TAKEN = re.compile(r"taken|already ?exists|duplicate|unique ?(constraint|violation)", re.IGNORECASE)


def advise(meta: Any, names: Collection[str], values: Mapping[str, Any], cause: BaseException, seed: object) -> str:
    """Say why a value is taken that a factory drew by its seed, and what to do; "" where it drew none such.

    `names` are the arguments that the factory was given, `values` those of the service. A service that refuses the id,
    which it has drawn itself at the factory's word, says which by `entity_id`.
    """
    text = str(cause).partition("\n")[0]  # what follows is the statement, with all its values
    if not _TAKEN.search(" ".join((*(kind.__name__ for kind in type(cause).__mro__), text))) or meta.before_hooks:
        return ""
    given = {name.partition("__")[0] for name in names}
    said = [values[name] for name in given if name in values]
    drawn = (
        name
        for name in meta.pre_declarations.declarations
        if _is_drawn(meta, name, given)
        and (value := values.get(meta.arguments.get(name, name))) not in said
        and _is_about(text, name, value)
    )
    if not any(drawn) and (not hasattr(cause, "entity_id") or "id" in given):
        return ""
    return (
        f": drawn by the seed {show(seed)}, which draws the same again after a reset of sequences, in another "
        "using(...) and in another process: let sequences count on, or give using(app, seed=...) another seed"
    )


def _is_drawn(meta: Any, name: str, given: Collection[str]) -> bool:
    if name in given or name not in meta.pre_declarations:
        return False
    return all(
        _is_drawn(meta, one.attribute_name, given)
        if isinstance(one, SelfAttribute)
        else getattr(one, "is_keyed", False)
        for one in alternatives(meta.pre_declarations.declarations[name])
    )


def _is_about(text: str, name: str, value: object) -> bool:
    """Tell whether a refusal names a value, or as databases do its column."""
    return isinstance(value, str) and bool(value) and (value in text or re.search(rf"\.{name}\b", text) is not None)
