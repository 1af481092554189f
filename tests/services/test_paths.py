"""Names that no file can have, and files that are none of ours, are refused by an error of ours that names them."""

from __future__ import annotations

import pytest

from seedbed.dynamo.engines import embedded_engine
from services import connect
from services.audit import audit_export
from services.errors import ServiceError
from services.exports import opened

NAMES = {
    "a long name": "x" * 300,
    "a long path": "/".join(["d" * 100] * 60),
    "below a file": "file/x",
    "a NUL": "a\0b",
    "a folder": "folder",
    "a loop": "loop/x",
}


def dump(path):
    with connect() as app:
        app.dump(path)


def dump_rows(path):
    with connect() as app:
        app.dump(path, to="sqlite")


def dump_columns(path):
    with connect() as app:
        app.dump(path, to="parquet")


def load(path):
    with connect() as app:
        app.load(path)


def keep_data(path):
    embedded_engine(data=path)


def export(path):
    with opened(path):
        pytest.fail("it was opened")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("use", [dump, dump_rows, dump_columns, load, keep_data, export, audit_export])
def test_it_is_refused_by_name_and_nothing_is_left(use, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "of somebody").write_text("x", encoding="utf-8")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(path.name for path in tmp_path.rglob("*"))

    with pytest.raises(ServiceError) as refusal:
        use(NAMES[name])

    assert NAMES[name] in str(refusal.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_number_is_no_file_that_keeps_data():
    with pytest.raises(ServiceError, match="the data file 7 cannot be used: "):
        embedded_engine(data=7)
