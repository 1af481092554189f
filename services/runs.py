"""Runs: how far each seeding run has come and whom it made, kept in the table itself.

A run has one row, found with all others by one query, and one row a user whom it made (`members.py`). Its phase is
recorded when all rows of the phase before are committed, and only moves forward: so whoever finds a phase recorded need
not send what came before it, and of two processes that make the same world the slower one hears that it was so already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from seedbed.clock import Clock
from seedbed.dynamo.changes import Change, Delete, Put, Refusal, Set, already, unless
from seedbed.dynamo.rows import Row
from seedbed.dynamo.session import Session
from services.deletion.leaving import leave, take_posts
from services.deletion.stopping import LEAVING, deleting
from services.entities import DONE, RESETTING, Page, Run, User
from services.errors import (
    InvalidSettingError,
    RunNotEmptyError,
    RunNotesError,
    RunNotFoundError,
    RunResettingError,
    ServiceError,
)
from services.members import Members
from services.people import users_page
from services.rows import items, keys
from services.rows.ownership import is_ours
from services.rows.reading import optional_text, text_of
from services.validation import RUN_NAME_MAX, Fields

TOGETHER = 100
"""Users that leave together: enough to fill packs, and few enough to keep what they have in memory."""

REPORT_MAX = 300_000
"""Characters of a report that is kept: DynamoDB's rows are 400 KB at most."""


class RunService:
    """Begins, finds and advances runs, and takes away what a run made."""

    REPORT_MAX = REPORT_MAX

    def __init__(self, session: Session, clock: Clock, members: Members) -> None:
        self._session = session
        self._clock = clock
        self._members = members

    def begin(self, run: Run, phases: Sequence[str] = ()) -> Run:
        """Put a run, unless it is there already; return it as it stands. A note that is damaged is written anew.

        A run whose note was damaged begins again: what it made is there, and is not made twice. Damaged is also a
        note of the same worlds that is in none of the `phases`, where they are given.

        Raises:
            InvalidSettingError: `run` is none, or `phases` are no names.
            ValidationError: its name is none.

        Cost: 1 read, and for a new one 1 transaction of 1 action and 1 read more.
        """
        if not isinstance(run, Run):
            raise InvalidSettingError("run", run, "a Run")
        if not isinstance(phases, (list, tuple)) or not all(isinstance(one, str) for one in phases):
            raise InvalidSettingError("phases", phases, "a list of names")
        _check_texts(name=run.name)
        key, note = keys.run_key(run.name), items.run_row(run)
        standing = self._session.get(key)
        if standing is None:
            self._session.apply(Change(puts=(Put(key, note),)), None)
        elif _is_lost(items.find_run(standing), run, phases):
            values = {name: note.get(name) for name in {*items.RUN_OPTIONAL, *note} - {"PK", "SK"}}
            self._session.apply(Change(sets=(Set(key, values, already),)), None)
        return self.find(run.name) or run

    def find(self, name: str) -> Run | None:
        """Return the run of a name; None also where its note is damaged.

        Raises:
            ValidationError: the name is none.

        Cost: 1 read.
        """
        _check_texts(name=name)
        row = self._session.get(keys.run_key(name))
        return None if row is None else items.find_run(row)

    def all(self) -> list[Run]:
        """Return all runs of the table whose notes can be read, by name. Cost: 1 query."""
        return [run for row in self._runs() if (run := items.find_run(row)) is not None]

    def damaged(self) -> list[str]:
        """Return the names of the runs whose notes cannot be read: what they made can be taken away. Cost: 1 query."""
        return [row["SK"]["S"].removeprefix(keys.RUN_PREFIX) for row in self._runs() if items.find_run(row) is None]

    def _runs(self) -> Iterator[Row]:
        for rows in self._session.each(keys.RUNS, keys.RUN_PREFIX):
            yield from filter(is_ours, rows)

    def count_users(self, name: str) -> int:
        """Count the users whom a run made and who are there.

        Raises:
            ValidationError: the name is none.

        Cost: 1 read, and 1 query and 10 batch reads per 1,000.
        """
        _check_texts(name=name)
        is_marking = self._is_marking(name)
        noted = (one for notes in self._notes(name, 1_000) for one in self._read_notes(notes))
        return sum(user is not None and _is_made(user, name, note, is_marking=is_marking) for _, note, user in noted)

    def people(self, name: str, *, limit: int = 50, cursor: str | None = None) -> Page[User]:
        """Return the users whom a run made, by the time of their sign-up, at most `limit` (1 to 1,000).

        Raises:
            ValidationError: the name is none.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query, and 1 batch read per 100 users.
        """
        _check_texts(name=name)
        place = keys.run_partition(name), keys.USER_PREFIX
        return users_page(self._session, f"people of {name}", place, limit=limit, cursor=cursor)

    def _notes(self, name: str, chunk: int) -> Iterator[list[Row]]:
        for rows in self._session.each(keys.run_partition(name), keys.USER_PREFIX, chunk=chunk):
            yield [row for row in rows if is_ours(row)]

    def _members_of(self, name: str, notes: Sequence[Row]) -> tuple[list[str], list[str]]:
        """Return whom a run made, and whom notes only say so: key, attribute and the user's own mark must agree."""
        is_marking = self._is_marking(name)
        made: list[str] = []
        others: list[str] = []
        for user_id, note, user in self._read_notes(notes):
            (made if user is None or _is_made(user, name, note, is_marking=is_marking) else others).append(user_id)
        return made, others

    def _read_notes(self, notes: Sequence[Row]) -> Iterator[tuple[str, Row, Row | None]]:
        """Yield whom notes name, each with the note and the user's row, if it is there."""
        by_id = {text_of(row, "user_id"): row for row in notes if not _is_damaged(row)}
        users = self._session.get_many(keys.user_key(user_id) for user_id in by_id)
        for user_id, note in by_id.items():
            yield user_id, note, users.get(keys.user_key(user_id))

    def _is_marking(self, name: str) -> bool:
        run = self._session.get(keys.run_key(name))
        return run is not None and items.MARKS_USERS in run

    def _find_damaged(self, name: str) -> list[str]:
        return [keys.suffix(row["SK"]["S"]) for rows in self._notes(name, 1_000) for row in rows if _is_damaged(row)]

    def _find_marked(self, name: str) -> list[str]:
        """Return who says to be made by a run that is there: their notes are lost if they are not taken away by now."""
        if self._session.get(keys.run_key(name)) is None:
            return []
        rows = (row for part in self._session.store.scan() for row in part)
        return [keys.suffix(row["PK"]["S"]) for row in rows if row.get(items.MADE_BY) == {"S": name} and is_ours(row)]

    def recording(self, name: str) -> AbstractContextManager[None]:
        """Note every user who is created in the block as the run's, in the user's own transaction.

        Raises:
            ValidationError: the name is none.
        """
        _check_texts(name=name)
        return self._members.of(name)

    def advance(self, name: str, before: str, after: str) -> None:
        """Record that all of the phase `before` is in the table. Where the run has come further, nothing changes.

        Commit first what the phase made: outside a unit of work it is.

        Raises:
            ValidationError: a name is none.
            RunNotFoundError: the run was taken away.
            RunResettingError: it is being taken away.

        Cost: 1 transaction of 1 action.
        """
        _check_texts(name=name, before=before, after=after)
        part = Set(keys.run_key(name), {"phase": {"S": after}}, _unless_going_on(name), {"phase": {"S": before}})
        self._session.apply(Change(sets=(part,)), None)

    def note_slice(self, name: str, piece: str, made: str) -> None:
        """Note that a slice of a run is in the table, with what its maker says of it, unless that is noted.

        The run is looked at before and after the note is written, not checked with it: many workers would meet there.
        Where it is being taken away, so is the note; who takes it away later finds the note.

        Raises:
            ValidationError: a name is none, or a text has not 1 to 300,000 characters.
            RunNotFoundError: the run was taken away.
            RunResettingError: it is being taken away.

        Cost: 1 transaction of 1 action and 2 reads.
        """
        _check_texts(name=name, piece=piece)
        fields = Fields("the slice")
        fields.text("made", made, REPORT_MAX, 1)
        fields.check()
        key, going_on = keys.run_slice_key(name, piece), _unless_going_on(name)
        gone = going_on(self._session.get(keys.run_key(name)))
        if gone is not None:
            raise gone
        self._session.apply(Change(puts=(Put(key, items.run_slice_row(name, piece, self._clock.now(), made)),)), None)
        gone = going_on(self._session.get(keys.run_key(name)))
        if gone is not None:
            self._session.write_batch((), [key])
            raise gone

    def slices(self, name: str, phase: str = "") -> dict[str, str]:
        """Return the slices of a run, or of a phase of it, that are noted, with what was said of each.

        Raises:
            ValidationError: the name is none.
            InvalidSettingError: the phase is no text.

        Cost: 1 query per 1,000.
        """
        _check_texts(name=name)
        if not isinstance(phase, str):
            raise InvalidSettingError("phase", phase, "a text")
        prefix = keys.SLICE_PREFIX + (f"{phase}:" if phase else "")
        pages = self._session.each(keys.run_partition(name), prefix)
        return {text_of(row, "slice"): text_of(row, "made") for rows in pages for row in rows if is_ours(row)}

    def forget_slices(self, name: str) -> None:
        """Take away the notes of a run's slices: a run that is done needs none.

        Raises:
            ValidationError: the name is none.

        Cost: 1 query per 1,000 and 1 batch write per 25.
        """
        self._session.write_batch((), [keys.run_slice_key(name, piece) for piece in self.slices(name)])

    def keep_report(self, name: str, report: str) -> None:
        """Keep with a run what its program could say to nobody; `find` gives it back.

        Raises:
            ValidationError: the name is none, or the report is no text of 1 to 300,000 characters.
            RunNotFoundError: the run was taken away.

        Cost: 1 transaction of 1 action.
        """
        fields = Fields("the run")
        fields.text("name", name, RUN_NAME_MAX, 1)
        fields.text("report", report, REPORT_MAX, 1)
        fields.check()
        part = Set(keys.run_key(name), {"report": {"S": report}}, unless(RunNotFoundError, name))
        self._session.apply(Change(sets=(part,)), None)

    def reset(self, name: str, progress: Callable[[str, int], None] = lambda _what, _done: None) -> int:
        """Take away the users whom a run made, with all that is theirs, and the run; return how many users that were.

        As `ProfileService.delete_profile` does it, for many users together. Others' rows and counts stay right at every
        moment. Stopped half way, the same call again completes it; until then the run cannot be seeded.

        Args:
            name: the run's; its users are found also when its own row is gone.
            progress: told "posts" and "users" with the number of users whose are gone; and "left" with the number of
                those whom the run's notes name and who do not bear its mark, where there are any: they stay.

        Raises:
            ValidationError: the name is none.
            InvalidSettingError: `progress` cannot be called.
            ChangedMeanwhileError: others kept following, liking or commenting.
            DeletionStoppedError: the engine stopped it half way.
            RunNotEmptyError: somebody seeds the run just now.
            RunNotesError: notes are damaged or lost; whose they are, and the run's own note, are left.

        Cost: 4 to 6 queries a user, the deletion of each post, 1 transaction per 99 rows, and what is left of the table
        read once, for whoever bears the run's mark though no note says so.
        """
        _check_texts(name=name)
        if not callable(progress):
            raise InvalidSettingError("progress", progress, "a function of a name and a number")
        closing = Set(keys.run_key(name), {"phase": {"S": RESETTING}}, already)
        self._session.apply(Change(sets=(closing,)), None)
        with deleting(self._session, f"the run {name!r}", name, LEAVING):
            self._take_posts(name, progress)
            gone = self._take_users(name, progress)
        if damaged := self._find_damaged(name):
            raise RunNotesError(name, damaged)
        if any(self._notes(name, 1)):
            raise RunNotEmptyError(name)
        if unnoted := self._find_marked(name):
            raise RunNotesError(name, unnoted)
        self.forget_slices(name)
        self._session.apply(Change(deletes=(Delete(keys.run_key(name), already, {"phase": {"S": RESETTING}}),)), None)
        return gone

    def _take_posts(self, name: str, progress: Callable[[str, int], None]) -> None:
        """Take all posts first: who leaves then has nothing in anybody's feed any more."""
        done = 0
        for notes in self._notes(name, TOGETHER):
            user_ids, _ = self._members_of(name, notes)
            take_posts(self._session, self._clock.now(), user_ids)
            done += len(user_ids)
            progress("posts", done)

    def _take_users(self, name: str, progress: Callable[[str, int], None]) -> int:
        done = left = 0
        for notes in self._notes(name, TOGETHER):
            user_ids, others = self._members_of(name, notes)
            leave(self._session, self._clock.now(), user_ids)
            self._session.write_batch((), [keys.run_user_key(name, user_id) for user_id in (*user_ids, *others)])
            done += len(user_ids)
            progress("users", done)
            left += len(others)
        if left:
            progress("left", left)
        return done


def _unless_going_on(name: str) -> Refusal:
    """Refuse what belongs to a run that is gone, or that goes; where it has only come further, all is well."""

    def refuse(row: Row | None) -> ServiceError | None:
        if row is None:
            return RunNotFoundError(name)
        run = items.find_run(row)
        return RunResettingError(name, run.title) if run is not None and run.is_resetting else None

    return refuse


def _check_texts(**texts: object) -> None:
    fields = Fields("the run")
    for name, text in texts.items():
        fields.text(name, text, RUN_NAME_MAX, 1)
    fields.check()


def _is_lost(standing: Run | None, run: Run, phases: Sequence[str]) -> bool:
    """Tell whether a run's note does not say how far it has come."""
    if standing is None:
        return True
    is_known = not phases or standing.phase in {*phases, DONE, RESETTING}
    return not is_known and standing.worlds == run.worlds


def _is_damaged(note: Row) -> bool:
    """Tell whether a note's key and attribute do not name the same user."""
    return keys.suffix(note["SK"]["S"]) != optional_text(note, "user_id")


def _is_made(user: Row, name: str, note: Row, *, is_marking: bool) -> bool:
    """Tell whether a user says that a run made them; of a run from before such marks, whether the note is as old."""
    own = optional_text(user, items.MADE_BY)
    if own is not None or is_marking:
        return own == name
    return user.get("created_at") == note.get("created_at")
