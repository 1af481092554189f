"""What asks a command to end: SIGTERM and SIGHUP, as Ctrl-C does. `test_cli.py` and the journeys try every command."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from seedbed.command import exits


def run(work):
    """Run something as a command in this process, whose streams are not its own."""
    streams = sys.stdout, sys.stderr
    try:
        return exits.run(work)
    finally:
        sys.stdout, sys.stderr = streams


def test_what_is_ending_already_is_not_asked_again():
    def work():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:  # as systemd does where a service's unit says so
            signal.raise_signal(signal.SIGHUP)
            cleaned.append(True)

    cleaned = []
    assert (run(work), cleaned) == (exits.Exit.TERMINATED, [True])


def test_a_program_that_ctrl_c_reaches_by_a_loop_is_ended_by_it():
    async def wait():
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cleaned.append(True)
            raise

    cleaned = []
    assert (run(lambda: asyncio.run(wait())), cleaned) == (exits.Exit.TERMINATED, [True])


@pytest.mark.parametrize("before", [signal.SIG_IGN, lambda *_: None])
def test_what_nohup_or_another_program_takes_is_theirs(before):
    ours = signal.signal(signal.SIGHUP, before)
    try:
        assert run(lambda: signal.raise_signal(signal.SIGHUP)) == exits.Exit.DONE
        assert signal.getsignal(signal.SIGHUP) is before
    finally:
        signal.signal(signal.SIGHUP, ours)


def test_where_ctrl_c_is_ignored_a_command_is_ended_all_the_same():
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as of a shell's background
    try:
        assert run(lambda: signal.raise_signal(signal.SIGTERM)) == exits.Exit.TERMINATED
    finally:
        signal.signal(signal.SIGINT, ours)


def test_a_thread_runs_a_command_without_taking_signals():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, lambda: None).result() == exits.Exit.DONE


PROMPT = """
import sys
from seedbed.command import exits, shell

sys.modules["IPython"] = None
sys.exit(exits.run(lambda: shell.interact({}, "at hand: nothing")))
"""


def test_a_prompt_at_which_ctrl_c_is_no_end_is_left():
    ours, theirs = pty.openpty()
    typed = b"import signal; signal.raise_signal(signal.SIGTERM)\n\x04"  # and the end, which would be a good one
    with subprocess.Popen([sys.executable, "-c", PROMPT], stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.write(ours, typed)
        assert process.wait(timeout=60) == exits.Exit.TERMINATED
    os.close(ours)
    os.close(theirs)
