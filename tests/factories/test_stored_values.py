"""What a factory returns is what is stored, by whatever way it came; a unit of work that stopped ends a batch."""

from __future__ import annotations

import factory
import pytest

from factories import FollowFactory, PostFactory, UserFactory, before_create
from factories.errors import BuildFailureError
from seedbed.strategy.binding import current_app
from services import errors


class GetOrCreate(UserFactory):
    @classmethod
    def _create(cls, model_class, *args, **values):
        found = current_app().profiles.find_by_username(values["username"])
        return found or super()._create(model_class, *args, **values)


class Popular(PostFactory):
    @classmethod
    def _create(cls, _model_class, *_args, **values):
        return PostFactory.create(likes=3, **values)


def test_a_value_that_was_read_in_the_batch_is_returned_as_stored(app):
    made = GetOrCreate.create_batch(3, username="ada_1", posts=1)
    assert {user.id for user in made} == {made[0].id}
    assert [user.posts_count for user in made] == [3, 3, 3]
    assert app.profiles.get(made[0].id).posts_count == 3


def test_a_value_that_was_read_is_returned_as_stored_by_singles_too(app):
    assert [GetOrCreate(username="ada_1", posts=1).posts_count for _ in range(3)] == [1, 2, 3]


def test_a_value_that_another_factory_made_is_returned_as_stored(app):
    post = Popular()
    assert post.likes_count == app.posts.get(post.id).likes_count == 3
    assert [one.likes_count for one in Popular.create_batch(2)] == [3, 3]


def test_a_service_that_reads_what_it_made_returns_it_as_stored(app):
    def sign_up(app, **values):
        user = app.profiles.create_profile(**values)
        FollowFactory(followee=user)
        return app.profiles.get(user.id)

    class Followed(UserFactory):
        class Meta:
            service = sign_up

    user = Followed(followers=2)
    assert user.followers_count == app.profiles.get(user.id).followers_count == 3


def test_a_unit_of_work_tells_what_a_factory_returned_in_it_as_stored(app):
    with app.unit_of_work() as unit:
        post, user = PostFactory(likes=2), UserFactory(followers=3)
        again = unit.stored(post)
        PostFactory(author=user)
        told = [unit.stored(post), unit.stored(again), unit.stored(unit.stored(user))]
    assert told == [app.posts.get(post.id), app.posts.get(post.id), app.profiles.get(user.id)]


def test_a_unit_of_work_tells_of_a_refused_object_that_a_factory_returned(app):
    made = []
    with pytest.raises(errors.RefusedChangesError), app.unit_of_work() as unit:
        made += [UserFactory(username="twice"), UserFactory(username="twice", followers=1)]
    with pytest.raises(errors.UsernameTakenError):
        unit.stored(made[1])


def test_of_an_object_that_its_hook_deleted_the_error_tells_its_own_call(app):
    class Withdrawn(PostFactory):
        @factory.post_generation
        def withdraw(post, _create, _given):
            current_app().posts.delete_post(post.id, user_id=post.author_id)

    with pytest.raises(BuildFailureError, match="GoneError") as caught:
        Withdrawn.create_batch(2, caption="gone")
    assert [(one.factory, one.values["caption"]) for one in caught.value.failures] == [(Withdrawn, "gone")] * 2


def test_a_value_of_an_earlier_unit_of_work_is_read(app):
    user = UserFactory()
    app.posts.create_post(author_id=user.id)
    with app.unit_of_work() as unit:
        app.posts.create_post(author_id=user.id)
        assert unit.stored(user).posts_count == 2


def test_a_batch_ends_soon_when_the_engine_is_gone(app, monkeypatch):
    begun, store = [], app.session.store  # asked for later, it would send what is queued

    def gone(_actions):
        raise errors.EndpointUnreachableError("http://gone", "refused")

    class Doomed(UserFactory):
        @before_create
        def stop(self, values):
            begun.append(values)
            if len(begun) == 300:
                monkeypatch.setattr(store, "transact", gone)
            return values

    with pytest.raises(BuildFailureError, match=r"http://gone.*stopped before this was written") as caught:
        Doomed.create_batch(2_000)
    assert 300 <= len(begun) <= 800
    assert len(caught.value.created) == 250
    assert len(app.profiles.get_many(user.id for user in caught.value.created)) == 250
