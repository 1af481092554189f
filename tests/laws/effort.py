"""How many examples the laws get: few and always the same, or with LAWS_EXAMPLES=1000 many, others each time."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_WISH = os.environ.get("LAWS_EXAMPLES")

LAWS = settings(
    deadline=None,
    derandomize=_WISH is None,
    database=None,
    max_examples=int(_WISH or 15),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
