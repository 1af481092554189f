"""Entity to row and back. A row is DynamoDB's own JSON (`{"PK": {"S": …}, …}`), written out per entity.

Serialisers are written by hand, one per entity: a generic one costs eight times as much (see docs/design.md).
An attribute that has no value is absent. Nothing here reads or writes the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from seedbed.dynamo.rows import Key, Row, count_of, key_of, moment_of, moment_text, optional_text
from services.entities import Comment, FeedItem, Follow, Like, Post, Run, User
from services.errors import UnreadableRowError
from services.rows import keys

P = ParamSpec("P")
T = TypeVar("T")

FEED_MODE = "feed_mode"
"""On a USER row: absent, posts are delivered to followers; whatever it says, readers merge them (fan_out.py)."""

MADE_BY = "run"
"""On a USER row: the seeding run that made the user. It is no content: a digest leaves it out."""
MARKS_USERS = "marks_users"
"""On a RUN row: its users bear their own mark. Runs of older programs do not say it."""

RUN_OPTIONAL = ("preset", "scenario", "locale", "shards")

USER_COUNTERS = ("posts_count", "followers_count", "following_count")
POST_COUNTERS = ("likes_count", "comments_count")
COMMENT_COUNTERS = ("replies_count",)

USER_CONTENT = ("email", "username", "handle", "full_name", "bio", "profile_picture_url", "email_verified")
POST_CONTENT = ("caption", "image_url", "tags", "is_public")
COMMENT_CONTENT = ("content", "parent_comment_id")
"""What its author says in a row: not its counts, nor what is not known here."""


def plain(value: Mapping[str, Any] | None) -> object:
    """Read one attribute of DynamoDB's JSON as a plain value; absent is None."""
    if value is None:
        return None
    kind, inner = next(iter(value.items()))
    if kind == "N":
        return int(inner) if inner.lstrip("-").isdigit() else float(inner)
    if kind == "L":
        return tuple(plain(part) for part in inner)
    return None if kind == "NULL" else inner


def is_same(row: Row | None, wanted: Row, names: Iterable[str]) -> bool:
    """Tell whether a row that stands has these attributes as a wanted one has them, or lacks them as that does."""
    return row is not None and all(row.get(name) == wanted.get(name) for name in names)


def is_updated(row: Row) -> bool:
    """Tell whether a row was changed since it was made: then it need not have all that it was made with."""
    return row.get("updated_at") != row.get("created_at")


def _head(key: Key, entity_type: str, created_at: str) -> Row:
    return {
        "PK": {"S": key[0]},
        "SK": {"S": key[1]},
        "entity_type": {"S": entity_type},
        "created_at": {"S": created_at},
    }


def _optional(row: Row, name: str, value: str | None) -> None:
    if value is not None:
        row[name] = {"S": value}


def naming(read: Callable[Concatenate[Row, P], T]) -> Callable[Concatenate[Row, P], T]:
    """Let what reads a row name the row that cannot be read."""

    @wraps(read)
    def read_named(row: Row, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(row, *args, **kwargs)
        except (KeyError, TypeError, ValueError) as error:
            key = key_of(row)
            raise UnreadableRowError(key, keys.entity_id(key)) from error

    return read_named


def readable(read: Callable[[Row], T], row: Row, unreadable: list[UnreadableRowError] | None) -> T | None:
    """Read a row; where it cannot be read and a list is given, note that there and return None.

    Raises:
        UnreadableRowError: the row cannot be read, and no list is given.
    """
    try:
        return read(row)
    except UnreadableRowError as error:
        if unreadable is None:
            raise
        unreadable.append(error)
        return None


def user_row(user: User) -> Row:
    """Write a user's profile row."""
    row = _head(keys.user_key(user.id), "USER", moment_text(user.created_at))
    row["id"] = {"S": user.id}
    row["email"] = {"S": user.email}
    row["username"] = {"S": user.username}
    row["handle"] = {"S": user.handle}
    row["full_name"] = {"S": user.full_name}
    _optional(row, "bio", user.bio)
    _optional(row, "profile_picture_url", user.profile_picture_url)
    row["email_verified"] = {"BOOL": user.email_verified}
    row["posts_count"] = {"N": str(user.posts_count)}
    row["followers_count"] = {"N": str(user.followers_count)}
    row["following_count"] = {"N": str(user.following_count)}
    row["updated_at"] = {"S": moment_text(user.updated_at)}
    return row


@naming
def user_of(row: Row) -> User:
    """Read a user."""
    return User(
        id=row["id"]["S"],
        email=row["email"]["S"],
        username=row["username"]["S"],
        handle=row["handle"]["S"],
        full_name=row["full_name"]["S"],
        bio=optional_text(row, "bio"),
        profile_picture_url=optional_text(row, "profile_picture_url"),
        email_verified=row["email_verified"]["BOOL"],
        posts_count=count_of(row, "posts_count"),
        followers_count=count_of(row, "followers_count"),
        following_count=count_of(row, "following_count"),
        created_at=moment_of(row),
        updated_at=moment_of(row, "updated_at"),
    )


def claim_row(key: Key, user_id: str, created_at: datetime) -> Row:
    """Write the claim on a unique value."""
    row = _head(key, "CLAIM", moment_text(created_at))
    row["user_id"] = {"S": user_id}
    return row


def post_row(post: Post) -> Row:
    """Write a post's row."""
    row = _head(keys.post_key(post.id), "POST", moment_text(post.created_at))
    row["id"] = {"S": post.id}
    row["author_id"] = {"S": post.author_id}
    row["caption"] = {"S": post.caption}
    _optional(row, "image_url", post.image_url)
    row["tags"] = {"L": [{"S": tag} for tag in post.tags]}
    row["is_public"] = {"BOOL": post.is_public}
    row["likes_count"] = {"N": str(post.likes_count)}
    row["comments_count"] = {"N": str(post.comments_count)}
    row["updated_at"] = {"S": moment_text(post.updated_at)}
    return row


@naming
def post_of(row: Row) -> Post:
    """Read a post."""
    return Post(
        id=row["id"]["S"],
        author_id=row["author_id"]["S"],
        caption=row["caption"]["S"],
        image_url=optional_text(row, "image_url"),
        tags=tuple(tag["S"] for tag in row["tags"]["L"]),
        is_public=row["is_public"]["BOOL"],
        likes_count=count_of(row, "likes_count"),
        comments_count=count_of(row, "comments_count"),
        created_at=moment_of(row),
        updated_at=moment_of(row, "updated_at"),
    )


def authored_row(post: Post) -> Row:
    """Write the row that lists a post under its author."""
    row = _head(keys.authored_key(post.author_id, post.id), "AUTHORED", moment_text(post.created_at))
    row["post_id"] = {"S": post.id}
    return row


def like_row(like: Like) -> Row:
    """Write a like."""
    created_at = moment_text(like.created_at)
    post_id, user_id = like.post_id, like.user_id
    return {
        "PK": {"S": keys.post_partition(post_id)},
        "SK": {"S": keys.LIKE_PREFIX + user_id},
        "GSI1PK": {"S": keys.user_partition(user_id)},
        "GSI1SK": {"S": keys.like_index_sort(created_at, post_id)},
        "entity_type": {"S": "LIKE"},
        "user_id": {"S": user_id},
        "post_id": {"S": post_id},
        "created_at": {"S": created_at},
    }


def like_of(row: Row) -> Like:
    """Read a like."""
    return Like(user_id=row["user_id"]["S"], post_id=row["post_id"]["S"], created_at=moment_of(row))


def comment_row(comment: Comment) -> Row:
    """Write a comment."""
    row = _head(keys.comment_key(comment.post_id, comment.id), "COMMENT", moment_text(comment.created_at))
    row["GSI1PK"] = {"S": keys.user_partition(comment.user_id)}
    row["GSI1SK"] = {"S": keys.comment_index_sort(comment.id)}
    row["id"] = {"S": comment.id}
    row["post_id"] = {"S": comment.post_id}
    row["user_id"] = {"S": comment.user_id}
    row["content"] = {"S": comment.content}
    _optional(row, "parent_comment_id", comment.parent_comment_id)
    row["replies_count"] = {"N": str(comment.replies_count)}
    return row


@naming
def comment_of(row: Row) -> Comment:
    """Read a comment."""
    return Comment(
        id=row["id"]["S"],
        post_id=row["post_id"]["S"],
        user_id=row["user_id"]["S"],
        content=row["content"]["S"],
        parent_comment_id=optional_text(row, "parent_comment_id"),
        replies_count=count_of(row, "replies_count"),
        created_at=moment_of(row),
    )


def _edge_row(key: Key, entity_type: str, follow: Follow) -> Row:
    row = _head(key, entity_type, moment_text(follow.created_at))
    row["follower_id"] = {"S": follow.follower_id}
    row["followee_id"] = {"S": follow.followee_id}
    return row


def follow_row(follow: Follow) -> Row:
    """Write a follow under its follower."""
    return _edge_row(keys.follow_key(follow.follower_id, follow.followee_id), "FOLLOW", follow)


def follower_row(follow: Follow) -> Row:
    """Write the same follow under its followee."""
    return _edge_row(keys.follower_key(follow.followee_id, follow.follower_id), "FOLLOWER", follow)


def follow_of(row: Row) -> Follow:
    """Read a follow from either of its ends."""
    return Follow(follower_id=row["follower_id"]["S"], followee_id=row["followee_id"]["S"], created_at=moment_of(row))


def feed_row(item: FeedItem) -> Row:
    """Write a post into a reader's feed."""
    row = unread_row(item.reader_id, item.post_id, item.author_id, (moment_text(item.created_at), item.expires_at))
    row["is_read"] = {"BOOL": item.is_read}
    return row


def unread_row(reader_id: str, post_id: str, author_id: str, times: tuple[str, int]) -> Row:
    """Write an unread feed item by its parts, `times` being created_at and expires_at: delivery writes very many."""
    return {
        "PK": {"S": keys.user_partition(reader_id)},
        "SK": {"S": keys.FEED_PREFIX + post_id},
        "entity_type": {"S": "FEED_ITEM"},
        "created_at": {"S": times[0]},
        "reader_id": {"S": reader_id},
        "post_id": {"S": post_id},
        "author_id": {"S": author_id},
        "is_read": {"BOOL": False},
        "expires_at": {"N": str(times[1])},
    }


def feed_item_of(row: Row) -> FeedItem:
    """Read a feed item."""
    return FeedItem(
        reader_id=row["reader_id"]["S"],
        post_id=row["post_id"]["S"],
        author_id=row["author_id"]["S"],
        created_at=moment_of(row),
        is_read=row["is_read"]["BOOL"],
        expires_at=count_of(row, "expires_at"),
    )


def run_row(run: Run) -> Row:
    """Write how far a seeding run has come."""
    as_of = moment_text(run.as_of)
    row = _head(keys.run_key(run.name), "RUN", as_of)
    row["name"] = {"S": run.name}
    row["seed"] = {"S": run.seed}
    _optional(row, "preset", run.preset)
    _optional(row, "scenario", run.scenario)
    _optional(row, "locale", run.locale)
    row["as_of"] = {"S": as_of}
    row["code_version"] = {"S": run.code_version}
    row["worlds"] = {"S": run.worlds}
    row["phase"] = {"S": run.phase}
    if run.shards is not None:
        row["shards"] = {"N": str(run.shards)}
    _optional(row, "report", run.report)
    row[MARKS_USERS] = {"BOOL": True}
    return row


def find_run(row: Row) -> Run | None:
    """Read how far a seeding run has come; None where the note is damaged, or its parts do not say the same."""
    try:
        run = run_of(row)
        return None if any(run_faults(row, run)) else run
    except (KeyError, TypeError, ValueError):
        return None


def run_faults(row: Row, run: Run) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a run's note that cannot be so, each with the reason."""
    seed, _, rest = run.name.partition("/")
    scenario = rest.partition("/")[0]
    wrong = {
        "name": keys.run_key(run.name) != key_of(row) and "the key has another",
        "seed": seed != run.seed and f"by its name it is {seed!r}",
        "scenario": run.scenario not in {None, scenario} and f"by its name it is {scenario!r}",
        "preset": (run.preset is None) == (run.scenario is None) and "a run has either a preset or a scenario",
        "as_of": row["created_at"]["S"] != row["as_of"]["S"] and "created_at says another moment",
        **{name: not row[name]["S"] and "must not be empty" for name in ("phase", "code_version", "worlds")},
    }
    yield from ((name, why) for name, why in wrong.items() if why)


def run_of(row: Row) -> Run:
    """Read how far a seeding run has come."""
    return Run(
        name=row["name"]["S"],
        seed=row["seed"]["S"],
        preset=optional_text(row, "preset"),
        scenario=optional_text(row, "scenario"),
        locale=optional_text(row, "locale"),
        as_of=moment_of(row, "as_of"),
        code_version=row["code_version"]["S"],
        worlds=row["worlds"]["S"],
        phase=row["phase"]["S"],
        shards=count_of(row, "shards") or None,
        report=optional_text(row, "report"),
    )


def run_user_row(run_name: str, user: User) -> Row:
    """Write that a run made a user."""
    row = _head(keys.run_user_key(run_name, user.id), "RUN_USER", moment_text(user.created_at))
    row["user_id"] = {"S": user.id}
    return row


def run_slice_row(run_name: str, piece: str, at: datetime, made: str) -> Row:
    """Write that a slice of a run is made, and what its maker says of it."""
    row = _head(keys.run_slice_key(run_name, piece), "RUN_SLICE", moment_text(at))
    row["slice"] = {"S": piece}
    row["made"] = {"S": made}
    return row
