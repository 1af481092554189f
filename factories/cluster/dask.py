"""Workers of Dask: on this machine, or those of a scheduler that is there. Dask shares slices out, and tries again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from factories.cluster.errors import ClusterError, OtherProgramError, SliceError
from factories.cluster.processes import without_interrupts
from factories.cluster.worker import Job, Made, make, program
from factories.command.crew import Crew
from factories.seeding.slices import Slice
from seedbed.errors import MissingLibraryError
from seedbed.strategy.errors import FactoryError
from services.errors import ServiceError, UnavailableError

if TYPE_CHECKING:
    from distributed import Client

RETRIES = 2
"""So often Dask has a slice made again that an engine stopped. A worker that is gone is no try: another takes over."""
SCHEDULER_SECONDS, WORKER_SECONDS = 10, 30
"""So long a scheduler, and then its first worker, is waited for."""


def _make(job: Job, piece: Slice) -> Made | Exception:
    """Make a slice in a worker; what would come to the same again is no failure to Dask, which would try again.

    Raises:
        UnavailableError: The engine stopped it.
    """
    try:
        return make(job, piece)
    except UnavailableError:
        raise
    except (ServiceError, FactoryError) as error:
        return error


class Workers:
    """The workers of a scheduler, as makers of slices."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def writers(self) -> int:
        """How many slices are made at once: threads of workers, of which each has an app of its own."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def make(self, job: Job, slices: Sequence[Slice], noted: Collection[str]) -> Iterator[Made]:
        """Have slices made.

        Raises:
            SliceError: One could not be made; those that were begun are made.
            ClusterError: The scheduler is gone.
        """
        from distributed import as_completed  # noqa: PLC0415 - takes a third of a second

        pending = [piece for piece in slices if str(piece) not in noted]
        futures: dict[Any, Slice] = {}
        with _speaking():
            for piece in pending:
                key = f"{piece}-{job.part.name}"
                futures[self._client.submit(_make, job, piece, key=key, pure=False, retries=RETRIES)] = piece
            try:
                for future in as_completed(list(futures), loop=self._client.loop):
                    yield self._result(job, futures[future], future)
            finally:
                self._client.cancel(list(futures))

    def is_to_record(self, _job: Job, _phase: str) -> bool:
        """Tell that this process records phases."""
        return True

    def _result(self, job: Job, piece: Slice, future: Any) -> Made:
        error = future.exception()
        made = error if error is not None else future.result()
        if isinstance(made, Made):
            return made
        raise SliceError(str(piece), "a worker", made, job.order.slice_command(str(piece))) from made


@contextmanager
def workers(crew: Crew, tell: Callable[[str], None]) -> Iterator[Workers]:
    """Start workers on this machine, or find those of a scheduler.

    Raises:
        MissingLibraryError: Dask is not installed.
        ClusterError: There is no scheduler, or it has no workers, or they cannot make slices.
        OtherProgramError: A worker runs another version.
    """
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - as above
    except ImportError as error:
        raise MissingLibraryError("distributed", "cluster") from error
    with ExitStack() as stack:
        address: Any = crew.cluster
        if crew.local_workers is not None:
            with without_interrupts():
                address = stack.enter_context(_local(LocalCluster, crew.local_workers))
        try:
            client = stack.enter_context(Client(address, timeout=SCHEDULER_SECONDS, set_as_default=False))
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except (OSError, TimeoutError) as error:
            message = f"no workers at {crew.cluster}: {str(error) or 'nothing answers'}"
            raise ClusterError(message) from error
        _check(client)
        tell(f"Dask's dashboard: {client.dashboard_link}")
        yield Workers(client)


def _local(cluster: Any, count: int) -> Any:
    return cluster(
        n_workers=count,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # several runs may be on one machine
        memory_limit=0,  # Dask would end who takes its part of the machine's memory, however little that is
        silence_logs=logging.CRITICAL,
    )


def _check(client: Client) -> None:
    try:
        found = client.run(program)
    except Exception as error:  # whatever a machine without the suite says to Dask
        message = f"the workers cannot make slices: {error}. They need the same program, with the suite, installed"
        raise ClusterError(message) from error
    for theirs in found.values():
        if theirs != program():
            raise OtherProgramError(theirs, program())


@contextmanager
def _speaking() -> Iterator[None]:
    """Tell a scheduler that is gone as such.

    Raises:
        ClusterError: It is.
    """
    from distributed.comm.core import CommClosedError  # noqa: PLC0415 - as above

    try:
        yield
    except CommClosedError as error:
        message = f"the scheduler is gone: {error}"
        raise ClusterError(message) from error
