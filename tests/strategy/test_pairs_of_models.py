"""Pairs whose ends are of two models: ids of the one say nothing of the other; and roles take their own model only."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass, make_dataclass
from types import SimpleNamespace
from typing import Protocol, TypedDict, runtime_checkable

import factory
import pytest

from seedbed import Many, One, Range, ServiceFactory, recycle, using
from seedbed.strategy.errors import WrongObjectError
from seedbed.strategy.pool_errors import NotEnoughError
from seedbed.strategy.standing import standing_in_for


@dataclass(frozen=True)
class Member:
    id: int
    reviews_count: int = 0

    def wave(self) -> str:
        return "hello"


@dataclass(frozen=True)
class Film:
    id: int


@dataclass(frozen=True)
class Review:
    film_id: int
    member_id: int


@dataclass(frozen=True)
class Friendship:
    one_id: int
    other_id: int


class Club:
    """Members and films both count from 0."""

    def __init__(self):
        self.members, self.films = itertools.count(), itertools.count()
        self.reviews, self.friends = [], []

    def join(self) -> Member:
        return Member(next(self.members))

    def bring(self) -> Film:
        return Film(next(self.films))

    def review(self, film_id: int, member_id: int) -> Review:
        self.reviews.append(Review(film_id, member_id))
        return self.reviews[-1]

    def rate(self, film: Film, member: Member) -> Review:
        return self.review(film.id, member.id)

    def befriend(self, one_id: int, other_id: int) -> Friendship:
        return Friendship(one_id, other_id)


class MemberFactory(ServiceFactory[Member]):
    class Meta:
        service = Club.join

    reviews = Many("tests.strategy.test_pairs_of_models.ReviewFactory", "member", actor="film")


class FilmFactory(ServiceFactory[Film]):
    class Meta:
        service = Club.bring

    reviews = Many("tests.strategy.test_pairs_of_models.ReviewFactory", "film", actor="member")


class ReviewFactory(ServiceFactory[Review]):
    class Meta:
        service = Club.review
        pairs = ("film", "member")

    film = One(FilmFactory)
    member = One(MemberFactory)


class RatingFactory(ReviewFactory):
    class Meta:
        service = Club.rate


class PickyFactory(ReviewFactory):
    class Meta:
        fits = staticmethod(lambda _film, _member: True)


class FriendshipFactory(ServiceFactory[Friendship]):
    class Meta:
        service = Club.befriend
        pairs = ("one", "other")

    one = One(MemberFactory)
    other = One(MemberFactory)


@pytest.fixture
def club():
    with using(Club()) as binding:
        yield binding.app


@pytest.mark.parametrize("made", [ReviewFactory, RatingFactory, PickyFactory])
@pytest.mark.parametrize("batch", [True, False])
def test_all_pairs_can_be_had_and_no_more(club, made, batch):
    members, films = MemberFactory.create_batch(3), FilmFactory.create_batch(3)
    with recycle(members, films):
        if batch:
            made.create_batch(9)
        else:
            for _ in range(9):
                made()
        with pytest.raises(NotEnoughError, match=r"10 different pairs of film and member .* and there are 9"):
            made()

    assert len(set(club.reviews)) == 9


def test_each_may_have_all_of_the_others(club):
    with recycle(MemberFactory.create_batch(4)):
        for film in FilmFactory.create_batch(4, reviews=4):
            assert {one.member_id for one in club.reviews if one.film_id == film.id} == {0, 1, 2, 3}
    with recycle(FilmFactory.create_batch(3)):
        MemberFactory(reviews=Range(3, 3))


def test_an_end_that_is_given_by_id_or_as_object_excludes_nobody(club):
    members, films = MemberFactory.create_batch(2), FilmFactory.create_batch(2)
    with recycle(members):
        assert {ReviewFactory(film=films[1]).member_id for _ in range(2)} == {0, 1}
        assert {ReviewFactory(film_id=0).member_id for _ in range(2)} == {0, 1}


@pytest.mark.usefixtures("club")
def test_of_one_model_nobody_is_paired_with_oneself():
    with recycle(MemberFactory.create_batch(3)):
        made = FriendshipFactory.create_batch(6)
        with pytest.raises(NotEnoughError, match="there are 6"):
            FriendshipFactory()

    assert all(one.one_id != one.other_id for one in made)


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize("role", ["one", "other"])
def test_where_one_end_may_be_of_a_narrower_model_nobody_is_paired_with_oneself_either(role):
    @dataclass(frozen=True)
    class Guide(Member):
        pass

    class GuideFactory(ServiceFactory[Guide]):
        class Meta:
            service = lambda app: Guide(next(app.members))  # noqa: E731 - the service itself

    guided = type("GuidedFactory", (FriendshipFactory,), {role: One(GuideFactory)})
    with recycle(GuideFactory.create_batch(3)):
        made = guided.create_batch(6)
        with pytest.raises(NotEnoughError, match="there are 6"):
            guided()

    assert all(one.one_id != one.other_id for one in made)


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize("key", ["id", "pk", "uuid"])
def test_an_object_that_was_read_twice_counts_once_whatever_its_key_is_called(key):
    class SeatFactory(ServiceFactory):
        class Meta:
            model = make_dataclass("Seat", [key])
            service = "seat"

    class TakenFactory(ServiceFactory[Review]):
        class Meta:
            model = Review
            service = lambda _app, film, seat: Review(film.id, getattr(seat, key))  # noqa: E731 - as above
            pairs = ("film", "seat")

        film = One(FilmFactory)
        seat = One(SeatFactory)

    seat = SeatFactory._meta.model(7)
    with recycle(FilmFactory(), seat, copy.copy(seat)):
        assert TakenFactory().member_id == 7
        with pytest.raises(NotEnoughError):
            TakenFactory()


@runtime_checkable
class Waves(Protocol):
    """What members are, though they do not say so; nothing of other tests fits it."""

    def wave(self) -> str: ...


class WavingFactory(ServiceFactory):
    class Meta:
        model = Waves
        service = Club.join


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize("roles", [("one",), ("other",), ("one", "other")])
def test_nobody_is_paired_with_oneself_where_an_end_is_of_a_protocol(roles):
    made = type("WavingFriendsFactory", (FriendshipFactory,), {role: One(WavingFactory) for role in roles})
    with recycle(MemberFactory.create_batch(3)):
        friends = made.create_batch(6)
        with pytest.raises(NotEnoughError, match="there are 6"):
            made()

    assert all(one.one_id != one.other_id for one in friends)


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize("ends", [("film", "member"), ("member", "film")])
def test_one_end_of_a_pair_may_be_no_role(ends):
    class TonightFactory(ServiceFactory[Review]):
        class Meta:
            service = Club.rate
            pairs = ends

        member = One(MemberFactory)
        film = Film(0)

    with recycle(MemberFactory.create_batch(3)):
        for film in (Film(0), Film(1)):
            assert {TonightFactory(film=film).member_id for _ in range(3)} == {0, 1, 2}
            with pytest.raises(NotEnoughError, match="3"):
                TonightFactory(film=film)


class Card(TypedDict):
    id: int


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize("card", [Card, dict[str, int]])
def test_a_model_that_has_no_instances_may_be_at_an_end_while_others_are_recycled(card):
    class CardFactory(ServiceFactory):
        class Meta:
            model = card
            service = lambda app: {"id": next(app.members)}  # noqa: E731 - the service itself

    carded = type("CardedFactory", (ReviewFactory,), {"member": One(CardFactory)})
    befriended = type("BefriendedFactory", (FriendshipFactory,), {"one": One(CardFactory), "other": One(CardFactory)})
    films = FilmFactory.create_batch(2)
    with recycle(films):
        made, friends = carded.create_batch(2), befriended()

    assert {one.film_id for one in made} <= {film.id for film in films}
    assert friends.one_id != friends.other_id

    fixture = type("Factory", (befriended,), {"__module__": "factory.base"})  # as pytest-factoryboy derives them
    standing = {"id": 70}
    for role, partner in (("one", "other"), ("other", "one")):
        with standing_in_for({role: standing}):
            paired = [fixture(**{role: standing, partner: {"id": key}}) for key in (70, 71)]
        assert [getattr(each, f"{role}_id") == 70 for each in paired] == [False, True]


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize(
    ("role", "thing", "wanted"),
    [("film", Member(1), "Film"), ("member", Film(1), "Member"), ("film", Review(1, 1), "Film")],
)
def test_a_role_refuses_what_another_factory_makes(role, thing, wanted):
    with pytest.raises(WrongObjectError, match=f"ReviewFactory's {role} must be of {wanted}, not "):
        ReviewFactory(**{role: thing})


def test_strangers_go_by_their_ids(club):
    made = ReviewFactory(film=SimpleNamespace(id=5), member=factory.SelfAttribute("film"))

    assert made == Review(5, 5)
    assert club.reviews == [made]
