"""Recounts the declared counters of a suite in the store's own way, and trusts nothing that the app believes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from seedbed.strategy.errors import near
from seedbed.suite.counters import Counter
from seedbed.suite.errors import CounterError, MissingPartError, SuiteDeclarationError
from seedbed.suite.findings import Finding, SuiteAudit
from seedbed.suite.models import fields_of
from seedbed.suite.stores import Store

_NO_COUNTERS = (
    'it declares no counters; say Suite(counters=[Counter("orders_count", of=Customer, counts=Order, by=...)])'
)


def audit(suite: str, counters: Sequence[Counter], store: Store, app: Any) -> SuiteAudit:
    """Recount every declared counter, for every owner.

    Raises:
        CounterError: A counter cannot be recounted as it is declared.
        MissingPartError: No counter is declared, or nothing tells how to list what it counts.
        SuiteDeclarationError: Two counters are of one name.
    """
    if not counters:
        raise MissingPartError(suite, "audit", _NO_COUNTERS)
    check_counters(suite, counters)
    owners: set[tuple[str, str]] = set()
    findings: list[Finding] = []
    recounted = 0
    for counter in counters:
        for owner, finding in _recount(counter, store, app):
            recounted += 1
            owners.add((counter.name.partition(".")[0], owner))
            findings += [] if finding is None else [finding]
    return SuiteAudit(recounted, len(owners), tuple(findings))


def check_counters(suite: str, counters: Sequence[Counter]) -> None:
    """Refuse counters that cannot be right, before anything is read.

    Raises:
        CounterError: A model lacks the field that a counter names.
        SuiteDeclarationError: Two counters are of one name.
    """
    names: set[str] = set()
    for counter in counters:
        if counter.name in names:
            raise SuiteDeclarationError(suite, "counters", f"two are called {counter.name}")
        names.add(counter.name)
        _check_field(counter, counter.owner_model, counter.field)
        if counter.key is not None:
            _check_field(counter, counter.owner_model, counter.key)
        if counter.by is not None:
            _check_field(counter, counter.row_model, counter.by)


def _check_field(counter: Counter, model: Any, field: str) -> None:
    fields = fields_of(model)
    if fields is not None and field not in fields:
        name = getattr(model, "__name__", getattr(model, "name", repr(model)))
        raise CounterError(counter.name, f"{name} has no field {field!r}: {near(field, fields)}")


def _recount(counter: Counter, store: Store, app: Any) -> Iterator[tuple[str, Finding | None]]:
    if counter.recount is not None:
        return _by_function(counter, store, app, counter.recount)
    key = counter.key or store.key(counter.owner_model)
    stored = store.values(counter.owner_model, key, counter.field)
    return _by_rows(counter, stored, store.counts(counter.row_model, str(counter.by), key))


def _by_function(
    counter: Counter, store: Store, app: Any, recount: Callable[[Any, Any], Any]
) -> Iterator[tuple[str, Finding | None]]:
    key = counter.key or store.key(counter.owner_model)
    for owner in store.rows(counter.owner_model):
        name, stored, counted = str(getattr(owner, key)), getattr(owner, counter.field), recount(app, owner)
        yield name, None if stored == counted else Finding(counter.name, name, stored, counted)


def _by_rows(
    counter: Counter, stored: Iterable[tuple[Any, Any]], counts: Mapping[Any, int]
) -> Iterator[tuple[str, Finding | None]]:
    seen = set()
    for owner, value in stored:
        seen.add(owner)
        counted = counts.get(owner, 0)
        yield str(owner), None if value == counted else Finding(counter.name, str(owner), value, counted)
    for owner in sorted(counts.keys() - seen - {None}, key=str):
        yield str(owner), Finding(counter.name, str(owner), None, counts[owner])
