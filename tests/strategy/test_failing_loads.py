"""A `Meta.load` that fails: what the service wrote is told as it is, undone or there, and nothing is made twice."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

import factory
import pytest

from seedbed import Bulk, ServiceFactory, using
from seedbed.errors import NotLoadedError
from seedbed.strategy.errors import BuildFailureError


class UnknownTypeError(Exception):
    def __str__(self):
        return "no such type"


@dataclass(frozen=True)
class Note:
    id: int
    text: str


class Notes:
    """Some notes cannot be read."""

    def __init__(self):
        self.rows = {}

    def add(self, text: str) -> int:
        self.rows[len(self.rows) + 1] = text
        return len(self.rows)

    def add_many(self, rows: list) -> list[int]:
        return [self.add(**row) for row in rows]

    def get(self, note_id: int) -> Note:
        if self.rows[note_id] == "bad":
            raise UnknownTypeError
        return Note(note_id, self.rows[note_id])


class UndoingNotes(Notes):
    """Their unit of work makes each call as a whole, or not at all."""

    @contextmanager
    def unit_of_work(self):
        yield self

    def call(self, function):
        before = dict(self.rows)
        try:
            return function()
        except BaseException:
            self.rows = before
            raise

    def stored(self, value):
        return value


class NoteFactory(ServiceFactory[Note]):
    class Meta:
        service = "add"
        load = "get"

    text = factory.Sequence("text {}".format)


class BulkNoteFactory(NoteFactory):
    class Meta:
        bulk_service = Bulk("add_many")


BATCH = [{"text": "good"}, {"text": "bad"}, {"text": "fine"}]


@pytest.mark.parametrize("made", [NoteFactory, BulkNoteFactory])
def test_what_was_written_is_told_to_stay(made):
    with using(Notes()) as binding, pytest.raises(BuildFailureError) as raised:
        made.create_each(BATCH)
    assert isinstance(raised.value.cause, NotLoadedError)
    assert (
        "the service returned 2, and Meta.load cannot read that: UnknownTypeError: no such type; what it wrote stays"
        in str(raised.value)
    )
    assert [note.text for note in raised.value.created] == ["good", "fine"]
    assert binding.app.rows == {1: "good", 2: "bad", 3: "fine"}


def test_what_a_unit_of_work_undid_is_gone():
    with using(UndoingNotes()) as binding, pytest.raises(BuildFailureError) as raised:
        NoteFactory.create_each(BATCH)
    assert isinstance(raised.value.cause, NotLoadedError)
    assert "stays" not in str(raised.value)
    assert list(binding.app.rows.values()) == ["good", "fine"]


def test_a_bulk_call_that_ended_well_is_not_made_again():
    with using(UndoingNotes()) as binding, pytest.raises(BuildFailureError, match="what it wrote stays"):
        BulkNoteFactory.create_each(BATCH)
    assert binding.app.rows == {1: "good", 2: "bad", 3: "fine"}
