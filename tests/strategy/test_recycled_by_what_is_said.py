"""`recycle` for a role that says something of its object: one that is so is taken, else one is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import factory
import pytest

from seedbed import One, ServiceFactory, Trait, recycle, using


@dataclass(frozen=True)
class Tenant:
    id: int
    name: str


@dataclass
class Account:
    """It has its tenant's id."""

    id: int
    tenant_id: int | None
    kind: str


@dataclass
class Card:
    """It has the tenant itself."""

    id: int
    tenant: Tenant | None
    kind: str


class Bank:
    def __init__(self) -> None:
        self.made: list[Any] = []

    def found(self, name: str) -> Tenant:
        return self._keep(Tenant, name)

    def open(self, tenant_id: int | None = None, kind: str = "giro") -> Account:
        return self._keep(Account, tenant_id, kind)

    def issue(self, tenant: Tenant | None = None, kind: str = "giro") -> Card:
        return self._keep(Card, tenant, kind)

    def pay(self, source: Any, target: Any, tenant: Tenant | None) -> dict[str, Any]:
        return {"id": 1, "source": source, "target": target, "tenant": tenant}

    def _keep(self, kind: Any, *values: Any) -> Any:
        self.made.append(kind(len(self.made) + 1, *values))
        return self.made[-1]


class TenantFactory(ServiceFactory[Tenant]):
    class Meta:
        service = Bank.found

    name = factory.Sequence("tenant {}".format)


class AccountFactory(ServiceFactory[Account]):
    class Meta:
        service = Bank.open

    class Params:
        saving = Trait(kind="saving")
        level = "high"

    tenant = One(TenantFactory)
    kind = "giro"


class CardFactory(ServiceFactory[Card]):
    class Meta:
        service = Bank.issue

    class Params:
        saving = Trait(kind="saving")
        level = "high"

    tenant = One(TenantFactory)
    kind = "giro"


def paid_by(made, **said):
    class PaymentFactory(ServiceFactory[dict]):
        class Meta:
            model = dict
            service = Bank.pay

        tenant = One(TenantFactory)
        source = One(made, **said)
        target = One(made, **said)

    return PaymentFactory


def tenant_of(one: Any) -> Any:
    return one.tenant_id if isinstance(one, Account) else one.tenant.id


@pytest.fixture
def bank():
    with using(Bank(), seed=1) as binding:
        yield binding.app


OURS = factory.SelfAttribute("..tenant")
MADE = pytest.mark.parametrize("made", [AccountFactory, CardFactory])


@MADE
@pytest.mark.parametrize("strategy", ["create", "build"])
def test_two_roles_are_kept_in_one_tenant_and_nobody_is_made(bank, made, strategy):
    tenants = TenantFactory.create_batch(3)
    accounts = [made(tenant=tenant) for tenant in tenants for _ in range(2)]
    count = len(bank.made)
    payment_factory = paid_by(made, tenant=OURS)
    with recycle(tenants, accounts):
        payments = getattr(payment_factory, f"{strategy}_batch")(30)
    assert len(bank.made) == count
    assert {tenant_of(one[end]) == one["tenant"].id for one in payments for end in ("source", "target")} == {True}
    assert {one["source"].id for one in payments} == {account.id for account in accounts}


@MADE
@pytest.mark.parametrize(
    "said",
    [
        {"kind": "giro"},
        {"tenant": OURS, "kind": "giro"},
        {"kind": factory.SelfAttribute("..tenant.name")},
        {"kind": factory.SelfAttribute("..tenant.colour", default="giro")},
    ],
)
def test_one_that_is_as_it_is_said_is_taken(bank, made, said):
    tenant = TenantFactory(name="giro")
    account, _ = made(tenant=tenant), made(kind="other")
    count = len(bank.made)
    payment_factory = paid_by(made, **said)
    with recycle(tenant, account, bank.made[-1]):
        payment = payment_factory(tenant=tenant)
    assert payment["source"] is payment["target"] is account
    assert len(bank.made) == count


NEW = {
    "of another tenant": {"tenant": OURS},
    "of another kind": {"kind": "else"},
    "one of two": {"tenant": OURS, "kind": "giro"},
    "nobody's": {"tenant": None},
    "drawn": {"kind": factory.LazyFunction(lambda: "giro")},
    "computed": {"kind": factory.LazyAttribute(lambda _: "giro")},
    "of itself": {"kind": factory.SelfAttribute("level")},
    "a trait": {"saving": True},
    "a parameter": {"level": "high"},
    "of what it needs": {"tenant__name": "Ada"},
}


@MADE
@pytest.mark.parametrize("way", NEW)
def test_all_else_is_made(bank, made, way):
    account = made()
    payment_factory = paid_by(made, **NEW[way])
    with recycle(account):
        payment = payment_factory(tenant=TenantFactory())
    assert account is not payment["source"]
    assert account is not payment["target"]


@MADE
@pytest.mark.parametrize("said", [{"source__kind": "giro"}, {"source__tenant": OURS}])
def test_what_the_call_says_describes_a_new_one(bank, made, said):
    account = made()
    payment_factory = paid_by(made, kind="giro")
    with recycle(account):
        payment = payment_factory(tenant=bank.made[0], **said)
    assert payment["source"] is not account
    assert payment["target"] is account


@MADE
def test_one_that_is_so_no_more_is_not_taken(bank, made):
    account = made()
    payment_factory = paid_by(made, kind="giro")
    with recycle(account):
        assert payment_factory()["source"] is account
        account.kind = "closed"
        assert payment_factory()["source"] is not account


def test_where_all_are_paired_one_is_made(bank):
    class PaymentFactory(paid_by(AccountFactory, tenant=OURS)):
        class Meta:
            pairs = ("source", "target")

    tenant = TenantFactory()
    one, other = AccountFactory.create_batch(2, tenant=tenant)
    with recycle(tenant, one, other):
        payments = PaymentFactory.create_batch(3)
    pairs = [{payment["source"].id, payment["target"].id} for payment in payments]
    assert pairs[:2] == [{one.id, other.id}] * 2
    assert len(bank.made) > 3
    assert {payment["target"].tenant_id for payment in payments} == {tenant.id}
