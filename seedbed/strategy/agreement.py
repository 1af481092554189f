"""Arguments that contradict each other, and arguments that nothing would use: refused by name, before anything is made.

Several arguments may say the same: `author=` and `author_id=`, a reply's `post=` and `parent=`. What says what is read
from the declarations of a factory's roles, and from its `Meta.echoes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from factory import declarations
from factory.base import FactoryMetaClass
from factory.declarations import BaseDeclaration, Maybe, SelfAttribute
from factory.enums import CREATE_STRATEGY, SPLITTER
from factory.fuzzy import BaseFuzzyAttribute

from seedbed.strategy.errors import (
    ContradictionError,
    FactoryGivenError,
    InvalidHookNameError,
    MissingArgumentError,
    NotCreatedError,
    UnusedArgumentError,
    WrongObjectError,
)
from seedbed.strategy.keys import is_deleted
from seedbed.strategy.pairs import check_pairs
from seedbed.strategy.ranges import find_count
from seedbed.strategy.traits import Switch, Wrapper, base_of, captures, is_hook, is_of_created, unwrap

if TYPE_CHECKING:
    from factory.builder import BuildStep

Echoes: TypeAlias = Mapping[str, Mapping[str, str]]
"""Of each field which objects say it too, and by which attribute: `{"post_id": {"post": "id"}}`."""

# They compute their value from the object alone. A declaration that is not known here may take arguments.
_WITHOUT_ARGUMENTS = (
    BaseFuzzyAttribute,
    declarations.ContainerAttribute,
    declarations.Iterator,
    declarations.LazyAttribute,
    declarations.LazyAttributeSequence,
    declarations.LazyFunction,
    declarations.SelfAttribute,
    declarations.Sequence,
)

WITHOUT_OBJECT = (BaseFuzzyAttribute, declarations.Iterator, declarations.LazyFunction, declarations.Sequence)
"""They look at no other field."""


class _Host:
    id = "the object itself"


HOST = _Host()
"""Stands for the object that has a hook, and is not made yet."""


def echoes_of(meta: Any) -> Echoes:
    """Read which objects say a field: the role `author`, where `author_id` is an attribute of it, and `Meta.echoes`."""
    found: dict[str, dict[str, str]] = {}
    for role in meta.roles:
        declared = base_of(meta.pre_declarations.declarations.get(f"{role}_id"))
        name, _, attribute = getattr(declared, "attribute_name", "").partition(".")
        if isinstance(declared, SelfAttribute) and name == role:
            found[f"{role}_id"] = {role: attribute}
    for field, paths in meta.echoes.items():
        found.setdefault(field, {}).update({path.partition(".")[0]: path.partition(".")[2] for path in paths})
    return found


def check_arguments(meta: Any, extras: Mapping[str, Any], strategy: str = CREATE_STRATEGY) -> None:
    """Refuse what a call says twice and differently, and what it says in vain.

    Raises:
        ContradictionError: Two arguments say different things of the same.
        FactoryError: As `check_field` of the factory's options.
        FactoryGivenError: A factory is given in the place of what it makes.
        InvalidHookNameError: A hook's name cannot be given a value.
        MissingArgumentError: An argument says nothing without another one.
        NotCreatedError: What belongs to an object is asked for, and the object is not created.
        UnusedArgumentError: Something is said of an object that is given, or of nothing.
        WrongObjectError: What is given for an object is none.
    """
    for keyword, value in extras.items():
        root = keyword.partition(SPLITTER)[0]
        _check_no_factory(meta, root, value)
        if root in meta.post_declarations:
            _check_hook(meta, keyword, value, strategy)
        elif root != keyword:
            _check_used(meta, keyword, extras)
        elif not isinstance(value, BaseDeclaration):
            _check_value(meta, root, value, extras)
    _check_decided(meta, extras)
    _check_beside(meta, extras)
    _check_said(meta, {name: one for name, one in extras.items() if not isinstance(one, BaseDeclaration)})


def _check_decided(meta: Any, extras: Mapping[str, Any]) -> None:
    for keyword in extras:
        root = keyword.partition(SPLITTER)[0]
        if f"{root}_id" not in extras and _is_decided(meta, root):
            raise UnusedArgumentError(meta.factory.__name__, keyword, f"the class itself says {root}_id")


def _is_decided(meta: Any, role: str) -> bool:
    """Tell whether a class says by itself whose id it is, whatever the object of the role is."""
    field = f"{role}_id"
    if role not in meta.roles or role not in meta.parameters or field in meta.said:
        return False
    declared = meta.pre_declarations.declarations.get(field)
    return declared is not None and (not isinstance(declared, BaseDeclaration) or isinstance(declared, WITHOUT_OBJECT))


def _check_value(meta: Any, name: str, value: Any, extras: Mapping[str, Any]) -> None:
    if name in meta.roles:
        _check_object(meta, name, value, extras)
    elif value in (None, HOST) or all(hasattr(value, by) for by in _attributes(meta, name)):
        meta.check_field(name, value)
    else:
        raise WrongObjectError(meta.factory.__name__, name, value)


def _attributes(meta: Any, name: str) -> list[str]:
    """Return what is read of an object that fills no role, such as a reply's parent."""
    return [sources[name] for sources in meta.said.values() if name in sources]


def check_switched(meta: Any, step: BuildStep) -> None:
    """Refuse what a trait that is on makes vain, or one that is off, before any field is evaluated.

    Raises:
        UnusedArgumentError: Something is said of an object that a trait gives, or of what is there by no trait.
    """
    extras = step.builder.extras
    is_drawn = any(isinstance(value, BaseDeclaration) for name, value in extras.items() if name in meta.parameters)
    for keyword in extras:
        root = keyword.partition(SPLITTER)[0]
        declared = declaration_of(meta, root)
        if not isinstance(declared, Switch):
            continue
        if not is_drawn and _is_absent(declared, step) and _says_something(declared, keyword, extras):
            raise UnusedArgumentError(meta.factory.__name__, keyword, f"{root} is of {_traits(declared)}")
        if root not in extras and not (is_hook(declared) or captures(declared)):
            found, _ = unwrap(step, declared, {})
            if not _takes_arguments(found):
                raise UnusedArgumentError(meta.factory.__name__, keyword, f"a trait gives {root}")


def declaration_of(meta: Any, name: str) -> Any:
    """Return what a factory declares for a field or hook, or None."""
    known = meta.post_declarations if name in meta.post_declarations else meta.pre_declarations
    return known.declarations.get(name)


def _is_absent(declared: Switch, step: BuildStep) -> bool:
    """Tell whether a field or hook is there by traits alone, of which none is on."""
    return declared.is_addition and not declared.is_there(step)


def _says_something(declared: Switch, keyword: str, extras: Mapping[str, Any]) -> bool:
    """Tell whether an argument needs what a trait declares: it puts nothing in its place, nor asks for none."""
    root = keyword.partition(SPLITTER)[0]
    if not is_hook(declared):
        return root not in extras
    value = extras.get(root)
    return not is_hook(value) and (root != keyword or not _asks_for_none(value))


def _asks_for_none(value: Any) -> bool:
    return value is None or value is False or find_count(value) == 0 or value in ([], ())


def _traits(declared: Switch) -> str:
    flags = list(declared.flags())
    return f"the trait {flags[0]}, which is off" if len(flags) == 1 else f"the traits {', '.join(flags)}, which are off"


def check_values(meta: Any, step: BuildStep) -> None:
    """Refuse what turns out to contradict, where arguments are declarations.

    Raises:
        ContradictionError: Two arguments say different things of the same.
    """
    if any(isinstance(one, BaseDeclaration) for one in step.builder.extras.values()):
        _check_said(meta, step.attributes)


def check_stored(meta: Any, step: BuildStep) -> None:
    """Refuse objects of roles that have no id, where that is what is told of them: they are built, or deleted.

    Raises:
        WrongObjectError: There is one.
    """
    found = vars(step.stub)
    for role, attribute in meta.told_by.items():
        thing = found.get(role)
        if thing is not None and (getattr(thing, attribute, HOST) is None or is_deleted(thing)):
            raise WrongObjectError(meta.factory.__name__, role, thing)


def _check_no_factory(meta: Any, name: str, value: Any) -> None:
    if isinstance(value, FactoryMetaClass) and name in meta.roles:
        raise FactoryGivenError(meta.factory.__name__, name, value.__name__)


def _check_hook(meta: Any, keyword: str, value: Any, strategy: str) -> None:
    if keyword.endswith("_"):  # factory_boy keeps the value of `says_` as `says___`, and reads that as `_` of `says`
        raise InvalidHookNameError(meta.factory.__name__, keyword)
    if strategy != CREATE_STRATEGY:
        _check_created(meta, keyword.partition(SPLITTER)[0], value)


def _check_created(meta: Any, name: str, value: Any) -> None:
    if is_of_created(meta.post_declarations.declarations[name]) and not _asks_for_none(value):
        raise NotCreatedError(meta.factory.__name__, name)


def _check_used(meta: Any, keyword: str, extras: Mapping[str, Any]) -> None:
    root, factory = keyword.partition(SPLITTER)[0], meta.factory.__name__
    declared = meta.pre_declarations.declarations.get(root)
    for name in dict.fromkeys((root, *_substitutes(meta, root), *_ids(meta, root))):
        if name in extras and not (name == root and (captures(declared) or _takes_arguments(extras[name]))):
            raise UnusedArgumentError(factory, keyword, f"{name} is given")
    if root in meta.pre_declarations and root not in extras and not _takes_arguments(declared):
        raise UnusedArgumentError(factory, keyword, f"{root} takes no arguments of its own")


def _ids(meta: Any, name: str) -> tuple[str, ...]:
    """Return the arguments beside which a role's object is not asked for: its id, and what it becomes."""
    return (f"{name}_id", meta.arguments.get(name, name)) if name in meta.roles else ()


def _takes_arguments(declared: Any) -> bool:
    if isinstance(declared, Maybe):
        return _takes_arguments(declared.yes) or _takes_arguments(declared.no)
    if isinstance(declared, Wrapper):
        return _takes_arguments(declared.inner) or (isinstance(declared, Switch) and _takes_arguments(declared.value))
    if not isinstance(declared, BaseDeclaration) or isinstance(declared, _WITHOUT_ARGUMENTS):
        return False
    return bool(getattr(declared, "takes_arguments", True))


def _check_object(meta: Any, role: str, value: Any, extras: Mapping[str, Any]) -> None:
    attribute = meta.said.get(f"{role}_id", {}).get(role)
    if attribute is None or hasattr(value, attribute):
        return
    if value is not None or not any(name in extras for name in _substitutes(meta, role)):
        raise WrongObjectError(meta.factory.__name__, role, value)


def _substitutes(meta: Any, name: str) -> list[str]:
    """Return the arguments that stand for a role's object, or for its id: the other one, and what else says it."""
    field = name if name in meta.said else f"{name}_id"
    said = (field, *meta.said.get(field, ()))
    return [one for one in said if one != name] if name in said else []


def _check_beside(meta: Any, extras: Mapping[str, Any]) -> None:
    factory = meta.factory.__name__
    for name, others in meta.requires.items():
        if extras.get(name) is not None and not any(other in extras for other in others):
            raise MissingArgumentError(factory, name, others)
    for name, other in meta.serves.items():
        if extras.get(name) is not None and other in extras:
            raise UnusedArgumentError(factory, name, f"{other} is given")


def _check_said(meta: Any, given: Mapping[str, Any]) -> None:
    for field, sources in meta.said.items():
        known = {field: given[field]} if field in given else {}
        known |= {name: getattr(given[name], by) for name, by in sources.items() if hasattr(given.get(name), by)}
        if len(known) > 1 and any(value != next(iter(known.values())) for value in known.values()):
            raise ContradictionError(meta.factory.__name__, field, known)


# What hooks make


def check_each(hook: Any, name: str, each: Sequence[Mapping[str, Any]], extra: Mapping[str, Any]) -> None:
    """Refuse what a hook is told in vain, of each object or of all (`extra`), and the same pair twice.

    Raises:
        RepeatedPairError: The same two objects are asked for more than once.
        UnusedArgumentError: The host decides it, or each object says its own.
        FactoryError: As `check_arguments`, of the objects that it is to make.
    """
    meta = hook.get_factory()._meta  # noqa: SLF001 - factory_boy's
    if not hasattr(meta, "said"):  # a plain factory's
        return
    check_settled(hook, name, (*extra, *(keyword for one in each for keyword in one)))
    _check_shared(meta, name, each, extra)
    shared = {**hook.defaults, **extra, hook.host: HOST}
    for one in {id(one): one for one in each}.values():
        check_arguments(meta, {**shared, **one})
    if getattr(meta, "pairs", None):
        check_pairs(meta, [{**shared, **one} for one in each])


def check_settled(hook: Any, name: str, keywords: Iterable[str]) -> None:
    """Refuse what the host decides: itself, what it says, and whatever else would say that.

    Raises:
        UnusedArgumentError: Something is said of it.
    """
    meta, host = hook.get_factory()._meta, hook.host  # noqa: SLF001 - as above
    settled = {host}.union(*({field, *sources} for field, sources in meta.said.items() if host in sources))
    for keyword in dict.fromkeys(keywords):
        if keyword.partition(SPLITTER)[0] in settled:
            raise UnusedArgumentError(name, keyword, f"its {host} is the object that has the {name}")


def _check_shared(meta: Any, name: str, each: Sequence[Mapping[str, Any]], extra: Mapping[str, Any]) -> None:
    """Refuse what is said of all, where each says its own.

    Raises:
        UnusedArgumentError: Something is.
    """
    for keyword in extra:
        root = keyword.partition(SPLITTER)[0]
        if each and all(_says(meta, one, root) for one in each):
            raise UnusedArgumentError(name, keyword, "each object in the list says its own")


def _says(meta: Any, one: Mapping[str, Any], root: str) -> bool:
    names = {root, *_substitutes(meta, root)}
    return any(keyword.partition(SPLITTER)[0] in names for keyword in one)


# Pairs
