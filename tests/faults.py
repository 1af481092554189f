"""What tests under faults share: no waiting between tries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import stamina

from services import App
from services.engines.answers import ATTEMPTS


@contextmanager
def no_waiting(*apps: App) -> Iterator[None]:
    """Let our retries, botocore's, and the pace of throttled partitions take no time; they are as many as ever."""
    with stamina.set_testing(True, attempts=ATTEMPTS), pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))
        for app in apps:
            patch.setattr(app.session.store._pacer, "_sleep", lambda _seconds: None)
        yield
