"""`seed serve`: a world behind an endpoint on this machine, for an app to point at."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factories.command import run
from factories.command.orders import InterruptedOrderError, Order, program
from factories.pictures import draw
from seedbed.command.browsing import check_serving
from seedbed.command.console import Console

if TYPE_CHECKING:
    from starlette.routing import Route

    from factories.pages import World
    from factories.reporting import Figures
    from seedbed.dynamo.engines import Engine
    from seedbed.serve.places import Place


class StoppedServingError(InterruptedOrderError):
    """Ctrl-C came while the world was made."""

    def __init__(self, order: Order, data: str | None) -> None:
        super().__init__(order, is_dry=False)
        again = f"{program()} serve {order.world}"
        kept = (
            f"{data} keeps what was made. Go on with: {again} --data {shlex.quote(data)}"
            if data
            else f"Begin again with: {again}"
        )
        self.args = (f"stopped before anything was served; {kept}",)


def serve(order: Order, *, port: int, data: str | None, host: str) -> int:
    """Make what is ordered, and serve it until Ctrl-C; return the exit code, 1 where the audit found drift.

    Where others than this machine reach it, a token is asked for: by pages, and as the id of the access key.

    Raises:
        UsageError: the port is none, or the extra `serve` is not installed.
        BusyPortError: somebody listens there.
        HostError: the host is none of this machine's.
        DataFileError: another process has the file, or it is damaged, foreign, or of a newer version.
        FailedOrderError: the world could not be made.
        StoppedServingError: Ctrl-C came while it was made.
    """
    check_serving("serve", "serve", port)
    from seedbed.serve import server  # noqa: PLC0415 - as above
    from seedbed.serve.pages import guarded  # noqa: PLC0415 - an extra
    from seedbed.serve.places import place  # noqa: PLC0415 - as above

    with place(port, host) as served, _engine(data) as engine, Console() as console, ExitStack() as opened:
        world = _pages().World(f"the table {order.table}")
        is_clean = _make(order, engine, console, data, world.keep)
        console.close()
        shown = guarded(_routes(engine, order, world, opened), names=[host], token=served.token)
        try:
            console.print(*_hints(served, order, data))
            perform: Any = engine.perform  # an engine in this process has one
            server.serve(perform, served.bound, draw, pages=shown, token=served.token)
        except KeyboardInterrupt:
            console.print("stopped")
    return 0 if is_clean else 1


def _pages() -> Any:
    from factories import pages  # noqa: PLC0415 - an extra

    return pages


def _routes(engine: Engine, order: Order, world: World, opened: ExitStack) -> Callable[[], list[Route]]:
    """Return what makes the pages of the table once it is there: whoever is served may make it, and gives it up."""

    def make() -> list[Route]:
        from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

        app = opened.enter_context(connect(engine=engine, table=order.table, is_made=False))
        return list(_pages().pages(app, world=world))

    return make


@contextmanager
def _engine(data: str | None) -> Iterator[Engine]:
    from seedbed.dynamo.engines import embedded_engine  # noqa: PLC0415 - loads moto

    with embedded_engine(data=None if data is None else Path(data)) as engine:
        yield engine


def _make(order: Order, engine: Engine, console: Console, data: str | None, keep: Callable[[Figures], None]) -> bool:
    if not order.parts:
        return True
    try:
        report = run.report_of(order, console, is_dry=False, engine=engine, keep=keep)
    except InterruptedOrderError as error:
        raise StoppedServingError(order, data) from error
    console.print(*report.lines())
    return report.audit.is_clean


def _hints(served: Place, order: Order, data: str | None) -> Iterator[str]:
    url, token = served.url, served.token
    key = "any credentials" if token is None else f"AWS_ACCESS_KEY_ID={token}, any secret"
    table = f", table {order.table}" if order.parts else ""
    yield f"DynamoDB is served at {url}{table}; Ctrl-C stops it"
    yield f"point an app at it: AWS_ENDPOINT_URL_DYNAMODB={url} (any region, {key})"
    yield f"look at it in a browser: {served.page} (pictures are at {url}/images/...)"
    yield "its data ends with it: --data FILE keeps it" if data is None else f"kept in {data}"
