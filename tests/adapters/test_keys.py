"""Models whose key is not called `id`: they fill roles, are recycled, paired and read back by it."""

from __future__ import annotations

import factory
import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry

from seedbed import Many, One, ServiceFactory, Then, Trait, recycle, using
from seedbed.sqlalchemy import unit_of_work
from seedbed.strategy.errors import BuildFailureError, UnusedArgumentError, WrongObjectError
from seedbed.strategy.keys import NO_KEY, key_of
from seedbed.strategy.pool_errors import NotEnoughError


class Base(DeclarativeBase):
    pass


class Guest(Base):
    __tablename__ = "guests"
    code: Mapped[str] = mapped_column("guest_code", primary_key=True)
    stays_count: Mapped[int] = mapped_column(default=0)


class Room(Base):
    __tablename__ = "rooms"
    number: Mapped[int] = mapped_column(primary_key=True)
    is_clean: Mapped[bool] = mapped_column(default=False)


class Stay(Base):
    __tablename__ = "stays"
    guest_code: Mapped[str] = mapped_column(ForeignKey("guests.guest_code"), primary_key=True)
    room_number: Mapped[int] = mapped_column(ForeignKey("rooms.number"), primary_key=True)


class Bill(Base):
    __tablename__ = "bills"
    id: Mapped[int] = mapped_column(primary_key=True)
    guest_code: Mapped[str]


class Hotel:
    def __init__(self, session: Session) -> None:
        self.session = session

    def welcome(self, code: str) -> Guest:
        return self._add(Guest(code=code))

    def build(self) -> Room:
        return self._add(Room())

    def clean(self, room_number: int) -> None:
        self.session.get_one(Room, room_number).is_clean = True
        self.session.flush()

    def check_in(self, guest_code: str, room_number: int) -> Stay:
        self.session.get_one(Guest, guest_code).stays_count += 1
        return self._add(Stay(guest_code=guest_code, room_number=self.session.get_one(Room, room_number).number))

    def check_in_by_ids(self, guest_id: str, room_id: int) -> Stay:
        return self.check_in(guest_id, room_id)

    def check_in_by_keys(self, guest: str, room: int) -> Stay:
        return self.check_in(guest, room)

    def charge(self, guest_code: str) -> Bill:
        return self._add(Bill(guest_code=guest_code))

    def remind(self, guest_code: str, bill_id: int) -> dict:
        return {"id": 1, "guest": guest_code, "bill": self.session.get_one(Bill, bill_id).guest_code}

    def _add(self, row):
        self.session.add(row)
        self.session.flush()
        return row


class HotelFactory(ServiceFactory):
    class Meta:
        abstract = True
        unit_of_work = unit_of_work("session")


class GuestFactory(HotelFactory):
    class Meta:
        model = Guest
        service = "welcome"

    code = factory.Sequence("G{}".format)
    stays = Many("tests.adapters.test_keys.StayFactory", "guest")


class RoomFactory(HotelFactory):
    class Meta:
        model = Room
        service = "build"

    class Params:
        clean = Trait(cleaning=Then("clean"))


class StayFactory(HotelFactory):
    class Meta:
        model = Stay
        service = "check_in"
        pairs = ("guest", "room")

    class Params:
        guest = One(GuestFactory)
        room = One(RoomFactory)


class ByIdsFactory(StayFactory):
    class Meta:
        service = "check_in_by_ids"


class ByKeysFactory(StayFactory):
    class Meta:
        service = "check_in_by_keys"


class BillFactory(HotelFactory):
    class Meta:
        model = Bill
        service = "charge"

    guest = One(GuestFactory)


class ReminderFactory(HotelFactory):
    class Meta:
        model = dict
        service = "remind"

    guest = One(GuestFactory)
    bill = One(BillFactory, guest=factory.SelfAttribute("..guest"))


@pytest.fixture
def hotel():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session, using(Hotel(session)) as binding:
        yield binding.app
    engine.dispose()


every_way = pytest.mark.parametrize("made", [StayFactory, ByIdsFactory, ByKeysFactory])


@every_way
def test_a_role_is_given_by_its_key_whatever_that_is_called(hotel, made):
    guest, room = GuestFactory(code="ada"), RoomFactory()
    stay = made(guest=guest, room=room)
    assert (stay.guest_code, stay.room_number, guest.stays_count) == ("ada", room.number, 1)
    assert made().guest_code.startswith("G")


@every_way
def test_they_are_recycled_and_paired_at_most_once(hotel, made):
    guests, rooms = GuestFactory.create_batch(3), RoomFactory.create_batch(2)
    with recycle(guests, rooms):
        stays = made.create_batch(6)
        with pytest.raises(NotEnoughError):
            made(guest=guests[0])
    assert len({(stay.guest_code, stay.room_number) for stay in stays}) == 6
    assert [guest.stays_count for guest in guests] == [2, 2, 2]


@pytest.mark.parametrize(
    ("made", "keys"),
    [(StayFactory, ("guest_code", "room_number")), (ByIdsFactory, ("guest_id", "room_id"))],
)
def test_nobody_is_made_for_a_role_whose_key_is_given(hotel, made, keys):
    guests, rooms = GuestFactory.create_batch(3), RoomFactory.create_batch(2)
    by_guest, by_room = keys
    made(**{by_guest: guests[0].code, by_room: rooms[0].number})
    made.create_batch(2, **{by_guest: factory.Iterator([one.code for one in guests[1:]]), by_room: rooms[0].number})
    with recycle(guests, rooms[1]):
        for guest in guests:
            assert made(**{by_guest: guest.code}).room_number == rooms[1].number
        with pytest.raises(NotEnoughError):
            made(**{by_guest: guests[0].code})
        with pytest.raises(NotEnoughError):
            made(guest=guests[0])
    assert len(hotel.session.query(Guest).all()) == 3
    assert len(hotel.session.query(Room).all()) == 2
    with pytest.raises(UnusedArgumentError, match=f"would not use guest__code: {by_guest} is given"):
        made(**{by_guest: "x", "guest__code": "y"})


def test_a_role_is_kept_with_another_by_the_key(hotel):
    guests = GuestFactory.create_batch(3)
    bills = [BillFactory(guest=guest) for guest in guests]
    with recycle(guests, bills):
        made = ReminderFactory.create_batch(10)
    assert all(one["guest"] == one["bill"] for one in made)
    assert hotel.session.query(Bill).count() == 3


def test_what_hooks_and_steps_are_given_is_the_key(hotel):
    assert GuestFactory(stays=2).stays_count == 2
    assert RoomFactory(clean=True).is_clean


def test_a_built_object_has_the_key_of_its_roles(hotel):
    stay = StayFactory.build(room=RoomFactory())
    assert (stay.guest_code[0], stay.room_number) == ("G", 1)


def test_a_class_that_is_mapped_later_has_its_key_from_then_on():
    class Pass:
        pass

    assert key_of(Pass()) is NO_KEY
    registry().map_imperatively(Pass, Table("passes", MetaData(), Column("serial", String, primary_key=True)))
    assert key_of(Pass(serial="x1")) == "x1"


LEAVES = {
    "not flushed yet": lambda _session: None,
    "flushed": lambda session: session.flush(),
    "committed": lambda session: session.commit(),
}


@every_way
@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("way", ["given", "recycled"])
def test_one_that_is_deleted_fills_no_role(hotel, made, leave, way):
    guest = GuestFactory()
    hotel.session.delete(guest)
    LEAVES[leave](hotel.session)
    given = {"guest": guest} if way == "given" else {}
    with (
        recycle(guest),
        pytest.raises((WrongObjectError, BuildFailureError), match="guest must be a stored object, not"),
    ):
        made(**given)
    hotel.session.commit()
    assert hotel.session.query(Stay).count() == 0


def test_one_whose_deletion_is_undone_fills_its_role_again(hotel):
    guest = GuestFactory()
    hotel.session.delete(guest)
    hotel.session.flush()
    hotel.session.rollback()
    assert StayFactory(guest=guest).guest_code == guest.code
