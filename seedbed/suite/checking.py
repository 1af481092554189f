"""What a test says of the counters of an app."""

from __future__ import annotations

from typing import Any

from seedbed.strategy.binding import current_app, find_binding
from seedbed.suite.declaration import Suite
from seedbed.suite.discovery import get_suite
from seedbed.suite.errors import InexactCountersError
from seedbed.suite.findings import SuiteAudit


def assert_counters_exact(app: Any = None, suite: Suite | None = None) -> SuiteAudit:
    """Recount every declared counter, and fail where one is wrong; for tests. Return what the audit found.

    Without them, `app` is the bound one, and `suite` the one that it is bound by, else the one that is declared.

    Raises:
        InexactCountersError: A counter differs from what it counts; an AssertionError, which names all that differ.
        MissingPartError: The suite declares no counter.
        SuiteNotFoundError: There is no suite.
        NoAppError: No app is given, and none is bound.
    """
    known: Suite = suite or find_binding().suite or get_suite()
    found = known.audit(current_app() if app is None else app)
    if not found.is_exact:
        raise InexactCountersError(found.lines())
    return found
