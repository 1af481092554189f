"""Profiles: who there is, and the unique values that each user holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

import attrs

from seedbed.clock import Clock, Ids
from seedbed.dynamo.changes import Change, Delete, Expected, Put, Refusal, Set, meets
from seedbed.dynamo.pages import check_limit
from seedbed.dynamo.rows import Row, attribute, key_of, moment_text, row_bytes
from seedbed.dynamo.session import Session
from seedbed.plain import plain_text
from services.deletion.leaving import leave
from services.deletion.stopping import LEAVING, deleting
from services.entities import User
from services.errors import (
    ChangedMeanwhileError,
    EmailTakenError,
    HalfStoredError,
    HandleTakenError,
    IdTakenError,
    ServiceError,
    TakenError,
    UnknownFieldsError,
    UsernameTakenError,
    UserNotFoundError,
)
from services.members import Members
from services.rows import items, keys
from services.rows.ownership import is_ours
from services.rows.reading import optional_text, read_each, text_of
from services.validation import (
    BIO_MAX,
    EMAIL_MAX,
    FULL_NAME_MAX,
    Fields,
    check_id_list,
    check_ids,
    check_is_text,
    is_utf8,
)

_CLAIMS: Mapping[str, tuple[Any, type[TakenError]]] = {
    "email": (keys.email_key, EmailTakenError),
    "username": (keys.username_key, UsernameTakenError),
    "handle": (keys.handle_key, HandleTakenError),
}
_LOOKS = 4
"""Times that a look-up of two reads starts over because what it looks for changes hands in between."""
_PARTS = 10
"""Parts of the table that are looked at for a few users, of some thousand rows each."""
_SETTABLE = {*_CLAIMS, "full_name", "bio", "profile_picture_url", "email_verified"}


class ProfileService:
    """Creates, finds and changes profiles. E-mail, username and handle are unique without regard to case."""

    def __init__(self, session: Session, clock: Clock, ids: Ids, members: Members | None = None) -> None:
        self._session = session
        self._clock = clock
        self._ids = ids
        self._members = members or Members()

    def create_profile(
        self,
        *,
        email: str,
        username: str,
        handle: str,
        full_name: str,
        bio: str | None = None,
        profile_picture_url: str | None = None,
        email_verified: bool = False,
    ) -> User:
        """Sign a user up.

        Raises:
            ValidationError: fields break a limit; it names them all.
            EmailTakenError: somebody has this e-mail address.
            UsernameTakenError: somebody has this username.
            HandleTakenError: somebody has this handle.

        Cost: 1 transaction of 4 actions.
        """
        fields = _check(
            {
                "email": email,
                "username": username,
                "handle": handle,
                "full_name": full_name,
                "bio": bio,
                "profile_picture_url": profile_picture_url,
                "email_verified": email_verified,
            }
        )
        now = self._clock.now()
        user = User(id=self._ids.new(now), **fields, created_at=now, updated_at=now)
        return self._session.apply(Change(puts=(self._profile(user), *_claims(user), *self._members.puts(user))), user)

    def _profile(self, user: User) -> Put:
        row = items.user_row(user)
        if self._members.run is not None:
            row[items.MADE_BY] = {"S": self._members.run}
        return Put(key_of(row), row, _unless_same(user, row), row_bytes(row), permanent=True)

    def get(self, user_id: str) -> User:
        """Return a user.

        Raises:
            ValidationError: an id is wrong.
            UserNotFoundError: nobody has this id.

        Cost: 1 read.
        """
        (user_id,) = check_ids(user_id=user_id)
        row = self._session.get(keys.user_key(user_id))
        if row is None:
            raise UserNotFoundError(user_id)
        return items.user_of(row)

    def get_many(self, user_ids: Iterable[str]) -> dict[str, User]:
        """Return the users that exist, by id.

        Raises:
            ValidationError: an id is wrong, or there are more than a million.

        Cost: 1 batch read per 100 ids.
        """
        user_ids = check_id_list("user_ids", user_ids)
        users = read_each(self._session, [keys.user_key(user_id) for user_id in user_ids], items.user_of)
        return {user.id: user for user in users if user is not None}

    def some(self, *, limit: int = 50) -> list[User]:
        """Return a few users, at most `limit` (1 to 1,000), of those in the first parts of the table; no more is read.

        For a table of which nobody knows who is in it, however large it is.

        Raises:
            InvalidLimitError: `limit` is out of bounds.

        Cost: 1 to 10 Scans.
        """
        count, found = check_limit(limit), list[Row]()
        for rows in islice(self._session.store.scan(), _PARTS):
            found += [row for row in rows if key_of(row)[1] == keys.PROFILE and is_ours(row)]
            if len(found) >= count:
                break
        return [items.user_of(row) for row in found[:count]]

    def find_by_handle(self, handle: str) -> User | None:
        """Return who has this handle, without regard to case.

        Raises:
            ValidationError: it is no text.

        Cost: 2 reads; 2 more when it changes hands.
        """
        return self._find("handle", handle)

    def find_by_email(self, email: str) -> User | None:
        """Return who has this e-mail address, without regard to case.

        Raises:
            ValidationError: it is no text.

        Cost: 2 reads; 2 more when it changes hands.
        """
        return self._find("email", email)

    def find_by_username(self, username: str) -> User | None:
        """Return who has this username, without regard to case.

        Raises:
            ValidationError: it is no text.

        Cost: 2 reads; 2 more when it changes hands.
        """
        return self._find("username", username)

    def _find(self, field: str, value: str) -> User | None:
        check_is_text(field, value)
        if not 0 < len(value) <= EMAIL_MAX or not is_utf8(value):
            return None  # nobody can have it
        make_key = _CLAIMS[field][0]
        key = make_key(plain_text(value))
        for _ in range(_LOOKS):
            claim = self._session.get(key)
            if claim is None:
                return None
            row = self._session.get(keys.user_key(text_of(claim, "user_id")))
            if row is not None and make_key(text_of(row, field)) == key:
                return items.user_of(row)
        return None  # a claim that no user bears out: the audit names it

    def is_handle_available(self, handle: str) -> bool:
        """Tell whether a handle keeps to the rules and nobody has it.

        Raises:
            ValidationError: it is no text.

        Cost: 1 read.
        """
        check_is_text("handle", handle)
        fields = Fields("handle")
        handle = fields.name("handle", handle)
        return fields.is_right and self._session.get(keys.handle_key(handle)) is None

    def update_profile(self, user_id: str, **changes: Any) -> User:
        """Change any fields of create_profile's. A changed handle moves its claim in the same transaction.

        Raises:
            UnknownFieldsError: a field that there is not.
            UserNotFoundError: nobody has this id.
            ValidationError: fields break a limit; it names them all.
            TakenError: e-mail, username or handle is somebody else's.
            ChangedMeanwhileError: somebody else changed the profile between read and write.

        Cost: 1 read, and 1 transaction of 1 action and 2 for each changed unique value.
        """
        if unknown := changes.keys() - _SETTABLE:
            raise UnknownFieldsError("update_profile", unknown)
        changes = _check(changes)
        before = self.get(user_id)
        user = attrs.evolve(before, **changes, updated_at=self._clock.now())
        return self._session.apply(_update(before, user, changes), user)

    def delete_profile(self, user_id: str) -> None:
        """Let a user leave, with all that is theirs. Where there is no such user, what one left behind goes.

        Posts go with their likes, comments and feed items; likes; comments with all replies below them; follows in
        both directions; the feed; the claims; the profile last, so that nothing new can count on it. Other people's
        counts are right at every moment in between. Written at once, also in a unit of work; stopped half way, the same
        call again completes it.

        Likes and comments are found by the index: on AWS, one that the user made in the last second before may be
        left; the audit names it, and the same call again takes it away.

        Raises:
            ValidationError: the id is wrong.
            ChangedMeanwhileError: others kept following, liking or commenting.
            DeletionStoppedError: the engine stopped it half way.

        Cost: that of `PostService.delete_post` for each post, 1 transaction per 99 likes or comments and 1 per 33
        follows, the comments of each post that the user commented on read, and 1 batch write per 25 feed items.
        """
        (user_id,) = check_ids(user_id=user_id)
        with deleting(self._session, f"the user {user_id!r}", user_id, LEAVING):
            leave(self._session, self._clock.now(), [user_id])


def _check(values: Mapping[str, Any]) -> dict[str, Any]:
    fields = Fields("the profile")
    plain = {field: _RULES[field](fields, field, value) for field, value in values.items()}
    fields.check()
    return plain


_RULES: Mapping[str, Callable[[Fields, str, Any], Any]] = {
    "email": Fields.email,
    "username": Fields.name,
    "handle": Fields.name,
    "full_name": lambda fields, field, value: fields.text(field, value, FULL_NAME_MAX, 1),
    "bio": lambda fields, field, value: fields.optional_text(field, value, BIO_MAX),
    "profile_picture_url": Fields.url,
    "email_verified": Fields.flag,
}


def _unless_same(user: User, wanted: Row) -> Refusal:
    def refuse(row: Row | None) -> ServiceError | None:
        return None if _is_same(row, wanted) else IdTakenError("user", user.id)

    return refuse


def _is_same(row: Row | None, wanted: Row) -> bool:
    """Tell whether this very sign-up made a row; one that was updated since has kept a unique value at least."""
    if row is None or not items.is_same(row, wanted, ("id", "created_at")):
        return False
    if items.is_updated(row):
        return any(items.is_same(row, wanted, [name]) for name in _CLAIMS)
    return items.is_same(row, wanted, items.USER_CONTENT)


def _claims(user: User) -> list[Put]:
    return [_claim(user, field) for field in _CLAIMS]


def _claim(user: User, field: str) -> Put:
    make_key, taken = _CLAIMS[field]
    value: str = getattr(user, field)
    key = make_key(value)
    claim = items.claim_row(key, user.id, user.created_at)

    def refuse(row: Row | None) -> ServiceError:
        owner_id = None if row is None else optional_text(row, "user_id")
        return HalfStoredError(f"the user {user.id!r}") if owner_id == user.id else taken(value, owner_id)

    return Put(key, claim, refuse)


def _update(before: User, user: User, changes: Mapping[str, Any]) -> Change:
    unique = [field for field in _CLAIMS if field in changes]
    moved = [field for field in unique if getattr(before, field).lower() != getattr(user, field).lower()]
    values: dict[str, Any] = {field: None if value is None else attribute(value) for field, value in changes.items()}
    values["updated_at"] = attribute(moment_text(user.updated_at))
    expected = {field: attribute(getattr(before, field)) for field in unique}
    return Change(
        puts=tuple(_claim(user, field) for field in moved),
        deletes=tuple(_give_up(before, field) for field in moved),
        sets=(Set(keys.user_key(user.id), values, _unless_updated(user.id, values), expected),),
    )


def _unless_updated(user_id: str, values: Expected) -> Refusal:
    def refuse(row: Row | None) -> ServiceError | None:
        if row is None:
            return UserNotFoundError(user_id)
        # An answer that was lost: the row is just what this call made it.
        return None if meets(row, values) else ChangedMeanwhileError("the profile")

    return refuse


def _give_up(user: User, field: str) -> Delete:
    key = _CLAIMS[field][0](getattr(user, field))
    return Delete(key, lambda _row: ChangedMeanwhileError("the profile"), {"user_id": {"S": user.id}})
