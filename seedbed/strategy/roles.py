"""`One`: a sub-factory by role, which takes from `recycle` where that holds its model, else makes anew."""

from __future__ import annotations

import contextlib
import copy
import importlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from factory.base import FactoryMetaClass
from factory.declarations import SKIP, Maybe, SubFactory, _FactoryWrapper
from factory.enums import CREATE_STRATEGY, SPLITTER
from factory.errors import CyclicDefinitionError

from seedbed.plain import show
from seedbed.strategy.errors import near
from seedbed.strategy.matching import find_matching, is_match, wanted_by
from seedbed.strategy.moments import NestedMoment, before, given_moment, takes_moment
from seedbed.strategy.pool import Fits, Pool, Role, Shelf, find_pool, identity, is_below
from seedbed.strategy.pool_errors import NotEnoughError
from seedbed.strategy.randomness import field_of, fraction, step_key
from seedbed.strategy.service_errors import NoFactoryError
from seedbed.strategy.traits import Switch, alternatives, base_of, is_given, is_of_created

if TYPE_CHECKING:
    from collections.abc import Callable

    from factory.base import FactoryOptions
    from factory.builder import BuildStep

_LOG = logging.getLogger("factory.generate")  # what `factory.debug()` shows


_NOTHING: dict[str, Any] = {}


class One(SubFactory):
    """A sub-factory by role.

    Not evaluated when the id is given instead (`user_id=`, for a field `user`). What the call says of its fields
    (`user__bio=`) describes a new object, so it makes one, also where others are recycled; of what is said here
    (`One(UserFactory, is_admin=True)`), a recycled object that is so is taken, where that can be told: see `matching`.
    """

    place: str | None = None
    """The factory and field that it is declared for, for errors."""

    def __init__(self, factory: type | str, **defaults: Any) -> None:
        super().__init__(factory, **defaults)  # type: ignore[no-untyped-call]

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn which field this is, for its errors."""
        self.place = f"{owner.__name__}.{name}"

    def get_factory(self) -> Any:
        """Return the factory of what it makes.

        Raises:
            NoFactoryError: Its path leads to none.
        """
        return factory_at(self.factory_wrapper, self.place)

    @classmethod
    def of(cls, other: SubFactory) -> One:
        """Return a role of the same factory, arguments and place."""
        one = cls.__new__(cls)
        vars(one).update(vars(other))
        return one

    @property
    def model(self) -> type:
        """What the factory makes."""
        model: type = self.get_factory()._meta.model  # noqa: SLF001 - factory_boy's
        return model

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Pick or make the object."""
        name = field_of(instance)
        if is_given(step, f"{name}_id") or getattr(step.builder, "needless", _NOTHING).get(name) is not None:
            return None
        fixture = getattr(step.builder, "fixtures", _NOTHING).get(name)
        if fixture is not None and self._is_plain(extra) and _suits(instance, step, name, fixture):
            return fixture
        pool = find_pool(step)
        shelf = None if pool is None or extra else pool.shelf(self.known_model())
        if pool is not None and shelf is not None:
            picked = _pick(instance, step, (pool, shelf, name))
        else:
            picked = self._pick_such(instance, step, (pool, name), extra) if pool is not None and extra else None
        if picked is not None:
            _LOG.debug("One: Taking %s=%r from those that are recycled", name, picked)
            return picked
        return super().evaluate(instance, step, self._said_of_new(step, name, extra))  # type: ignore[no-untyped-call]

    def _said_of_new(self, step: BuildStep, name: str, extra: dict[str, Any]) -> dict[str, Any]:
        """Return what an object is to be made with."""
        at = given_moment(step)
        nested = self.get_factory()._meta  # noqa: SLF001 - factory_boy's
        if at is not None and "at" not in extra and takes_moment(nested, step):
            extra["at"] = NestedMoment(before(at, fraction(step_key(step, f"{name}.at"))))
        return self._of_built(nested, extra) if extra and step.builder.strategy != CREATE_STRATEGY else extra

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords that it makes its object with, where the caller gives no more."""
        return dict(self._defaults)

    def known_model(self) -> Any:
        """Return what the factory makes.

        Raises:
            NoModelError: It creates through a service, and nothing tells what that makes.
        """
        meta = self.get_factory()._meta  # noqa: SLF001 - as above
        return meta.known_model() if hasattr(meta, "known_model") else meta.model

    def _pick_such(self, instance: Any, step: BuildStep, where: tuple[Pool, str], extra: dict[str, Any]) -> Any:
        """Pick an object that is what the factory's body says of it; None where none is left, or the call says more."""
        pool, name = where
        is_called = any(one.startswith(name + SPLITTER) for one in step.builder.extras)
        shelf = pool.shelf(self.model) if self._is_plain(extra) and not is_called else None
        wanted = None if shelf is None else wanted_by(self.get_factory()._meta, extra, step)  # noqa: SLF001 - as above
        found = None if shelf is None or wanted is None else find_matching(shelf, wanted)
        if wanted is None or found is None:
            return None
        with contextlib.suppress(NotEnoughError):
            picked = _pick(instance, step, (pool, found, name))
            return picked if is_match(picked, wanted) else None
        return None

    def _of_built(self, nested: FactoryOptions, extra: dict[str, Any]) -> dict[str, Any]:
        """Leave out what the declaration says of what belongs to a created object; what the call says is refused."""
        hooks = nested.post_declarations.declarations
        idle = {name for name, declared in hooks.items() if is_of_created(declared)}
        return {
            key: value
            for key, value in extra.items()
            if key.partition(SPLITTER)[0] not in idle or key not in self._defaults or value is not self._defaults[key]
        }

    def _is_plain(self, extra: dict[str, Any]) -> bool:
        """Tell whether nothing is said of the object but what the factory's body says: no trait, say."""
        declared = self._defaults
        return extra.keys() == declared.keys() and all(one is declared[name] for name, one in extra.items())


def factory_at(path: _FactoryWrapper, field: str | None) -> Any:
    """Return the factory that a field names, as a class or by its path.

    Raises:
        NoFactoryError: There is none.
    """
    found = path.factory or _import(path.module, path.name, field)
    if not isinstance(found, FactoryMetaClass):
        raise NoFactoryError(show(found), field, "it must be a subclass of factory.Factory, or the path of one")
    path.factory = found
    return found


def _import(module: str, name: str, field: str | None) -> Any:
    path = f"{module}.{name}"
    try:
        home = importlib.import_module(module)
    except ImportError as error:
        raise NoFactoryError(repr(path), field, str(error)) from error
    try:
        return getattr(home, name)
    except AttributeError as error:
        known = [one.__name__ for one in vars(home).values() if isinstance(one, FactoryMetaClass)]
        raise NoFactoryError(repr(path), field, f"{module} has no {name}: {near(name, known)}") from error


def roles_of(meta: FactoryOptions) -> dict[str, One]:
    """Return a factory's roles by field: its sub-factories `One`, also where a trait stands before or adds them."""
    declared = {name: _settled(value) for name, value in meta.pre_declarations.declarations.items()}
    return {name: one for name, one in declared.items() if isinstance(one, One)}


def _settled(declared: Any) -> Any:
    """Return what a field is while no trait is on; of one that only traits add, the role that it is then, if any."""
    base = base_of(declared)
    if base is not SKIP:
        return base
    return next((one for one in alternatives(declared) if isinstance(one, One)), SKIP)


def as_role(declared: Any) -> Any:
    """Return a plain sub-factory as a role, also in a Maybe or added by a trait. A subclass of it has its own way."""
    if type(declared) is SubFactory:
        return One.of(declared)
    if isinstance(declared, Switch) and declared.is_addition:
        changed: Any = copy.copy(declared)
        changed.value = as_role(declared.value)
        return changed
    if type(declared) is not Maybe:
        return declared
    changed = copy.copy(declared)
    changed.yes, changed.no = as_role(declared.yes), as_role(declared.no)
    return changed


def role_factories(meta: Any) -> Iterator[tuple[str, Any]]:
    """Return the factory of each role, of those that create through a service and can be imported."""
    for role, one in meta.roles.items():
        with contextlib.suppress(NoFactoryError):  # a path that leads nowhere is told when it is used
            nested = one.get_factory()
            if getattr(nested._meta, "service", None) is not None:  # noqa: SLF001 - factory_boy's
                yield role, nested


def find_pairs(meta: Any) -> dict[str, Role]:
    """Return the roles of the fields that are in `Meta.pairs`."""
    if meta.pairs is None:
        return {}
    first, second = meta.pairs
    role = Role(meta.factory.__name__, first, second, _are_alike(*(meta.roles.get(name) for name in meta.pairs)))
    return {first: role, second: role.other}


def _are_alike(one: One | None, other: One | None) -> bool:
    """Tell whether two roles may be filled by the same object."""
    if one is None or other is None:
        return False
    first, second = one.model, other.model
    return first is second or is_below(first, second) or is_below(second, first)


def pair_off(meta: Any, step: BuildStep, values: dict[str, Any]) -> None:
    """Note in the pool in force that the objects behind these values are paired now."""
    pool = find_pool(step)
    if pool is not None:
        role = meta.paired[meta.pairs[0]]
        pool.pairs.pair(role, _end_of(step, values, role.name), _end_of(step, values, role.partner))


def _end_of(step: BuildStep, values: dict[str, Any], name: str) -> Any:
    """Return the identity of the object that fills a role: by its id, where the service takes that."""
    key = f"{name}_id"
    if key in values:
        return values[key]
    if name in step.builder.needless:
        said = step.builder.needless[name]
        return object() if said is None else values[said]  # who is not known is paired with nobody who is
    return identity(values[name] if name in values else getattr(step.stub, name))


def _pick(instance: Any, step: BuildStep, where: tuple[Pool, Shelf, str]) -> Any:
    pool, shelf, name = where
    role = getattr(step.builder.factory_meta, "paired", {}).get(name)  # a plain factory has none
    key, meta = step_key(step, name), step.builder.factory_meta
    if role is None:
        return pool.pick(shelf, key)
    partner, partners, fits = _partner(instance, step, role), _partners(pool, meta, role), _fits(meta, role)
    if partner is not None:
        beside = None if fits is None else _beside(fits, _object_of(instance, role, partner, partners))
        with pool.pairs.turn:
            one = pool.pick_beside(role, partner, shelf, key, beside)
            if step.builder.strategy == CREATE_STRATEGY:  # noted at once, so that no other thread picks the same
                pool.pairs.pair(role, identity(one), partner)
            return one
    with pool.pairs.turn:
        if partners is not None:
            return pool.pick_open(role, shelf, partners, key, fits)
        return pool.pick(shelf, key) if fits is None else pool.pick_fitting(shelf, key, role[:2], fits)


def _suits(instance: Any, step: BuildStep, name: str, one: Any) -> bool:
    """Tell whether the service would take an object beside the one that fills the other role."""
    meta = step.builder.factory_meta
    role = getattr(meta, "paired", {}).get(name)
    if role is None:
        return True
    partner, fits = _partner(instance, step, role), _fits(meta, role)
    if role.is_alike and partner == identity(one):
        return False
    other = None if partner is None else getattr(instance, role.partner)
    return fits is None or fits(one, other)


def _fits(meta: Any, role: Role) -> Fits | None:
    """Return `Meta.fits`, to be asked for the object of this role first."""
    fits: Fits | None = meta.fits
    if fits is None or role.name == meta.pairs[0]:
        return fits
    return lambda one, partner: fits(partner, one)


def _beside(fits: Fits, partner: Any) -> Callable[[Any], bool] | None:
    # Who fits nobody was given by the caller: then the service is to say why.
    return None if partner is None or not fits(None, partner) else lambda one: fits(one, partner)


def _object_of(instance: Any, role: Role, partner: Any, partners: Shelf | None) -> Any:
    """Return the partner itself, of which the identity is known; None where that is a stranger's."""
    given = getattr(instance, role.partner)
    if given is None and partners is not None and partner in partners.index:
        return partners.items[partners.index[partner]]
    return given


def _partner(instance: Any, step: BuildStep, role: Role) -> Any:
    """Return the identity of the other end where it is known: given, or filled before this one."""
    is_second = role.name == step.builder.factory_meta.pairs[1]
    try:
        if is_given(step, f"{role.partner}_id"):
            return getattr(instance, f"{role.partner}_id")
        if role.partner in step.builder.needless:
            said = step.builder.needless[role.partner]
            return None if said is None else getattr(instance, said)
        return identity(getattr(instance, role.partner)) if is_second or is_given(step, role.partner) else None
    except CyclicDefinitionError:  # it is declared by what is picked here
        return None


def _partners(pool: Pool, meta: Any, role: Role) -> Shelf | None:
    one: One | None = meta.roles.get(role.partner)
    return None if one is None else pool.shelf(one.model)
