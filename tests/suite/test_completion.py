"""What Tab offers, and how a shell shows what has no repr of its own."""

from __future__ import annotations

import inspect

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.orm import Mapped as Mapped_
from sqlalchemy.pool import StaticPool

from factories import PostFactory, UserFactory
from seedbed.command import completion
from seedbed.command.completion import Completer, arguments_of, sign
from seedbed.command.showing import show


def offered(monkeypatch, line, text):
    monkeypatch.setattr(completion, "_line", lambda: line)
    completer = Completer({"UserFactory": UserFactory, "users": []})
    found = [completer.complete(text, number) for number in range(40)]
    return [one for one in found if one is not None]


def test_a_factory_s_fields_traits_and_hooks_are_offered_in_its_call(monkeypatch):
    all_of_it = offered(monkeypatch, "u = UserFactory(", "")

    assert {"handle=", "verified=", "followers=", "at="} <= set(all_of_it)
    assert len(all_of_it) == len(set(all_of_it))
    assert offered(monkeypatch, "UserFactory(bio=str(3), fol", "fol") == ["followers=", "following="]


@pytest.mark.parametrize("line", ["len(use", "UserFactory().use", "UserFactory(bio=None); use"])
def test_elsewhere_names_are_offered(monkeypatch, line):
    assert [one for one in offered(monkeypatch, line, "use") if one == "users"] == ["users"]
    assert not [one for one in offered(monkeypatch, line, "use") if one.endswith("=")]


def test_a_factory_is_signed_for_the_completion_of_others(monkeypatch):
    monkeypatch.setattr(PostFactory, "__signature__", None, raising=False)

    sign(PostFactory)

    assert list(inspect.signature(PostFactory).parameters) == list(arguments_of(PostFactory))
    assert "likes" in inspect.signature(PostFactory).parameters


class Silent:
    __slots__ = ("_hidden", "name")

    def __init__(self, name):
        self.name = name
        self._hidden = 1


class Tall:
    def __repr__(self):
        return "Tall(\n  1,\n)"


class Mapped(DeclarativeBase):
    pass


class Shelf(Mapped):
    __tablename__ = "shelves"
    label: Mapped_[str] = mapped_column("shelf_label", primary_key=True)
    room: Mapped_[str]


def test_an_instance_that_a_session_let_go_of_is_shown_by_its_key_and_asks_for_nothing():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Mapped.metadata.create_all(engine)
    with Session(engine) as session:
        shelf = Shelf(label="a", room="attic")
        session.add(shelf)
        session.flush()
        assert show(shelf) == "Shelf(label='a', room='attic')"
        session.commit()
        asked = []
        event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given))
        assert show([shelf]) == "[Shelf(label='a')]"
        assert asked == []
    assert show(Shelf()).startswith("<")
    engine.dispose()


def test_an_entity_is_shown_on_one_line():
    assert show(Silent("Ada")) == "Silent(name='Ada')"
    assert show([Silent("Ada"), 3]) == "[Silent(name='Ada'), 3]"
    assert show((Silent("a"),)) == "(Silent(name='a'),)"
    assert show(Tall()) == "Tall( 1, )"
    assert show("two\nlines") == repr("two\nlines")
    assert show(list(range(1001))).endswith("999, ... and 1 more]")
    assert show(object()).startswith("<object object at ")
