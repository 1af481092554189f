"""acting: an actor and a tenant for each service call; of a program of accounts, whose services ask who calls them."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import contextmanager
from dataclasses import dataclass

import factory
import pytest

from seedbed import BuildFailureError, One, ServiceFactory, acting, using
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import MissingActorError, NoServiceError


class NotAllowedError(Exception):
    def __str__(self):
        return "only managers refund"


@dataclass(frozen=True)
class Person:
    name: str
    role: str = "clerk"


@dataclass(frozen=True)
class Tenant:
    id: int


@dataclass(frozen=True)
class Account:
    owner: str
    opened_by: str
    tenant_id: int = 0


@dataclass(frozen=True)
class Refund:
    account: Account
    by: str


class Bank:
    def __init__(self):
        self.user = None
        self.calls = []

    @contextmanager
    def as_user(self, user=None, *, tenant=None):
        before, self.user = self.user, user
        self.calls.append(("as", user, tenant))
        try:
            yield
        finally:
            self.user = before

    def register(self, name):
        self.calls.append(("register", name))
        return Person(name)

    def open_account(self, owner, current_user, tenant_id=0):
        return Account(owner, current_user.name, tenant_id)

    def refund(self, account, actor):
        if actor.role != "manager":
            raise NotAllowedError
        return Refund(account, actor.name)

    def whoami(self, name):
        return Person(name, self.user.role if self.user else "nobody")


class AccountFactory(ServiceFactory[Account]):
    class Meta:
        model = Account
        service = "open_account"
        actor = {"current_user": "actor", "tenant_id": "tenant.id"}  # noqa: RUF012 - an option

    owner = factory.Sequence("owner {}".format)


class RefundFactory(ServiceFactory[Refund]):
    class Meta:
        model = Refund
        service = "refund"
        actor = "actor"

    account = One(AccountFactory)


class WhoFactory(ServiceFactory[Person]):
    class Meta:
        model = Person
        service = "whoami"
        within = "as_user"

    name = "x"


ADA, BEN = Person("ada"), Person("ben", "manager")


@pytest.fixture
def bank():
    bank = Bank()
    with using(bank):
        yield bank


def test_the_service_is_told_who_acts_and_for_what(bank):
    with acting(ADA, tenant=Tenant(7)):
        assert AccountFactory(owner="o") == Account("o", "ada", 7)
        assert [one.opened_by for one in AccountFactory.create_batch(2)] == ["ada", "ada"]


def test_blocks_add_to_those_around_them(bank):
    with acting(tenant=Tenant(7)):
        with acting(ADA), acting(BEN):
            assert AccountFactory(owner="o") == Account("o", "ben", 7)
        with pytest.raises(MissingActorError):
            AccountFactory()


def test_nested_factories_act_for_the_same(bank):
    with acting(BEN):
        assert RefundFactory(account__owner="o") == Refund(Account("o", "ben"), "ben")


def test_what_the_call_says_comes_first(bank):
    with acting(ADA):
        assert AccountFactory(current_user=BEN).opened_by == "ben"
    assert AccountFactory(current_user=BEN).opened_by == "ben"


def test_who_acts_stands_before_what_is_declared_which_is_then_not_made(bank):
    class OwnFactory(AccountFactory):
        current_user = factory.SubFactory(WhoFactory, name="declared")

    assert OwnFactory().opened_by == "declared"
    bank.calls.clear()
    with acting(ADA):
        assert OwnFactory().opened_by == "ada"
        assert OwnFactory(current_user__name="given").opened_by == "given"
    assert [call[0] for call in bank.calls] == ["as"]  # for the one that was given


def test_what_is_built_is_as_it_is_declared_whoever_acts(bank):
    class NoteFactory(ServiceFactory[dict]):
        class Meta:
            service = lambda _app, **values: values  # noqa: E731 - the service itself
            model = dict
            actor = {"by": "actor"}  # noqa: RUF012 - an option

        by = "declared"

    with acting(ADA):
        assert [NoteFactory.build(), NoteFactory.create()] == [{"by": "declared"}, {"by": ADA}]


def test_a_service_that_takes_no_actor_is_called_without(bank):
    class BankFactory(ServiceFactory):
        class Meta:
            abstract = True
            actor = "actor"

    class PersonFactory(BankFactory):
        class Meta:
            model = Person
            service = "register"

        name = "x"

    with acting(ADA):
        assert PersonFactory() == Person("x")
        assert PersonFactory.build() == Person("x")


def test_where_nobody_acts_nothing_is_made_and_the_remedy_is_said(bank):
    class EagerFactory(AccountFactory):
        owner = factory.SubFactory(WhoFactory)

    with pytest.raises(MissingActorError, match=r"needs current_user: create inside `with acting\(\.\.\.\):`"):
        EagerFactory.create_batch(3)
    with pytest.raises(MissingActorError, match="RefundFactory's service needs actor"):
        RefundFactory()
    with pytest.raises(MissingActorError, match="AccountFactory's service needs current_user"):
        RefundFactory(actor=BEN)
    assert bank.calls == []


def test_a_block_of_the_apps_own_stands_round_each_call(bank):
    assert WhoFactory().role == "nobody"
    with acting(BEN, tenant=Tenant(3)):
        assert [one.role for one in WhoFactory.create_batch(2)] == ["manager", "manager"]
    assert bank.calls == [("as", BEN, Tenant(3))] * 2
    assert bank.user is None


def test_within_may_be_a_callable_that_takes_the_app_first(bank):
    @contextmanager
    def acting_in(app, tenant):
        app.user = Person("t", f"tenant {tenant.id}")
        yield
        app.user = None

    class TenantFactory(WhoFactory):
        class Meta:
            within = acting_in

    with acting(tenant=Tenant(3)):
        assert TenantFactory().role == "tenant 3"
    assert bank.user is None


def test_a_refusal_says_who_acted_and_what_to_do(bank):
    with acting(ADA), pytest.raises(BuildFailureError) as caught:
        RefundFactory(account=Account("o", "ada"))
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert str(error).startswith("NotAllowedError: only managers refund (RefundFactory with ")
    assert str(error).endswith(
        "acting as Person(name='ada', role='clerk')): let somebody act who may, by `with acting(...)`"
    )
    assert caught.value.acting == {"actor": ADA}


def test_a_batch_that_is_refused_says_it_too(bank):
    with acting(ADA), pytest.raises(BuildFailureError, match=r"acting as Person.*2 of the batch failed"):
        RefundFactory.create_batch(2, account=Account("o", "ada"))


def test_tasks_act_for_their_own(bank):
    async def one(person):
        with acting(person):
            await asyncio.sleep(0)
            return (await AccountFactory.create_async()).opened_by

    async def work():
        return await asyncio.gather(one(ADA), one(BEN))

    assert asyncio.run(work()) == ["ada", "ben"]


@pytest.mark.parametrize("actor", [3, "", {"a": 1}, ["actor"]], ids=str)
def test_an_option_that_says_nothing_is_refused(actor):
    with pytest.raises(InvalidOptionError, match=r"Meta\.actor must be an argument"):
        type("F", (AccountFactory,), {"Meta": type("Meta", (), {"actor": actor})})


def test_a_block_that_the_app_has_not_is_refused_by_name(bank):
    class LostFactory(WhoFactory):
        class Meta:
            within = "as_nobody"

    with acting(ADA), pytest.raises(NoServiceError, match="'as_nobody'"):
        LostFactory()
