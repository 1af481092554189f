"""Ctrl-C at any moment of a server's start: a good end, without a word of the server's own."""

from __future__ import annotations

import asyncio
import signal

import pytest
import uvicorn
from starlette.applications import Starlette

from seedbed.serve.running import run
from seedbed.serve.sockets import listen


def before_there_is_a_loop():
    signal.raise_signal(signal.SIGINT)
    return asyncio.new_event_loop()


def before_the_first_step():
    loop = asyncio.new_event_loop()
    loop.call_soon(signal.raise_signal, signal.SIGINT)
    return loop


def while_it_starts():
    loop = asyncio.new_event_loop()
    loop.call_soon(loop.call_soon, signal.raise_signal, signal.SIGINT)
    return loop


@pytest.mark.parametrize("make", [before_there_is_a_loop, before_the_first_step, while_it_starts])
def test_ctrl_c_while_a_server_starts_stops_it_without_a_warning(monkeypatch, recwarn, make):
    """In the first moments uvicorn has not taken the signals yet, and its coroutine was left unawaited."""
    monkeypatch.setattr(uvicorn.Config, "get_loop_factory", lambda _config: make)
    with listen(0) as bound, pytest.raises(KeyboardInterrupt):
        run(Starlette(), bound)
    assert [str(warning.message) for warning in recwarn] == []
