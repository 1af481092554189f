"""What is on its way to a place lies beside it: a dead process's is taken away, anything else stays."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from factories.command.reports import _check
from seedbed.beside import beside, clear, is_there
from seedbed.dynamo.dumps import check_free, check_new
from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports.places import place_of


def leave(place):
    """Begin to write there in a process that is killed; return the folder that it leaves."""
    pid = os.fork()
    if not pid:
        with beside(place) as folder:
            (folder / "part").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    (left,) = place.parent.glob(".*.unfinished")
    assert (left / "part").read_text() == "half"
    return left


@pytest.fixture(params=["world.json.gz", "w" * 250, "[a-z]*"])
def place(request, tmp_path):
    return tmp_path / request.param


def test_it_is_gone_after_the_block(place):
    with beside(place) as folder:
        assert folder.parent == place.parent
        (folder / "whole").write_text("all")
        (folder / "whole").rename(place)
    assert [*place.parent.iterdir()] == [place]


def test_the_next_to_the_same_place_takes_away_what_a_killed_one_left(place):
    left = leave(place)
    with beside(place) as folder:
        assert not left.exists()
        assert [*place.parent.iterdir()] == [folder]


def test_what_another_is_writing_stays(place):
    with beside(place) as one, beside(place) as other:
        clear(place)
        assert one.is_dir()
        assert other.is_dir()


def test_what_is_not_ours_or_another_places_stays(place):
    left = leave(place)
    other = place.with_name("another")
    for name in (".world.json.gz.settings", ".another.my-settings.unfinished", "unfinished", ".unfinished"):
        (place.parent / name).mkdir(parents=True)
    kept = place.parent / "kept"
    kept.mkdir()
    (kept / "diary").write_text("mine")
    (place.parent / ".another.abcdefgh.unfinished").symlink_to(kept)
    before = {*place.parent.iterdir()}

    clear(other)

    assert {*place.parent.iterdir()} == before
    assert left.is_dir()
    assert (kept / "diary").read_text() == "mine"


def test_a_place_without_a_folder_has_nothing_to_clear(tmp_path):
    clear(tmp_path / "no" / "where")
    with pytest.raises(FileNotFoundError), beside(tmp_path / "no" / "where"):
        pass


@pytest.mark.parametrize(
    ("name", "found"), [("", True), ("file", True), ("other", False), ("file/below", False)], ids=repr
)
def test_what_is_there_is_told(tmp_path, name, found):
    (tmp_path / "file").touch()
    assert is_there(tmp_path / name) is found


@pytest.mark.parametrize(
    "look",
    [
        is_there,
        check_free,
        check_new,
        lambda path: place_of(str(path)),
        lambda path: place_of(str(path), is_new=True),
        lambda path: _check(path, is_forced=False),
        lambda path: _check(path, is_forced=True),
    ],
    ids=["is_there", "free", "new", "place", "new place", "report", "forced report"],
)
def test_a_name_that_no_file_can_have_is_told_before_anything_is_made(tmp_path, monkeypatch, look):
    monkeypatch.setattr(Path, "exists", os.path.exists)  # as Python has them since 3.14: they raise nothing
    monkeypatch.setattr(Path, "is_dir", os.path.isdir)
    monkeypatch.setattr(Path, "is_file", os.path.isfile)
    with pytest.raises((OSError, DumpError), match="File name too long"):
        look(tmp_path / ("x" * 300))
