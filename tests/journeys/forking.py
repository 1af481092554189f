"""Processes of the command that begin at once: forked by one that has loaded what the command loads.

Loading takes most of a short run, and the journeys make a thousand of them. A forked one has its own directory,
environment, streams and end, as a user's has; what it has not is a hash seed of its own, and a start. So whatever is
about these (signals, encodings, what is loaded) starts a process by itself.
"""

from __future__ import annotations

import array
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

HEAVY = (
    "boto3.session",
    "factories.cluster.spreading",
    "factories.command.report",
    "factories.command.run",
    "moto.core.models",
    "seedbed.dynamo.engines.embedded",
    "seedbed.dynamo.table",
    "services.app",
)
_BYTES = 1 << 20


class Forker:
    """A process that forks others: made when it is first asked for one, in the environment of that."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ours: socket.socket | None = None

    def run(
        self, arguments: Sequence[str | bytes], directory: Path, environment: Mapping[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """Run the command; return what it printed.

        Raises:
            subprocess.TimeoutExpired: It took longer; it is killed.
        """
        ours = self._started(environment)
        order = json.dumps([[*map(os.fsdecode, arguments)], str(directory), {**environment}]).encode()
        with TemporaryFile() as out, TemporaryFile() as err:
            ends = array.array("i", [out.fileno(), err.fileno()])
            ours.sendmsg([order], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ends)])
            pid = int(ours.recv(_BYTES))
            ours.settimeout(seconds)
            try:
                code = int(ours.recv(_BYTES))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                ours.settimeout(None)
                ours.recv(_BYTES)
                raise subprocess.TimeoutExpired([*arguments], seconds) from None
            finally:
                ours.settimeout(None)
            return subprocess.CompletedProcess([*arguments], code, _text(out), _text(err))

    def close(self) -> None:
        """End it."""
        if self._ours is not None and self._process is not None:
            self._ours.close()
            self._process.wait()

    def _started(self, environment: Mapping[str, str]) -> socket.socket:
        if self._ours is None:
            self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
            self._process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()], **streams)
            theirs.close()
        return self._ours


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _serve(theirs: socket.socket) -> None:
    """Fork for each order; in the fork, be the command."""
    while True:
        order, rights, *_ = theirs.recvmsg(_BYTES, socket.CMSG_SPACE(2 * array.array("i").itemsize))
        if not order:
            return
        ends = array.array("i", rights[0][2])
        pid = os.fork()
        if not pid:
            theirs.close()
            _become(order, ends)
        for end in ends:
            os.close(end)
        theirs.send(str(pid).encode())
        theirs.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _become(order: bytes, ends: Sequence[int]) -> None:
    from seedbed.command.cli import main

    arguments, directory, environment = json.loads(order)
    for number, end in enumerate(ends, 1):
        os.dup2(end, number)
        os.close(end)
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = str(Path.cwd())  # as `python -m` has it
    sys.argv = ["seed", *arguments]
    main()


if __name__ == "__main__":
    from seedbed.command.later import load_orms_later

    load_orms_later()
    for name in HEAVY:
        importlib.import_module(name)
    _serve(socket.socket(fileno=int(sys.argv[1])))
