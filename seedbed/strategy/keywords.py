"""What may be said to a factory: its keywords are checked before anything is made, those for what is nested too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from factory.declarations import SKIP, BaseDeclaration, Maybe, SubFactory
from factory.enums import SPLITTER, get_builder_phase

from seedbed.strategy import run
from seedbed.strategy.agreement import HOST, WITHOUT_OBJECT, check_arguments, check_settled, declaration_of
from seedbed.strategy.arguments import check_given, check_needed
from seedbed.strategy.errors import InvalidOverridesError, UnknownArgumentError
from seedbed.strategy.hooks import ArgumentHook
from seedbed.strategy.moments import check_use
from seedbed.strategy.ranges import check_size
from seedbed.strategy.traits import Switch, found_for, is_given, is_hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from factory.builder import BuildStep

    from seedbed.strategy.arguments import Arguments, Parts


def check_keywords(meta: Any, extras: Mapping[str, Any]) -> None:
    """Refuse keywords of a factory that creates through a service.

    Raises:
        UnknownArgumentError: One is neither declared nor taken by the service.
        FactoryError: A field or hook can make nothing of its value.
    """
    running: Any = run.find_session()
    arguments = None if running is None else meta.arguments_for(running.service(meta.factory))
    if arguments is not None and _kind(extras) in arguments.right:
        if "at" in extras:
            meta.check_field("at", extras["at"])
        return
    check_arguments(meta, extras)
    if arguments is not None:
        check_given(meta, arguments, extras)
    _check_each(meta, extras)
    if arguments is not None and _hangs_on_types(meta, arguments, extras):
        arguments.right.add(_kind(extras))


def may_spare_roles(meta: Any, extras: Mapping[str, Any]) -> bool:
    """Tell whether there may be `needless_roles`. Asked for every object, so it must cost next to nothing."""
    return meta.says_parts or not extras.keys() <= meta.pre_declarations.declarations.keys()


def needless_roles(meta: Any, step: BuildStep) -> dict[str, str | None]:
    """Return the roles of which all that the service gets is said elsewhere; each with the argument that is its key.

    By the call, by a trait that is on, or by the class: whatever says it beats the role's object.

    Raises:
        UnusedArgumentError: The call says what such an object would be.
    """
    running: Any = run.find_session()
    parts = {} if running is None else meta.arguments_for(running.service(meta.factory)).parts
    found = {role: one for role, one in parts.items() if not is_given(step, role) and _is_said(step, one)}
    check_needed(meta, found, step.builder.extras)
    return {role: one.key for role, one in found.items()}


def _is_said(step: BuildStep, parts: Parts) -> bool:
    """Tell whether all of a role's parts are said. A key that is computed may be that of the role's own object."""
    if parts.key is None:
        return all(found_for(step, name) is not SKIP for name in parts.names)
    return all(is_given(step, name) or isinstance(found_for(step, name), WITHOUT_OBJECT) for name in parts.names)


def _hangs_on_types(meta: Any, arguments: Arguments, extras: Mapping[str, Any]) -> bool:
    """Tell whether whatever has these names and types is as right as this call is, but for the value of an `at`."""
    names, said = extras.keys(), meta.said.items()
    is_plain = not any(SPLITTER in name or name in meta.post_declarations for name in names)
    says_once = not any(len(names & {field, *sources}) > 1 for field, sources in said)
    has_plain_at = "at" not in names or "at" in meta.parameters
    return (
        is_plain
        and says_once
        and has_plain_at
        and not any(isinstance(one, BaseDeclaration) for one in extras.values())
        and not any(move.field in names and (move.is_id or move.argument in names) for move in arguments.moves)
        and all(hasattr(type(extras[name]), by) for _, sources in said for name, by in sources.items() if name in names)
    )


def _kind(extras: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the names and types of a call's keywords, on which alone it hangs whether most calls are right."""
    return (*extras, *map(type, extras.values()))


def _check_each(meta: Any, extras: Mapping[str, Any]) -> None:
    nested: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for keyword, value in extras.items():
        root, _, rest = keyword.partition(SPLITTER)
        _check_name(meta, root, value)
        if rest:
            nested[root][rest] = value
        elif not isinstance(value, BaseDeclaration):
            _check_value(meta, root, value)
    for root, inner in nested.items():
        if not _is_replaced(meta, root, extras):
            _check_nested(_only_declaration(meta, root), root, inner)


def _is_replaced(meta: Any, root: str, extras: Mapping[str, Any]) -> bool:
    return root in extras and (root not in meta.post_declarations or is_hook(extras[root]))


def _only_declaration(meta: Any, name: str) -> Any:
    """Return what a factory declares; of two, the only declaration, or None where it may be either."""
    declared = declaration_of(meta, name)
    while isinstance(declared, (Switch, Maybe)):
        pair = (declared.inner, declared.argued) if isinstance(declared, Switch) else (declared.no, declared.yes)
        found = [one for one in pair if get_builder_phase(one)]
        declared = found[0] if len(found) == 1 else None
    return declared


def _check_nested(declared: Any, name: str, extras: dict[str, Any]) -> None:
    """Check what is meant for a factory inside."""
    if not isinstance(declared, (SubFactory, ArgumentHook)):
        return
    meta = declared.get_factory()._meta  # type: ignore[no-untyped-call] # noqa: SLF001 - factory_boy's
    if getattr(meta, "service", None) is None:
        return
    host = {}
    if isinstance(declared, ArgumentHook):
        check_settled(declared, name, extras)
        host = {declared.host: HOST}
    check_keywords(meta, host | extras)


def _check_name(meta: Any, name: str, value: Any) -> None:
    if name in meta.pre_declarations or name in meta.post_declarations or name in meta.parameters:
        return
    running: Any = run.find_session()
    accepted = None if running is None else running.service(meta.factory).takes.accepted
    if accepted is None or name in accepted or (name == "at" and name in meta.arguments):
        return
    if name == "at" and not isinstance(value, BaseDeclaration):
        check_use(running.binding.app, meta, value)
    elif name != "at":
        known = {*meta.pre_declarations, *meta.post_declarations, *meta.parameters, *accepted}
        raise UnknownArgumentError(getattr(meta.factory, "__name__", ""), name, known)


def _check_value(meta: Any, name: str, value: Any) -> None:
    if name in meta.post_declarations:
        hook = _only_declaration(meta, name)
        if isinstance(hook, ArgumentHook):
            hook.check(value)
            elements = value if isinstance(value, (list, tuple)) else ()
            for one in {id(one): one for one in elements if isinstance(one, dict)}.values():
                _check_nested(hook, name, one)


def overrides_of(factory: str, overrides: object) -> Iterator[dict[str, Any]]:
    """Yield the keywords of each object that `create_each` is to make.

    Raises:
        InvalidOverridesError: It is no list of mappings from names.
        InvalidCountError: It has more than a million.
    """
    if isinstance(overrides, (Mapping, str, bytes)) or not isinstance(overrides, Iterable):
        raise InvalidOverridesError(factory, overrides)
    for place, one in enumerate(overrides):
        check_size(f"what {factory}.create_each is given", place + 1)
        if not isinstance(one, Mapping) or not all(isinstance(name, str) for name in one):
            raise InvalidOverridesError(factory, one)
        yield dict(one)
