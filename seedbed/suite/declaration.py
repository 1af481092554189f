"""Suite: the one declaration by which a program tells what it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, overload

import attrs

from seedbed.plain import show
from seedbed.suite import opening, parts, units
from seedbed.suite.awaiting import Awaited
from seedbed.suite.counters import Counter
from seedbed.suite.errors import MissingPartError, SuiteDeclarationError
from seedbed.suite.findings import SuiteAudit
from seedbed.suite.loops import calling, settle, waiting_in
from seedbed.suite.references import load
from seedbed.variables import Opened_co

if TYPE_CHECKING:
    from seedbed.scenarios import Registry, Scenario
    from seedbed.strategy.base import ServiceFactory
    from seedbed.strategy.binding import Binding
    from seedbed.suite.stores import Stores

App = TypeVar("App")
Model = TypeVar("Model")
Made = TypeVar("Made")
_Opens: TypeAlias = Iterator[App] | AbstractContextManager[App]
_Awaits: TypeAlias = AsyncIterator[App] | AbstractAsyncContextManager[App] | Coroutine[Any, Any, App]
Place: TypeAlias = str | ModuleType
"""A package or module, or its name."""
Factories: TypeAlias = "Place | Sequence[Place | type[ServiceFactory[Any]]]"
Scenarios: TypeAlias = "Place | Sequence[Place | type[Any]]"


@attrs.frozen
class _Planned:
    """A preset as a scenario is: its clock stands still, too."""

    _make: Callable[..., Any]

    def run(self, app: Any) -> Any:
        if opening.takes(self._make, "progress"):
            return self._make(app, progress=lambda _what, _done, _total: None)
        return self._make(app)


@attrs.frozen(eq=False)
class Suite(Awaited, Generic[Opened_co]):
    """What a program is: how it is opened, its factories, its counters, its scenarios.

    To a type checker it is of what `open` returns, so that `suite.app()` is a context manager of the very app. Where
    `open` is a name, say it: `suite: Suite[Shop] = Suite("shop", open="shop.app:open_shop", ...)`.

    In an async program `open` may be an async function, async generator or `asynccontextmanager`, and whatever else is
    called may be async too. The command waits for it, and so do `app_async`, `run_async`, `audit_async` and their kin.

    Every field that takes a function or a class also takes its name, "module:name", which is imported when it is
    asked for: so a suite is quick to import, and stands beside what it names without a circle.

    Args:
        name: What the suite is called in messages.
        open: Opens the app: a context manager of it, or a function that returns it (closed by its `close()`, if it
            has one). Called without arguments it opens a world of its own that is thrown away, such as a database in
            memory; where it takes a `target`, that place. What it takes by name of `clock` (a callable), `seed`,
            `is_dry` and `world` is handed to it.
        factories: A package or module, or its name: all ServiceFactory classes in it that are not abstract; or
            classes, or several places.
        unit_of_work: Opens one: a callable that takes the app, or the name of the app's method.
        counters: The counters that are stored, each with what it counts.
        scenarios: Where classes with `@scenario(name)` are, or the classes.
        planner: Presets by name, each a function that makes a world in the app, which is bound: `{"small": make}`. The
            first is what `seed` makes where nothing is asked for. One that takes `progress` is handed it:
            `progress(what, done, total)`.
        scratch: Opens a world that is thrown away, where `open` does not.
        listing: `(app, model) -> rows`: all that is stored of a model, where seedbed cannot find it out itself.
        keep: `(app, folder)`: writes all that is stored into files of a folder, for tests that share a world. `open`,
            or `scratch`, then takes that folder by the name `world`, and opens a copy of what it holds.
        auditor: `(app) -> SuiteAudit`, in the place of recounting `counters`.
        command: A Typer app of the suite's own, in the place of `seed`'s general commands, but for those that it lacks.
        pages: `(app) -> routes`: what a browser shows of the app, as Starlette's routes; `seed browse` serves them.
        explain: Says in one line what an error of the app's is, and what can be done; by default its own text.
    """

    name: str = attrs.field(validator=parts.check_name)
    open: Callable[..., Opened_co] | str = attrs.field(kw_only=True, validator=parts.check_callable)
    factories: Factories = attrs.field(kw_only=True, validator=parts.check_places)
    unit_of_work: units.Opens | None = attrs.field(
        default=None, kw_only=True, converter=units.unit_of_work, validator=parts.check_callable
    )
    counters: Sequence[Counter] = attrs.field(
        default=(), kw_only=True, converter=parts.all_of, validator=parts.check_counters
    )
    scenarios: Scenarios = attrs.field(default=(), kw_only=True, validator=parts.check_places)
    planner: Mapping[str, Callable[..., Any]] | str | None = attrs.field(
        default=None, kw_only=True, validator=parts.check_planner
    )
    scratch: Callable[..., Any] | str | None = attrs.field(default=None, kw_only=True, validator=parts.check_callable)
    listing: Callable[[Any, Any], Iterable[Any]] | str | None = attrs.field(
        default=None, kw_only=True, validator=parts.check_callable
    )
    keep: Callable[[Any, Path], Any] | str | None = attrs.field(
        default=None, kw_only=True, validator=parts.check_callable
    )
    auditor: Callable[..., SuiteAudit] | str | None = attrs.field(
        default=None, kw_only=True, validator=parts.check_callable
    )
    command: Any = attrs.field(default=None, kw_only=True, validator=parts.check_command)
    pages: Callable[..., Iterable[Any]] | str | None = attrs.field(
        default=None, kw_only=True, validator=parts.check_callable
    )
    explain: Callable[[Exception], str] | str | None = attrs.field(
        default=None, kw_only=True, validator=parts.check_callable
    )

    @overload
    def app(self: Suite[_Opens[App]], target: str | None = None, **offered: Any) -> AbstractContextManager[App]: ...
    @overload
    def app(self: Suite[App], target: str | None = None, **offered: Any) -> AbstractContextManager[App]: ...
    def app(self, target: str | None = None, **offered: Any) -> AbstractContextManager[Any]:
        """Open the app, for the block; at `target`, where one is given.

        Of what is offered by name (`clock`, `seed`, `is_dry`), `open` is handed what it takes.

        Raises:
            SuiteOpenError: It does not open, or opens no `target`.
        """
        return opening.open_app(self.name, "open", self.open, target, offered)

    @overload
    def scratch_app(self: Suite[_Opens[App]], **offered: Any) -> AbstractContextManager[App]: ...
    @overload
    def scratch_app(self: Suite[App], **offered: Any) -> AbstractContextManager[App]: ...
    def scratch_app(self, **offered: Any) -> AbstractContextManager[Any]:
        """Open a world that is thrown away, for the block: by `scratch`, or by `open` without a target.

        Raises:
            SuiteOpenError: It does not open.
            MissingPartError: `open` needs a target, and there is no `scratch`.
        """
        if self.scratch is not None:
            return opening.open_app(self.name, "scratch", self.scratch, None, offered)
        opening.check_scratch(self.name, self.open)
        return self.app(**offered)

    @overload
    def app_async(
        self: Suite[_Opens[App] | _Awaits[App]], target: str | None = None, **offered: Any
    ) -> AbstractAsyncContextManager[App]: ...
    @overload
    def app_async(self: Suite[App], target: str | None = None, **offered: Any) -> AbstractAsyncContextManager[App]: ...
    def app_async(self, target: str | None = None, **offered: Any) -> AbstractAsyncContextManager[Any]:
        """Open the app as `app` does, by `async with`: also where it is opened by async code.

        Raises:
            SuiteOpenError: It does not open, or opens no `target`.
        """
        return waiting_in(self.app(target, **offered))

    @overload
    def scratch_app_async(
        self: Suite[_Opens[App] | _Awaits[App]], **offered: Any
    ) -> AbstractAsyncContextManager[App]: ...
    @overload
    def scratch_app_async(self: Suite[App], **offered: Any) -> AbstractAsyncContextManager[App]: ...
    def scratch_app_async(self, **offered: Any) -> AbstractAsyncContextManager[Any]:
        """Open a world that is thrown away as `scratch_app` does, by `async with`.

        Raises:
            SuiteOpenError: It does not open.
            MissingPartError: `open` needs a target, and there is no `scratch`.
        """
        return waiting_in(self.scratch_app(**offered))

    def using(
        self, app: App, *, seed: int | str | None = None, locale: str | None = None
    ) -> AbstractContextManager[Binding[App]]:
        """Bind `app` for the block, as `seedbed.using` does, with this suite's unit of work.

        Raises:
            InvalidSeedError: The seed is neither a whole number nor a text.
        """
        from seedbed.strategy.binding import using  # noqa: PLC0415 - a suite is quick to import

        return using(app, seed=seed, locale=locale, suite=self)

    def factory_classes(self) -> tuple[type[ServiceFactory[Any]], ...]:
        """Return the factories, sorted by name.

        Raises:
            SuiteImportError: A module of them cannot be imported.
            SuiteDeclarationError: There is none, or there are two of one name.
        """
        from seedbed.suite.members import factories_of  # noqa: PLC0415 - loads factory_boy

        return factories_of(self.name, self.factories)

    def scenario_classes(self) -> Mapping[str, type[Any]]:
        """Return the suite's own scenarios by name, sorted.

        Raises:
            SuiteImportError: A module of them cannot be imported.
            SuiteDeclarationError: There are two of one name.
        """
        from seedbed.suite.members import scenarios_of  # noqa: PLC0415 - as above

        return scenarios_of(self.name, self.scenarios)

    def registry(self) -> Registry:
        """Return the scenarios that can be asked for by name: the suite's, registered ones, installed ones.

        Each runs in one unit of work, where the suite has one that can undo: one that fails leaves nothing.
        """
        from seedbed.scenarios import Registry  # noqa: PLC0415 - as above
        from seedbed.suite.whole import as_one  # noqa: PLC0415 - as above

        return Registry(self.scenario_classes, self.using, lambda app: as_one(self, app))

    def presets(self) -> Mapping[str, Callable[..., Any]]:
        """Return the presets by name; none without a planner.

        Raises:
            SuiteImportError: The planner cannot be imported.
            SuiteDeclarationError: Its name leads to something else.
        """
        if not isinstance(self.planner, str):
            return {} if self.planner is None else self.planner
        found: Any = load(f"suite {self.name}: its planner", self.planner)
        if not isinstance(found, Mapping):
            raise SuiteDeclarationError(
                self.name, "planner", f"{self.planner} is no dict of functions, but {show(found)}"
            )
        parts.check_presets(self.name, found)
        return found

    @overload
    def run(self, name: str, app: Any) -> Any: ...
    @overload
    def run(self, name: type[Scenario[Made]], app: Any) -> Made: ...
    @overload
    def run(self, name: Scenario[Made], app: Any) -> Made: ...
    def run(self, name: str | type[Any] | Scenario, app: Any) -> Any:
        """Make a preset, or run a scenario, in an app, and return what it made, as it is stored.

        A scenario is given by its name, as its class or as an object: `suite.run("season", app)`. Without a binding of
        the app in force, one is made. All of it stands or nothing does, where the suite's unit of work can undo:
        `seedbed.sqlalchemy`'s and `seedbed.django`'s can, and any whose unit has `roll_back()`.

        Raises:
            UnknownScenarioError: Neither goes by the name.
            ScenarioError: It cannot be used.
            SuiteDeclarationError: A preset and a scenario go by the name.
            CommitError: All of it went well, and could not be committed.
            FactoryError: It cannot be made, or the services refused something.
            ServiceError: The store stopped it.
        """
        from seedbed.scenarios.errors import UnknownScenarioError  # noqa: PLC0415 - as above

        presets, registry = self.presets(), self.registry()
        if not isinstance(name, str):
            return registry.run(name, app)
        if name in presets:
            self.check_unambiguous(name)
            return registry.run(_Planned(presets[name]), app)
        if ":" not in name and name not in (known := registry.describe()):
            raise UnknownScenarioError(name, {*presets, *known})
        return registry.run(name, app)

    def check_unambiguous(self, preset: str) -> None:
        """Refuse a preset that is called as a scenario is: which is meant, and what is drawn, would not be known.

        Raises:
            SuiteDeclarationError: It is.
        """
        if preset in self.scenario_classes():
            raise SuiteDeclarationError(self.name, "planner", f"a preset and a scenario are both called {preset}")

    def check_keep(self) -> None:
        """Refuse to make a world that could not be kept.

        Raises:
            MissingPartError: Nothing tells how it is kept, or opened again.
        """
        opens = "open" if self.scratch is None else "scratch"
        if self.keep is None or not opening.takes(getattr(self, opens), "world"):
            remedy = (
                f"say Suite(keep=...), which takes the app and a folder, and let {opens} take `world`, that folder, by "
                "name; docs/worlds.md shows it"
            )
            raise MissingPartError(self.name, "keep worlds for tests", remedy)

    def keep_world(self, app: Any, folder: Path) -> None:
        """Write all that an app stores into a folder, by `keep`.

        Raises:
            MissingPartError: Nothing tells how.
        """
        self.check_keep()
        keep: Any = parts.load_part(self.name, "keep", self.keep)
        with calling(self.name, "its keep"):
            settle(self.name, "its keep", keep(app, folder))

    def check_pages(self) -> None:
        """Refuse to open an app that could not be shown.

        Raises:
            MissingPartError: The suite has no pages.
        """
        if self.pages is None:
            remedy = "say Suite(pages=...), which takes the app and returns Starlette's routes; docs/browse.md shows it"
            raise MissingPartError(self.name, "show its app in a browser", remedy)

    def routes(self, app: Any) -> list[Any]:
        """Return the pages of an app as Starlette's routes, by `pages`.

        Raises:
            MissingPartError: The suite has none.
            SuiteImportError: They cannot be imported.
            SuiteDeclarationError: `pages` returned something else.
        """
        self.check_pages()
        pages: Any = parts.load_part(self.name, "pages", self.pages)
        with calling(self.name, "its pages"):
            found = pages(app)
        if not isinstance(found, Iterable) or isinstance(found, (str, Mapping)):
            raise SuiteDeclarationError(self.name, "pages", f"it must return Starlette's routes, not {show(found)}")
        return list(found)

    @overload
    def rows(self, app: Any, model: type[Model]) -> Iterable[Model]: ...
    @overload
    def rows(self, app: Any, model: object) -> Iterable[Any]: ...
    def rows(self, app: Any, model: Any) -> Iterable[Any]:
        """List all that is stored of a model: by `listing`, else as the app's store is read.

        Raises:
            MissingPartError: Nothing tells how.
        """
        return self.store(app).rows(model)

    def totals(self, app: Any) -> Mapping[str, int]:
        """Count the rows of each model that the factories make, by the model's name, where the store can be listed."""
        from seedbed.suite.stores import totals  # noqa: PLC0415 - as above

        return totals(self.store(app), [factory._meta.get_model_class() for factory in self.factory_classes()])  # type: ignore[no-untyped-call]  # noqa: SLF001 - factory_boy's

    def audit(self, app: Any) -> SuiteAudit:
        """Recount every declared counter in the store, for every owner.

        Raises:
            CounterError: A counter cannot be recounted as it is declared.
            MissingPartError: No counter is declared, or nothing tells how to list what it counts.
            SuiteDeclarationError: The auditor returned something else.

        Cost: by SQL, one grouped count and one query of the owners for a counter; else every row of both models is
        listed once.
        """
        if self.auditor is not None:
            auditor: Any = parts.load_part(self.name, "auditor", self.auditor)
            with calling(self.name, "its auditor"):
                found: Any = settle(self.name, "its auditor", auditor(app))
            if not isinstance(found, SuiteAudit):
                raise SuiteDeclarationError(self.name, "auditor", f"it must return a SuiteAudit, not {show(found)}")
            return found
        from seedbed.suite.audit import audit  # noqa: PLC0415 - as above

        return audit(self.name, self.counters, self.store(app), app)

    def store(self, app: Any) -> Stores:
        """Return how the store of the app is read; what cannot be read says so when it is."""
        from seedbed.suite.stores import store_of  # noqa: PLC0415 - as above

        return store_of(self.name, app, parts.load_part(self.name, "listing", self.listing), self.unit_of_work)
