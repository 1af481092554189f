"""Which factories and scenarios a suite has: those in its packages and modules, and those that it names itself."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from seedbed.plain import show
from seedbed.scenarios import name_of
from seedbed.strategy.base import ServiceFactory
from seedbed.suite.errors import SuiteDeclarationError
from seedbed.suite.references import load, load_module


def factories_of(suite: str, declared: Any) -> tuple[type[ServiceFactory[Any]], ...]:
    """Return the factories that are declared, sorted by name.

    Raises:
        SuiteImportError: A module of them cannot be imported.
        SuiteDeclarationError: There is none, there are two of one name, or a class that is named is none.
    """
    _check_named(suite, "factories", declared, _is_factory, "a ServiceFactory that is not abstract")
    found = [one for one in _classes(suite, "factories", declared) if _is_factory(one)]
    named = _by_name(suite, "factories", ((one.__name__, one) for one in found))
    if not named:
        raise SuiteDeclarationError(suite, "factories", f"there is no ServiceFactory in {_place(declared)}")
    return tuple(named[name] for name in sorted(named))


def scenarios_of(suite: str, declared: Any) -> Mapping[str, type[Any]]:
    """Return the scenarios that are declared, by name, sorted.

    Raises:
        SuiteImportError: A module of them cannot be imported.
        SuiteDeclarationError: There are two of one name, or a class that is named is none.
    """
    _check_named(suite, "scenarios", declared, name_of, 'a scenario: write @scenario("a-name") above it')
    found = [(name_of(one), one) for one in _classes(suite, "scenarios", declared)]
    named = _by_name(suite, "scenarios", ((name, one) for name, one in found if name is not None))
    return dict(sorted(named.items()))


def _check_named(suite: str, field: str, declared: Any, is_one: Callable[[type[Any]], object], what: str) -> None:
    """Refuse a class that is named itself and is none of those; of what stands in a module, the others are left out.

    Raises:
        SuiteDeclarationError: There is one.
    """
    for one in [declared] if isinstance(declared, type) else declared if isinstance(declared, (list, tuple)) else ():
        found = load(f"suite {suite}: its {field}", one) if isinstance(one, str) and ":" in one else one
        if isinstance(found, type) and not is_one(found):
            raise SuiteDeclarationError(suite, field, f"{_home(found)} is not {what}")


def _is_factory(one: type[Any]) -> bool:
    return issubclass(one, ServiceFactory) and not one._meta.abstract  # noqa: SLF001 - factory_boy's


def _by_name(suite: str, field: str, found: Iterable[tuple[str, type[Any]]]) -> dict[str, type[Any]]:
    named: dict[str, type[Any]] = {}
    for name, one in found:
        other = named.setdefault(name, one)
        if other is not one:
            raise SuiteDeclarationError(suite, field, f"two are called {name}: {_home(other)} and {_home(one)}")
    return named


def _home(one: type[Any]) -> str:
    return f"{one.__module__}:{one.__qualname__}"


def _place(declared: Any) -> str:
    if isinstance(declared, (str, ModuleType)):
        return str(getattr(declared, "__name__", declared))
    return ", ".join(map(_place, declared)) if isinstance(declared, (list, tuple)) and declared else show(declared)


def _classes(suite: str, field: str, declared: Any) -> Iterator[type[Any]]:
    for one in _each(suite, field, declared):
        if isinstance(one, type):
            yield one
        elif isinstance(one, ModuleType):
            yield from _in_package(suite, field, one)
        else:
            raise SuiteDeclarationError(suite, field, f"it must be packages, modules and classes, not {show(one)}")


def _each(suite: str, field: str, declared: Any) -> Iterator[Any]:
    single = isinstance(declared, (str, ModuleType, type))
    if not single and not isinstance(declared, Iterable):
        raise SuiteDeclarationError(suite, field, f"it must be a package, a module or classes, not {show(declared)}")
    for one in [declared] if single else declared:
        what = f"suite {suite}: its {field}"
        yield one if not isinstance(one, str) else load(what, one) if ":" in one else load_module(what, one)


def _in_package(suite: str, field: str, top: ModuleType) -> Iterator[type[Any]]:
    for module in _modules(suite, field, top):
        for name, one in list(vars(module).items()):
            # of what a module brings from elsewhere, only what it calls by its own name: a base under another is none
            if isinstance(one, type) and (_is_in(one.__module__, top.__name__) or one.__name__ == name):
                yield one


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _modules(suite: str, field: str, top: ModuleType) -> Iterator[ModuleType]:
    yield top
    paths = getattr(top, "__path__", ())
    for entry in pkgutil.walk_packages(paths, f"{top.__name__}.", onerror=lambda _name: None):
        last = entry.name.rpartition(".")[2]
        if not (last in {"__main__", "conftest"} or last.startswith("test_") or last.endswith("_test")):
            yield sys.modules.get(entry.name) or load_module(f"suite {suite}: its {field}", entry.name)
