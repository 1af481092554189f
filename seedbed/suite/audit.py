"""Recounts the declared counters of a suite in the store's own way, and trusts nothing that the app believes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from numbers import Number
from typing import Any

from seedbed.plain import show
from seedbed.strategy.errors import near
from seedbed.suite.counters import Counter
from seedbed.suite.errors import AsyncPartError, CounterError, MissingPartError
from seedbed.suite.findings import Finding, SuiteAudit
from seedbed.suite.foreign_keys import is_of_several, references
from seedbed.suite.loops import settle
from seedbed.suite.models import fields_of, name_of, value_of
from seedbed.suite.references import why
from seedbed.suite.stores import Store, Stores

_NO_COUNTERS = (
    'it declares no counters; say Suite(counters=[Counter("orders_count", of=Customer, counts=Order, by=...)])'
)


def audit(suite: str, counters: Sequence[Counter], store: Stores, app: Any) -> SuiteAudit:
    """Recount every declared counter, for every owner.

    Raises:
        CounterError: A counter cannot be recounted as it is declared.
        MissingPartError: No counter is declared, or nothing tells how to list what it counts.
    """
    if not counters:
        raise MissingPartError(suite, "audit", _NO_COUNTERS)
    check_counters(counters, store)
    owners: set[tuple[str, str]] = set()
    findings: list[Finding] = []
    recounted = 0
    for counter in counters:
        for owner, finding in _recount(suite, counter, store, app):
            recounted += 1
            owners.add((counter.name.partition(".")[0], owner))
            findings += [] if finding is None else [finding]
    return SuiteAudit(recounted, len(owners), tuple(findings))


def check_counters(counters: Sequence[Counter], store: Stores) -> None:
    """Refuse counters that cannot be recounted as they are declared, before anything is read or written.

    Raises:
        CounterError: A model lacks the field that a counter names, or a key that others could name it by.
        MissingPartError: Nothing tells how the rows of a model are listed.
        SuiteImportError: The name of a model leads nowhere.
    """
    for counter in counters:
        owners, rows = counter.owner_model, counter.row_model
        _check_field(counter, owners, counter.field)
        _check_field(counter, owners, counter.key or store.key(owners))
        if counter.by is not None:
            _check_field(counter, rows, counter.by)
            store.check(rows)
            _check_reference(counter, store)


def _check_field(counter: Counter, model: Any, field: str) -> None:
    fields = fields_of(model)
    if fields is not None and field not in fields:
        raise CounterError(counter.name, f"{name_of(model)} has no field {field!r}: {near(field, fields)}")


def _check_reference(counter: Counter, store: Store) -> None:
    """Refuse a key of other models: where its numbers happen to be the owners', the counts would look exact.

    Raises:
        CounterError: It is one, or one of several models.
    """
    rows, by = counter.row_model, str(counter.by)
    if is_of_several(rows, by):
        rule = f"by={by!r} holds keys of several models, by its generic foreign key: count by recount=function"
        raise CounterError(counter.name, rule)
    led_to = references(rows, by)[1:]
    owners = references(counter.owner_model, counter.key or store.key(counter.owner_model)) if led_to else []
    if counter.key is not None or not owners or {to.column for to in led_to} & {to.column for to in owners}:
        return
    rule = f"by={by!r} is a foreign key to {name_of(led_to[0].model)}, and not to {name_of(counter.owner_model)}"
    raise CounterError(counter.name, f"{rule}; where both have the same keys, say which field of the owner it is: key=")


def _recount(suite: str, counter: Counter, store: Store, app: Any) -> Iterator[tuple[str, Finding | None]]:
    if counter.recount is not None:
        recount, what = counter.recount, f"the recount of {counter.name}"
        return _by_function(counter, store, lambda owner: settle(suite, what, recount(app, owner)))
    key = counter.key or store.key(counter.owner_model)
    stored = store.values(counter.owner_model, key, counter.field)
    return _by_rows(
        counter, stored, store.counts(counter.row_model, str(counter.by), key), lambda: _kin(counter, store)
    )


def _kin(counter: Counter, store: Store) -> AbstractSet[Any]:
    """Return the keys of all that `by` may refer to, if it is a foreign key: of a base class of the owners, say."""
    referred = references(counter.row_model, str(counter.by))[1:2]
    return {key for to in referred for key, _ in store.values(to.model, to.field, to.field)}


def _by_function(counter: Counter, store: Store, recount: Callable[[Any], Any]) -> Iterator[tuple[str, Finding | None]]:
    key = counter.key or store.key(counter.owner_model)
    for owner in store.rows(counter.owner_model):
        name, stored = str(_read(counter, owner, key)), _read(counter, owner, counter.field)
        try:
            counted = recount(owner)
        except AsyncPartError:
            raise
        except Exception as error:
            raise CounterError(counter.name, f"its recount failed for {name}: {why(error)}") from error
        if _is_number(stored) and not _is_number(counted):
            raise CounterError(counter.name, f"its recount gave {show(counted)} for {name}, and should give a number")
        yield name, _compare(counter, name, stored, counted)


def _read(counter: Counter, owner: Any, name: str) -> Any:
    try:
        return value_of(owner, name)
    except AttributeError as error:
        raise CounterError(counter.name, f"a row has no {name!r}: {error}") from error


def _check_key(counter: Counter, key: Any) -> None:
    try:
        hash(key)
    except TypeError as error:
        raise CounterError(counter.name, f"a row's key is {show(key)}, which no key can be: {error}") from error


def _compare(counter: Counter, owner: str, stored: Any, counted: Any) -> Finding | None:
    """Return what is found where a field does not hold what was counted; True is no 1."""
    try:
        is_equal = bool(stored == counted) and isinstance(stored, bool) == isinstance(counted, bool)
    except Exception:  # noqa: BLE001 - what cannot be compared is no number: an array, a signalling NaN, an object of theirs
        is_equal = False
    return None if is_equal else Finding(counter.name, owner, stored, counted, is_null=stored is None)


def _is_number(value: object) -> bool:
    return isinstance(value, Number) and not isinstance(value, bool)


def _by_rows(
    counter: Counter,
    stored: Iterable[tuple[Any, Any]],
    counts: Mapping[Any, int],
    others: Callable[[], AbstractSet[Any]],
) -> Iterator[tuple[str, Finding | None]]:
    seen = set()
    for owner, value in stored:
        _check_key(counter, owner)
        seen.add(owner)
        counted = counts.get(owner, 0)
        yield str(owner), _compare(counter, str(owner), value, counted)
    ownerless = counts.keys() - seen - {None}
    for owner in sorted(ownerless - others() if ownerless else (), key=str):
        yield str(owner), Finding(counter.name, str(owner), None, counts[owner])
