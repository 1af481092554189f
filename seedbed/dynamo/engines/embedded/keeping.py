"""An engine's tables in a file: what was answered is there after the process was killed.

SQLite, in its write-ahead log: each action that changed something is one transaction, committed before the action is
answered. The file holds what is there now, not what was done: the requests that made and changed the tables, the rows,
and the tokens of the last ten minutes. One process at a time has it.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import JsonRESTError

from seedbed.dynamo.engines.embedded.parameters import read_attribute
from seedbed.dynamo.engines.embedded.tokens import WINDOW_SECONDS
from seedbed.dynamo.errors import DataFileError

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.actions import Actions
    from seedbed.dynamo.engines.embedded.rows import Attributes, Key

APPLICATION: Final = 0x5EEDBED
"""SQLite's application_id of our files."""
VERSION: Final = 1
_DEFINING: Final = {"CreateTable", "DeleteTable", "TagResource", "UntagResource", "UpdateTable", "UpdateTimeToLive"}
_TABLES: Final = """
    CREATE TABLE definitions (number INTEGER PRIMARY KEY, name TEXT, action TEXT, request TEXT);
    CREATE TABLE rows (name TEXT, key TEXT, item TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID;
    CREATE TABLE tokens (token TEXT PRIMARY KEY, fingerprint BLOB, at REAL) WITHOUT ROWID;
"""


class Kept:
    """The file of one engine. Not safe for threads: whoever calls holds the engine's lock."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises:
            DataFileError: another process has it, or it is damaged, foreign, or of a newer version.
        """
        self._path = path
        self._changed: dict[tuple[str, Key], None] = {}
        try:
            self._file = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                self._begin()
            except BaseException:
                self.close()  # nobody else would: Python 3.13 warns of it
                raise
        except sqlite3.Error as error:
            raise DataFileError(path, _why(error)) from error
        except (TypeError, ValueError) as error:  # it is no path, or has a NUL in it
            raise DataFileError(path, str(error)) from error

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def note(self, name: str, key: Key) -> None:
        """Remember that the action that is under way changed a row."""
        self._changed[name, key] = None

    def commit(self, actions: Actions, action: str, request: dict[str, Any]) -> None:
        """Write what an action changed.

        Raises:
            DataFileError: it cannot be written.
        """
        if not self._changed and action not in _DEFINING and action != "TransactWriteItems":
            return
        try:
            with self._file:
                self._file.execute("BEGIN")
                self._write(actions, action, request)
        except sqlite3.Error as error:
            raise DataFileError(self._path, _why(error)) from error
        finally:
            self._changed.clear()

    def restore(self, actions: Actions) -> None:
        """Fill an empty engine with what the file holds.

        Raises:
            DataFileError: something in the file cannot be read.
        """
        try:
            self._restore(actions)
        except (sqlite3.Error, JsonRESTError, LookupError, TypeError, ValueError) as error:
            raise DataFileError(self._path, f"it is damaged ({error})") from error
        finally:
            self._changed.clear()

    # Inside

    def _begin(self) -> None:
        run = self._file.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        (application,), (version,) = run("PRAGMA application_id").fetchone(), run("PRAGMA user_version").fetchone()
        is_new = not run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not is_new and application != APPLICATION:
            raise DataFileError(self._path, "it is a database of another program")
        if version > VERSION:
            raise DataFileError(self._path, f"it is of version {version}, and this program knows {VERSION}")
        if (found := run("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise DataFileError(self._path, f"it is damaged ({found})")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("BEGIN IMMEDIATE")
        if is_new:
            for statement in filter(str.strip, _TABLES.split(";")):
                run(statement)
            run(f"PRAGMA application_id = {APPLICATION}")
            run(f"PRAGMA user_version = {VERSION}")
        run("COMMIT")

    def _write(self, actions: Actions, action: str, request: dict[str, Any]) -> None:
        run = self._file.execute
        if action in _DEFINING:
            self._define(action, request)
        for name, key in self._changed:
            row = actions.backend.table(name).rows.get(key)
            if row is None:
                run("DELETE FROM rows WHERE name = ? AND key = ?", (name, _text(key)))
            else:
                run("REPLACE INTO rows VALUES (?, ?, ?)", (name, _text(key), _text(row.attributes)))
        token = request.get("ClientRequestToken", "")
        if action == "TransactWriteItems" and (fingerprint := actions.tokens.fingerprint(token)) is not None:
            now = time.time()
            run("DELETE FROM tokens WHERE at < ?", (now - WINDOW_SECONDS,))
            run("INSERT OR IGNORE INTO tokens VALUES (?, ?, ?)", (token, fingerprint, now))

    def _define(self, action: str, request: dict[str, Any]) -> None:
        run, name = self._file.execute, _name_of(request)
        if action == "DeleteTable":
            run("DELETE FROM definitions WHERE name = ?", (name,))
            run("DELETE FROM rows WHERE name = ?", (name,))
            self._changed = {where: None for where in self._changed if where[0] != name}
            return
        values = (name, action, _text(request))
        run("INSERT INTO definitions (name, action, request) VALUES (?, ?, ?)", values)

    def _restore(self, actions: Actions) -> None:
        run = self._file.execute
        for action, request in run("SELECT action, request FROM definitions ORDER BY number").fetchall():
            actions.answer(action, json.loads(request))
        for name, item in run("SELECT name, item FROM rows"):
            table = actions.backend.table(name)
            key, row = table.admit(_attributes(item))
            table.rows.replace(key, row)
        for token, fingerprint, at in run("SELECT token, fingerprint, at FROM tokens"):
            actions.tokens.remember(token, fingerprint, seconds_ago=time.time() - at)


def _attributes(item: str) -> Attributes:
    return {name: read_attribute(value) for name, value in json.loads(item).items()}


def _name_of(request: dict[str, Any]) -> str:
    """Return the table that a request defines, which may be given by its ARN."""
    name: str = request.get("TableName") or request.get("ResourceArn", "")
    return name.rpartition("/")[2]


def _text(value: object) -> str:
    return json.dumps(value, default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _why(error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return "another process has it"
    if text.startswith("malformed") or "disk image is malformed" in text:
        return f"it is damaged ({text})"
    return {"file is not a database": "it is no SQLite database, or damaged"}.get(text, text)
