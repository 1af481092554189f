"""What a world is made of, and the key by which a made one is known."""

from __future__ import annotations

import hashlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import factory

from seedbed.plain import show
from seedbed.worlds.errors import WorldError

if TYPE_CHECKING:
    from seedbed.suite import Suite

_TICK = timedelta(milliseconds=1)
_SOURCES = {".csv", ".json", ".po", ".py", ".sql", ".toml", ".txt", ".yaml", ".yml"}
"""Files of a program by which what it makes can change."""
_LIBRARIES = ("factory", "faker")


@attrs.frozen
class Recipe:
    """A preset or scenario by its name; a factory and the values of its call; or a function of the app.

    A function returns what it made: named records in a mapping or in fields, or one thing, which gets the world's name.
    """

    name: str
    make: Any = None
    values: Mapping[str, Any] = attrs.field(factory=dict)
    seed: int | str = attrs.field(default=0, kw_only=True)
    as_of: datetime = attrs.field(kw_only=True)
    locale: str | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what is no recipe.

        Raises:
            WorldError: The name is none, or it is not said how values are used.
        """
        name: object = self.name
        if not isinstance(name, str) or not name.strip():
            raise WorldError(show(self.name), "its name must be a text that is not empty")
        if self.make is not None and not callable(self.make):
            raise WorldError(self.name, f"it is made by a factory or a function, not by {show(self.make)}")
        if not isinstance(self.values, Mapping):
            raise WorldError(self.name, f"values must be a mapping, not {show(self.values)}")
        if self.values and self.make is None:
            raise WorldError(self.name, "values are for a factory or a function; a preset or scenario takes none")

    def clock(self) -> Callable[[], datetime]:
        """Return a clock that starts at `as_of` and moves on a millisecond a reading."""
        ticks = itertools.count()
        return lambda: self.as_of + next(ticks) * _TICK

    def make_in(self, suite: Suite, app: Any) -> dict[str, Any]:
        """Make the world in an app that is bound, and return its records by name.

        Raises:
            ScenarioError: Neither a preset nor a scenario goes by the name.
            FactoryError: It cannot be made.
        """
        if self.make is None:
            return self._name_records(suite, suite.run(self.name, app))
        if isinstance(self.make, type) and issubclass(self.make, factory.Factory):
            return {self.name: self.make(**self.values)}
        return self._name_records(suite, self.make(app, **self.values))

    def _name_records(self, suite: Suite, made: Any) -> dict[str, Any]:
        if made is None:
            return {}
        if isinstance(made, Mapping):
            return {str(name): value for name, value in made.items()}
        models = {each._meta.get_model_class() for each in suite.factory_classes()}  # type: ignore[no-untyped-call]  # noqa: SLF001 - factory_boy's
        if type(made) not in models and attrs.has(type(made)):
            return {field.name: getattr(made, field.name) for field in attrs.fields(type(made))}
        return {self.name: made}

    def key(self, suite: Suite) -> str:
        """Return what the made world is known by: another one as soon as the recipe or the program is another.

        Raises:
            WorldError: A value has no text of its own.

        Cost: the files of the program's packages are read, once a process.
        """
        values = {name: show(value) for name, value in sorted(self.values.items())}
        for name, text in values.items():
            if " at 0x" in text:
                raise WorldError(self.name, f"{name} must be a value that is the same in each run, not {text}")
        said = (suite.name, self.name, _path(self.make), values, self.seed, self.as_of.isoformat(), self.locale)
        modules = frozenset(_modules(suite, self.make))
        return hashlib.sha256(f"{said} {sys.version_info[:2]} {_program(modules)}".encode()).hexdigest()[:32]


def _path(make: object) -> str:
    return "" if make is None else f"{getattr(make, '__module__', '')}:{getattr(make, '__qualname__', show(make))}"


def _modules(suite: Suite, make: object) -> Iterator[str]:
    """Yield the modules, and packages as a whole, that have a part in what is made."""
    yield from ("seedbed", *_LIBRARIES)
    for each in suite.factory_classes():
        yield _top(each)
        yield _top(each._meta.get_model_class())  # type: ignore[no-untyped-call]  # noqa: SLF001 - factory_boy's
        yield _top(getattr(each._meta, "service", None))  # noqa: SLF001 - as above
    yield suite.open.partition(".")[0].partition(":")[0] if isinstance(suite.open, str) else _top(suite.open)
    if make is not None:
        yield str(getattr(inspect.unwrap(make) if callable(make) else make, "__module__", ""))


def _top(thing: object) -> str:
    return str(getattr(thing, "__module__", "") or "").partition(".")[0]


_DIGESTS: dict[frozenset[str], str] = {}


def _program(modules: frozenset[str]) -> str:
    if modules not in _DIGESTS:
        digest = hashlib.sha256()
        for file in sorted({file for name in modules for file in _files(name)}):
            digest.update(f"{file}\0".encode())
            digest.update(file.read_bytes())
        _DIGESTS[modules] = digest.hexdigest()
    return _DIGESTS[modules]


def _files(name: str) -> Iterator[Path]:
    module = sys.modules.get(name)
    own = getattr(module, "__file__", None)
    if own is not None:
        yield Path(own)
    for folder in getattr(module, "__path__", ()):
        for file in Path(folder).rglob("*"):
            if file.suffix in _SOURCES and file.is_file() and not _is_of_tests(file):
                yield file


def _is_of_tests(file: Path) -> bool:
    return file.name.startswith("test_") or file.stem.endswith("_test") or file.name == "conftest.py"
