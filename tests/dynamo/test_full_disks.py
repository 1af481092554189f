"""A disk that is full where DuckDB or SQLite works: one clear error, and nothing half written is left as whole."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports import images
from services import errors
from services.audit import audit_export
from services.audit.facts import collecting

ADD_UP = """
import resource, signal
from pathlib import Path
from seedbed.dynamo.exports.finishing import add_up

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    add_up([Path(".")], Path("out"), memory_mb=128)
except OSError as error:
    print(type(error).__name__, error.strerror)
"""
LARGE = "CREATE TABLE large AS SELECT range AS number, random()::VARCHAR AS text FROM range(3_000_000)"


def test_counters_that_cannot_be_added_up_are_an_error_of_the_system(tmp_path):
    moved = ({"part": 0, "place": f"{number:064x}", "name": "following_count", "amount": 1} for number in range(2_000))
    (tmp_path / "moved.ndjson").write_text("".join(f"{json.dumps(one)}\n" for one in moved), encoding="utf-8")
    (tmp_path / "out").mkdir()

    told = subprocess.run([sys.executable, "-c", ADD_UP], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("OSError IO Error: ")
    assert told.stdout.count("\n") == 1
    assert not (tmp_path / "out" / "sums.parquet").exists() or (tmp_path / "out" / "sums.parquet").stat().st_size < 101


def test_no_room_for_what_does_not_fit_in_memory_is_one_line(tmp_path):
    def fill():
        with images.open_database("x", tmp_path, 128) as database:
            database.execute("SET max_temp_directory_size = '1KB'; SET memory_limit = '20MB'")
            database.execute(LARGE)

    with pytest.raises(OSError, match="Memory") as caught:
        fill()

    assert "\n" not in caught.value.strerror


def test_an_audit_of_an_export_that_has_no_room_names_the_export(app, tmp_path, monkeypatch):
    app.dump(tmp_path / "dumped")
    monkeypatch.setattr(images, "_TABLES", f"SET max_temp_directory_size = '1KB'; SET memory_limit = '20MB'; {LARGE}")

    with pytest.raises(DumpError, match=r"dumped: it cannot be looked at \(.*Memory.*\)$"):
        audit_export(str(tmp_path / "dumped"))


def test_an_audit_that_has_no_room_for_what_it_read_says_so():
    full = r"cannot be written \(database or disk is full\): make room"
    with pytest.raises(errors.NoRoomError, match=full), collecting() as facts:
        facts.run("PRAGMA max_page_count = 1; CREATE TABLE more (text)")
