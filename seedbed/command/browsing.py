"""`seed browse`: an app in a browser, by the pages of its suite; and what every command that serves has in common."""

from __future__ import annotations

import secrets
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from seedbed.command.running import Order, make, work_in

if TYPE_CHECKING:
    from seedbed.suite import Suite

PORTS = range(65_536)
_LIBRARIES = {"pages": ("starlette", "uvicorn", "jinja2", "js_lib_htmx"), "serve": ("moto", "boto3")}


def browse(suite: Suite, order: Order, *, port: int, host: str) -> int:
    """Show the suite's app until Ctrl-C, with what is ordered made in it first; return the exit code.

    Raises:
        UsageError: The port is none, or the extra `pages` is not installed.
        MissingPartError: The suite has no pages.
        BusyPortError: Somebody listens there.
        SuiteError: The app does not open.
        FailedRunError: What was ordered could not be made.
    """
    check_serving("browse", "pages", port)
    suite.check_pages()
    from seedbed.serve.pages import guarded  # noqa: PLC0415 - an extra
    from seedbed.serve.places import place  # noqa: PLC0415 - as above
    from seedbed.serve.running import run  # noqa: PLC0415 - as above

    def work(app: Any) -> None:
        with suite.using(app, seed=f"browse/{secrets.token_hex(8)}"):
            if order.scenarios or order.preset:
                make(suite, app, order, console)
            routes = suite.routes(app)
            console.close()
            try:
                console.print(f"{suite.name} is shown at {served.page}; Ctrl-C stops it")
                run(guarded(lambda: routes, names=[host], token=served.token), served.bound)
            except KeyboardInterrupt:
                console.print("stopped")

    with place(port, host) as served, Console() as console:
        work_in(suite, order, work)
    return 0


def check_serving(command: str, extra: str, port: int) -> None:
    """Refuse before any work what could not be served.

    Raises:
        UsageError: the port is none, or the extra is not installed.
    """
    if port not in PORTS:
        message = f"--port must be from 0 to {PORTS[-1]}, not {port}"
        raise UsageError(message)
    wanted = [*_LIBRARIES["pages"], *(_LIBRARIES["serve"] if extra == "serve" else ())]
    missing = next((name for name in wanted if find_spec(name) is None), None)
    if missing is not None:
        message = f"seed {command} needs the extra {extra} ({missing} is missing): pip install 'seedbed[{extra}]'"
        raise UsageError(message)
