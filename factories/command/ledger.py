"""`seed status` and `seed reset`: which runs a table has, how far each has come, and taking them away."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Container, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from factories.command.orders import check_foreign, images_of, kind_of, locale_of, moment_of, order_of, program, working
from factories.command.target import Target, real_place
from factories.errors import FactoryError
from factories.presets import DEFAULT
from factories.seeding.worlds import WORLDS
from factories.texts.locales import DEFAULT_LOCALE
from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from seedbed.command.streams import printable
from services.errors import RunNotesError, ServiceError

if TYPE_CHECKING:
    from services import App
    from services.entities import Run


class FailedResetError(FactoryError):
    """A reset was begun and did not end well; the same command completes it."""

    exit_code = 3

    def __init__(self, cause: ServiceError) -> None:
        self.cause = cause
        super().__init__(
            f"{cause}. The same command again completes the reset; where rows were changed past the services, "
            f"`{program()} audit --repair` first"
        )


class InterruptedResetError(FactoryError):
    """Ctrl-C stopped a reset."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("stopped; every count is exact. The same command again completes the reset")


@attrs.frozen
class _Asked:
    """A run that is to be taken away."""

    name: str
    title: str
    is_there: bool = True


@attrs.frozen
class _Gone:
    """A run that was taken away, with so many users; `left`: who is noted, bears no mark of it, and stayed."""

    run: _Asked
    users: int
    left: int


def status(target: Target) -> int:
    """Tell the runs of a table; return the exit code.

    Raises:
        UsageError: no endpoint is named.
        ServiceError: there is no table of this name, or it cannot be used.
    """
    with _connect(target, "status") as app, working():
        runs = [(run, app.runs.count_users(run.name)) for run in app.runs.all()]
        damaged = app.runs.damaged()
    if target.json:
        said = {"damaged": damaged} if damaged else {}
        lines = [json.dumps({"runs": [_as_json(run, users) for run, users in runs], **said})]
    else:
        again = "its note is damaged; seeding it begins it again, reset --all takes away what it made"
        lines = [*(_line(run, users) for run, users in runs), *(f"{name}: {again}" for name in damaged)]
    Console().print(*(lines or [f"no run has been begun in the table {target.table}"]))
    return 0


def _as_json(run: Run, users: int) -> dict[str, Any]:
    told = attrs.asdict(run) | {"as_of": run.as_of_text, "users": users, "report": _report(run)}
    return told | {"is_done": run.is_done, "is_other_version": run.code_version != version("seedbed")}


def _report(run: Run) -> Any:
    """Return what its program could say to nobody, None where it was heard."""
    try:
        return None if run.report is None else json.loads(run.report)
    except ValueError:  # changed past the services
        return run.report


def _line(run: Run, users: int) -> str:
    by = "" if run.code_version == version("seedbed") else f", by seedbed {run.code_version}"
    other = "" if run.worlds == WORLDS else ", this version makes another world of it"
    phase = run.phase if run.is_done or run.is_resetting else f"not complete, at {run.phase}"
    return f"{run.title}: {phase}, {_users(users)}{by}{other}"


def reset(target: Target, *, is_all: bool, is_sure: bool) -> int:
    """Take away what runs made; return the exit code.

    Raises:
        UsageError: no endpoint is named, or nobody is there to be asked.
        FactoryError: no preset or scenario goes by the name.
        ServiceError: there is no table of this name, or it cannot be used.
        FailedResetError: it was begun and did not end well.
        InterruptedResetError: Ctrl-C stopped it.
    """
    with Console(is_quiet=target.json) as console, _connect(target, "reset") as app:
        check_foreign(app, is_beside_others=target.beside_others)
        asked = _everything(app) if is_all else _runs_for(app, target)
        if not is_sure:
            _ask(asked, target)
        before = app.usage
        gone = _take_away(app, asked, console)
        usage = app.usage.since(before)
    lines = [_farewell(one, target) for one in gone]
    lines = lines or [f"no run has been begun in the table {target.table}: nothing to take away"]
    runs = [{"name": one.run.name, "users": one.users, **({"left": one.left} if one.left else {})} for one in gone]
    said = {"runs": runs, "rows": usage.rows_deleted, "calls": usage.total_calls}
    printed = [json.dumps(said)] if target.json else lines
    console.report(*printed, done="; ".join(lines), again=f"{program()} status {target.place}")
    return 0


def _take_away(app: App, asked: list[_Asked], console: Console) -> list[_Gone]:
    gone, failed = [], None
    for run in asked:
        try:
            left: list[int] = []
            users = app.runs.reset(run.name, _telling(console, left))
            gone.append(_Gone(run, users, sum(left)))
        except RunNotesError as error:  # what stops one run stops no other
            failed = failed or error
        except ServiceError as error:
            raise FailedResetError(error) from error
        except KeyboardInterrupt as error:
            raise InterruptedResetError from error
    if failed is not None:
        raise FailedResetError(failed) from failed
    return gone


def _everything(app: App) -> list[_Asked]:
    named = [_Asked(run.name, run.title) for run in app.runs.all()]
    return [*named, *(_Asked(name, name) for name in app.runs.damaged())]


def _telling(console: Console, left: list[int]) -> Callable[[str, int], None]:
    def tell(what: str, done: int) -> None:
        if what == "left":
            left.append(done)
        else:
            console.advance(f"reset of {what}", done, None)

    return tell


def _farewell(gone: _Gone, target: Target) -> str:
    run, users = gone.run, gone.users
    if run.is_there or users:
        said = f"{run.title}: is gone from table {target.table}, with {_users(users)}"
        return f"{said}; {_users(gone.left)} of its notes without its mark stayed" if gone.left else said
    return f"{run.title}: is not in table {target.table}, nothing to take away ({program()} status lists what is there)"


def _users(count: int) -> str:
    return f"{count:,} {'user' if count == 1 else 'users'}"


def _runs_for(app: App, target: Target) -> list[_Asked]:
    """Find runs by what they were asked for: so neither the preset's file nor the same version is needed.

    A file that is there must say what it said then. One that is not there is asked for all the same: users that a run
    left behind are found by its name alone.

    Raises:
        UsageError: the preset's file says something else than what was seeded.
        ScenarioError: no scenario goes by the name.
    """
    env = target.env or (None if target.scenario else DEFAULT)
    as_of, seed = moment_of(target.as_of), str(target.seed or 0)
    wish = seed, as_of, locale_of(target)
    runs = [run for run in app.runs.all() if (run.seed, run.as_of, run.locale or DEFAULT_LOCALE) == wish]
    runs = [run for run in runs if kind_of(run.name) == images_of(target)]
    _check_scenarios(target.scenario, {run.scenario for run in runs})
    found = [run for run in runs if (run.preset is not None and run.preset == env) or run.scenario in target.scenario]
    if found and not _is_file(env):
        return [_Asked(run.name, run.title) for run in found]
    order = order_of(target)
    names = {part.name for part in order.parts}
    same = [run for run in found if run.name in names]
    if found and not same:
        message = (
            f"{env} says something else now than when it was seeded: put it as it was, or move it away to take "
            f"away all {len(found)} that were made of it, or take away everything by --all"
        )
        raise UsageError(message)
    if same:
        return [_Asked(run.name, run.title) for run in same]
    wishes = [(part.name, part.scenario or order.env) for part in order.parts]
    return [_Asked(name, f"{what}, seed {seed}, as of {order.as_of_text}", is_there=False) for name, what in wishes]


def _check_scenarios(asked: Sequence[str], there: Container[str | None]) -> None:
    """Refuse scenarios that neither the table nor this program knows.

    Raises:
        ScenarioError: no scenario goes by the name.
    """
    from factories.scenarios import find_scenario  # noqa: PLC0415 - loads the factories

    for name in asked:
        if name not in there:
            find_scenario(name)


def _is_file(env: str | None) -> bool:
    return env is not None and env.endswith(".toml") and Path(env).is_file()


def _ask(asked: list[_Asked], target: Target) -> None:
    if not sys.stdin.isatty():
        message = f"reset asks before it takes anything away, and nobody is there to answer: add --yes {target.table}"
        raise UsageError(message)
    import typer  # noqa: PLC0415 - only where somebody is asked

    titles = printable("; ".join(run.title for run in asked))
    typer.confirm(f"Take away what was made for {titles}, in the table {target.table}?", abort=True, err=True)


def _connect(target: Target, command: str) -> App:
    if target.endpoint_url is None:
        message = (
            f"{command} needs --endpoint-url (or SEED_ENDPOINT_URL): the embedded engine's data end with each command"
        )
        raise UsageError(message)
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    app = connect(target.endpoint_url, target.table, workers=target.workers, is_made=False)
    real_place(Console(is_quiet=target.json), target.endpoint_url, app.endpoint_url)
    return app
