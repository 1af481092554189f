"""silenced: mail and events of a program are counted, not sent, for a block."""

from __future__ import annotations

import asyncio
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from seedbed import FactoryError, ServiceFactory, silenced, using
from seedbed.strategy.errors import NoAppError
from seedbed.strategy.service_errors import InvalidSilenceError

SENT = []


def publish(event):
    SENT.append(event)


async def notify(event):
    SENT.append(event)


class Mailer:
    def send(self, to):
        SENT.append(to)
        return "sent"


@dataclass(frozen=True)
class FrozenMailer:
    host: str = "localhost"

    def send(self, to):
        SENT.append(to)


class SlottedMailer:
    __slots__ = ()

    def send(self, to):
        SENT.append(to)


class Sms:
    @staticmethod
    def send(to):
        SENT.append(to)

    @classmethod
    def flush(cls):
        SENT.append("flush")


@dataclass(frozen=True)
class Member:
    name: str


class Club:
    def __init__(self, mailer=None):
        self.mailer = mailer or Mailer()

    def join(self, name):
        self.mailer.send(name)
        publish(("joined", name))
        return Member(name)


class MemberFactory(ServiceFactory[Member]):
    class Meta:
        model = Member
        service = "join"

    name = "ada"


@pytest.fixture(autouse=True)
def nothing_was_sent():
    SENT.clear()


def test_nothing_is_sent_and_all_is_counted():
    club = Club()
    with using(club), silenced("mailer.send", publish) as silence:
        MemberFactory.create_batch(3)
    assert SENT == []
    assert silence.counts == {"mailer.send": 3, "publish": 3}
    assert (silence.total, str(silence)) == (6, "3 mailer.send, 3 publish")


def test_it_is_sent_again_afterwards_also_after_an_error():
    club = Club()
    with using(club):
        with pytest.raises(KeyError), silenced("mailer.send", publish):
            raise KeyError
        MemberFactory()
    assert SENT == ["ada", ("joined", "ada")]
    assert "send" not in vars(club.mailer)


def test_what_is_not_called_counts_0_and_is_not_in_the_line():
    with silenced(publish) as silence:
        pass
    assert (silence.counts, str(silence)) == ({"publish": 0}, "nothing")


def test_a_function_is_replaced_wherever_it_was_imported(monkeypatch):
    other = types.ModuleType("other_place")
    other.emit = publish
    monkeypatch.setitem(sys.modules, "other_place", other)
    with silenced(publish):
        other.emit("x")
    assert SENT == []
    assert other.emit is publish


@pytest.mark.parametrize("mailer", [Mailer(), FrozenMailer()], ids=lambda one: type(one).__name__)
def test_a_bound_method_is_silent_on_its_object_alone(mailer):
    with silenced(mailer.send) as silence:
        mailer.send("a")
        Mailer().send("b")
    mailer.send("c")
    assert SENT == ["b", "c"]
    assert silence.counts == {f"{type(mailer).__name__}.send": 1}


@pytest.mark.parametrize(
    "sender",
    [Sms.send, Sms.flush, Mailer.send, (Sms, "send"), f"{__name__}:publish"],
    ids=["static", "class", "own", "pair", "text"],
)
def test_methods_of_classes_pairs_and_texts(sender):
    with silenced(sender) as silence:
        Sms.send("a")
        Sms.flush()
        Mailer().send("b")
        publish("c")
    assert (silence.total, len(SENT)) == (1, 3)
    Sms.send("a")
    Sms().send("a")
    Sms.flush()
    Mailer().send("b")
    publish("c")
    assert len(SENT) == 8


def test_an_inherited_method_is_given_back_to_its_class():
    class Postcards(Mailer):
        pass

    with silenced((Postcards, "send")):
        Postcards().send("a")
    Postcards().send("b")
    assert (SENT, "send" in vars(Postcards)) == (["b"], False)


def test_what_is_async_is_awaited_and_returns_what_is_said():
    async def work():
        return await notify("x")

    with silenced(notify, returns=202) as silence:
        assert asyncio.run(work()) == 202
    assert (SENT, silence.total) == ([], 1)


def test_threads_count_too():
    with silenced(publish) as silence, ThreadPoolExecutor(4) as executor:
        list(executor.map(publish, range(200)))
    assert silence.total == 200


def test_blocks_nest():
    with silenced(publish) as outer:
        with silenced(publish) as inner:
            publish(1)
        publish(2)
    publish(3)
    assert (inner.total, outer.total, SENT) == (1, 1, [3])


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        ("mailer.sendd", "no such thing"),
        ("nowhere_at_all:send", "no such thing"),
        ("mailer", "cannot be called"),
        (3, "neither a function"),
        (lambda: 1, "no module or class holds it"),
        (Mailer, "neither a function"),
        ((Mailer, "sendd"), "a holder and the name"),
        ((Mailer,), "a holder and the name"),
        (SlottedMailer().send, "give that of its class"),
    ],
    ids=["path", "module", "no callable", "number", "lambda", "class", "pair", "short pair", "slots"],
)
def test_what_cannot_be_silenced_is_refused_and_nothing_stays_replaced(sender, why):
    before = publish
    with using(Club()), pytest.raises(InvalidSilenceError, match=why) as caught, silenced(publish, sender):
        raise AssertionError
    assert isinstance(caught.value, FactoryError)
    assert publish is before
    publish("x")
    assert SENT == ["x"]


def test_a_path_needs_an_app():
    with pytest.raises(NoAppError), silenced("mailer.send"):
        raise AssertionError
