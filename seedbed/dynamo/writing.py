"""One pack on its way, maybe in a worker's thread: written, looked for, or sent again without what was refused."""

from __future__ import annotations

from collections.abc import Sequence

from seedbed.dynamo.actions import Refused
from seedbed.dynamo.answers import Answers
from seedbed.dynamo.errors import ContentionError
from seedbed.dynamo.packing import Answer, Known, Pack, Packer
from seedbed.dynamo.row_actions import Call
from seedbed.dynamo.store import Store
from seedbed.errors import ServiceError

STUCK = 8
"""Times that a pack may be refused with no Change to blame: rows changed back and forth under it."""


class Writer:
    """Writes packs to a table, and notes what became of their calls."""

    def __init__(self, store: Store, answers: Answers) -> None:
        self._store = store
        self._answers = answers

    def send(self, pack: Pack) -> None:
        """Send a pack until each of its calls is written, or refused.

        Raises:
            BaseException: What stopped it. All of it that is not answered for is lost.
        """
        todo = [pack]
        try:
            self._send_all(todo)
        except BaseException:
            for unsent in todo:
                self._answers.lose(unsent)
            raise

    def _send_all(self, todo: list[Pack]) -> None:
        stuck = 0
        while todo:
            rest = self._send_pack(todo[0])
            stuck = stuck + 1 if rest is not None and len(rest) == len(todo[0].calls) else 0
            if stuck == STUCK:
                raise ContentionError("TransactWriteItems", STUCK)
            todo[:1] = [] if rest is None else self._repack(rest)

    def _send_pack(self, pack: Pack) -> Sequence[Call] | None:
        """Send a pack; None when it is written, else the calls that are still to be written."""
        if not pack.relies_on_nothing_broken():
            return pack.calls
        try:
            self._transact(pack)
        except Refused as refused:
            return self._refuse(pack, refused)
        return None

    def _transact(self, pack: Pack) -> None:
        """Write a pack, or see that it is written.

        Raises:
            Refused: conditions refused it.
            BaseException: what kept it from being written, or from being known to be.
        """
        try:
            self._store.sizes.update(pack.sizes())
            self._store.transact(pack.actions())
        except Refused:
            raise
        except BaseException as error:
            if not self._is_written_all_the_same(pack, error):
                raise
        else:
            self._answers.note_pack(pack)

    def _is_written_all_the_same(self, pack: Pack, error: BaseException) -> bool:
        if not isinstance(error, ServiceError):  # Ctrl-C, or whatever stops a process: nothing more is sent
            return self._answers.note_unknown(pack)
        return error.is_unknown and self._look(pack)

    def _look(self, pack: Pack) -> bool:
        """See by its rows whether a pack is written whose answer was lost; what is not seen there stays unknown.

        A row that is not there may still come: a request that was sent can be late.
        """
        asked = {call.telling.key for call in pack.calls if call.telling is not None}
        try:
            rows = self._store.look(sorted(asked))
        except ServiceError:
            return self._answers.note_unknown(pack)
        seen = [(call, rows.get(call.telling.key)) for call in pack.calls if call.telling is not None]
        written = [Answer(call, None, row) for call, row in seen if call.is_written(row)]
        self._answers.answer(pack, written)
        return self._answers.note_unknown(pack, {id(answer.call) for answer in written})

    def _refuse(self, pack: Pack, refused: Refused) -> list[Call]:
        answers = pack.answers(refused.rows)
        self._answers.answer(pack, answers.values())
        return [call for call in pack.calls if id(call) not in answers]

    def _repack(self, calls: Sequence[Call]) -> list[Pack]:
        with self._answers.lock:
            packer = Packer(Known(seen=self._answers.known.seen))
            for call in calls:
                packer.add(call.afresh())
            return list(packer.packs(is_last=True))
