"""What the options say together: what a subcommand would drop, or cannot do, is refused before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from factories.command.target import Target
from seedbed.command.once import OnceGroup, check_again
from seedbed.command.parsing import refuse

if TYPE_CHECKING:
    import typer


class Group(OnceGroup):
    """The command's group of subcommands, which knows what else a word in their place may mean."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a subcommand.

        Raises:
            UnknownCommandError: there is none of this name.
        """
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from factories.command.orders import UnknownCommandError  # noqa: PLC0415 - `seed --help` is to be quick

            raise UnknownCommandError(args[0], self.commands)
        return super().resolve_command(ctx, args)


def check_taken_over(context: typer.Context, subcommand: str) -> None:
    """Refuse an option that the subcommand would ignore: `seed --dry-run audit --repair` must not write."""
    group: Any = context.command  # Typer's, whose types do not know its subcommands
    taken_over = {option.name for option in group.commands[subcommand].params} & set(attrs.fields_dict(Target))
    ignored = [name for name in context.params if _is_typed(context, name) and name not in taken_over]
    if ignored:
        flags = {option.name: max(option.opts, key=len) for option in group.params}
        options = ", ".join(flags[name] for name in ignored)
        refuse(f"{options} cannot be used with {subcommand}")


def check_consent(target: Target, yes: str | None, what: str) -> None:
    """Refuse to write where nobody agreed to it; see `seedbed.command.consent`."""
    from seedbed.command import consent  # noqa: PLC0415 - as above

    consent.check_consent(target.endpoint_url, target.table, yes, what=what)


def check_bucket(place: str, yes: str | None, what: str) -> None:
    """Refuse to write in a bucket where nobody agreed to it; see `seedbed.command.consent`."""
    from seedbed.command import consent  # noqa: PLC0415 - as above

    consent.check_bucket(place, yes, what=what)


def check_through(through: str | None, target: Target, yes: str | None) -> None:
    """Refuse to copy an export through a bucket where nobody agreed to it: who gave the table's name has."""
    from seedbed.command import consent  # noqa: PLC0415 - as above

    if through is None:
        return
    if not through.startswith("s3://"):
        refuse(f"--through wants s3://bucket/prefix, not {through}")
    consent.check_bucket(through, yes, what="copy an export into", agreed=target.table)


def need_endpoint(target: Target, command: str, why: str = "an embedded table would end with the command") -> None:
    """Refuse to do without an endpoint what has no sense then."""
    if target.endpoint_url is None:
        refuse(f"{command} needs --endpoint-url: {why}")


def refuse_endpoint(target: Target) -> None:
    """Refuse to serve what is served already, also where a variable names it: the world would go elsewhere."""
    if target.endpoint_url is not None:
        refuse(f"serve makes an endpoint of its own: leave out --endpoint-url ({target.endpoint_url})")


def check_aims(context: typer.Context) -> None:
    """Refuse to be asked for more than one thing: only the first would be done."""
    aims = [name for name in ("show", "mark", "repair") if _is_typed(context, name)]
    if len(aims) > 1:
        refuse(f"--{aims[0]} cannot be used with --{aims[1]}")


def check_repair(context: typer.Context, *, is_repair: bool) -> None:
    """Refuse what only a repair has a use for."""
    asked = [name for name in ("dry_run", "yes", "at_most", "removed") if _is_typed(context, name)]
    if asked and not is_repair:
        refuse(f"--{asked[0].replace('_', '-')} is for --repair")


def check_files_only(context: typer.Context) -> None:
    """Refuse to name a table, or what is done with one, where files are looked at: nothing of it would be done."""
    contexts: list[Any] = [context.parent, context]  # Typer's, which its types do not know
    others = ("endpoint_url", "table", "workers", "beside_others", "repair", "mark", "show")
    asked = [name for name in others if any(_is_typed(one, name) for one in contexts)]
    if asked:
        option = asked[0].replace("_", "-")
        refuse(f"--{option} cannot be used with --export: that looks at files, and writes nothing")


def refuse_world(context: typer.Context, beside: str) -> None:
    """Refuse to name a world where all that the table holds is meant: it may hold others, or less."""
    contexts: list[Any] = [context.parent, context]  # Typer's, which its types do not know
    asked = [
        name
        for name in ("env", "scenario", "seed", "as_of", "locale", "images")
        if any(_is_typed(one, name) for one in contexts)
    ]
    if asked:
        option = asked[0].replace("_", "-")
        refuse(f"--{option} cannot be used with {beside}")


def refuse_table(context: typer.Context) -> None:
    """Refuse to name a table where none is looked at."""
    contexts: list[Any] = [context.parent, context]
    if any(_is_typed(one, "table") for one in contexts):
        refuse("--table needs --endpoint-url here: digest makes a world in this process, and reads no table")


def target_of(context: typer.Context) -> Target:
    """Take a subcommand's own options of a Target where they were typed, else those before it or of the environment.

    Raises:
        UsageError: one was typed in both places.
    """
    before: Target = context.obj
    parent: Any = context.parent
    known = {field.name for field in attrs.fields(Target)}
    own = {name: value for name, value in context.params.items() if name in known and _is_typed(context, name)}
    again = [name for name, value in own.items() if value is not True and _is_typed(parent, name)]
    check_again(again, str(context.info_name))
    return attrs.evolve(before, **own)


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"
