"""FollowFactory, and whole graphs of follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import factory

from factories.errors import DuplicateUserError, InvalidUsersError, TooFewUsersError
from factories.social import SocialFactory
from factories.texts.topics import TOPICS, topic_of
from seedbed.plain import read_most
from seedbed.strategy.randomness import key_of
from seedbed.strategy.roles import One
from services.entities import Follow, User


class FollowFactory(SocialFactory[Follow]):
    """A user who follows another: `FollowFactory(follower=ada, followee=ben)`."""

    class Meta:
        model = Follow
        service = "follows.follow_user"
        pairs = ("followee", "follower")

    class Params:
        follower = One("factories.users.UserFactory")
        followee = One("factories.users.UserFactory")

    follower_id = factory.SelfAttribute("follower.id")
    followee_id = factory.SelfAttribute("followee.id")

    @classmethod
    def create_graph(cls, users: Iterable[User], strategy: str = "random", **overrides: Any) -> list[Follow]:
        """Let the users follow each other, in one unit of work; return the follows in the graph's order.

        Strategies: "random" (each follows a handful), "influencer" (everybody follows the first tenth, or of
        more than 10,000 users some fewer, and a few others), "complete" (everybody follows everybody),
        "community" (a handful, as in a real network: few have most of the followers, people of one topic know
        each other, some follow back). The same seed and users give the same graph.

        Raises:
            InvalidUsersError: They are no collection of users, or more than a million.
            InvalidCountError: There would be more than ten million follows.
            TooFewUsersError: There are fewer than two users.
            DuplicateUserError: A user was given twice.
            UnknownStrategyError: There is no such strategy.
            BuildFailureError: Some follows were refused; the others are stored.
        """
        users = _check_users(users)
        from factories import graphs  # noqa: PLC0415 - NumPy takes a tenth of a second to load

        key = key_of(cls.__name__, "graph", strategy, *(user.id for user in users))
        topics = [TOPICS.index(topic_of(user.id)) for user in users]
        pairs = graphs.edges(len(users), strategy, key, topics=topics).tolist()
        return cls._create_all([{"follower": users[a], "followee": users[b], **overrides} for a, b in pairs])


def _check_users(users: object) -> list[User]:
    found = _read(users)
    if len(found) < 2:  # noqa: PLR2004 - the fewest between whom a follow can be
        raise TooFewUsersError(len(found))
    times = Counter(user.id for user in found)
    for user_id, count in times.items():
        if count > 1:
            raise DuplicateUserError(user_id)
    return found


def _read(users: object) -> list[User]:
    if isinstance(users, str | bytes) or not isinstance(users, Iterable):
        raise InvalidUsersError(users)
    found, has_more = read_most(users)
    if has_more:
        raise InvalidUsersError(users)
    for user in found:
        if not isinstance(getattr(user, "id", None), str):
            raise InvalidUsersError(user)
    return found
