"""`Meta.around`: a table that no service writes, and so a way round the services, declared where everybody sees it.

    class CountryFactory(ServiceFactory[Country]):
        class Meta:
            model = Country
            around = "countries come with a migration"

Its objects are built and handed to the unit of work's `add(entity)`; with a `Meta.service` beside it, that writes them.
`ways_round` lists them, with their reasons: no rule and no counter of the program sees these rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from seedbed.strategy import run
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import NoWayRoundError
from seedbed.strategy.waiting import settle


class WayRound(NamedTuple):
    """A factory that writes past the services, and why."""

    factory: type
    reason: str


def ways_round(factories: Iterable[type]) -> list[WayRound]:
    """Return those of the factories that say that they write past the services, in their order."""
    reasons = ((factory, getattr(getattr(factory, "_meta", None), "around", None)) for factory in factories)
    return [WayRound(factory, reason) for factory, reason in reasons if reason]


def check_around(_meta: object, value: object) -> None:
    """Refuse a `Meta.around` that gives no reason.

    Raises:
        InvalidOptionError: It is no text, or an empty one.
    """
    if value is not None and not (isinstance(value, str) and value.strip()):
        raise InvalidOptionError("around", value, "the reason why no service writes it, as a text")


def with_service(factory: Any, meta: type | None, base: Any) -> type | None:
    """Return a factory's `class Meta`, with what stands in for a service where it goes round and names none."""
    own = {} if meta is None else dict(vars(meta))
    inherited = getattr(base, "service", None)
    is_around = own.get("around", getattr(base, "around", None)) is not None
    if not is_around or "service" in own or not (inherited is None or hasattr(inherited, "goes_round")):
        return meta
    return type("Meta", (), {**own, "service": _add_to_unit(factory)})


def _add_to_unit(factory: Any) -> Callable[..., Any]:
    """Return what stands in for a service: it builds the model and adds it to the unit of work."""

    def add(app: Any, **values: Any) -> Any:
        session = run.find_session()
        adds = getattr(session and session.unit, "add", None)
        if adds is None:
            raise NoWayRoundError(factory.__name__, app)
        entity = factory._meta.get_model_class()(**values)  # noqa: SLF001 - where factory_boy keeps a factory's options
        found = settle(adds(entity), "unit of work's add", factory)
        return entity if found is None else found

    add.goes_round = True  # type: ignore[attr-defined] # a factory that inherits it makes its own
    return add
