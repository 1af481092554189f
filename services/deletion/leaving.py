"""Leaving: all that goes when users go, many users at a time. Every count of those who stay is right throughout.

The profile goes last, under the condition that nothing counts on it; what came in between is read and taken away in the
next round. Likes and comments are not counted on the profile and found by the index only, which AWS may show a moment
late: so they are looked for until there are none, and once more when the profile is gone and no new ones can come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from seedbed.dynamo.changes import Change, Delete, unless
from seedbed.dynamo.queries import IndexPosition
from seedbed.dynamo.rows import Key, Row, key_of, moment_text
from seedbed.dynamo.session import Session
from seedbed.dynamo.store import chunks
from services.deletion import removals, threads
from services.entities import Post
from services.errors import ChangedMeanwhileError, RefusedChangesError
from services.rows import items, keys
from services.rows.ownership import is_ours
from services.rows.reading import count_of, text_of

AHEAD = 2_000
"""Changes that are read together before they are written: a read in between would send packs half full."""
PAGE = 1_000
_CLAIMS = {"email": keys.email_key, "username": keys.username_key, "handle": keys.handle_key}
_NO_COUNTS = {name: {"N": "0"} for name in items.USER_COUNTERS}


def leave(session: Session, now: datetime, user_ids: Sequence[str]) -> None:
    """Take users away with all that is theirs; of those who are gone, what they left behind.

    Raises:
        ChangedMeanwhileError: others kept following, liking or commenting.
    """
    _insist(lambda: _take_all(session, now, user_ids), user_ids)


def take_posts(session: Session, now: datetime, user_ids: Sequence[str]) -> None:
    """Take the posts of users away, with their likes, comments and feed items.

    Raises:
        ChangedMeanwhileError: others kept liking or commenting.
    """
    _insist(lambda: _take_posts(session, now, user_ids), user_ids)


def _insist(take: Callable[[], None], user_ids: Sequence[str]) -> None:
    for _ in range(removals.ROUNDS):
        try:
            take()
        except RefusedChangesError as refused:
            removals.check_another_round(refused)
            continue  # Something came meanwhile: it is there to be read now.
        return
    more = f" or {len(user_ids) - 1} others" if len(user_ids) > 1 else ""
    what = f"what belongs to {user_ids[0]!r}{more}"
    raise ChangedMeanwhileError(what)


def _take_all(session: Session, now: datetime, user_ids: Sequence[str]) -> None:
    _take_posts(session, now, user_ids)
    _write(session, _withdrawals(session, user_ids))
    _write(session, _partings(session, user_ids))
    for user_id in user_ids:
        for rows in session.each(keys.user_partition(user_id), keys.FEED_PREFIX):
            session.write_batch((), [key_of(row) for row in rows if is_ours(row)])
    _write(session, map(_removal, _profiles(session, user_ids).values()))
    _write(session, _withdrawals(session, user_ids))


def _take_posts(session: Session, now: datetime, user_ids: Sequence[str]) -> None:
    rows = _profiles(session, user_ids)
    authors = [user_id for user_id, row in rows.items() if count_of(row, "posts_count")]
    for posts in chunks(_posts(session, authors), PAGE):
        _write(session, (removals.hiding(post, moment_text(now)) for post in posts))
        _write(session, (change for post in posts for change in removals.of_post(session, post)))


def _write(session: Session, changes: Iterable[Change]) -> None:
    with session.at_once():
        for part in chunks(changes, AHEAD):
            for change in part:
                session.apply(change, None)


def _profiles(session: Session, user_ids: Sequence[str]) -> dict[str, Row]:
    rows = session.get_many(keys.user_key(user_id) for user_id in user_ids)
    return {user_id: row for user_id in user_ids if is_ours(row := rows.get(keys.user_key(user_id), {}))}


def _posts(session: Session, author_ids: Iterable[str]) -> Iterator[Post]:
    for author_id in author_ids:
        for listed in session.each(keys.user_partition(author_id), keys.POST_PREFIX):
            wanted = [keys.post_key(text_of(row, "post_id")) for row in listed if is_ours(row)]
            rows = session.get_many(wanted)
            yield from (items.post_of(rows[key]) for key in wanted if is_ours(rows.get(key, {})))


# Likes and comments


def _withdrawals(session: Session, user_ids: Sequence[str]) -> Iterator[Change]:
    for user_id in user_ids:
        for key in _keys_in_index(session, user_id, keys.LIKE_PREFIX):
            yield removals.unliking(user_id, keys.suffix(key[0]))
    commented: dict[str, list[str]] = {}
    for user_id in user_ids:
        for key in _keys_in_index(session, user_id, keys.COMMENT_PREFIX):
            commented.setdefault(keys.suffix(key[0]), []).append(keys.suffix(key[1]))
    for post_id, comment_ids in commented.items():
        yield from threads.deletions(post_id, _with_replies(threads.read(session, post_id), comment_ids))


def _with_replies(comments: Mapping[str, str | None], roots: Iterable[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for root in roots:
        if root in comments and root not in found:
            found |= threads.below(comments, root)
    return found


def _keys_in_index(session: Session, user_id: str, prefix: str) -> Iterator[Key]:
    after: IndexPosition | None = None
    while True:
        rows = session.query_index(keys.user_partition(user_id), prefix, after=after, limit=PAGE)
        yield from (key_of(row) for row in rows)
        if len(rows) < PAGE:
            return
        after = text_of(rows[-1], "GSI1SK"), key_of(rows[-1])


# Follows and the profile


def _partings(session: Session, user_ids: Sequence[str]) -> Iterator[Change]:
    pairs: dict[tuple[str, str], None] = {}  # a follow between two who leave is met at both ends
    for user_id, row in _profiles(session, user_ids).items():
        if count_of(row, "following_count"):
            pairs |= dict.fromkeys((user_id, other) for other in _others(session, user_id, keys.FOLLOW_PREFIX))
        if count_of(row, "followers_count"):
            pairs |= dict.fromkeys((other, user_id) for other in _others(session, user_id, keys.FOLLOWER_PREFIX))
    yield from (removals.unfollowing(follower_id, followee_id) for follower_id, followee_id in pairs)


def _others(session: Session, user_id: str, prefix: str) -> Iterator[str]:
    for rows in session.each(keys.user_partition(user_id), prefix):
        yield from (keys.suffix(text_of(row, "SK")) for row in rows if is_ours(row))


def _removal(row: Row) -> Change:
    user_id = text_of(row, "id")
    what, owner = f"the user {user_id!r}", {"user_id": {"S": user_id}}
    refuse = unless(ChangedMeanwhileError, what)
    claims = [Delete(make_key(text_of(row, field)), refuse, owner) for field, make_key in _CLAIMS.items()]
    expect = {**_NO_COUNTS, **{field: row[field] for field in _CLAIMS}}
    return Change(deletes=(Delete(keys.user_key(user_id), threads.unless_gone(what), expect), *claims))
