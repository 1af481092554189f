"""`seed browse`: a table at any endpoint in a browser, its people and posts from the services."""

from __future__ import annotations

from collections.abc import Iterator

from factories.command.target import Target, real_place
from seedbed.command.browsing import check_serving
from seedbed.command.consent import check_consent
from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from seedbed.prohibition import ProhibitedError


def browse(target: Target, yes: str | None, *, port: int, host: str, is_read_only: bool) -> int:
    """Show the table until Ctrl-C; return the exit code.

    Raises:
        UsageError: the port is none, the extra `pages` is not installed, or `--yes` names another table.
        BusyPortError: somebody listens there.
        HostError: the host is none of this machine's.
        ServiceError: the table is not there, or cannot be used.
    """
    check_serving("browse", "pages", port)
    from factories.pages import World, pages  # noqa: PLC0415 - an extra
    from seedbed.serve.pages import guarded  # noqa: PLC0415 - as above
    from seedbed.serve.places import place  # noqa: PLC0415 - as above
    from seedbed.serve.running import run  # noqa: PLC0415 - as above
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    with place(port, host) as served, Console() as console:
        why_not = "--read-only" if is_read_only else _why_not(target, yes)
        with connect(target.endpoint_url, target.table, is_made=False) as app:
            named = f"table {target.table} of {real_place(console, target.endpoint_url, app.endpoint_url)}"
            command = f"seed report world.html --endpoint-url {target.endpoint_url} --table {target.table}"
            routes = pages(app, world=World(named, command), is_read_only=why_not is not None)
            try:
                console.print(*_hints(served.page, named, why_not))
                run(guarded(lambda: routes, names=[host], token=served.token), served.bound)
            except KeyboardInterrupt:
                console.print("stopped")
    return 0


def _why_not(target: Target, yes: str | None) -> str | None:
    """Tell why nothing is to be written; None: it may be.

    Raises:
        UsageError: `--yes` names another table.
        ProhibitedError: `--yes` asks for what is forbidden here.
    """
    try:
        check_consent(target.endpoint_url, target.table, yes, what="write in", is_asking=False)
    except (UsageError, ProhibitedError) as error:
        if yes is not None:
            raise
        return str(error)
    return None


def _hints(page: str, named: str, why_not: str | None) -> Iterator[str]:
    yield f"{named} is shown at {page}; Ctrl-C stops it"
    if why_not is not None:
        yield f"only to look at: {why_not}"
