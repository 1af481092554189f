"""ServiceFactory against a toy service: it knows no app, so neither does this."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import attrs
import factory
import pytest

from factories.errors import (
    BuildFailureError,
    InvalidCountError,
    InvalidHookError,
    InvalidOptionError,
    NoAppError,
    NoServiceError,
    UnknownArgumentError,
    ValidationFailureError,
)
from factories.texts.locales import using
from seedbed.errors import InvalidSettingError
from seedbed.strategy.base import ServiceFactory, after_create, before_create
from seedbed.strategy.binding import current_app, reset_sequences
from seedbed.strategy.errors import OtherAppError


@attrs.frozen
class Pet:
    name: str
    owner: str = ""
    visits: int = 0


@attrs.frozen
class Owner:
    name: str


class TakenError(Exception):
    pass


class BusyError(Exception):
    pass


class WrongError(Exception):
    fields = ("name", "owner")


class Unit:
    """Queues; what it refuses shows when it is left, or by `stored`."""

    def __init__(self, shop):
        self.shop = shop
        self.queue = []
        self.refused = {}

    def stored(self, value):
        if id(value) in self.refused:
            raise self.refused[id(value)]
        return value

    def commit(self):
        for value in self.queue:
            if value.name in self.shop.rows:
                self.refused[id(value)] = TakenError(value.name)
            else:
                self.shop.rows[value.name] = value
        if self.refused:
            message = "refused"
            raise ExceptionGroup(message, list(self.refused.values()))


class Shop:
    def __init__(self):
        self.rows = {}
        self.units = 0
        self.calls = []
        self.busy = 0
        self.unit = None
        self.owners = self

    @contextmanager
    def unit_of_work(self):
        if self.unit is not None:
            yield self.unit
            return
        self.units += 1
        self.unit = Unit(self)
        try:
            yield self.unit
        finally:
            unit, self.unit = self.unit, None
        unit.commit()

    def add_pet(self, *, name, owner=""):
        self.calls.append(name)
        if self.busy:
            self.busy -= 1
            raise BusyError
        if not name:
            raise WrongError
        return self._add(Pet(name, owner))

    def add_owner(self, *, name):
        return self._add(Owner(name))

    def _add(self, value):
        if self.unit is not None:
            self.unit.queue.append(value)
            return value
        if value.name in self.rows:
            raise TakenError(value.name)
        self.rows[value.name] = value
        return value


class PlainShop:
    """The same without a unit of work."""

    def __init__(self):
        self.rows = {}

    def add_pet(self, *, name, owner=""):
        if name in self.rows:
            raise TakenError(name)
        self.rows[name] = Pet(name, owner)
        return self.rows[name]


class OwnerFactory(ServiceFactory[Owner]):
    class Meta:
        model = Owner
        service = "owners.add_owner"

    name = factory.Sequence("owner-{}".format)


class PetFactory(ServiceFactory[Pet]):
    class Meta:
        model = Pet
        service = "add_pet"

    name = factory.Sequence("pet-{}".format)


class OwnedPetFactory(PetFactory):
    class Params:
        keeper = factory.SubFactory(OwnerFactory)

    owner = factory.SelfAttribute("keeper.name")


class PackFactory(PetFactory):
    """A pet with two companions, made by a hook."""

    @factory.post_generation
    def companions(_pet, _create, extracted, **_kwargs):
        for name in extracted or ():
            PetFactory(name=name)


@pytest.fixture
def shop():
    shop = Shop()
    with using(shop):
        yield shop


# Strategies


def test_create_goes_through_the_service_and_returns_what_it_made(shop):
    pet = PetFactory(name="Rex")
    assert shop.rows == {"Rex": Pet("Rex")}
    assert pet is shop.rows["Rex"]


def test_build_and_stub_touch_nothing(shop):
    assert (PetFactory.build(name="Rex"), PetFactory.stub(name="Rex").name) == (Pet("Rex"), "Rex")
    assert (shop.calls, shop.units) == ([], 0)


def test_a_callable_service_gets_the_app_first(shop):
    class Shouted(ServiceFactory[Pet]):
        class Meta:
            model = Pet

            def service(app, *, name):  # noqa: N805
                return app.add_pet(name=name.upper())

        name = "rex"

    assert Shouted().name == "REX"


def test_without_an_app_create_says_what_to_do():
    with pytest.raises(NoAppError, match=r"with using\(app\).*, or ask for the pytest fixture `seedbed_app`"):
        PetFactory()


def test_a_path_that_the_app_lacks_is_named(shop):
    class Lost(PetFactory):
        class Meta:
            service = "zoo.add"

    with pytest.raises(NoServiceError, match=r"Lost creates through 'zoo\.add', and Shop has no such thing"):
        Lost()


def test_an_app_without_a_unit_of_work_gets_plain_calls():
    shop = PlainShop()
    with using(shop):
        assert PetFactory.create_batch(2, owner="Ada") == [Pet("pet-0", "Ada"), Pet("pet-1", "Ada")]
        with pytest.raises(BuildFailureError, match="TakenError: pet-1"):
            PetFactory(name="pet-1")
    assert list(shop.rows) == ["pet-0", "pet-1"]


@pytest.mark.parametrize(
    ("option", "value"),
    [("service", 3), ("service", "")],
)
def test_a_meta_option_that_cannot_be_used_is_refused_when_the_class_is_made(option, value):
    with pytest.raises(InvalidOptionError, match=f"Meta.{option}"):
        type("Wrong", (PetFactory,), {"Meta": type("Meta", (), {option: value})})


# Without a service it is factory_boy's Factory


def _twins(base):
    class Twin(base):
        class Meta:
            model = Pet
            rename = {"keeper": "owner"}  # noqa: RUF012
            exclude = ("hidden",)

        class Params:
            loud = factory.Trait(name="REX")

        hidden = factory.Sequence(int)
        name = factory.LazyAttribute(lambda pet: f"pet-{pet.hidden}")
        keeper = factory.Transformer("ada", transform=str.title)
        visits = 0

        @classmethod
        def _adjust_kwargs(cls, **kwargs):
            return kwargs | {"visits": kwargs["visits"] + 1}

    return Twin


@pytest.mark.parametrize(
    "use",
    [
        lambda twin: [
            twin(),
            twin.create(name="Tom"),
            twin.build(loud=True),
            twin.create_batch(2, keeper="ben"),
        ],
        lambda twin: [vars(twin.stub(visits=4)), twin.build_batch(2), twin.generate("build", keeper="cy")],
        lambda twin: [twin.create(keeper=factory.Transformer.Force("x")), twin.create(__sequence=40), twin()],
        lambda twin: [twin(), twin.reset_sequence(7), twin()],
    ],
    ids=["strategies", "stubs and batches", "forced values and numbers", "resets"],
)
def test_without_a_service_it_does_what_factory_boy_does(use):
    assert use(_twins(ServiceFactory)) == use(_twins(factory.Factory))


def test_without_a_service_it_raises_what_factory_boy_raises():
    for base in (ServiceFactory, factory.Factory):
        with pytest.raises(TypeError, match="unexpected keyword argument 'nmae'"):
            _twins(base)(nmae="x")


# One unit of work


def test_one_create_with_nested_factories_and_hooks_is_one_unit_of_work(shop):
    OwnedPetFactory()
    assert (shop.units, list(shop.rows)) == (1, ["owner-0", "pet-0"])
    PackFactory(companions=["Tom", "Kit"])
    assert (shop.units, list(shop.rows)[2:]) == (2, ["pet-1", "Tom", "Kit"])


def test_a_batch_is_one_unit_of_work_and_leaves_what_its_singles_would(shop):
    batch = OwnedPetFactory.create_batch(3)
    singles = Shop()
    with using(singles):
        assert batch == [OwnedPetFactory() for _ in range(3)]
    assert (shop.units, singles.units) == (1, 3)
    assert shop.rows == singles.rows


def test_create_each_makes_one_object_for_each_of_the_overrides(shop):
    assert [pet.name for pet in PetFactory.create_each([{"name": "Tom"}, {}, {"name": "Kit"}])] == [
        "Tom",
        "pet-1",
        "Kit",
    ]
    assert shop.units == 1


def test_inside_the_callers_own_unit_of_work_nothing_is_committed(shop):
    with shop.unit_of_work():
        assert PetFactory(name="Rex") == Pet("Rex")
        assert shop.rows == {}
    assert list(shop.rows) == ["Rex"]


def test_a_plain_factory_above_creates_its_nested_objects_through_their_service(shop):
    class Basket(factory.DictFactory):
        pet = factory.SubFactory(PetFactory)

    assert Basket() == {"pet": Pet("pet-0")}
    assert (shop.units, list(shop.rows)) == (1, ["pet-0"])


# Failures


def test_a_refusal_at_the_call_names_factory_values_and_cause(shop):
    with pytest.raises(ValidationFailureError) as caught:
        PetFactory(name="", owner="Ada")
    error = caught.value
    assert (error.factory, error.values, error.fields) == (
        PetFactory,
        {"name": "", "owner": "Ada"},
        ("name", "owner"),
    )
    assert isinstance(error.__cause__, WrongError)
    assert error.failures == (error,)
    assert str(error).startswith("WrongError: ")
    assert str(error).endswith("(PetFactory with name='', owner='Ada')")


def test_a_refusal_at_the_commit_gives_the_same_error_as_one_at_the_call(shop):
    PetFactory(name="Rex")
    with pytest.raises(BuildFailureError) as caught:
        PetFactory(name="Rex")
    assert (type(caught.value), caught.value.values) == (BuildFailureError, {"name": "Rex"})
    assert isinstance(caught.value.cause, TakenError)
    assert caught.value.__cause__ is caught.value.cause


@pytest.mark.parametrize("name", ["", "owner-0"])
def test_a_nested_refusal_names_the_nested_factory(shop, name):
    class Picky(PetFactory):
        owner = factory.LazyAttribute(lambda _pet: PetFactory(name=name).name)

    OwnerFactory()
    with pytest.raises(BuildFailureError) as caught:
        Picky()
    assert (caught.value.factory, caught.value.values["name"]) == (PetFactory, name)


def test_a_batch_tries_all_commits_the_rest_and_raises_once(shop):
    PetFactory(name="pet-2")
    with pytest.raises(BuildFailureError) as caught:
        PetFactory.create_batch(3)
    error = caught.value
    assert [failure.values["name"] for failure in error.failures] == ["pet-2"]
    assert error.created == (Pet("pet-1"), Pet("pet-3"))
    assert list(shop.rows) == ["pet-2", "pet-1", "pet-3"]
    assert "1 of the batch failed, 2 were created" in str(error)


def test_a_batch_collects_refusals_of_the_call_and_of_the_commit(shop):
    names = factory.Iterator(["Rex", "", "Rex", "Tom"])
    with pytest.raises(ValidationFailureError) as caught:
        PetFactory.create_batch(4, name=names)
    assert [type(failure.cause) for failure in caught.value.failures] == [WrongError, TakenError]
    assert list(shop.rows) == ["Rex", "Tom"]


def test_a_declarations_error_passes_as_it_is_and_what_came_before_it_stays(shop):
    class Odd(OwnedPetFactory):
        name = factory.Sequence(lambda n: f"odd-{1 // (2 - n)}")

    with pytest.raises(ZeroDivisionError):
        Odd.create_batch(5)
    assert list(shop.rows) == ["owner-0", "odd-0", "owner-1", "odd-1"]


def test_an_unknown_keyword_names_the_near_ones_before_anything_is_made(shop):
    with pytest.raises(UnknownArgumentError, match="OwnedPetFactory has no 'nmae': did you mean name"):
        OwnedPetFactory(nmae="Rex")
    with pytest.raises(UnknownArgumentError, match="OwnerFactory has no 'nmae'"):
        OwnedPetFactory(keeper__nmae="Ada")
    assert shop.rows == {}


@pytest.mark.parametrize("size", [-1, 1.5, "3", True, None])
def test_a_batch_of_no_whole_number_is_refused(shop, size):
    with pytest.raises(InvalidCountError, match="PetFactory's batch must be a whole number from 0 on"):
        PetFactory.create_batch(size)


def test_a_batch_of_none_makes_nothing(shop):
    assert PetFactory.create_batch(0) == []
    assert shop.rows == {}


# One call, one try


def test_a_service_is_called_once_whatever_it_raises(shop):
    shop.busy = 1
    with pytest.raises(BuildFailureError) as caught:
        OwnedPetFactory()
    assert isinstance(caught.value.cause, BusyError)
    assert (shop.calls, list(shop.rows)) == (["pet-0"], ["owner-0"])


def test_a_service_that_tries_again_by_itself_is_told_of_nothing_in_between(shop):
    def patient(app, **pet):
        try:
            return app.add_pet(**pet)
        except BusyError:
            return app.add_pet(**pet)

    class PatientFactory(PetFactory):
        class Meta:
            service = staticmethod(patient)

    shop.busy = 1
    assert PatientFactory(name="Rex") == shop.rows["Rex"]
    assert shop.calls == ["Rex", "Rex"]


# Hooks


class HookedFactory(PetFactory):
    @before_create
    def shout(cls, kwargs):  # noqa: N805
        return kwargs | {"name": kwargs["name"].upper()}

    @after_create
    def remember(cls, pet):  # noqa: N805
        log.append((cls.__name__, pet.name, pet.name in current_app().rows))


class HookedChildFactory(HookedFactory):
    @before_create
    def greet(cls, kwargs):  # noqa: N805
        return kwargs | {"name": f"Hi {kwargs['name']}"}

    @after_create
    def last(cls, pet):  # noqa: N805
        log.append("last")


log: list = []


@pytest.fixture(autouse=True)
def _empty_log():
    log.clear()


def test_before_create_hooks_change_what_the_service_gets(shop):
    assert HookedFactory(name="rex") == Pet("REX")
    assert HookedChildFactory(name="tom") == Pet("Hi TOM")


def test_after_create_hooks_run_once_each_in_order_of_creation_after_the_commit(shop):
    HookedChildFactory.create_batch(2)
    assert log == [
        ("HookedChildFactory", "Hi PET-0", True),
        "last",
        ("HookedChildFactory", "Hi PET-1", True),
        "last",
    ]


def test_after_create_hooks_do_not_run_for_what_was_refused(shop):
    PetFactory(name="REX")
    with pytest.raises(BuildFailureError):
        HookedFactory.create_batch(2, name=factory.Iterator(["rex", "tom"]))
    assert log == [("HookedFactory", "TOM", True)]


def test_hooks_do_not_run_when_building(shop):
    assert HookedFactory.build(name="rex") == Pet("rex")
    assert log == []


def test_a_before_hook_that_returns_nothing_is_named(shop):
    class Forgetful(PetFactory):
        @before_create
        def forget(cls, kwargs):  # noqa: N805
            pass

    with pytest.raises(InvalidHookError, match=r"Forgetful\.forget must return the keyword arguments"):
        Forgetful()


# Bindings


def test_every_binding_counts_from_0(shop):
    assert [PetFactory().name, PetFactory().name] == ["pet-0", "pet-1"]
    with using(Shop()):
        assert PetFactory().name == "pet-0"
    assert PetFactory().name == "pet-2"


def test_sequences_of_all_factories_are_reset_at_once(shop):
    OwnedPetFactory.build_batch(2)
    reset_sequences()
    assert OwnedPetFactory.build() == Pet("pet-0", "owner-0")


def test_one_sequence_is_reset_in_the_binding_only(shop):
    PetFactory.build_batch(2)
    PetFactory.reset_sequence(10)
    assert PetFactory.build().name == "pet-10"
    with pytest.raises(ValueError, match="Can't reset a sequence on descendant factory"):
        OwnedPetFactory.reset_sequence(3)


def test_threads_that_join_a_binding_never_get_the_same_number():
    names: list = []
    with using(Shop()) as binding:

        def work():
            with using(binding):
                names.extend(pet.name for pet in PetFactory.build_batch(300))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(names)) == 1_200


def test_the_app_in_force_is_asked_for_by_its_class():
    class Corner(Shop): ...

    with using(shop := Corner()):
        assert current_app() is current_app(Corner) is current_app(Shop) is shop


def test_an_app_of_another_class_is_refused_by_name():
    with using(Shop()), pytest.raises(OtherAppError) as refused:
        current_app(dict)
    assert str(refused.value) == "the app in force is a Shop, not a dict: bind one by `with using(app):`"


def test_what_is_no_class_is_no_kind_of_app():
    with using(Shop()), pytest.raises(InvalidSettingError, match="kind must be the class of the app, not 'Shop'"):
        current_app("Shop")


def test_without_an_app_none_of_a_class_is_in_force():
    with pytest.raises(NoAppError):
        current_app(Shop)


def test_the_binding_ends_with_its_block():
    with using(Shop()):
        pass
    with pytest.raises(NoAppError):
        current_app()
