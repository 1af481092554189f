"""Posts: what authors publish, and all that goes when a post goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from seedbed.clock import Clock, Ids
from seedbed.dynamo.changes import Add, Change, Effect, Put, Refusal, Set, unless
from seedbed.dynamo.pages import page
from seedbed.dynamo.rows import Row, attribute, key_of, moment_text, row_bytes
from seedbed.dynamo.session import Session
from services.deletion import removals
from services.deletion.stopping import HIDING, TAKING, completing, deleting
from services.delivery.effects import PostHidden, PostPublished
from services.entities import Page, Post
from services.errors import (
    ChangedMeanwhileError,
    HalfStoredError,
    IdTakenError,
    NotAuthorError,
    PostNotFoundError,
    RefusedChangesError,
    ServiceError,
    UnknownFieldsError,
    UnreadableRowError,
    UserNotFoundError,
)
from services.rows import items, keys
from services.rows.reading import read_each, text_of
from services.validation import CAPTION_MAX, Fields, check_id_list, check_ids

_SETTABLE = {"caption", "image_url", "tags", "is_public"}


class PostService:
    """Creates, reads, changes and deletes posts."""

    def __init__(self, session: Session, clock: Clock, ids: Ids) -> None:
        self._session = session
        self._clock = clock
        self._ids = ids

    def create_post(
        self,
        *,
        author_id: str,
        caption: str = "",
        image_url: str | None = None,
        tags: Sequence[str] = (),
        is_public: bool = True,
    ) -> Post:
        """Publish a post; a public one is delivered to the author's followers at commit.

        Raises:
            ValidationError: fields break a limit; it names them all.
            UserNotFoundError: there is no such author.

        Cost: 1 transaction of 3 actions, and the delivery (see FeedService).
        """
        fields = _check(
            {"author_id": author_id, "caption": caption, "image_url": image_url, "tags": tags, "is_public": is_public}
        )
        now = self._clock.now()
        post = Post(id=self._ids.new(now), **fields, created_at=now, updated_at=now)
        return self._session.apply(_creation(post), post)

    def get(self, post_id: str) -> Post:
        """Return a post.

        Raises:
            ValidationError: an id is wrong.
            PostNotFoundError: no post has this id.
            UnreadableRowError: the post's row cannot be read.

        Cost: 1 read.
        """
        (post_id,) = check_ids(post_id=post_id)
        row = self._session.get(keys.post_key(post_id))
        if row is None:
            raise PostNotFoundError(post_id)
        return items.post_of(row)

    def get_many(self, post_ids: Iterable[str]) -> dict[str, Post]:
        """Return the posts that exist, by id.

        Raises:
            ValidationError: an id is wrong, or there are more than a million.

        Cost: 1 batch read per 100 ids.
        """
        post_ids = check_id_list("post_ids", post_ids)
        posts = read_each(self._session, [keys.post_key(post_id) for post_id in post_ids], items.post_of)
        return {post.id: post for post in posts if post is not None}

    def by_author(
        self,
        author_id: str,
        *,
        limit: int = 50,
        cursor: str | None = None,
        unreadable: list[UnreadableRowError] | None = None,
    ) -> Page[Post]:
        """Return an author's posts, public or not, newest first, at most `limit` (1 to 1,000).

        Posts whose rows cannot be read are left out and noted in `unreadable`, where that is given; so may be some of
        the next page.

        Raises:
            ValidationError: an id is wrong.
            UnreadableRowError: a post's row cannot be read, and no `unreadable` is given.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query, and 1 batch read per 100 posts.
        """
        (author_id,) = check_ids(author_id=author_id)
        partition = keys.user_partition(author_id)

        def read(after: str | None, count: int) -> list[Row]:
            return self._session.query(partition, keys.POST_PREFIX, after=after, is_descending=True, limit=count)

        def fill(rows: Sequence[Row]) -> list[Post | None]:
            wanted = [keys.post_key(keys.suffix(text_of(row, "SK"))) for row in rows]
            return read_each(self._session, wanted, lambda row: items.readable(items.post_of, row, unreadable))

        return page(
            f"posts of {author_id}",
            limit,
            cursor,
            read=read,
            position=lambda row: text_of(row, "SK"),
            fill=fill,
        )

    def update_post(self, post_id: str, *, user_id: str, **changes: Any) -> Post:
        """Change caption, image_url, tags or is_public; a post that is no longer public leaves all feeds.

        Raises:
            UnknownFieldsError: a field that there is not.
            PostNotFoundError: no post has this id.
            NotAuthorError: `user_id` is not the author.
            ValidationError: fields break a limit; it names them all.

        Cost: 1 read, 1 transaction of 1 action, and the delivery when is_public is given.
        """
        if unknown := changes.keys() - _SETTABLE:
            raise UnknownFieldsError("update_post", unknown)
        before = self._own(post_id, user_id)
        changes = _check(changes)
        post = attrs.evolve(before, **changes, updated_at=self._clock.now())
        return self._session.apply(_update(before, post, changes), post)

    def _own(self, post_id: str, user_id: str) -> Post:
        post_id, user_id = check_ids(post_id=post_id, user_id=user_id)
        post = self.get(post_id)
        if post.author_id != user_id:
            raise NotAuthorError(user_id, f"the post {post_id!r}")
        return post

    def delete_post(self, post_id: str, *, user_id: str) -> None:
        """Delete a post with its likes, comments and feed items; the author's count goes down with the post itself.

        Written at once, also in a unit of work. The post leaves all feeds first; counters are exact at every moment
        in between; stopped half way, the same call again completes it.

        Raises:
            ValidationError: an id is wrong.
            PostNotFoundError: no post has this id (any more).
            NotAuthorError: `user_id` is not the author.
            HalfStoredError: a row of the post is missing.
            ChangedMeanwhileError: others kept liking or commenting.
            DeletionStoppedError: the engine stopped it half way; it tells how far it came.

        Cost: 1 transaction per 99 likes or comments, the post's partition read, and 1 batch write per 25 followers.
        """
        post_id, user_id = check_ids(post_id=post_id, user_id=user_id)
        with completing(self._session, _name(post_id), user_id):
            self._delete(self._own(post_id, user_id))

    def _delete(self, post: Post) -> None:
        with deleting(self._session, _name(post.id), post.author_id, HIDING), self._session.at_once():
            self._session.apply(removals.hiding(post, moment_text(self._clock.now())), None)
        with deleting(self._session, _name(post.id), post.author_id, TAKING):
            self._take(post)

    def _take(self, post: Post) -> None:
        for _ in range(removals.ROUNDS):
            try:
                with self._session.at_once():
                    for change in removals.of_post(self._session, post):
                        self._session.apply(change, None)
            except RefusedChangesError as refused:
                removals.check_another_round(refused)
                continue  # Somebody liked or commented meanwhile: their rows are there to be read now.
            return
        raise ChangedMeanwhileError(_name(post.id))


def _name(post_id: str) -> str:
    return f"the post {post_id!r}"


def _check(values: Mapping[str, Any]) -> dict[str, Any]:
    fields = Fields("the post")
    plain = {field: _RULES[field](fields, field, value) for field, value in values.items()}
    fields.check()
    return plain


_RULES: Mapping[str, Callable[[Fields, str, Any], Any]] = {
    "author_id": Fields.key,
    "caption": lambda fields, field, value: fields.text(field, value, CAPTION_MAX),
    "image_url": Fields.url,
    "tags": Fields.tags,
    "is_public": Fields.flag,
}


def _creation(post: Post) -> Change:
    row = items.post_row(post)
    authored = items.authored_row(post)
    return Change(
        puts=(
            Put(key_of(row), row, _unless_same(post, row), row_bytes(row)),
            Put(key_of(authored), authored, unless(HalfStoredError, _name(post.id))),
        ),
        adds=(Add(keys.user_key(post.author_id), {"posts_count": 1}, unless(UserNotFoundError, post.author_id)),),
        effects=(PostPublished(post.author_id, post.id),) if post.is_public else (),
    )


def _unless_same(post: Post, wanted: Row) -> Refusal:
    def refuse(row: Row | None) -> ServiceError | None:
        return None if _is_same(row, wanted) else IdTakenError("post", post.id)

    return refuse


def _is_same(row: Row | None, wanted: Row) -> bool:
    """Tell whether this very call made a row; of one that was updated since, its author and time must do."""
    if row is None or not items.is_same(row, wanted, ("id", "author_id", "created_at")):
        return False
    return items.is_updated(row) or items.is_same(row, wanted, items.POST_CONTENT)


def _update(before: Post, post: Post, changes: Mapping[str, Any]) -> Change:
    values = {field: None if value is None else attribute(value) for field, value in changes.items()}
    values["updated_at"] = attribute(moment_text(post.updated_at))
    effects: tuple[Effect, ...] = ()
    # Also where nothing changes: an earlier try may have been stopped between the write and its effect.
    if "is_public" in changes and post.is_public:
        effects = (PostPublished(post.author_id, post.id, before.is_public),)
    elif "is_public" in changes:
        effects = (PostHidden(post.author_id, post.id),)
    change = Set(keys.post_key(post.id), values, unless(PostNotFoundError, post.id))
    return Change(sets=(change,), effects=effects)
