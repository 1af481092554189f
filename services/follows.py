"""Follows: who follows whom. Each is two rows, one at either end, written together."""

from __future__ import annotations

from seedbed.clock import Clock
from seedbed.dynamo.changes import Change, Put
from seedbed.dynamo.session import Session
from services.deletion.removals import follow_counts, half_following, unfollowing
from services.delivery.effects import Followed
from services.entities import Follow, Page, User
from services.errors import SelfFollowError
from services.people import users_page
from services.rows import items, keys
from services.validation import Fields, check_ids


class FollowService:
    """Follows and unfollows people, and lists both directions."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def follow_user(self, follower_id: str, followee_id: str) -> Follow:
        """Follow somebody; their public posts come into the follower's feed. Again changes nothing.

        Raises:
            ValidationError: an id is wrong.
            SelfFollowError: both are the same user.
            UserNotFoundError: one of them is not there.

        Cost: 1 transaction of 4 actions, and the delivery (see FeedService).
        """
        follower_id, followee_id = _check_ids(follower_id, followee_id)
        follow = Follow(follower_id=follower_id, followee_id=followee_id, created_at=self._clock.now())
        change = Change(
            puts=(
                Put(keys.follow_key(follower_id, followee_id), items.follow_row(follow)),
                Put(
                    keys.follower_key(followee_id, follower_id),
                    items.follower_row(follow),
                    half_following(follower_id, followee_id),
                ),
            ),
            adds=follow_counts(follower_id, followee_id, 1),
            effects=(Followed(follower_id, followee_id, follow.created_at),),
        )
        return self._session.apply(change, follow)

    def unfollow_user(self, follower_id: str, followee_id: str) -> None:
        """Follow somebody no longer; their posts leave the feed. Where there is no follow, nothing changes.

        Raises:
            ValidationError: an id is wrong.
            SelfFollowError: both are the same user.

        Cost: 1 transaction of 4 actions, and the clearing of the feed.
        """
        follower_id, followee_id = _check_ids(follower_id, followee_id)
        self._session.apply(unfollowing(follower_id, followee_id), None)

    def is_following(self, follower_id: str, followee_id: str) -> bool:
        """Tell whether one follows the other.

        Raises:
            ValidationError: an id is wrong.

        Cost: 1 read.
        """
        follower_id, followee_id = check_ids(follower_id=follower_id, followee_id=followee_id)
        return self._session.get(keys.follow_key(follower_id, followee_id)) is not None

    def followers(self, user_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[User]:
        """Return who follows a user, by the time of their sign-up, at most `limit` (1 to 1,000).

        Raises:
            ValidationError: an id is wrong.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query, and 1 batch read per 100 users.
        """
        return self._page("followers", user_id, keys.FOLLOWER_PREFIX, limit, cursor)

    def following(self, user_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[User]:
        """Return whom a user follows, by the time of their sign-up, at most `limit` (1 to 1,000).

        Raises:
            ValidationError: an id is wrong.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query, and 1 batch read per 100 users.
        """
        return self._page("following", user_id, keys.FOLLOW_PREFIX, limit, cursor)

    def _page(self, end: str, user_id: str, prefix: str, limit: int, cursor: str | None) -> Page[User]:
        (user_id,) = check_ids(user_id=user_id)
        place = keys.user_partition(user_id), prefix
        return users_page(self._session, f"{end} of {user_id}", place, limit=limit, cursor=cursor)


def _check_ids(follower_id: object, followee_id: object) -> tuple[str, str]:
    fields = Fields("the follow")
    follower, followee = fields.key("follower_id", follower_id), fields.key("followee_id", followee_id)
    fields.check()
    if follower == followee:
        raise SelfFollowError(follower)
    return follower, followee
