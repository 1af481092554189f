"""Looks, before anything is made, whether the factories of a suite can create in its app."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seedbed.strategy import run
from seedbed.strategy.binding import Binding
from seedbed.strategy.models import check_model
from seedbed.strategy.units import open_unit
from seedbed.suite.loops import calling


def check_services(suite: str, factories: Iterable[type[Any]], binding: Binding) -> None:
    """Find the service of each factory in the bound app, and open and close each unit of work, empty.

    Raises:
        SuitePartError: A unit of work does not open, or not close again.
        FactoryError: A service is not there, or a unit of work cannot be one.
    """
    session, units = run.Session(binding), set[object]()
    for factory in factories:
        meta = factory._meta  # noqa: SLF001 - factory_boy's
        if meta.service is None:
            continue
        session.service(factory)
        check_model(meta)
        if meta.unit_of_work not in units:
            units.add(meta.unit_of_work)
            with calling(suite, "its unit of work"), open_unit(binding, factory):
                pass
