"""Annotations that name what is imported for a type checker only: since Python 3.14 they may stand unquoted."""

import sys
from typing import TYPE_CHECKING, TypedDict

import pytest

from seedbed import Counter, ServiceFactory, Suite, using
from seedbed.scenarios.registry import Registry
from seedbed.suite.errors import CounterError

if TYPE_CHECKING:
    from somewhere import Unknown  # noqa: TC004 - that is what is tried

pytestmark = pytest.mark.skipif(sys.version_info < (3, 14), reason="before, such a name had to be quoted")

if sys.version_info >= (3, 14):

    class Note(TypedDict):
        id: int
        text: Unknown

    class Notes:
        def __init__(self, by: Unknown = None) -> None:
            self.rows = []

        def add(self, text: Unknown, mood: Unknown = "calm") -> Note:
            self.rows.append(Note(id=len(self.rows), text=text))
            return self.rows[-1]

    class NoteFactory(ServiceFactory[Note]):
        class Meta:
            service = Notes.add

        text = "dear diary"

    def open_notes(by: Unknown = None) -> Unknown:
        return Notes(by)


def test_a_service_is_called_by_type_and_by_name():
    notes = Notes()
    with using(notes):
        assert NoteFactory() == {"id": 0, "text": "dear diary"}


def test_a_suite_opens_an_app():
    with Suite("notes", open=open_notes, factories=[]).app() as notes:
        assert notes.rows == []


def test_a_scenario_is_made_and_run():
    class Rainy:
        def __init__(self, weather: Unknown = "rain") -> None:
            self.weather = weather

        def run(self, app: Unknown) -> Unknown:
            return NoteFactory(text=self.weather)

    assert Registry().run(Rainy, Notes()) == {"id": 0, "text": "rain"}


def test_a_counter_knows_the_fields_of_a_typed_dict():
    counter = Counter("txt", of=Note, counts=Note, by="text")
    suite = Suite("notes", open=open_notes, factories=[], counters=[counter], listing=lambda app, _model: app.rows)
    with pytest.raises(CounterError, match=r"Note has no field 'txt': did you mean text\?"):
        suite.audit(Notes())
