"""Which processes make what is ordered: this one alone unless an option says otherwise."""

from __future__ import annotations

import re
import shlex
from typing import NoReturn

import attrs

from factories.command.target import Target
from seedbed.command.errors import UsageError

WORKERS_MAX = 1_024


@attrs.frozen
class Crew:
    """A cluster of workers, one shard of a run, or one slice alone.

    Attributes:
        cluster: `local:N`, or a Dask scheduler's address.
        shard: Which shard this is, from 0 on, and of how many.
        piece: A slice, such as `likes:100-199`.
    """

    cluster: str | None = None
    shard: tuple[int, int] | None = None
    piece: str | None = None

    @property
    def options(self) -> str:
        """The options that say so, "" for none."""
        shard = None if self.shard is None else "{}/{}".format(*self.shard)
        named = {"--cluster": self.cluster, "--shard": shard, "--slice": self.piece}
        return shlex.join([part for name, value in named.items() if value is not None for part in (name, value)])

    @property
    def is_bystander(self) -> bool:
        """Tell whether another shard audits the world and reports it."""
        return self.shard is not None and self.shard[0] > 0

    @property
    def local_workers(self) -> int | None:
        """How many workers are started on this machine; None where a scheduler has its own."""
        found = re.fullmatch(r"local:([0-9]+)", self.cluster or "")
        return None if found is None else int(found[1])


ALONE = Crew()


def crew_of(cluster: str | None, shard: str | None, piece: str | None, target: Target, *, is_dry: bool) -> Crew:
    """Check who is to make the world.

    Raises:
        UsageError: An option is wrong, or cannot be used with the others.
    """
    named = {"--cluster": cluster, "--shard": shard, "--slice": piece}
    given = [name for name, value in named.items() if value is not None]
    if not given:
        return ALONE
    if len(given) > 1:
        _refuse(f"{given[0]} cannot be used with {given[1]}: each says who makes the world")
    if is_dry:
        _refuse(f"--dry-run cannot be used with {given[0]}: a dry run is played in one process")
    if target.endpoint_url is None:
        _refuse(
            f"{given[0]} needs --endpoint-url: the embedded engine lives in one process, and its rows are not seen by "
            "others (`seed serve` puts it behind an address)"
        )
    if piece is not None and target.scenario:
        _refuse("--slice cannot be used with --scenario: slices are of a preset's world")
    return Crew(None if cluster is None else _cluster(cluster), None if shard is None else _shard(shard), piece)


def _cluster(text: str) -> str:
    wish = f"--cluster must be local:N, with N from 1 to {WORKERS_MAX:,}, or a Dask scheduler's address such as "
    wish += f"tcp://10.0.0.5:8786, not {text!r}"
    if re.fullmatch(r"(tcp|tls|ws|wss|ucx)://[^\s/]+:[0-9]{1,5}", text):
        return text
    found = re.fullmatch(r"local:([0-9]{1,6})", text)
    if found is None or not 1 <= int(found[1]) <= WORKERS_MAX:
        _refuse(wish)
    return f"local:{int(text.partition(':')[2])}"


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if found is None or int(found[1]) >= int(found[2]):
        _refuse(f"--shard must be I/N, the number of this process and of all, such as 0/4 to 3/4, not {text!r}")
    number, count = (int(part) for part in text.split("/"))
    return number, count


def _refuse(message: str) -> NoReturn:
    raise UsageError(message)
