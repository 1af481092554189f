"""Another implementation in a service's place."""

from __future__ import annotations

import pytest

from factories import LikeFactory, using
from seedbed.clock import Clock
from seedbed.dynamo.unit_of_work import UnitOfWork
from services import Like, connect
from services.errors import ConflictError
from services.likes import LikeService


class GenerousError(ConflictError):
    """Somebody liked enough today."""


class ThriftyLikes(LikeService):
    """Lets everybody like once."""

    def __init__(self, session, clock):
        super().__init__(session, clock)
        self.likers: set[str] = set()

    def like_post(self, user_id: str, post_id: str) -> Like:
        if user_id in self.likers:
            raise GenerousError(user_id)
        self.likers.add(user_id)
        return super().like_post(user_id, post_id)


def thrifty(container):
    from seedbed.dynamo.session import Session

    return ThriftyLikes(container.get(Session), container.get(Clock))


def test_a_service_of_ones_own_is_what_the_app_and_the_factories_call():
    with connect(services={LikeService: thrifty}, validate=True) as app, using(app, seed=1):
        like = LikeFactory()

        assert isinstance(app.likes, ThriftyLikes)
        assert app.likes.likers == {like.user_id}
        assert app.posts.get(like.post_id).likes_count == 1
        with pytest.raises(GenerousError):
            app.likes.like_post(like.user_id, like.post_id)


def test_it_shares_the_unit_of_work_of_the_others():
    with connect(services={LikeService: thrifty}, validate=True) as app:
        with app.unit_of_work() as unit:
            assert isinstance(unit, UnitOfWork)
            ada = app.profiles.create_profile(email="a@example.com", username="ada", handle="ada", full_name="Ada")
            post = app.posts.create_post(author_id=ada.id)
            app.likes.like_post(ada.id, post.id)

        assert unit.usage.calls["TransactWriteItems"] == 1
        assert app.posts.get(post.id).likes_count == 1
