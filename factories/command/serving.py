"""`seed serve`: a world behind an endpoint on this machine, for an app to point at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from factories.command import run
from factories.command.orders import InterruptedRunError, Order, program
from factories.pictures import draw
from seedbed.command.console import Console
from seedbed.command.errors import UsageError

if TYPE_CHECKING:
    from seedbed.dynamo.engines import Engine

PORTS = range(65_536)


class StoppedServingError(InterruptedRunError):
    """Ctrl-C came while the world was made."""

    def __init__(self, order: Order, data: str | None) -> None:
        super().__init__(order, is_dry=False)
        again = f"{program()} serve {order.world}"
        kept = (
            f"{data} keeps what was made. Go on with: {again} --data {data}" if data else f"Begin again with: {again}"
        )
        self.args = (f"stopped before anything was served; {kept}",)


def serve(order: Order, *, port: int, data: str | None) -> int:
    """Make what is ordered, and serve it until Ctrl-C; return the exit code, 1 where the audit found drift.

    Raises:
        UsageError: the port is none, or the extra `serve` is not installed.
        BusyPortError: somebody listens there.
        DataFileError: another process has the file, or it is damaged, foreign, or of a newer version.
        FailedRunError: the world could not be made.
        StoppedServingError: Ctrl-C came while it was made.
    """
    if port not in PORTS:
        message = f"--port must be from 0 to {PORTS[-1]}, not {port}"
        raise UsageError(message)
    server = _server()
    with server.listen(port) as bound, _engine(data) as engine, Console() as console:
        is_clean = _make(order, engine, console, data)
        console.close()
        try:
            console.print(*_hints(server.url_of(bound), order, data))
            server.serve(engine.perform, bound, draw)
        except KeyboardInterrupt:
            console.print("stopped")
    return 0 if is_clean else 1


def _server() -> Any:
    try:
        from seedbed.serve import server  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        message = f"seed serve needs the extra serve ({error.name} is missing): pip install 'seedbed[serve]'"
        raise UsageError(message) from error
    return server


@contextmanager
def _engine(data: str | None) -> Iterator[Engine]:
    from seedbed.dynamo.engines import embedded_engine  # noqa: PLC0415 - loads moto

    with embedded_engine(data=None if data is None else Path(data)) as engine:
        yield engine


def _make(order: Order, engine: Engine, console: Console, data: str | None) -> bool:
    if not order.parts:
        return True
    try:
        report = run.report_of(order, console, is_dry=False, engine=engine)
    except InterruptedRunError as error:
        raise StoppedServingError(order, data) from error
    console.print(*report.lines())
    return report.audit.is_clean


def _hints(url: str, order: Order, data: str | None) -> Iterator[str]:
    yield f"DynamoDB is served at {url}, table {order.table}; Ctrl-C stops it"
    yield f"point an app at it: AWS_ENDPOINT_URL_DYNAMODB={url} (any region, any credentials)"
    yield f"pictures of people and posts are there too: {url}/images/..."
    yield "its data ends with it: --data FILE keeps it" if data is None else f"kept in {data}"
