"""Then: a trait brings an object into a state by later service calls; of a program of parcels."""

from __future__ import annotations

import asyncio
import functools
import itertools
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import factory
import pytest

from seedbed import BuildFailureError, Many, One, ServiceFactory, Then, Trait, acting, after_create, recycle, using
from seedbed.strategy.errors import (
    FactoryGivenError,
    InvalidHookNameError,
    InvalidMomentError,
    InvalidStepError,
    MissingArgumentError,
    NoMomentError,
    NotCreatedError,
    UnknownArgumentError,
)
from seedbed.strategy.service_errors import AsyncServiceError, NoServiceError


class PostError(Exception):
    pass


@dataclass(frozen=True)
class Parcel:
    id: int
    to: str
    state: str = "new"
    price: int = 5
    labels: int = 0


@dataclass(frozen=True)
class Label:
    parcel: Parcel
    text: str


def by_post(function):
    @functools.wraps(function)
    def call(self, **values):
        return function(self, "post", **values)

    return call


def timed(function):
    @functools.wraps(function)
    def call(*args, **values):
        return function(*args, **values)

    return call


class Post:
    def __init__(self):
        self.log = []
        self.parcels = {}
        self._ids = itertools.count(1)

    def _keep(self, parcel, word):
        self.log.append(f"{word} {parcel.id}")
        self.parcels[parcel.id] = parcel
        return parcel

    def accept(self, to: str) -> Parcel:
        return self._keep(Parcel(next(self._ids), to), "accept")

    def pay(self, parcel_id: int, method: str = "card", amount: int = 5) -> Parcel:
        parcel = self.parcels[parcel_id]
        if amount < parcel.price:
            raise PostError(amount, "is too little")
        return self._keep(replace(parcel, state=f"paid by {method}"), "pay")

    def ship(self, parcel: Parcel) -> None:
        if not self.parcels[parcel.id].state.startswith("paid"):
            raise PostError(parcel.id, "nobody paid")
        self._keep(replace(parcel, state="shipped"), "ship")

    def get(self, id: int) -> Parcel:  # noqa: A002 - as programs have it
        return self.parcels[id]

    def sign(self, thing: Parcel, actor: str) -> Parcel:
        return self._keep(replace(thing, state=f"signed by {actor}"), "sign")

    def stick(self, parcel: Parcel, text: str) -> Label:
        parcel = self.parcels[parcel.id]
        self._keep(replace(parcel, labels=parcel.labels + 1), "label")
        return Label(parcel, text)

    @by_post
    def send(self, carrier: str, parcel: Parcel) -> Parcel:
        return self._keep(replace(parcel, state=f"sent by {carrier}"), "send")

    @timed
    def send_any(self, it):
        return self._keep(replace(it, state="sent by post"), "send")

    async def track(self, parcel_id: int) -> Parcel:
        return self._keep(replace(self.parcels[parcel_id], state="tracked"), "track")


def paint(app, parcel, colour):
    return replace(parcel, to=colour)


class LabelFactory(ServiceFactory[Label]):
    class Meta:
        model = Label
        service = "stick"

    text = "fragile"


class ParcelFactory(ServiceFactory[Parcel]):
    class Meta:
        model = Parcel
        service = "accept"

    class Params:
        paid = Trait(payment=Then("pay"))
        shipped = Trait(paid=True, shipping=Then(Post.ship, read=Post.get))

    to = "ada"
    labels = Many(LabelFactory, "parcel")


@pytest.fixture
def post():
    post = Post()
    with using(post):
        yield post


def test_the_object_is_what_the_step_made_of_it(post):
    assert ParcelFactory(paid=True) == Parcel(1, "ada", "paid by card")
    assert ParcelFactory() == Parcel(2, "ada")


def test_several_steps_run_in_their_order(post):
    assert ParcelFactory(shipped=True) == post.parcels[1] == Parcel(1, "ada", "shipped")
    assert post.log == ["accept 1", "pay 1", "ship 1"]


def test_each_of_a_batch_goes_all_the_way(post):
    assert {one.state for one in ParcelFactory.create_batch(2, shipped=True)} == {"shipped"}
    assert post.log == ["accept 1", "pay 1", "ship 1", "accept 2", "pay 2", "ship 2"]


def test_a_step_takes_arguments_from_the_call_which_beat_its_own(post):
    class CashFactory(ParcelFactory):
        class Params:
            paid = Trait(payment=Then("pay", method="cash", amount=factory.LazyAttribute(lambda one: one.price + 1)))

    assert CashFactory(paid=True).state == "paid by cash"
    assert CashFactory(paid=True, payment__method="cheque").state == "paid by cheque"
    assert CashFactory(paid=True, payment={"method": "gold"}).state == "paid by gold"
    with pytest.raises(BuildFailureError, match="4, 'is too little'"):
        CashFactory(paid=True, payment__amount=4)


@pytest.mark.parametrize("name", ["send", "send_any"])
def test_a_decorated_service_is_given_what_the_object_says(post, name):
    class SentFactory(ParcelFactory):
        sending = Then(name)

    assert SentFactory().state == "sent by post"


def test_a_step_can_be_left_out(post):
    assert ParcelFactory(paid=True, payment=False).state == "new"
    assert ParcelFactory(paid=True, payment=None).state == "new"


def test_a_declaration_switches_a_step_and_is_evaluated_once(post):
    switches = factory.Iterator([True, False, {"method": "gold"}])
    made = ParcelFactory.create_batch(6, paid=True, payment=switches)
    assert [one.state for one in made] == ["paid by card", "new", "paid by gold"] * 2

    by_name = factory.LazyAttribute(lambda one: one.to == "Ada")
    assert ParcelFactory(to="Ada", paid=True, payment=by_name).state == "paid by card"
    assert ParcelFactory(to="Bob", paid=True, payment=by_name).state == "new"


@pytest.mark.parametrize("value", [0, 1, 3, "yes", "", [], object, factory.LazyFunction(lambda: 1)])
def test_what_switches_no_step_is_refused_before_anything_is_made(post, value):
    with pytest.raises(InvalidStepError, match="the step payment is done or not, True or False, or has its arguments"):
        ParcelFactory(paid=True, payment=value)
    assert post.log == []


def test_a_wrong_argument_in_a_step_s_dict_is_refused_before_anything_is_made(post):
    with pytest.raises(UnknownArgumentError, match="'methot': did you mean method"):
        ParcelFactory(paid=True, payment={"methot": "gold"})
    assert post.log == []


def test_a_step_in_the_body_always_runs(post):
    class SureFactory(ParcelFactory):
        payment = Then(Post.pay)

    assert SureFactory().state == "paid by card"
    assert SureFactory(payment=None).state == "new"


def test_a_refused_step_is_named(post):
    with pytest.raises(BuildFailureError) as caught:
        ParcelFactory(shipped=True, payment=False)
    assert str(caught.value).startswith("PostError: (1, 'nobody paid') (ParcelFactory.shipping with parcel=Parcel(")
    assert (caught.value.step, caught.value.factory) == ("shipping", ParcelFactory)
    assert post.log == ["accept 1"]  # as factory_boy leaves what was made before


def test_of_a_batch_the_refused_are_told_and_the_others_returned(post):
    with pytest.raises(
        BuildFailureError, match=r"ParcelFactory.payment.*1 of the batch failed, 1 were created"
    ) as caught:
        ParcelFactory.create_each([{"paid": True}, {"paid": True, "payment__amount": 1}])
    assert caught.value.created == (Parcel(1, "ada", "paid by card"),)


def test_after_create_hooks_are_given_what_it_became_and_once(post):
    seen = []

    class SeenFactory(ParcelFactory):
        @after_create
        def see(cls, parcel):  # noqa: N805 - a class method
            seen.append(parcel.state)

    SeenFactory(shipped=True)
    assert seen == ["shipped"]


def test_what_nests_it_gets_what_it_became(post):
    class PaidLabelFactory(LabelFactory):
        parcel = One(ParcelFactory, paid=True)

    assert PaidLabelFactory().parcel.state == "paid by card"


def test_who_acts_is_told_too(post):
    class SignedFactory(ParcelFactory):
        class Meta:
            actor = "actor"

        class Params:
            signed = Trait(signature=Then("sign"))

    with acting("eve"):
        assert SignedFactory(signed=True).state == "signed by eve"


def test_a_step_waits_where_it_is_async(post):
    class TrackedFactory(ParcelFactory):
        class Params:
            tracked = Trait(tracking=Then("track"))

    assert asyncio.run(TrackedFactory.create_async(tracked=True)).state == "tracked"
    post.log.clear()
    with pytest.raises(AsyncServiceError, match="step tracking is async"):
        TrackedFactory(tracked=True)
    assert post.log == []


def test_what_a_step_cannot_take_or_lacks_is_refused(post):
    class OddFactory(ParcelFactory):
        class Params:
            odd = Trait(oddity=Then(paint))

    with pytest.raises(UnknownArgumentError, match=r"ParcelFactory\.payment has no 'metod': did you mean method"):
        ParcelFactory(paid=True, payment__metod="x")
    assert post.log == []
    with pytest.raises(MissingArgumentError, match="oddity__colour"):
        OddFactory(odd=True)


@pytest.mark.parametrize(
    ("read", "error"), [("gte", NoServiceError), ("track", AsyncServiceError), ("Post.get", NoServiceError)]
)
def test_what_can_not_read_the_object_again_is_refused_before_anything_is_made(post, read, error):
    class UnreadFactory(ParcelFactory):
        class Params:
            sent = Trait(sending=Then("pay", read=read))

    with pytest.raises(error):
        UnreadFactory(sent=True)
    assert post.log == []


def test_what_a_role_declares_of_later_things_is_in_the_way_of_no_building(post):
    class ThereFactory(ParcelFactory):
        class Meta:
            build_only = ("id",)

        id = 0

    class HeavyFactory(ServiceFactory[Label]):
        class Meta:
            model = Label
            service = "stick"

        parcel = One(ThereFactory, labels=2, labels__text="top", paid=True, to="eve", payment__method="cash")
        text = "heavy"

    for way in (HeavyFactory.build, HeavyFactory.stub):
        assert way().parcel.to == "eve"
        with pytest.raises(NotCreatedError, match="makes labels only where it creates"):
            way(parcel__labels=3)
    assert post.log == []
    assert (HeavyFactory().parcel.labels, HeavyFactory().parcel.state) == (2, "paid by cash")


def test_a_role_of_which_its_declaration_says_something_takes_nothing_that_is_recycled(post):
    class PaidFactory(ServiceFactory[Label]):
        class Meta:
            model = Label
            service = "stick"

        parcel = One(ParcelFactory, paid=True)
        text = "paid"

    plain = ParcelFactory()
    with recycle(plain):
        assert PaidFactory().parcel.state == "paid by card"
        assert LabelFactory(parcel=plain).parcel.id == plain.id


@dataclass
class Voucher:
    code: str


class Till:
    def __init__(self):
        self.log = []

    def issue(self, code: str) -> Voucher:
        return Voucher(code)

    def stamp(self, voucher_code: str) -> None:
        self.log.append(voucher_code)

    def punch(self, number: int) -> None:
        self.log.append(number)

    def tear(self, number: str | None) -> None:
        self.log.append(number)

    def burn(self, thing) -> None:
        self.log.append(thing)


class VoucherFactory(ServiceFactory[Voucher]):
    class Meta:
        service = "issue"

    class Params:
        stamped = Trait(stamping=Then("stamp"))
        punched = Trait(punching=Then("punch"))
        torn = Trait(tearing=Then("tear"))
        burnt = Trait(burning=Then("burn"))

    code = "A1"


def test_a_key_by_the_model_s_name_and_its_own_is_the_object_s():
    with using(Till()) as binding:
        voucher = VoucherFactory(stamped=True, burnt=True)
        assert binding.app.log == ["A1", voucher]


@pytest.mark.parametrize(("trait", "missing"), [("punched", "punching__number"), ("torn", "tearing__number")])
def test_what_is_said_to_be_a_number_or_a_text_is_never_the_object_itself(trait, missing):
    with using(Till()) as binding:
        with pytest.raises(MissingArgumentError, match=missing):
            VoucherFactory(**{trait: True})
        assert binding.app.log == []
        VoucherFactory(**{trait: True, missing: 7})
        assert binding.app.log == [7]


@dataclass(frozen=True)
class Officer:
    name: str


class Case:
    def __init__(self, officer):
        self.id, self.officer = 1, officer


@dataclass(frozen=True)
class Court:
    id: int


class Bench:
    def __init__(self):
        self.log = []

    def seat(self) -> Court:
        return Court(3)

    def open(self, by: Officer, court_id: int = 0) -> Case:
        return Case(by)

    def close(self, by: Officer, case: Case) -> None:
        self.log.append((by, case))

    def move(self, by: Officer, case_id: int, court_id: int) -> None:
        self.log.append((by, case_id, court_id))

    def tell(self, whom, case: Case) -> None:
        self.log.append((whom, case))

    def write(self, case_id: int, whom) -> None:
        self.log.append((case_id, whom))

    def ask(self, whom: Officer) -> None:
        self.log.append(whom)

    def ask_any(self, whom: Officer | Court) -> None:
        self.log.append(whom)


class CourtFactory(ServiceFactory[Court]):
    class Meta:
        service = Bench.seat


class CaseFactory(ServiceFactory[Case]):
    class Meta:
        service = Bench.open
        actor = {"by": "actor", "court_id": "court"}  # noqa: RUF012 - factory_boy's Meta

    class Params:
        court = One(CourtFactory)
        closed = Trait(closing=Then(Bench.close))
        moved = Trait(moving=Then(Bench.move))
        told = Trait(telling=Then(Bench.tell))
        written = Trait(writing=Then(Bench.write))
        asked = Trait(asking=Then(Bench.ask))
        all_asked = Trait(asking=Then(Bench.ask_any))

    by = Officer("declared")


@pytest.mark.parametrize(("said", "name"), [({}, "declared"), ({"by": Officer("said")}, "said")])
def test_who_acts_in_a_step_is_who_acted_when_the_object_was_made(said, name):
    with using(Bench()) as binding:
        case = CaseFactory(closed=True, moved=True, **said)
        assert binding.app.log == [(Officer(name), case), (Officer(name), 1, 3)]
        assert case.officer == Officer(name)


def test_who_acts_now_and_who_is_said_for_the_step_come_before_that():
    with using(Bench()) as binding:
        with acting(Officer("now")):
            CaseFactory(closed=True)
            CaseFactory(closed=True, closing__by=Officer("step"))
        CaseFactory(moved=True, court_id=7)
        assert [one[0].name for one in binding.app.log] == ["now", "step", "declared"]
        assert binding.app.log[-1][2] == 7


@pytest.mark.parametrize(
    ("trait", "missing"),
    [
        ("told", "telling__whom"),
        ("written", "writing__whom"),
        ("asked", "asking__whom"),
        ("all_asked", "asking__whom"),
    ],
)
def test_the_object_is_not_given_twice_nor_for_one_of_another_class(trait, missing):
    with using(Bench()) as binding:
        with pytest.raises(MissingArgumentError, match=missing):
            CaseFactory(**{trait: True})
        assert binding.app.log == []


def test_a_built_object_takes_no_steps(post):
    class PlainFactory(ParcelFactory):
        id = 1

        class Meta:
            build_only = ("id",)

    assert PlainFactory.build(paid=True).state == "new"
    assert post.log == []


MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Ticket:
    id: int
    sold_at: datetime
    used_at: datetime | None = None


class Gate:
    """An app whose clock can stand still."""

    def __init__(self):
        self.now = JUNE
        self.uses = []

    @contextmanager
    def at(self, moment):
        before, self.now = self.now, moment
        try:
            yield
        finally:
            self.now = before

    def sell(self) -> Ticket:
        return Ticket(1, self.now)

    def use(self, ticket: Ticket) -> Ticket:
        self.uses.append(self.now)
        return replace(ticket, used_at=self.now)

    def stamp(self, ticket: Ticket, at: datetime) -> Ticket:
        return replace(ticket, used_at=at)


class TicketFactory(ServiceFactory[Ticket]):
    class Meta:
        model = Ticket
        service = "sell"

    class Params:
        used = Trait(entry=Then("use"))
        late = Trait(entry=Then("use", at=factory.LazyAttribute(lambda ticket: ticket.sold_at + timedelta(days=1))))
        stamped = Trait(entry=Then("stamp", at=JUNE))


@pytest.mark.parametrize(
    ("given", "sold", "used"),
    [
        ({"used": True}, JUNE, JUNE),
        ({"used": True, "at": MAY}, MAY, MAY),
        ({"used": True, "at": MAY, "entry__at": JUNE}, MAY, JUNE),
        ({"used": True, "entry__at": MAY}, JUNE, MAY),
        ({"used": True, "at": MAY, "entry__at": None}, MAY, MAY),
        ({"late": True, "at": MAY}, MAY, MAY + timedelta(days=1)),
        ({"stamped": True, "at": MAY}, MAY, JUNE),
    ],
)
def test_a_step_is_taken_when_its_object_was_made_or_at_a_moment_of_its_own(given, sold, used):
    with using(Gate()) as binding:
        ticket = TicketFactory(**given)

        assert (ticket.sold_at, ticket.used_at, binding.app.now) == (sold, used, JUNE)


def test_a_step_below_a_plain_factory_is_taken_when_its_object_was_made():
    with using(Gate()) as binding:
        factory.make_factory(dict, ticket=factory.SubFactory(TicketFactory, used=True, at=MAY))()

        assert binding.app.uses == [MAY]


def test_a_step_s_moment_that_is_none_or_that_nothing_can_use_is_refused(post):
    with using(gate := Gate()), pytest.raises(InvalidMomentError, match="TicketFactory's at must be a datetime"):
        TicketFactory(used=True, entry__at="May")
    assert gate.now == JUNE
    with pytest.raises(NoMomentError, match=r"ParcelFactory would not use at: pay takes no `at`, and Post has no `at"):
        ParcelFactory(paid=True, payment__at=MAY)
    assert post.log == []


@pytest.mark.parametrize("way", ["create", "build", "stub"])
def test_a_factory_in_the_place_of_an_object_is_refused(post, way):
    class NumberedFactory(ParcelFactory):
        class Meta:
            build_only = ("id",)

        id = 0

    class NotedFactory(LabelFactory):
        parcel = One(ParcelFactory)

    with pytest.raises(FactoryGivenError, match="NotedFactory's parcel is given the factory NumberedFactory itself"):
        getattr(NotedFactory, way)(parcel=NumberedFactory)
    assert post.log == []


@pytest.mark.parametrize("hook", [Many(LabelFactory, "parcel"), factory.PostGeneration(print), Then("pay")])
def test_a_hook_whose_name_ends_in_an_underscore_is_refused_a_value_in_one_line(post, hook):
    made = type("OddFactory", (ParcelFactory,), {"more_": hook})
    with pytest.raises(InvalidHookNameError, match="OddFactory's more_ can be given no value"):
        made(more_=2)
    assert post.log == []
    assert made().to == "ada"
