"""What is on its way to a place lies beside it: a dead process's is taken away, anything else stays."""

from __future__ import annotations

import os
import signal

import pytest

from seedbed.beside import beside, clear


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
