"""`Trait`: factory_boy's; on, it does what its arguments would, and off it is as if it were not there, at any depth.

factory_boy's own gives a hook a plain value by not running it, moves a hook to the end even when it is off, and hands
an argument for something nested (`author__bio=`) down as a declaration whose "off" is no value at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factory.builder import DeclarationSet, DeclarationWithContext
from factory.declarations import SKIP, BaseDeclaration, Maybe, PostGenerationContext, SelfAttribute
from factory.declarations import Trait as PlainTrait
from factory.enums import SPLITTER, BuilderPhase, get_builder_phase
from factory.errors import InvalidDeclarationError
from factory.utils import OrderedBase

from seedbed.strategy.errors import InvalidFlagError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from factory.builder import BuildStep

_PLACE = OrderedBase.CREATION_COUNTER_FIELD


class Trait(PlainTrait):
    """A trait over fields, hooks and what is nested: `Trait(is_public=False, likes=Range(100, 500), author__bio="Hi")`.

    Arguments of the call beat it.
    """

    def __init__(self, **overrides: Any) -> None:
        super().__init__(**overrides)  # type: ignore[no-untyped-call]

    @classmethod
    def of(cls, other: PlainTrait) -> Trait:
        """Return a trait of ours with another's arguments and place."""
        trait = cls(**other.overrides)
        setattr(trait, _PLACE, getattr(other, _PLACE))
        return trait

    def as_declarations(self, field_name: str, declarations: dict[str, Any]) -> dict[str, Any]:
        """Compute what the trait declares.

        Raises:
            InvalidDeclarationError: It puts a hook in a field's place.
        """
        found: dict[str, Any] = {}
        for name, value in self.overrides.items():
            before = declarations.get(name, SKIP)
            is_nested = SPLITTER in name
            found[name] = Choice(field_name, name, value, before) if is_nested else Switch(field_name, value, before)
        # Off unless it is switched on: else factory_boy raises and catches an error for each field.
        return found if field_name in declarations else found | {field_name: False}


class Choice(Maybe):
    """An argument for a declaration that holds while a trait is on; what it is otherwise, or SKIP for none.

    It is picked before the declaration is evaluated. In a factory that is none of ours nobody does so: there it is the
    Maybe that factory_boy's own trait makes, which is evaluated by what it is an argument for.
    """

    def __init__(self, flag: str, name: str, value: Any, otherwise: Any) -> None:
        above = "." * name.count(SPLITTER)
        super().__init__(SelfAttribute(f"{above}.{flag}", default=False), value, otherwise)  # type: ignore[no-untyped-call]
        self.flag = flag

    def pick(self, step: BuildStep) -> Any:
        """Return the one or the other."""
        chosen = self.yes if is_on(step, self.flag) else self.no
        return chosen.pick(step) if isinstance(chosen, Choice) else chosen


def pick_each(overrides: dict[str, Any], step: BuildStep) -> dict[str, Any]:
    """Return a declaration's arguments, without those of traits that are off."""
    picked = {name: one.pick(step) if isinstance(one, Choice) else one for name, one in overrides.items()}
    return {name: one for name, one in picked.items() if one is not SKIP}


def arguments_of(context: PostGenerationContext, step: BuildStep) -> dict[str, Any]:
    """Return a hook's arguments. For no value pytest-factoryboy gives the hook itself, as it stands in the class."""
    is_given = context.value_provided and not is_hook(context.value)
    return pick_each(context.extra, step) | ({"": context.value} if is_given else {})


def is_on(step: BuildStep, flag: str) -> bool:
    """Tell whether a trait is on.

    Raises:
        InvalidFlagError: It was given a text or a function, which is true whatever it says.
    """
    if step.stub is None:  # pytest-factoryboy runs hooks on a step that resolved nothing
        value, _ = unwrap(step, step.builder.extras.get(flag, False), {})
    else:
        value = getattr(step.stub, flag)
    if isinstance(value, (str, bytes)) or callable(value):
        raise InvalidFlagError(step.builder.factory_meta.factory.__name__, flag, value)
    return bool(value)


class Wrapper(BaseDeclaration):
    """A declaration that stands for another one, perhaps with other arguments.

    Attributes:
        inner: The declaration or value that it stands for while no trait is on.
    """

    def __init__(self, inner: Any) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.inner = inner
        self.FACTORY_BUILDER_PHASE = get_builder_phase(inner)
        self.CAPTURE_OVERRIDES = captures(inner)

    def unwrap(self, step: BuildStep, overrides: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return what it stands for in this step, and the arguments of that."""
        raise NotImplementedError

    def evaluate_pre(self, instance: Any, step: BuildStep, overrides: dict[str, Any]) -> Any:
        """Evaluate the field that it stands for."""
        inner, arguments = self.unwrap(step, overrides)
        return self._unwrap_evaluate_pre(inner, instance=instance, step=step, overrides=arguments)  # type: ignore[no-untyped-call]

    def evaluate_post(self, instance: Any, step: BuildStep, overrides: dict[str, Any]) -> Any:
        """Run the hook that it stands for."""
        inner, arguments = self.unwrap(step, overrides)
        if not is_hook(inner):
            return inner
        return inner.evaluate_post(instance=instance, step=step, overrides=arguments)

    def call(self, instance: Any, step: BuildStep, context: PostGenerationContext) -> Any:
        """Run the hook that it stands for, as pytest-factoryboy does."""
        inner, extra = self.unwrap(step, arguments_of(context, step))
        if not is_hook(inner):
            return inner
        return inner.call(instance, step, PostGenerationContext("" in extra, extra.pop("", None), extra))


class Switch(Wrapper):
    """What a trait makes of a field or hook: its own while it is on, else what was there before."""

    def __init__(self, flag: str, value: Any, before: Any) -> None:
        super().__init__(before)
        self.flag = flag
        self.value = value
        self._is_argument = self.CAPTURE_OVERRIDES or (is_hook(before) and not is_hook(value))
        if is_hook(value) and not is_hook(before):
            if before is not SKIP:
                message = f"the trait {flag} puts a hook, {value!r}, in the place of the field {before!r}"
                raise InvalidDeclarationError(message)
            self.FACTORY_BUILDER_PHASE = BuilderPhase.POST_INSTANTIATION
        elif self.FACTORY_BUILDER_PHASE is None:
            self.FACTORY_BUILDER_PHASE = BuilderPhase.ATTRIBUTE_RESOLUTION
        # Hooks run in the order of their places: off, it must move none.
        place = getattr(before, _PLACE, getattr(value, _PLACE, getattr(self, _PLACE)))
        setattr(self, _PLACE, place)

    @property
    def argued(self) -> Any:
        """What is declared while it is on, where that is another one."""
        return None if self._is_argument else self.value

    @property
    def is_addition(self) -> bool:
        """Tell whether the factory has no such field or hook but for traits."""
        return self.inner is SKIP or (isinstance(self.inner, Switch) and self.inner.is_addition)

    def flags(self) -> Iterator[str]:
        """Yield the traits that declare it."""
        yield self.flag
        if isinstance(self.inner, Switch):
            yield from self.inner.flags()

    def is_there(self, step: BuildStep) -> bool:
        """Tell whether a trait that adds it is on."""
        return is_on(step, self.flag) or (isinstance(self.inner, Switch) and self.inner.is_there(step))

    def unwrap(self, step: BuildStep, overrides: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the one or the other."""
        if not is_on(step, self.flag):
            return self.inner, overrides
        if self._is_argument:
            return self.inner, {"": self.value} | overrides
        return self.value, overrides

    def __repr__(self) -> str:
        """Show both."""
        return f"<Switch {self.flag}: {self.value!r}, else {self.inner!r}>"


class _Chooser(Wrapper):
    """A declaration whose arguments are to be picked first."""

    def unwrap(self, step: BuildStep, overrides: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Pick them."""
        return self.inner, pick_each(overrides, step)


class Declarations(DeclarationSet):
    """factory_boy's set of declarations, some of whose arguments hang on traits."""

    def __getitem__(self, name: str) -> DeclarationWithContext:
        """Return a declaration with its arguments."""
        found = super().__getitem__(name)  # type: ignore[no-untyped-call]
        return with_context(name, found.declaration, found.context)


def with_context(name: str, declared: Any, context: dict[str, Any]) -> DeclarationWithContext:
    """Put a declaration and its arguments together."""
    if get_builder_phase(declared) and any(isinstance(one, Choice) for one in context.values()):
        declared = _Chooser(declared)
    return DeclarationWithContext(name, declared, context)


def unwrap(step: BuildStep, declared: Any, overrides: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return what a hook or field stands for in this step, through all that is around it, and its arguments."""
    while isinstance(declared, Wrapper):
        declared, overrides = declared.unwrap(step, overrides)
    return declared, overrides


def declares(step: BuildStep, name: str) -> bool:
    """Tell whether a factory, or the call, says anything of a field."""
    stub: Any = step.stub
    if stub is None:  # pytest-factoryboy's steps have none
        return False
    return name in stub._Resolver__declarations  # noqa: SLF001 - pinned by the contract test


def is_given(step: BuildStep, name: str) -> bool:
    """Tell whether a field is the user's: from the call, by a trait that is on, or as a plain value in a class."""
    builder = step.builder
    own = builder.factory_meta.pre_declarations.declarations.get(name, SKIP)
    if name not in builder.extras and not isinstance(own, Wrapper):  # mostly
        return not (own is SKIP or isinstance(own, BaseDeclaration))
    found = found_for(step, name)
    while isinstance(own, Wrapper):
        own = own.inner
    return found is not SKIP and (found is not own or not isinstance(own, BaseDeclaration))


def found_for(step: BuildStep, name: str) -> Any:
    """Return the value or declaration of a field, as the call and traits have it; SKIP where there is none."""
    stub: Any = step.stub
    known = stub._Resolver__declarations  # noqa: SLF001 - as above; of a plain factory's step no dict
    return unwrap(step, known[name].declaration, {})[0] if name in known else SKIP


def base_of(declared: Any) -> Any:
    """Return what a factory declares for a field while no trait is on, nor a condition met."""
    while isinstance(declared, (Wrapper, Maybe)):
        declared = declared.inner if isinstance(declared, Wrapper) else declared.no
    return declared


def is_left_out(meta: Any, name: str, given: frozenset[str]) -> bool:
    """Tell whether a field is there by traits alone, and none of them is on, nor switched on by one of those given."""
    declared = meta.pre_declarations.declarations.get(name)
    is_added = isinstance(declared, Switch) and declared.is_addition
    return is_added and not any(_may_be_on(meta, flag, given) for flag in declared.flags())


def _may_be_on(meta: Any, flag: str, given: frozenset[str]) -> bool:
    declared = meta.pre_declarations.declarations.get(flag)
    by = declared.flags() if isinstance(declared, Switch) else ()
    base = base_of(declared)
    return flag in given or (base is not SKIP and bool(base)) or any(_may_be_on(meta, one, given) for one in by)


def alternatives(declared: Any) -> Iterator[Any]:
    """Yield all that a declaration may stand for, as traits and conditions have it."""
    if isinstance(declared, Maybe):
        yield from (one for each in (declared.yes, declared.no) for one in alternatives(each))
    elif isinstance(declared, Wrapper):
        yield from alternatives(declared.inner)
        yield from alternatives(declared.value) if isinstance(declared, Switch) else ()
    else:
        yield declared


def is_of_created(declared: Any) -> bool:
    """Tell whether a hook, also one that only a trait declares, says nothing of an object that is built."""
    one = declared.value if isinstance(declared, Switch) and declared.is_addition else base_of(declared)
    return bool(getattr(one, "is_of_created", False))


def is_hook(declared: Any) -> bool:
    """Tell whether a declaration runs after the object is made."""
    return bool(get_builder_phase(declared) == BuilderPhase.POST_INSTANTIATION)


def captures(declared: Any) -> bool:
    """Tell whether a declaration takes what is given in its place as its argument, as a Transformer does."""
    return bool(getattr(declared, "CAPTURE_OVERRIDES", False))
