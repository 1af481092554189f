"""A role whose object the service gets none of makes none, whoever gives what it would be taken apart for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import factory
import pytest

from seedbed import One, ServiceFactory, Trait, recycle, using
from seedbed.strategy.errors import UnusedArgumentError
from seedbed.strategy.pool_errors import NotEnoughError


@dataclass(frozen=True)
class Tenant:
    id: int
    name: str


@dataclass(frozen=True)
class Host:
    id: int


class Cloud:
    def __init__(self) -> None:
        self.tenants: list[Tenant] = []
        self.sites: list[dict[str, object]] = []

    def rent(self, name: str) -> Tenant:
        self.tenants.append(Tenant(len(self.tenants) + 1, name))
        return self.tenants[-1]

    def plug(self) -> Host:
        return Host(1)

    def open(self, tenant_name: str, title: str = "") -> dict[str, object]:
        return self._keep(tenant=tenant_name, title=title)

    def open_by(self, buyer_id: int) -> dict[str, object]:
        return self._keep(tenant=buyer_id)

    def place(self, host_id: int, tenant_name: str) -> dict[str, object]:
        return self._keep(host=host_id, tenant=tenant_name)

    def _keep(self, **site: object) -> dict[str, object]:
        self.sites.append({"id": len(self.sites) + 1, **site})
        return self.sites[-1]


class TenantFactory(ServiceFactory[Tenant]):
    class Meta:
        service = Cloud.rent

    name = factory.Sequence("tenant {}".format)


class SiteFactory(ServiceFactory[dict]):
    class Meta:
        model = dict
        service = Cloud.open
        arguments: ClassVar = {"tenant.name": "tenant_name"}

    class Params:
        is_small = False
        zed = Trait(tenant_name="zed")
        last = Trait(zed=True)
        sized = Trait(zed=factory.Maybe("is_small", yes_declaration=False, no_declaration=True))
        drawn = Trait(tenant_name=factory.Maybe("is_small", "small", "zed"))
        counted = Trait(tenant_name=factory.LazyFunction(lambda: "zed"))
        entitled = Trait(tenant_name=factory.SelfAttribute("title"))
        asked = Trait(tenant_name=factory.LazyAttribute(lambda site: site.tenant.name.upper()))
        unsure = Trait(tenant_name=factory.Maybe("is_small", "small"))

    tenant = One(TenantFactory)
    title = "zed"


class HiddenFactory(SiteFactory):
    class Params:
        tenant = One(TenantFactory)


class PlainSubFactory(SiteFactory):
    tenant = factory.SubFactory(TenantFactory)


class ByKeyFactory(SiteFactory):
    """Its service takes a key by another name."""

    class Meta:
        service = Cloud.open_by
        arguments: ClassVar = {"tenant": "buyer_id"}

    class Params:
        zed = Trait(buyer_id="zed")
        drawn = Trait(buyer_id=factory.Maybe("is_small", "small", "zed"))
        counted = Trait(buyer_id=factory.LazyFunction(lambda: "zed"))
        entitled = asked = unsure = None
        title = None


def below(made, **body):
    return type(f"Below{made.__name__}", (made,), body)


def in_params(made, **params):
    return below(made, Params=type("Params", (), params))


def of_another(made, **said):
    class Visit(ServiceFactory[dict]):
        class Meta:
            model = dict

            def service(app, site):  # noqa: N805
                return site

        site = One(made)

    return Visit(**said)


WAYS = {
    "a trait": lambda made: made(zed=True),
    "a trait of a trait": lambda made: made(last=True),
    "a trait by a Maybe": lambda made: made(sized=True),
    "a trait by a declaration": lambda made: made(zed=factory.LazyFunction(lambda: True)),
    "a trait that draws": lambda made: made(drawn=True),
    "a trait that computes": lambda made: made(counted=True),
    "a batch": lambda made: made.create_batch(2, zed=True)[0],
    "each of several": lambda made: made.create_each([{"zed": True}])[0],
    "a subclass that switches a trait on": lambda made: below(made, zed=True)(),
    "a trait of a subclass": lambda made: in_params(made, late=Trait(zed=True))(late=True),
    "a nested trait": lambda made: of_another(made, site__zed=True),
    "a trait in a role": lambda made: of_another(made, site=factory.SubFactory(made, zed=True)),
}


ASKS = factory.SelfAttribute("tenant.name")
"""As a fixture of pytest-factoryboy gives what the class declares."""


@pytest.fixture
def cloud():
    with using(Cloud()) as binding:
        yield binding.app


@pytest.mark.parametrize("made", [SiteFactory, HiddenFactory, PlainSubFactory, ByKeyFactory])
@pytest.mark.parametrize("way", WAYS)
def test_nobody_is_made_where_it_is_given(cloud, made, way):
    assert WAYS[way](made)["tenant"] == "zed"
    assert cloud.tenants == []


@pytest.mark.parametrize("made", [SiteFactory, HiddenFactory, PlainSubFactory])
def test_nobody_is_made_where_a_trait_reads_another_field(cloud, made):
    assert made(entitled=True)["tenant"] == "zed"
    assert cloud.tenants == []


@pytest.mark.parametrize("made", [SiteFactory, HiddenFactory, ByKeyFactory])
@pytest.mark.parametrize("value", ["zed", factory.LazyFunction(lambda: "zed"), factory.Sequence(lambda _: "zed")])
def test_nobody_is_made_where_a_subclass_says_it(cloud, made, value):
    name = "buyer_id" if made is ByKeyFactory else "tenant_name"
    assert below(made, **{name: value})()["tenant"] == "zed"
    assert cloud.tenants == []


@pytest.mark.parametrize("made", [SiteFactory, HiddenFactory, PlainSubFactory])
@pytest.mark.parametrize(
    "said",
    [{}, {"zed": False}, {"asked": True}, {"unsure": True}, {"sized": True, "is_small": True}, {"tenant_name": ASKS}],
)
def test_one_is_made_where_it_is_wanted_all_the_same(cloud, made, said):
    site = made(**said)
    assert [site["tenant"].lower()] == [tenant.name for tenant in cloud.tenants]


@pytest.mark.parametrize("said", [{"zed": True}, {"tenant_name": "zed"}])
def test_one_is_made_where_another_field_asks_for_it(cloud, said):
    made = below(SiteFactory, title=factory.LazyAttribute(lambda site: f"of {site.tenant.name}"))
    site = made(**said)
    assert (site["tenant"], [site["title"]]) == ("zed", [f"of {tenant.name}" for tenant in cloud.tenants])


@pytest.mark.parametrize("said", [{"zed": True}, {"last": True}, {"tenant_name": "zed"}])
def test_what_is_said_of_an_object_that_is_not_made_is_refused(cloud, said):
    with pytest.raises(UnusedArgumentError, match="would not use tenant__name: tenant_name is given"):
        SiteFactory(tenant__name="vain", **said)
    assert (cloud.tenants, cloud.sites) == ([], [])


@pytest.mark.parametrize("said", [{"zed": True}, {"tenant_name": "zed"}])
def test_who_is_not_known_is_paired_with_nobody(cloud, said):
    class HostFactory(ServiceFactory[Host]):
        class Meta:
            service = Cloud.plug

    class Placed(SiteFactory):
        class Meta:
            service = Cloud.place
            pairs = ("host", "tenant")

        host = One(HostFactory)
        title = None

        class Params:
            title = None

    host = HostFactory()
    with recycle(host):
        assert [site["host"] for site in Placed.create_batch(2, **said)] == [1, 1]
    with recycle(host, TenantFactory()):
        Placed()
        with pytest.raises(NotEnoughError):
            Placed()
