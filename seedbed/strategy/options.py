"""`class Meta` of a ServiceFactory: factory_boy's options and ours, and where factory_boy asks for an object.

What is overridden here is private to factory_boy; tests/factories/test_factory_boy_contract.py pins it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from factory.base import BaseFactory, FactoryOptions, OptionDefault
from factory.builder import parse_declarations
from factory.declarations import SKIP, SimpleParameter
from factory.declarations import Trait as PlainTrait
from factory.enums import BUILD_STRATEGY, CREATE_STRATEGY
from factory.utils import OrderedBase

from seedbed.strategy import run
from seedbed.strategy.acting import actors_of
from seedbed.strategy.agreement import Echoes, echoes_of
from seedbed.strategy.arguments import Arguments, arguments_of, build_fields, check_fields, check_option, may_say_parts
from seedbed.strategy.around import with_service
from seedbed.strategy.binding import Binding, find_binding
from seedbed.strategy.builder import ServiceStepBuilder, read_hooks
from seedbed.strategy.bulk import Bulk, bulk_of
from seedbed.strategy.errors import IdleHookError, InvalidOptionError, near
from seedbed.strategy.hooks import ArgumentHook, Hook, after_create, before_create, find_hooks
from seedbed.strategy.models import find_model
from seedbed.strategy.moments import check_moment
from seedbed.strategy.option_defaults import check_body, check_names, own_defaults
from seedbed.strategy.plan import Plan
from seedbed.strategy.pool import Fits, Role
from seedbed.strategy.roles import One, as_role, find_pairs, roles_of
from seedbed.strategy.service_errors import MissingBuiltFieldError, NoModelError
from seedbed.strategy.services import Service, creates_itself
from seedbed.strategy.signatures import model_takes
from seedbed.strategy.standing import as_sub_factories, is_derived
from seedbed.strategy.traits import Declarations, Switch, Trait, alternatives, is_hook
from seedbed.strategy.waiting import is_idle

if TYPE_CHECKING:
    from factory.builder import BuildStep

_UNSET = object()
_OPTIONS = {"exclude", "inline_args", "rename", *(option.name for option in own_defaults())}


class ServiceOptions(FactoryOptions):
    """The options of one ServiceFactory.

    What `class Meta` may say is in `option_defaults`; all of it is inherited.
    """

    exclude: Sequence[str]
    rename: Mapping[str, str]
    inline_args: Sequence[str]
    service: str | Callable[..., Any] | None
    unit_of_work: str | Callable[[Any], Any] | None
    echoes: Mapping[str, Sequence[str]]
    requires: Mapping[str, Sequence[str]]
    serves: Mapping[str, str]
    arguments: Mapping[str, str]
    build_only: Sequence[str]
    load: str | Callable[..., Any] | None
    pairs: tuple[str, str] | None
    fits: Fits | None
    actor: str | Mapping[str, str] | None
    within: str | Callable[..., Any] | None
    actors: dict[str, str]
    around: str | None
    bulk: Bulk | None
    roles: dict[str, One]
    exclusive: tuple[tuple[str, ...], ...]
    needs: tuple[str, ...]
    """The fields whose objects are there before the factory's own."""
    said: Echoes
    told_by: Mapping[str, str]
    """The roles that a field `<role>_id` tells of, with the attribute that it is."""
    before_hooks: tuple[Hook, ...] = ()
    after_hooks: tuple[Hook, ...] = ()
    is_derived: bool = False
    is_complete: bool = False
    edition: int = 0
    """How often what follows from declarations and options was worked out: who keeps more of that asks by it."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option: of a class that is there, what follows from it is worked out anew; a wrong one is not kept."""
        is_late = self.is_complete and name in _OPTIONS
        before = getattr(self, name) if is_late else None
        super().__setattr__(name, value)
        if is_late:
            try:
                self.read_declarations()
            except Exception:
                super().__setattr__(name, before)
                self.read_declarations()
                raise

    def _build_default_options(self) -> list[OptionDefault]:
        plain = super()._build_default_options()  # type: ignore[no-untyped-call]
        own = own_defaults()
        return [*own, *(one for one in plain if one.name not in {checked.name for checked in own})]

    def contribute_to_class(self, factory: type, *args: Any, **kwargs: Any) -> None:
        """Take part in making the class: find its hooks, and let its body say what `Params` may say."""
        kwargs["params"] = _with_body(factory, kwargs.get("params"))
        self.is_derived = is_derived(factory)
        if self.is_derived:  # its numbers, draws and errors are those of the factory itself
            factory.__name__ = factory.__bases__[0].__name__
        check_names(self, factory, kwargs.get("meta"))
        check_body(factory)
        kwargs["meta"] = with_service(factory, kwargs.get("meta"), kwargs.get("base_meta"))
        super().contribute_to_class(factory, *args, **kwargs)  # type: ignore[no-untyped-call]
        if self.service is not None:  # then the model may be known later
            self.abstract = bool(getattr(kwargs.get("meta"), "abstract", False))
        self.pre_declarations = Declarations(self.pre_declarations.as_dict())  # type: ignore[no-untyped-call]
        self.post_declarations = Declarations(self.post_declarations.as_dict())  # type: ignore[no-untyped-call]
        self.read_declarations()
        self.before_hooks = tuple(find_hooks(factory, before_create))
        self.after_hooks = tuple(find_hooks(factory, after_create))
        self._check_hooks()
        self.is_complete = True

    def _check_hooks(self) -> None:
        """Refuse hooks of which nothing would run.

        Raises:
            IdleHookError: There is one.
        """
        hooks: list[tuple[str, Any]] = [(hook.__name__, hook) for hook in (*self.before_hooks, *self.after_hooks)]
        posts = self.post_declarations.declarations.items() if self.service is not None else ()
        hooks += [(name, getattr(one, "function", None)) for name, post in posts for one in alternatives(post)]
        for name, hook in hooks:
            if is_idle(hook):
                raise IdleHookError(getattr(self.factory, "__name__", ""), name)

    @property
    def declarations(self) -> dict[str, Any]:
        """What is declared; once the class is complete, as pytest-factoryboy's `register` is to read it."""
        declared = self._read_bodies()
        return as_sub_factories(declared) if self.is_complete else declared

    def _read_bodies(self) -> dict[str, Any]:
        """Return what the class body and `Params` declare, with our traits over all else, so that each beats a default.

        Where there is a service, factory_boy's traits are ours: theirs would not run a hook that they give a number.
        """
        parameters = {name: self._own(parameter) for name, parameter in self.parameters.items()}
        declared: dict[str, Any] = {name: False for name, one in parameters.items() if isinstance(one, Trait)}
        declared |= {name: self._in_place(name, one) for name, one in self.base_declarations.items()}
        for name, parameter in sorted(parameters.items(), key=_rank):
            found = parameter.as_declarations(name, declared)
            declared.update({key: self._in_place(key, one) for key, one in found.items()})
        return declared

    def _in_place(self, name: str, value: Any) -> Any:
        """Return what a body declares: a plain value in the place of a hook that can be sized is its size.

        Where there is a service, a plain sub-factory is a role too: so it takes from `recycle`.
        """
        if self.service is not None:
            value = as_role(value)
        if not is_hook(value):
            owner: Any = self.factory
            for base in owner.__mro__:
                if isinstance(vars(base).get(name), ArgumentHook):
                    return vars(base)[name].with_size(value)
        return value

    def _own(self, parameter: Any) -> Any:
        return Trait.of(parameter) if self.service is not None and type(parameter) is PlainTrait else parameter

    def read_declarations(self) -> None:
        """Work out once what follows from the declarations.

        Raises:
            InvalidOptionError: `pairs` does not name two fields, or `exclusive` something else than traits.
        """
        self.edition += 1
        self._plan = Plan(self.pre_declarations, self.post_declarations)
        declared = *self.pre_declarations.declarations.values(), *self.post_declarations.declarations.values()
        self.has_switches = any(isinstance(one, Switch) for one in declared)
        self.roles = roles_of(self)
        self.actors, self.bulk = actors_of(self.actor), bulk_of(self)
        self.said = echoes_of(self)
        ids = {role: self.said.get(f"{role}_id", {}) for role in self.roles}
        self.told_by = {role: said[role] for role, said in ids.items() if role in said}
        self._check_pairs()
        if not self.abstract:
            check_option(self)
            self._check_exclusive()
        self.says_parts = not self.abstract and may_say_parts(self)
        self._arguments: tuple[Any, Arguments] | None = None
        self._paired: dict[str, Role] | None = None
        self.needs = tuple(name for name in self.pre_declarations if name != "at" and self._may_be_needed(name))

    def _check_pairs(self) -> None:
        pairs: object = self.pairs
        is_pair = isinstance(pairs, (tuple, list)) and len({*pairs}) == len(pairs) == 2  # noqa: PLR2004 - a pair
        if not ((is_pair and all(map(self._has, self.pairs or ()))) or pairs is None or self.abstract):
            raise InvalidOptionError("pairs", pairs, "two fields of the factory")
        if self.fits is not None and pairs is None and not self.abstract:
            raise InvalidOptionError("fits", self.fits, "beside pairs, whose objects it is asked about")

    @property
    def paired(self) -> dict[str, Role]:
        """The roles that are paired, by field: found when first asked for, since factories may be paths."""
        if self._paired is None:
            self._paired = find_pairs(self)
        return self._paired

    def traits(self) -> dict[str, PlainTrait]:
        """Return the traits by name, in the order in which they are written."""
        return {name: one for name, one in self.parameters.items() if isinstance(one, PlainTrait)}

    def _check_exclusive(self) -> None:
        known = self.traits()
        for name in (name for group in self.exclusive for name in group):
            if name not in known:
                raise InvalidOptionError("exclusive", name, f"names of traits: {near(name, known)}")

    def _has(self, name: object) -> bool:
        return name in self.pre_declarations

    def _may_be_needed(self, name: str) -> bool:
        return name in self.roles or isinstance(self.parameters.get(name), SimpleParameter)

    def _get_counter_reference(self) -> Any:
        """Share the base's numbers whatever the models are: what is built of them is nobody twice."""
        if self.service is None:
            return super()._get_counter_reference()  # type: ignore[no-untyped-call]
        base: Any = getattr(self.base_factory, "_meta", None)
        if base is None or (base.model is None and getattr(base, "service", None) is None):
            return self
        return base.counter_reference

    @property
    def model(self) -> Any:
        """What the factory makes; None where nothing tells.

        Raises:
            AttributeError: The options are not filled yet, as factory_boy asks.
        """
        said = self.__dict__.get("said_model", _UNSET)
        if said is _UNSET:
            raise AttributeError
        if said is None and self.is_complete and self.service is not None:
            return find_model(self).model
        return said

    @model.setter
    def model(self, value: Any) -> None:
        self.said_model = value

    def known_model(self) -> Any:
        """Return what the factory makes.

        Raises:
            NoModelError: Nothing tells.
        """
        model = self.model
        if model is None and self.service is not None:
            raise NoModelError(getattr(self.factory, "__name__", ""), self.service, find_model(self).why)
        return model

    def arguments_for(self, service: Service) -> Arguments:
        """Return what becomes of the values for a service.

        Raises:
            UnknownFieldError: `Meta.arguments` names an argument that it does not take.
        """
        if self._arguments is None or self._arguments[0] is not service.takes:
            self._arguments = service.takes, arguments_of(self, service.takes, service.function)
        return self._arguments[1]

    def check_fields(self, service: Service, given: Iterable[str]) -> None:
        """Refuse fields that a service does not take, unless code changes what it is given.

        Raises:
            UnknownFieldError: One is declared and not taken.
            MissingFieldError: One is needed and not declared, nor among the names that the call gives.
        """
        if not self.before_hooks and _adjusts_nothing(self.factory) and not creates_itself(self.factory):
            check_fields(self.factory, service, self.arguments_for(service), given)

    def current_plan(self) -> Plan:
        """Return the plan of the declarations as they are now: others, such as pytest-factoryboy, exchange some."""
        if not self._plan.is_of(self.pre_declarations, self.post_declarations):
            self.read_declarations()
        return self._plan

    def check_field(self, name: str, value: object) -> None:
        """Refuse an `at` that cannot be one, before anything is made.

        Raises:
            InvalidMomentError: It is none.
        """
        if name == "at" and value is not None and name in self.parameters:
            check_moment(getattr(self.factory, "__name__", ""), value)

    def next_sequence(self) -> int:
        """Count in the binding in force, or where nothing is bound."""
        return self.next_in(find_binding())

    def next_in(self, binding: Binding) -> int:
        """Count in a binding."""
        owner: Any = self.counter_reference
        return binding.next_ordinal(owner, owner.factory._setup_next_sequence)  # noqa: SLF001 - factory_boy's extension point

    def reset_sequence(self, value: int | None = None, force: bool = False) -> None:  # noqa: FBT002 - factory_boy's
        """Reset in the binding in force, or where nothing is bound.

        Raises:
            ValueError: As in factory_boy: the sequence is a parent's, and `force` is not given.
        """
        owner: Any = self.counter_reference
        if owner is not self and not force:
            super().reset_sequence(value, force=force)  # type: ignore[no-untyped-call]
            return
        start = owner.factory._setup_next_sequence() if value is None else value  # noqa: SLF001 - as above
        find_binding().reset_sequence(owner, start)

    def prepare_arguments(self, attributes: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Leave out what is hidden; all else that factory_boy does here only where a factory asks for it."""
        if self.rename or self.inline_args or not _adjusts_nothing(self.factory):
            prepared: tuple[tuple[Any, ...], dict[str, Any]] = super().prepare_arguments(attributes)  # type: ignore[no-untyped-call]
            return prepared
        hidden, params = self.exclude, self.parameters
        return (), {k: v for k, v in attributes.items() if k not in params and k not in hidden and v is not SKIP}

    def use_postgeneration_results(self, step: BuildStep, instance: Any, results: dict[str, Any]) -> None:
        """End the making of an object; below a plain factory nobody else sees to it that it is as it is stored."""
        super().use_postgeneration_results(step, instance, results)  # type: ignore[no-untyped-call]
        is_ours = self.service is not None and step.builder.strategy == CREATE_STRATEGY
        if is_ours and results and run.find_session() is None:
            run.complete(self.factory, instance)

    def instantiate(self, step: BuildStep, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the object: through the service when it is to be created and there is one."""
        if self.service is None or step.builder.strategy != CREATE_STRATEGY:
            return self._make(step, args, self.decide(step, kwargs))
        if not isinstance(step.builder, ServiceStepBuilder):  # below a plain factory, whose builder reads no arguments
            pre, post = self.pre_declarations, self.post_declarations
            list(read_hooks(step, Plan(*parse_declarations(step.builder.extras, pre, post)).hooks))
        return run.call(self.factory, step, (args, kwargs))

    def decide(self, _step: BuildStep, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values of an object that goes through no service, with what its service would have decided."""
        return values

    def _make(self, step: BuildStep, args: tuple[Any, ...], values: dict[str, Any]) -> Any:
        if self.service is not None and step.builder.strategy == BUILD_STRATEGY and not args:
            return self._build(step, values)
        return super().instantiate(step, args, values)  # type: ignore[no-untyped-call]

    def _build(self, step: BuildStep, values: dict[str, Any]) -> Any:
        takes = model_takes(self.known_model())
        fields = build_fields(self, takes, step, values)
        try:
            return super().instantiate(step, (), fields)  # type: ignore[no-untyped-call]
        except (TypeError, ValueError) as error:  # the second is pydantic's
            missing = takes.required - fields.keys()
            if not missing:
                raise
            raise MissingBuiltFieldError(
                step.builder.factory_meta.factory.__name__, min(missing), self.model
            ) from error


def _with_body(factory: type, params: type | None) -> type:
    """Return what is in `Params`, and what a class body says in place of an inherited one, such as `at`.

    factory_boy lets the inherited one win, without a word.
    """
    own = {} if params is None else dict(vars(params))
    inherited = [base._meta.parameters for base in factory.__mro__[1:] if hasattr(base, "_meta")]  # noqa: SLF001 - as above
    plain = {name for known in inherited for name, one in known.items() if isinstance(one, SimpleParameter)}
    return type("Params", (), {name: value for name, value in vars(factory).items() if name in plain} | own)


def _rank(named: tuple[str, Any]) -> tuple[bool, int]:
    _, parameter = named
    place: int = getattr(parameter, OrderedBase.CREATION_COUNTER_FIELD)
    return isinstance(parameter, Trait), place


def _adjusts_nothing(factory: Any) -> bool:
    own: Any = BaseFactory._adjust_kwargs  # noqa: SLF001 - factory_boy's extension point
    return bool(factory._adjust_kwargs.__func__ is own.__func__)  # noqa: SLF001 - as above
