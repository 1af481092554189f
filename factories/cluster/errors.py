"""What can go wrong where many processes make a world."""

from __future__ import annotations

from factories.errors import FactoryError


class ClusterError(FactoryError):
    """The cluster is not there, or cannot be used."""

    exit_code = 3


class OtherProgramError(ClusterError):
    """A worker runs another version, which may make another world of the same seed."""

    def __init__(self, theirs: str, ours: str) -> None:
        self.theirs, self.ours = theirs, ours
        super().__init__(f"a worker runs seedbed {theirs}, and this is {ours}: have the same program on all machines")


class SliceError(FactoryError):
    """A slice could not be made; `cause` is why, `again` the command that makes it again by itself."""

    exit_code = 3

    def __init__(self, piece: str, where: str, cause: Exception, again: str) -> None:
        self.piece, self.where, self.cause, self.again = piece, where, cause, again
        super().__init__(f"the slice {piece} could not be made on {where}: {cause}. To make it alone: {again}")


class NoRunError(FactoryError):
    """A slice is a part of a run that is being made, and there is none."""

    exit_code = 2

    def __init__(self, piece: str, table: str, command: str) -> None:
        self.piece, self.table = piece, table
        super().__init__(
            f"the slice {piece} is a part of a run, and the table {table} has no such run: begin it with {command}"
        )


class EarlySliceError(FactoryError):
    """What a slice rests on is not in the table yet."""

    exit_code = 2

    def __init__(self, piece: str, phase: str) -> None:
        self.piece, self.phase = piece, phase
        super().__init__(f"the slice {piece} cannot be made yet: the run is at {phase}, whose slices come first")
