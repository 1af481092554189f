"""The order of hooks, as docs/own-services.md has it; of a program of letters that are written, sealed and posted."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

import factory
import pytest

from seedbed import BuildFailureError, Many, One, ServiceFactory, Then, Trait, after_create, before_create, using


@dataclass(frozen=True)
class Letter:
    text: str


@dataclass(frozen=True)
class Stamp:
    letter: Letter


@dataclass(frozen=True)
class Pen:
    colour: str


class Office:
    def __init__(self):
        self.log = []
        self.refused = set()

    def buy_pen(self, colour):
        self.log.append(f"pen {colour}")
        return Pen(colour)

    def write(self, text):
        self.log.append(f"write {text}")
        return Letter(text)

    def stick(self, letter):
        self.log.append("stamp")
        return Stamp(letter)

    def seal(self, letter):
        self.log.append("seal")

    def stored(self, value):
        if value in self.refused:
            raise KeyError(value)
        return value

    @contextmanager
    def unit_of_work(self):
        yield self
        self.log.append("commit")


class PenFactory(ServiceFactory[Pen]):
    class Meta:
        model = Pen
        service = "buy_pen"

    colour = "blue"

    @after_create
    def try_it(cls, pen):  # noqa: N805 - a class method
        cls.log(f"after pen {pen.colour}")

    @staticmethod
    def log(line):
        LOGS[-1].append(line)


class StampFactory(ServiceFactory[Stamp]):
    class Meta:
        model = Stamp
        service = "stick"


LOGS = []


class BaseFactory(ServiceFactory[Letter]):
    class Meta:
        model = Letter
        service = "write"

    class Params:
        pen = One(PenFactory)
        sealed = Trait(sealing=Then("seal"))

    text = factory.Sequence("{}".format)

    @before_create
    def think(cls, kwargs):  # noqa: N805 - as above
        LOGS[-1].append("think")
        return kwargs

    @factory.post_generation
    def read(letter, _create, _extracted):
        LOGS[-1].append(f"read {letter.text}")

    @after_create
    def keep(cls, letter):  # noqa: N805 - as above
        LOGS[-1].append(f"keep {letter.text}")


class LetterFactory(BaseFactory):
    stamps = Many(StampFactory, "letter")

    @before_create
    def doubt(cls, kwargs):  # noqa: N805 - as above
        LOGS[-1].append("doubt")
        return kwargs

    @after_create
    def post(cls, letter):  # noqa: N805 - as above
        LOGS[-1].append(f"post {letter.text}")


@pytest.fixture
def office():
    office = Office()
    LOGS.append(office.log)
    with using(office):
        yield office
    LOGS.pop()


def test_of_one_object(office):
    LetterFactory(stamps=1, sealed=True)
    assert office.log == [
        *("pen blue", "think", "doubt", "write 0"),
        *("seal", "read 0", "stamp"),  # by where they are written: Params stand first
        "commit",
        *("after pen blue", "keep 0", "post 0"),
    ]


def test_of_a_batch(office):
    LetterFactory.create_batch(2, pen=Pen("red"))
    assert office.log == [
        *("think", "doubt", "write 0", "read 0", "think", "doubt", "write 1", "read 1"),
        "commit",
        *("keep 0", "post 0", "keep 1", "post 1"),
    ]


def test_what_is_refused_at_the_commit_gets_no_after_create(office):
    office.refused.add(Letter("0"))
    with pytest.raises(BuildFailureError, match="1 were created"):
        LetterFactory.create_batch(2, pen=Pen("red"))
    assert office.log[-2:] == ["keep 1", "post 1"]


def test_what_is_wrong_with_a_sized_hook_is_refused_before_anything_is_made(office):
    with pytest.raises(Exception, match="stamps"):
        LetterFactory(stamps=-1)
    assert office.log == ["commit"]  # of nothing
