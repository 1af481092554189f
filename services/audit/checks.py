"""All checks over more than one row, in their order."""

from __future__ import annotations

from collections.abc import Iterator

from services.audit.causes import CHILDREN
from services.audit.counters import COUNTERS
from services.audit.facts import Facts
from services.audit.feeds import FEEDS, LACKED, LACKING
from services.audit.findings import Finding
from services.audit.pairs import FOLLOWS, POSTS, RIGHTFUL, VALUES
from services.audit.threads import COMMENTS, REACHED


def findings(facts: Facts) -> Iterator[Finding]:
    """Yield everything that is wrong between rows."""
    for script in (RIGHTFUL, REACHED, LACKING):
        facts.run(script)
    if facts.count("lacking"):
        facts.run(LACKED)
    for check in (*CHILDREN, *COUNTERS, *VALUES, *POSTS, *FOLLOWS, *COMMENTS, *FEEDS):
        yield from check.findings(facts)
