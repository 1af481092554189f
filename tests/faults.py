"""What tests under faults share: no waiting between tries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services import App


@contextmanager
def no_waiting(*apps: App) -> Iterator[None]:
    """Let tries and the pace of throttled partitions wait for nothing; they are as many as ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seedbed.dynamo.tries.sleep", lambda _seconds: None)
        for app in apps:
            patch.setattr(app.session.store._pacer, "_sleep", lambda _seconds: None)
        yield
