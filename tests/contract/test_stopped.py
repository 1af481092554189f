"""What was stopped half way is told by the caller's calls, and the same calls again complete it, nothing twice."""

from __future__ import annotations

import re

import pytest

from factories import PostFactory, UserFactory, using
from seedbed.dynamo import unfinished
from services import App, connect, errors
from services.audit import audit
from services.entities import User
from tests.contract.test_outcomes import (
    BATCH,
    DENIED,
    LOST_AFTER,
    LOST_BEFORE,
    READS,
    WRITE,
    Plan,
    broken,
    first_write_lost_then,
    writes,
)
from tests.contract.world import START, World, drift

DELIVERY = frozenset({"Query", "BatchGetItem", BATCH})


def refusing_delivery(operation: str, _ordinal: int) -> str | None:
    return DENIED if operation in DELIVERY else None


def losing_all(operation: str, _ordinal: int) -> str | None:
    """Every answer to what is written, so that nothing tells that it is."""
    return LOST_AFTER if operation == WRITE else LOST_BEFORE if operation in READS else None


def refusing_all_after(count: int, *, fault: str = DENIED) -> Plan:
    begun = []

    def plan(operation: str, _ordinal: int) -> str | None:
        if operation == WRITE:
            begun.append(operation)
        return fault if len(begun) > count else None

    return plan


@pytest.fixture
def world(world):
    """One whose first write is done: the table's mark is there."""
    world.app.session.store.leave_mark()
    return world


class TestUnits:
    """A unit of work that is stopped, and the same calls once more."""

    @staticmethod
    def act(world: World, ann: User, bob: User) -> None:
        with world.app.unit_of_work(workers=1):
            posts = [world.post(ann, caption=caption) for caption in ("one", "two", "two")]
            world.app.session.send()
            comments = [world.comment(bob, post) for post in posts]
            world.comment(ann, posts[0], comments[0])
            world.user("eve")

    @staticmethod
    def check(world: World, ann: User, bob: User) -> None:
        assert sorted(post.caption for post in world.app.posts.by_author(ann.id)) == ["one", "two", "two"]
        assert len(world.feed(bob)) == 3
        assert [post.comments_count for post in world.app.posts.by_author(ann.id)] == [1, 1, 2]
        assert world.app.profiles.find_by_handle("eve") is not None
        assert drift(world.rows()) == []
        assert audit(world.app).findings == ()

    @pytest.mark.parametrize(
        "plan",
        [
            refusing_delivery,
            first_write_lost_then(DENIED),
            refusing_all_after(0, fault=LOST_AFTER),
            refusing_all_after(1),
        ],
        ids=["delivery refused", "first answer lost, then all refused", "all answers lost", "second write refused"],
    )
    def test_the_same_calls_again_complete_it_and_make_nothing_twice(self, world, plan):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        with (
            broken(world.app, plan),
            pytest.raises(errors.StoppedError, match="with the same values, of this app and within ten minutes"),
        ):
            self.act(world, ann, bob)
        self.act(world, ann, bob)
        self.check(world, ann, bob)

    def test_one_that_is_stopped_again_and_again_is_completed_in_the_end(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        plans = [refusing_delivery, writes(LOST_BEFORE), refusing_all_after(0), refusing_delivery]
        for plan in plans:
            with broken(world.app, plan), pytest.raises(errors.StoppedError):
                self.act(world, ann, bob)
        self.act(world, ann, bob)
        self.check(world, ann, bob)

    def test_single_calls_complete_it_too_and_what_comes_after_them_is_new(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        with (
            broken(world.app, refusing_delivery),
            pytest.raises(errors.StoppedError),
            world.app.unit_of_work(workers=1),
        ):
            first = [world.post(ann) for _ in range(2)]
        again = [world.post(ann) for _ in range(3)]
        assert [post.id for post in again[:2]] == [post.id for post in first]
        assert world.app.profiles.get(ann.id).posts_count == 3
        assert audit(world.app).findings == ()

    def test_what_was_refused_is_not_taken_for_written(self, world):
        ann = world.user("ann")
        with (
            broken(world.app, refusing_delivery),
            pytest.raises(errors.StoppedError) as stopped,
            world.app.unit_of_work(workers=1),
        ):
            _ = world.app.posts.create_post(author_id="nobody", caption="hello"), world.post(ann)
        assert [type(error) for error in stopped.value.refusals] == [errors.UserNotFoundError]
        with pytest.raises(errors.UserNotFoundError):
            world.app.posts.create_post(author_id="nobody", caption="hello")

    def test_one_that_is_whole_is_not_known_again(self, world):
        ann = world.user("ann")
        with world.app.unit_of_work():
            first = world.post(ann)
        assert world.post(ann).id != first.id

    def test_of_too_many_calls_the_message_names_what_completes_them(self, world, monkeypatch):
        monkeypatch.setattr(unfinished, "KEPT", 2)
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        with (
            broken(world.app, refusing_delivery),
            pytest.raises(errors.StoppedError) as stopped,
            world.app.unit_of_work(workers=1) as unit,
        ):
            posts = [world.post(ann) for _ in range(3)]
        text = str(stopped.value)
        assert "which an audit's repair adds; too many to be known again: call again only those" in text
        assert "the same calls" not in text
        assert [unit.stored(post) for post in posts] == posts
        repaired = world.app.repair(audit(world.app))
        assert repaired.audit.findings == ()
        assert len(world.feed(bob)) == 3
        assert world.post(ann).id not in {post.id for post in posts}

    def test_calls_that_draw_no_id_complete_it_from_anywhere(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        with (
            broken(world.app, refusing_delivery),
            pytest.raises(errors.StoppedError, match=r"; the same calls again complete it\)$"),
            world.app.unit_of_work(workers=1),
        ):
            _ = world.app.likes.like_post(bob.id, post.id), world.app.follows.follow_user(bob.id, ann.id)
        world.app.follows.follow_user(bob.id, ann.id)
        assert audit(world.app).findings == ()

    def test_a_key_without_a_moment_draws_another_id_so_the_app_knows_the_call_again(self, world):
        ann = world.user("ann")
        for _ in range(2):
            with (
                world.app.at(key="mine"),
                broken(world.app, writes(LOST_BEFORE)),
                pytest.raises(errors.UnknownOutcomeError),
            ):
                world.post(ann)
        with world.app.at(key="mine"):
            world.post(ann)
        assert len(list(world.app.posts.by_author(ann.id))) == 1

    def test_the_same_run_of_factories_completes_what_was_stopped_also_in_another_app(self, world):
        def run(app: App) -> None:
            with app.at(START), using(app, seed=1):
                PostFactory.create_batch(3, author=UserFactory(followers=1))

        def plan(operation: str, _ordinal: int) -> str | None:
            return DENIED if operation == BATCH else None

        with broken(world.app, plan), pytest.raises(errors.StoppedError, match="in the same run, from its seed"):
            run(world.app)
        with connect(engine=world.app.engine, table=world.app.table.name, seed="contract") as other:
            run(other)
        assert sum(key[1] == "POST" for key in world.rows()) == 3
        assert audit(world.app).findings == ()

    def test_the_same_batch_of_a_factory_with_the_same_values_is_known_again(self, world):
        with using(world.app, seed=1):
            ann = UserFactory(followers=1)
            values = {"caption": "hello", "tags": [], "image_url": None, "is_public": True}
            with (
                broken(world.app, refusing_delivery),
                pytest.raises(errors.StoppedError, match="with the same values, of this app"),
            ):
                PostFactory.create_batch(3, author=ann, **values)
            PostFactory.create_batch(3, author=ann, **values)
        assert world.app.profiles.get(ann.id).posts_count == 3
        assert audit(world.app).findings == ()


class TestSingleCalls:
    """The message of a single call says how far the same call reaches."""

    @pytest.mark.parametrize(
        ("name", "reach"),
        [
            ("post", "again, with the same values, of this app and within ten minutes, completes it"),
            ("keyed post", "again by the same seed, key and moment (a factory's: in the same run, from its seed)"),
            ("like", "the same call again completes it"),
        ],
    )
    def test_an_unknown_outcome_names_its_reach(self, world, name, reach):
        ann = world.user("ann")
        post = world.post(ann)
        calls = {
            "like": lambda: world.app.likes.like_post(ann.id, post.id),
            "post": lambda: world.post(ann, caption="new"),
            "keyed post": lambda: world.post(ann, caption="new"),
        }
        key = "key" if name == "keyed post" else None
        with (
            broken(world.app, writes(LOST_BEFORE)),
            world.app.at(START, key),
            pytest.raises(errors.UnknownOutcomeError) as caught,
        ):
            calls[name]()
        assert reach in str(caught.value)

    @pytest.mark.parametrize(
        ("key", "most", "reach"),
        [
            (None, 1, "again, with the same values, of this app and within ten minutes, completes it"),
            (None, 0, "again, with the same values, of this app and within ten minutes, completes it"),
            ("key", 1, "again by the same seed, key and moment (a factory's: in the same run, from its seed)"),
        ],
        ids=["known again", "too many to be known again", "by its key"],
    )
    def test_what_a_stopped_unit_tells_of_a_call_nobody_knows_of_names_its_reach(
        self, world, monkeypatch, key, most, reach
    ):
        monkeypatch.setattr(unfinished, "KEPT", most)
        ann = world.user("ann")
        with (
            broken(world.app, writes(LOST_BEFORE)),
            world.app.at(START, key),
            pytest.raises(errors.StoppedError),
            world.app.unit_of_work() as unit,
        ):
            post = world.post(ann, caption="new")
        with pytest.raises(errors.UnknownOutcomeError, match=re.escape(reach)):
            unit.stored(post)

    def test_a_dry_run_in_between_does_not_take_what_the_same_call_is_to_complete(self, world):
        ann = world.user("ann")
        with broken(world.app, losing_all), pytest.raises(errors.UnknownOutcomeError):
            world.post(ann)
        with world.app.unit_of_work(is_dry=True):
            world.post(ann)
        world.post(ann)
        assert world.app.profiles.get(ann.id).posts_count == 1

    def test_a_call_that_is_refused_after_it_was_lost_is_still_known(self, world):
        ann = world.user("ann")
        for plan, error in ((losing_all, errors.UnknownOutcomeError), (writes(DENIED), errors.PermissionDeniedError)):
            with broken(world.app, plan), pytest.raises(error):
                world.post(ann)
        world.post(ann)
        assert world.app.profiles.get(ann.id).posts_count == 1


class TestDeletions:
    """A deletion takes several steps: where it is stopped, the caller hears of the deletion, not of its steps."""

    @pytest.fixture
    def post(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.likes.like_post(bob.id, post.id)
        world.comment(ann, post, world.comment(bob, post))
        return post

    @pytest.mark.parametrize(
        ("plan", "state"),
        [
            (writes(DENIED), "is not deleted; the same call"),
            (refusing_all_after(0, fault=LOST_BEFORE), "is not deleted yet, and may be hidden; the same call"),
            (refusing_delivery, "is not deleted yet, and hidden already; the same call"),
            (refusing_all_after(1), "is not deleted yet, and hidden already; the same call"),
            (refusing_all_after(1, fault=LOST_AFTER), "is hidden already, and may be deleted; the same call"),
        ],
    )
    def test_a_post_s_is_told_by_how_far_it_came_and_the_same_call_completes_it(self, world, post, plan, state):
        with broken(world.app, plan), pytest.raises(errors.DeletionStoppedError) as caught:
            world.app.posts.delete_post(post.id, user_id=post.author_id)
        assert f": the post '{post.id}' {state}" in str(caught.value)
        assert "calls are" not in str(caught.value)
        world.app.posts.delete_post(post.id, user_id=post.author_id)
        assert {key[0] for key in world.rows() if key[0].startswith("POST#")} == set()
        assert audit(world.app).findings == ()
        with pytest.raises(errors.PostNotFoundError):
            world.app.posts.delete_post(post.id, user_id=post.author_id)

    @pytest.mark.parametrize("fault", [LOST_AFTER, LOST_BEFORE])
    def test_a_comment_s_whose_answer_is_lost_is_completed_by_the_same_call(self, world, post, fault):
        root, _ = world.app.comments.of_post(post.id)
        with (
            broken(world.app, refusing_all_after(0, fault=fault)),
            pytest.raises(errors.DeletionStoppedError) as caught,
        ):
            world.app.comments.delete_comment(post.id, root.id, user_id=root.user_id)
        assert caught.value.is_unknown
        assert f": the comment '{root.id}' may be deleted" in str(caught.value)
        world.app.comments.delete_comment(post.id, root.id, user_id=root.user_id)
        assert world.app.posts.get(post.id).comments_count == 0
        with pytest.raises(errors.CommentNotFoundError):
            world.app.comments.delete_comment(post.id, root.id, user_id=root.user_id)

    def test_another_s_call_is_not_taken_for_the_one_that_was_stopped(self, world, post):
        root, _ = world.app.comments.of_post(post.id)
        with (
            broken(world.app, refusing_all_after(0, fault=LOST_AFTER)),
            pytest.raises(errors.DeletionStoppedError),
        ):
            world.app.comments.delete_comment(post.id, root.id, user_id=root.user_id)
        with pytest.raises(errors.CommentNotFoundError):
            world.app.comments.delete_comment(post.id, root.id, user_id=post.author_id)

    @pytest.mark.parametrize("count", range(4))
    def test_a_user_s_is_told_as_one_and_the_same_call_completes_it(self, world, post, count):
        with broken(world.app, refusing_all_after(count)), pytest.raises(errors.DeletionStoppedError) as caught:
            world.app.profiles.delete_profile(post.author_id)
        assert f": the user '{post.author_id}' is not gone yet" in str(caught.value)
        world.app.profiles.delete_profile(post.author_id)
        assert world.app.profiles.find_by_handle("ann") is None
        assert audit(world.app).findings == ()
