"""A drawn value that is taken: the refusal names the seed that drew it before, and what to do."""

from __future__ import annotations

import itertools
import pickle
import sqlite3
from datetime import UTC, datetime
from types import SimpleNamespace

import factory
import pytest

from factories import BuildFailureError, CommentFactory, PostFactory, Trait, UserFactory, using
from seedbed import Bulk, Draw, ServiceFactory, before_create
from services import connect
from services.errors import EmailTakenError, HandleTakenError, IdTakenError, UsernameTakenError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAYS = "drawn by the seed 7"


@pytest.fixture
def bound():
    with connect(seed=1) as app, using(app, seed=7) as binding:
        yield binding


def _refusal(make) -> BuildFailureError:
    with pytest.raises(BuildFailureError) as caught:
        make()
    return caught.value


_NUMBERS = itertools.count()
NEW = factory.LazyFunction(lambda: f"new{next(_NUMBERS)}@example.org")
NAME = Draw(lambda random, _: f"name_{random.getrandbits(40)}")
DECLARED = {
    EmailTakenError: {},
    UsernameTakenError: {"email": NEW, "username": NAME},
    HandleTakenError: {"email": NEW, "username": factory.LazyAttribute(lambda user: user.email[:-12]), "handle": NAME},
}


@pytest.mark.parametrize("cause", DECLARED)
@pytest.mark.parametrize("is_reset", [False, True])
def test_a_drawn_value_that_is_taken_names_the_seed(bound, cause, is_reset):
    maker = type("UserFactory", (UserFactory,), DECLARED[cause])
    maker()
    if is_reset:
        UserFactory.reset_sequence()
        error = _refusal(maker)
    else:
        with using(bound.app, seed=7):
            error = _refusal(maker)
    assert type(error.cause) is cause
    assert SAYS in str(error)
    assert "using(app, seed=...)" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own


@pytest.mark.parametrize("field", ["email", "username", "handle"])
def test_a_given_value_that_is_taken_does_not(bound, field):
    user = UserFactory()
    assert SAYS not in str(_refusal(lambda: UserFactory(**{field: getattr(user, field)})))


def test_what_follows_from_a_given_value_is_not_drawn(bound):
    UserFactory(username="ada")
    error = _refusal(lambda: UserFactory(username="adele", handle=factory.LazyAttribute(lambda _: "ada")))
    assert isinstance(error.cause, HandleTakenError)
    assert SAYS not in str(error)


@pytest.mark.parametrize(
    "declared",
    [
        {"handle": "ada"},
        {"handle": factory.LazyFunction(lambda: "ada")},
        {"Params": type("Params", (), {"famous": Trait(handle="ada")}), "famous": True},
    ],
)
def test_a_declared_value_that_is_taken_is_not_drawn(bound, declared):
    maker = type("UserFactory", (UserFactory,), declared)
    maker()
    error = _refusal(maker)
    assert isinstance(error.cause, HandleTakenError)
    assert SAYS not in str(error)


def test_a_hook_that_changes_a_value_may_have_decided_it(bound):
    class Renamed(UserFactory):
        @before_create
        def rename(self, values):
            return {**values, "email": "ada@example.org"}

    Renamed()
    assert SAYS not in str(_refusal(Renamed))


@pytest.mark.parametrize("maker", [UserFactory, PostFactory, CommentFactory])
def test_an_id_that_is_taken_names_the_seed(bound, maker):
    if maker is UserFactory:
        first, other = {"at": NOON}, {"username": "eve", "email": "eve@example.org"}
    elif maker is PostFactory:
        first, other = {"at": NOON, "author": UserFactory(at=NOON)}, {"caption": "another"}
    else:
        post = PostFactory(at=NOON)
        first, other = {"at": NOON, "post": post, "user_id": post.author_id}, {"content": "another"}
    maker(**first)
    with using(bound.app, seed=7):
        error = _refusal(lambda: maker(**first, **other))
    assert isinstance(error.cause, IdTakenError)
    assert SAYS in str(error)


def test_of_a_batch_the_first_failure_tells_it(bound):
    UserFactory.create_batch(2)
    with using(bound.app, seed=7):
        error = _refusal(lambda: UserFactory.create_batch(3))
    assert len(error.failures) == 2
    assert len(error.created) == 1
    assert all(str(one).count(SAYS) == 1 for one in (error, *error.failures))


# Apps of others


class DuplicateAccount(Exception):  # noqa: N818 - as others name theirs
    pass


class Accounts:
    def __init__(self, refuse):
        self.known, self._refuse = set(), refuse

    def open(self, *, name: str, code: str):
        if code in self.known:
            raise self._refuse(name, code)
        self.known.add(code)
        return SimpleNamespace(id=code, name=name, code=code)

    def open_all(self, rows):
        return [self._try(**row) for row in rows]

    def _try(self, **row):
        try:
            return self.open(**row)
        except Exception as error:  # noqa: BLE001 - a bulk path returns what it refused
            return error


REFUSALS = {
    "by value": (lambda _name, code: DuplicateAccount(f"{code} is there"), True),
    "by column": (lambda _name, _code: sqlite3.IntegrityError("UNIQUE constraint failed: accounts.code"), True),
    "another column": (lambda _name, _code: sqlite3.IntegrityError("UNIQUE constraint failed: accounts.name"), False),
    "in the statement": (
        lambda _name, code: sqlite3.IntegrityError(f"UNIQUE constraint failed: accounts.x\n[SQL: {code}]"),
        False,
    ),
    "another rule": (lambda _name, code: ValueError(f"{code} is too long"), False),
}


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("is_bulk", [False, True])
def test_so_it_is_with_services_of_others(kind, is_bulk):
    refuse, is_told = REFUSALS[kind]

    class AccountFactory(ServiceFactory):
        class Meta:
            model = SimpleNamespace
            service = "accounts.open"
            bulk_service = Bulk("accounts.open_all", row=dict)

        name = "Ada"
        code = Draw(lambda random, _: f"c{random.getrandbits(60)}")

    app = SimpleNamespace(accounts=Accounts(refuse))
    make = (lambda: AccountFactory.create_batch(2)) if is_bulk else AccountFactory
    with using(app, seed=7):
        make()
    with using(app, seed=7):
        error = _refusal(make)
    assert (SAYS in str(error)) is is_told
    assert (SAYS in str(error.failures[-1])) is is_told
