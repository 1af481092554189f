"""A real DynamoDB-compatible engine on loopback: installed, started on a free port, awaited and stopped.

``python -m benchmarks.engine -- COMMAND …`` runs COMMAND with ``SEEDBED_ENDPOINT_URL`` naming such an engine
and ends with COMMAND's own exit code. What is measured or tested on the engine does not live here.
"""

from __future__ import annotations

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

_ROOT = Path(__file__).resolve().parent.parent
_MANIFEST = _ROOT / ".ci" / "engine"
_FOLDER = _ROOT / ".engine"
_BINARY = _FOLDER / "node_modules" / "@dynoxide" / "linux-x64" / "dynoxide"
_LOCK_NAME = "package-lock.json"

_INSTALL_SECONDS = 300
_START_SECONDS = 20
_STOP_SECONDS = 10
_PORT_TRIES = 3
_USAGE_EXIT = 2


class EngineError(Exception):
    """The engine could not be installed or started; the message says what to do."""


@contextmanager
def local_engine(db_path: Path | None = None, *, is_apart: bool = False) -> Iterator[str]:
    """Run an engine for the length of the block and give its endpoint URL.

    Args:
        db_path: The file that keeps the tables; without one they live in memory and end with the block.
        is_apart: Keep the engine on the last core and this process on the others for the block, where the system can:
            some schedulers put two processes that talk to each other on one core, and then nothing overlaps.

    Raises:
        EngineError: npm is missing or failed, the platform has no build of it, or it did not answer in time.
    """
    engine = LocalEngine(db_path)
    try:
        url = engine.start()
        with _apart(engine.pid) if is_apart else nullcontext():
            yield url
    finally:
        engine.stop()


class LocalEngine:
    """An engine that can be killed, and started again on its file and its port."""

    def __init__(self, db_path: Path | None = None) -> None:
        self._db_path = db_path
        self._process: subprocess.Popen[bytes] | None = None
        self._port: int | None = None

    def start(self) -> str:
        """Start it and give its endpoint URL.

        Raises:
            EngineError: npm is missing or failed, the platform has no build of it, or it did not answer in time.
        """
        binary = _installed_binary()
        with tempfile.TemporaryFile() as log:
            self._process, self._port = _started(binary, self._db_path, log, self._port)
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return 0 if self._process is None else self._process.pid

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self._process is not None:
            _stop(self._process)

    def kill(self) -> None:
        """End it by SIGKILL, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def _apart(pid: int) -> Iterator[None]:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        yield
        return
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores[-1:])
    os.sched_setaffinity(0, cores[:-1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _installed_binary() -> Path:
    wanted = (_MANIFEST / _LOCK_NAME).read_bytes()
    stamp = _FOLDER / "installed.json"
    _FOLDER.mkdir(exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first two benchmarks of a checkout may begin side by side
        if not (stamp.exists() and stamp.read_bytes() == wanted and _BINARY.exists()):
            _install()
            stamp.write_bytes(wanted)
    return _BINARY


def _install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        message = "The engine is installed by npm, which is not on the PATH: install Node.js and npm."
        raise EngineError(message)
    for name in ("package.json", _LOCK_NAME):
        shutil.copy(_MANIFEST / name, _FOLDER / name)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    answer = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    if answer.returncode != 0:
        message = f"npm could not install the engine (its build is for Linux on x86-64):\n{answer.stderr}"
        raise EngineError(message)


def _started(
    binary: Path, db_path: Path | None, log: IO[bytes], wanted: int | None
) -> tuple[subprocess.Popen[bytes], int]:
    # Between choosing a free port and listening on it another program may take it, hence more tries than one.
    for _ in range(_PORT_TRIES):
        port = wanted or _free_port()
        process = subprocess.Popen(_command(binary, port, db_path), stdout=log, stderr=log)
        try:
            if _answers(process, port):
                return process, port
        except BaseException:
            _stop(process)
            raise
        _stop(process)
    log.seek(0)
    message = f"The engine did not start. It said:\n{log.read().decode(errors='replace')}"
    raise EngineError(message)


def _command(binary: Path, port: int, db_path: Path | None) -> list[str]:
    command = [str(binary), "--host", "127.0.0.1", "--port", str(port)]
    return command if db_path is None else [*command, "--db-path", str(db_path)]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the engine speaks HTTP; False when it ended or the time is over."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return process.poll() is None
        finally:
            connection.close()
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def exit_on_signal(number: int, _frame: FrameType | None) -> None:
    """End this program by an exception, so that every block is left.

    Raises:
        SystemExit: always.
    """
    # 128 + n is the shell's own code for a program that signal n ended.
    raise SystemExit(128 + number)


def main(arguments: Sequence[str]) -> int:
    """Run the command after ``--`` with the engine's URL in its environment; give its exit code."""
    command = list(arguments[1:])
    if arguments[:1] != ["--"] or not command:
        sys.stderr.write("usage: python -m benchmarks.engine -- COMMAND [ARGUMENT]...\n")
        return _USAGE_EXIT
    # A terminated run unwinds like any other, so that the engine never outlives it.
    signal.signal(signal.SIGTERM, exit_on_signal)
    try:
        with local_engine() as url:
            return subprocess.run(command, env={**os.environ, "SEEDBED_ENDPOINT_URL": url}, check=False).returncode
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
