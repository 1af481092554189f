"""The only home of key text: what each row is called in the table. See docs/table.md for the whole contract."""

from __future__ import annotations

from seedbed.dynamo.rows import Key

PROFILE = "PROFILE"
CLAIM = "CLAIM"
POST = "POST"

USER_PREFIX = "USER#"
POST_PREFIX = "POST#"
LIKE_PREFIX = "LIKE#"
COMMENT_PREFIX = "COMMENT#"
FOLLOW_PREFIX = "FOLLOW#"
FOLLOWER_PREFIX = "FOLLOWER#"
FEED_PREFIX = "FEED#"
EMAIL_PREFIX = "EMAIL#"
USERNAME_PREFIX = "USERNAME#"
HANDLE_PREFIX = "HANDLE#"
RUN_PREFIX = "RUN#"
SLICE_PREFIX = "SLICE#"
RUNS = "RUNS"

INDEXED_PREFIXES = (LIKE_PREFIX, COMMENT_PREFIX)
"""Sort keys of the rows that stand in the index."""

CLAIM_PREFIXES = (EMAIL_PREFIX, USERNAME_PREFIX, HANDLE_PREFIX)


def user_partition(user_id: str) -> str:
    """Name the partition of a user: profile, authored posts, both ends of follows, and feed."""
    return USER_PREFIX + user_id


def post_partition(post_id: str) -> str:
    """Name the partition of a post: the post, its likes and its comments."""
    return POST_PREFIX + post_id


def user_key(user_id: str) -> Key:
    """Name a user's profile row."""
    return USER_PREFIX + user_id, PROFILE


def email_key(email: str) -> Key:
    """Name the claim on an e-mail address, without regard to case."""
    return EMAIL_PREFIX + email.lower(), CLAIM


def username_key(username: str) -> Key:
    """Name the claim on a username, without regard to case."""
    return USERNAME_PREFIX + username.lower(), CLAIM


def handle_key(handle: str) -> Key:
    """Name the claim on a handle, without regard to case."""
    return HANDLE_PREFIX + handle.lower(), CLAIM


def post_key(post_id: str) -> Key:
    """Name a post's row."""
    return POST_PREFIX + post_id, POST


def authored_key(author_id: str, post_id: str) -> Key:
    """Name the row by which an author's posts are read consistently."""
    return USER_PREFIX + author_id, POST_PREFIX + post_id


def like_key(post_id: str, user_id: str) -> Key:
    """Name one user's like of one post."""
    return POST_PREFIX + post_id, LIKE_PREFIX + user_id


def comment_key(post_id: str, comment_id: str) -> Key:
    """Name a comment of a post."""
    return POST_PREFIX + post_id, COMMENT_PREFIX + comment_id


def follow_key(follower_id: str, followee_id: str) -> Key:
    """Name a follow by its follower's end."""
    return USER_PREFIX + follower_id, FOLLOW_PREFIX + followee_id


def follower_key(followee_id: str, follower_id: str) -> Key:
    """Name the same follow by its followee's end."""
    return USER_PREFIX + followee_id, FOLLOWER_PREFIX + follower_id


def feed_key(reader_id: str, post_id: str) -> Key:
    """Name a post in a reader's feed."""
    return USER_PREFIX + reader_id, FEED_PREFIX + post_id


def run_key(name: str) -> Key:
    """Name the row that tells how far a seeding run has come; all of them share one partition."""
    return RUNS, RUN_PREFIX + name


def run_partition(name: str) -> str:
    """Name the partition of the users whom a run made."""
    return RUN_PREFIX + name


def run_user_key(name: str, user_id: str) -> Key:
    """Name the row that says that a run made a user."""
    return RUN_PREFIX + name, USER_PREFIX + user_id


def run_slice_key(name: str, piece: str) -> Key:
    """Name the row that says that a slice of a run is made."""
    return RUN_PREFIX + name, SLICE_PREFIX + piece


def like_index_sort(created_at: str, post_id: str) -> str:
    """Sort a user's likes by time in the index."""
    return f"{LIKE_PREFIX}{created_at}#{post_id}"


def comment_index_sort(comment_id: str) -> str:
    """Sort a user's comments by time in the index: ids do."""
    return COMMENT_PREFIX + comment_id


def suffix(sort_key: str) -> str:
    """Return the id behind the last separator of a sort key."""
    return sort_key.rpartition("#")[2]


_TYPES_BY_SORT = {
    PROFILE: "USER",
    CLAIM: "CLAIM",
    POST: "POST",
    POST_PREFIX: "AUTHORED",
    LIKE_PREFIX: "LIKE",
    COMMENT_PREFIX: "COMMENT",
    FOLLOW_PREFIX: "FOLLOW",
    FOLLOWER_PREFIX: "FOLLOWER",
    FEED_PREFIX: "FEED_ITEM",
    RUN_PREFIX: "RUN",
    USER_PREFIX: "RUN_USER",
    SLICE_PREFIX: "RUN_SLICE",
}


def is_indexed(key: Key) -> bool:
    """Tell whether the row stands in the index."""
    return key[1].startswith(INDEXED_PREFIXES)


def entity_type(key: Key) -> str:
    """Tell what kind of row a key names; "" when it names none of ours."""
    sort = key[1]
    return _TYPES_BY_SORT.get(sort[: sort.find("#") + 1] or sort, "")


def entity_id(key: Key) -> str:
    """Return the id of the user, post or comment whose row has this key."""
    partition, sort = key
    return suffix(sort if "#" in sort else partition)
