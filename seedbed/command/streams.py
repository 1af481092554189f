"""The command's streams: what is printed fits any encoding and moves no terminal, and what cannot be printed is known.

A log never stops a run: what standard error does not take is dropped. What standard output does not take is an error,
once: the report is lost, and somebody must be told. Closed streams have /dev/null in their place, so that no file or
socket of ours gets their number.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


_USER_OF_URL: Final = re.compile(r"""([A-Za-z][A-Za-z0-9+.-]*:/{1,2})[^\s/?#"']*@""")


def printable(text: str, keep: str = "") -> str:
    r"""Write what does not print, such as ESC, a line's end or a sign that turns the direction, as \u and digits."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in keep else _escape(sign) for sign in text)


def without_users(text: str) -> str:
    """Return any text, such as what a command says, with the users and passwords of the URLs in it taken out."""
    return _USER_OF_URL.sub(r"\1", text)


def _escape(sign: str) -> str:
    number = f"{ord(sign):04x}"
    return f"\\u{number}" if len(number) == 4 else f"\\U{number:0>8}"  # noqa: PLR2004 - digits, as in Python's own texts


class _Sink(io.RawIOBase):
    """What a stream is written to: the file behind it, or nothing where that is closed."""

    def __init__(self, file: io.RawIOBase | None, *, is_log: bool) -> None:
        self._file = file
        self._is_deaf = is_log
        self.error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int | None:
        """Write; after an error, and from the start where it is a log, what is not taken is dropped.

        Raises:
            OSError: the first error of what is no log.
        """
        try:
            return _open(self._file).write(data)
        except OSError as error:
            if self.error is None:
                self.error = error
                if not self._is_deaf:
                    raise
            return memoryview(data).nbytes

    def writable(self) -> bool:
        """Say so."""
        return True

    def fileno(self) -> int:
        """Return the file's number, by which terminals are known."""
        return _open(self._file).fileno()

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""
        return self._file is not None and self._file.isatty()


def _open(file: io.RawIOBase | None) -> io.RawIOBase:
    if file is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return file


class Output:
    """Standard output of a command, which remembers whether it could be written."""

    def __init__(self) -> None:
        self._fill()
        self._sink = _Sink(_raw(sys.stdout), is_log=False)
        sys.stdout = _text(self._sink, sys.stdout)
        sys.stderr = _text(_Sink(_raw(sys.stderr), is_log=True), sys.stderr)
        if sys.stdin is None:
            sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - as long as the process
        elif isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="surrogateescape")

    @staticmethod
    def _fill() -> None:
        for number in range(3):
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)

    @property
    def error(self) -> OSError | None:
        """What went wrong, so far, in writing it."""
        return self._sink.error

    def flush(self) -> OSError | None:
        """Write what is left; return what went wrong in all that was written."""
        try:
            sys.stdout.flush()
        except OSError:
            sys.stdout.flush()  # drops the rest, so that Python need not try when it ends
        return self._sink.error


def _raw(stream: TextIO | None) -> io.RawIOBase | None:
    if stream is None:
        return None
    stream.flush()
    buffer = stream.buffer
    raw: io.RawIOBase = getattr(buffer, "raw", None) or cast(
        "io.RawIOBase", buffer
    )  # PYTHONUNBUFFERED leaves the buffer out
    return raw


def _text(sink: _Sink, before: TextIO | None) -> TextIO:
    encoding = getattr(before, "encoding", None) or "utf-8"
    is_lively = bool(getattr(before, "line_buffering", False))
    return io.TextIOWrapper(io.BufferedWriter(sink), encoding, "backslashreplace", line_buffering=is_lively)
