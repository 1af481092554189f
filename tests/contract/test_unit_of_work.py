"""The unit of work: what is queued when, how it is packed, and what each call is told."""

# ruff: noqa: PT012 - what raises is the end of a unit of work, so its block must be in the block

from __future__ import annotations

import gc
import itertools
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta

import pytest

from seedbed.dynamo import packing, unit_of_work
from seedbed.dynamo.actions import Action, CheckRow, PutRow, Refused, UpdateRow
from seedbed.dynamo.changes import Change, Put
from seedbed.dynamo.engines.answers import ATTEMPTS
from seedbed.dynamo.engines.faults import Fault, Faults
from seedbed.dynamo.packing import Pack
from seedbed.dynamo.sending import Dispatcher
from seedbed.dynamo.unit_of_work import MANY_ASKED
from seedbed.dynamo.writing import STUCK
from services import errors
from services.app import App
from services.audit import audit
from services.delivery.effects import PostPublished
from services.rows import keys
from tests.contract.world import START, Stop, World, drift, without_feeds
from tests.faults import no_waiting

NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def twins(open_app: Callable[..., App]) -> Callable[..., tuple[World, World]]:
    """Two worlds that draw the same ids and times."""

    def make(**settings: object) -> tuple[World, World]:
        return World(open_app()), World(open_app(**settings))

    return make


class TestPacking:
    def test_nothing_is_sent_before_the_end(self, world, watched):
        with world.app.unit_of_work():
            ann = world.user()
            world.post(ann)
            assert watched.sent == []
        assert len(watched.sent) == 1

    def test_ninety_nine_likes_by_users_whom_the_unit_has_met_cost_one_call(self, world, watched):
        users = world.users(99)
        old, new = world.post(users[0]), world.post(users[0])
        with world.app.unit_of_work() as unit:
            for user in users:
                world.app.likes.like_post(user.id, old.id)
            unit.flush()
            watched.sent.clear()
            for user in users:
                world.app.likes.like_post(user.id, new.id)
        (actions,) = watched.sent
        assert Counter(map(type, actions)) == {PutRow: 99, UpdateRow: 1}
        assert world.app.posts.get(new.id).likes_count == 99

    def test_ninety_nine_likes_by_users_whom_it_has_not_met_cost_a_read_and_one_call(self, world, watched):
        users = world.users(99)
        post = world.post(users[0])
        watched.sent.clear()
        before = world.app.usage
        with world.app.unit_of_work() as unit:
            for user in users:
                world.app.likes.like_post(user.id, post.id)
        assert [len(actions) for actions in watched.sent] == [100]
        assert world.app.usage.since(before).calls == {"BatchGetItem": 1, "TransactWriteItems": 1}
        assert unit.committed == 99
        assert world.app.posts.get(post.id).likes_count == 99

    def test_few_users_whom_it_has_not_met_are_checked_with_their_likes(self, world, watched):
        users = world.users(MANY_ASKED - 1)
        post = world.post(users[0])
        watched.sent.clear()
        before = world.app.usage
        with world.app.unit_of_work():
            for user in users:
                world.app.likes.like_post(user.id, post.id)
        checks = [action for actions in watched.sent for action in actions if type(action) is CheckRow]
        assert len(checks) == len(users)
        assert world.app.usage.since(before).calls == {"TransactWriteItems": len(watched.sent)}

    def test_a_user_who_was_looked_for_once_is_not_looked_for_again(self, world, watched):
        users = world.users(99)
        posts = [world.post(users[0]), world.post(users[0])]
        watched.sent.clear()
        before = world.app.usage
        with world.app.unit_of_work() as unit:
            for post in posts:
                for user in users:
                    world.app.likes.like_post(user.id, post.id)
        checks = [action for actions in watched.sent for action in actions if type(action) is CheckRow]
        assert (len(checks), world.app.usage.since(before).calls["BatchGetItem"]) == (0, 1)
        assert sum(len(actions) for actions in watched.sent) <= 198 + 2 * len(watched.sent)
        assert unit.committed == 198

    def test_a_user_who_was_checked_once_is_not_checked_again(self, world, watched):
        users = world.users(30)
        posts = [world.post(users[0]), world.post(users[0])]
        watched.sent.clear()
        with world.app.unit_of_work():
            for post in posts:
                for user in users:
                    world.app.likes.like_post(user.id, post.id)
        checks = [action for actions in watched.sent for action in actions if type(action) is CheckRow]
        assert len(checks) == 30

    def test_of_many_users_those_who_are_not_there_are_refused_and_all_others_like(self, world):
        users = world.users(60)
        post = world.post(users[0])
        absent = [f"{NOBODY[:-1]}{digit}" for digit in "123"]
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work():
            for user_id in [absent[0], *(user.id for user in users), *absent[1:]]:
                world.app.likes.like_post(user_id, post.id)
        assert [(type(error), error.user_id) for error in refusal.value.exceptions] == [
            (errors.UserNotFoundError, user_id) for user_id in absent
        ]
        assert refusal.value.committed == world.app.posts.get(post.id).likes_count == 60
        assert drift(world.rows()) == []

    def test_many_users_who_cannot_be_read_are_checked_with_their_likes(self, world, watched):
        users = world.users(60)
        post = world.post(users[0])
        watched.sent.clear()
        tries = itertools.repeat(Fault.SERVER_ERROR, ATTEMPTS)
        faults = Faults(world.app.engine, lambda _: next(tries, None))
        with no_waiting(world.app), faults, world.app.unit_of_work() as unit:
            for user in users:
                world.app.likes.like_post(user.id, post.id)
        checks = [action for actions in watched.sent for action in actions if type(action) is CheckRow]
        assert (len(checks), unit.committed) == (60, 60)
        assert drift(world.rows()) == []

    def test_many_users_whom_the_unit_makes_are_not_looked_for(self, world):
        before = world.app.usage
        with world.app.unit_of_work():
            users = [world.user(f"user{number}") for number in range(60)]
            post = world.post(users[0], is_public=False)  # so nothing is read for feeds
            for user in users:
                world.app.likes.like_post(user.id, post.id)
        assert "BatchGetItem" not in world.app.usage.since(before).calls
        assert world.app.posts.get(post.id).likes_count == 60

    def test_counters_of_a_row_put_in_the_same_pack_are_folded_into_it(self, world, watched):
        users = world.users(17)
        watched.sent.clear()
        with world.app.unit_of_work():
            post = world.post(users[0])
            for user in users:
                world.app.likes.like_post(user.id, post.id)
        (actions,) = watched.sent
        kinds = [type(action) for action in actions]
        assert kinds.count(PutRow) == 19
        assert kinds.count(UpdateRow) == 1
        assert world.app.posts.get(post.id).likes_count == 17
        assert drift(world.rows()) == []

    def test_users_posts_and_likes_of_one_unit_share_packs(self, world, watched):
        with world.app.unit_of_work():
            users = [world.user(f"user{number}") for number in range(20)]
            post = world.post(users[0])
            for user in users:
                world.app.likes.like_post(user.id, post.id)
        assert len(watched.sent) == 2
        assert sum(len(actions) for actions in watched.sent) == 20 * 4 + 2 + 20 + 1
        assert drift(world.rows()) == []

    def test_counters_that_cancel_out_are_a_check(self, world, watched):
        ann, bob, cid, dan = (world.user(name) for name in ("ann", "bob", "cid", "dan"))
        world.app.follows.follow_user(bob.id, ann.id)
        watched.sent.clear()
        with world.app.unit_of_work():
            world.app.follows.follow_user(cid.id, ann.id)
            world.app.follows.unfollow_user(bob.id, ann.id)
            world.app.follows.follow_user(dan.id, cid.id)
        assert CheckRow((f"USER#{ann.id}", "PROFILE")) in watched.sent[0]
        assert world.app.profiles.get(ann.id).followers_count == 1
        assert drift(world.rows()) == []

    def test_many_posts_of_many_authors_come_near_to_full_packs(self, world, watched):
        users = world.users(40)
        watched.sent.clear()
        with world.app.unit_of_work():
            for _ in range(10):
                for user in users:
                    world.post(user, is_public=False)
        actions = sum(len(actions) for actions in watched.sent)
        assert len(watched.sent) <= 10
        assert actions <= 400 * 2 + 2 * 40 + len(watched.sent)  # two windows, so each author's count moves twice


class TestOrder:
    def test_like_unlike_like_leaves_one_like(self, world):
        ann = world.user()
        post = world.post(ann)
        with world.app.unit_of_work() as unit:
            world.app.likes.like_post(ann.id, post.id)
            world.app.likes.unlike_post(ann.id, post.id)
            last = world.app.likes.like_post(ann.id, post.id)
        assert unit.stored(last) == last
        assert [post.likes_count for post in world.app.likes.liked_posts(ann.id)] == [1]
        assert drift(world.rows()) == []

    def test_like_and_unlike_in_one_unit_leave_nothing(self, world):
        ann = world.user()
        post = world.post(ann)
        before = world.rows()
        with world.app.unit_of_work():
            world.app.likes.like_post(ann.id, post.id)
            world.app.likes.unlike_post(ann.id, post.id)
        assert world.rows() == before

    def test_replies_to_replies_of_one_unit_are_written_in_order(self, world):
        with world.app.unit_of_work():
            ann = world.user()
            post = world.post(ann)
            chain = [world.comment(ann, post)]
            for _ in range(250):
                chain.append(world.comment(ann, post, chain[-1]))
        assert drift(world.rows()) == []
        assert world.app.posts.get(post.id).comments_count == 251

    @pytest.mark.parametrize("workers", [2, 4])
    def test_many_workers_leave_the_rows_of_one(self, twins, workers):
        one, many = twins(workers=workers)

        def seed(world: World) -> None:
            with world.app.unit_of_work():
                users = [world.user(f"user{number}") for number in range(40)]
                posts = [world.post(user) for user in users]
                for place, user in enumerate(users):
                    for other in users[place + 1 : place + 20]:
                        world.app.follows.follow_user(user.id, other.id)
                    for post in posts[::3]:
                        world.app.likes.like_post(user.id, post.id)
                    world.comment(user, posts[place - 1], world.comment(user, posts[place - 1]))

        seed(one)
        seed(many)
        assert len(one.rows()) > 1_000
        assert many.rows() == one.rows()
        assert drift(many.rows()) == []


class TestRefusals:
    def test_several_calls_of_one_pack_are_refused_in_the_order_of_the_calls(self, world):
        world.user("old")
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work() as unit:
            first = world.user("new")
            taken = world.user("old")
            missing = world.app.likes.like_post(first.id, NOBODY)
            post = world.post(first)
        kinds = [type(error) for error in refusal.value.exceptions]
        assert kinds == [errors.EmailTakenError, errors.PostNotFoundError]
        assert refusal.value.committed == 2
        text = (
            "the e-mail address 'old@example.org' is taken (the first refusal: 2 calls were refused, 2 were committed)"
        )
        assert str(refusal.value).startswith(text)
        assert world.app.posts.get(post.id).author_id == first.id
        assert unit.stored(first).posts_count == 1
        for refused, error in ((taken, errors.EmailTakenError), (missing, errors.PostNotFoundError)):
            with pytest.raises(error):
                unit.stored(refused)
        assert drift(world.rows()) == []

    def test_refusals_are_caught_by_kind(self, world):
        world.user("old")
        caught = []
        try:
            with world.app.unit_of_work():
                world.user("old")
        except* errors.EmailTakenError as group:
            caught = [type(group), [error.value for error in group.exceptions], group.committed]
        assert caught == [errors.RefusedChangesError, ["old@example.org"], 0]

    def test_the_same_call_twice_counts_once_and_both_are_told_the_first(self, world):
        ann = world.user()
        post = world.post(ann)
        with world.app.unit_of_work() as unit:
            first = world.app.likes.like_post(ann.id, post.id)
            second = world.app.likes.like_post(ann.id, post.id)
        assert unit.stored(first) == first
        assert unit.stored(second) == first
        assert second != first
        assert world.app.posts.get(post.id).likes_count == 1
        assert unit.committed == 2

    def test_of_two_users_with_one_handle_the_first_has_it(self, world):
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work():
            first = world.user("ann")
            world.app.profiles.create_profile(
                email="other@example.org", username="other_name", handle="ANN", full_name="Other"
            )
        (error,) = refusal.value.exceptions
        assert (type(error), error.value, error.owner_id) == (errors.HandleTakenError, "ANN", first.id)
        assert world.app.profiles.find_by_handle("ann") == first

    def test_calls_that_depend_on_a_refused_one_are_refused_as_single_calls_would_be(self, world):
        world.user("ann")
        before = world.rows()
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work() as unit:
            ghost = world.user("ann")
            post = world.post(ghost)
            world.app.likes.like_post(ghost.id, post.id)
            comment = world.comment(ghost, post)
            world.comment(ghost, post, comment)
        assert [type(error) for error in refusal.value.exceptions] == [
            errors.EmailTakenError,
            errors.UserNotFoundError,
            errors.PostNotFoundError,
            errors.PostNotFoundError,
            errors.PostNotFoundError,
        ]
        assert unit.committed == 0
        assert world.rows() == before

    def test_a_user_refused_in_one_pack_is_missed_by_calls_of_later_packs(self, world):
        others = world.users(120)
        post = world.post(others[0])
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work():
            ghost = world.user("user0")
            for other in others:
                world.app.likes.like_post(other.id, post.id)
            world.app.likes.like_post(ghost.id, post.id)
        assert [type(error) for error in refusal.value.exceptions] == [
            errors.EmailTakenError,
            errors.UserNotFoundError,
        ]
        assert world.app.posts.get(post.id).likes_count == 120
        assert drift(world.rows()) == []

    def test_a_pack_that_rests_on_a_user_on_the_way_is_packed_again_when_that_is_refused(self, world, monkeypatch):
        ann = world.user("ann")
        post = world.post(ann)
        _hold_until_one_rests_on_another(world.app, monkeypatch)
        monkeypatch.setattr(packing, "MAX_ACTIONS", 4)  # a user's rows, and nothing beside
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work(workers=2) as unit:
            ghost = world.user("ann")
            world.app.likes.like_post(ghost.id, post.id)
        assert [type(error) for error in refusal.value.exceptions] == [errors.EmailTakenError, errors.UserNotFoundError]
        assert unit.committed == 0
        assert world.app.posts.get(post.id).likes_count == 0
        assert drift(world.rows()) == []

    def test_refused_calls_do_not_count_in_what_is_stored(self, world):
        ann, post_id = world.user(), None
        with pytest.raises(errors.RefusedChangesError), world.app.unit_of_work() as unit:
            post = world.post(ann)
            post_id = post.id
            world.app.likes.like_post(ann.id, post_id)
            world.app.likes.like_post(ann.id, post_id)
            world.app.likes.like_post(NOBODY, post_id)
        assert unit.stored(post) == world.app.posts.get(post_id)
        assert unit.stored(post).likes_count == 1

    def test_an_error_that_leaves_the_block_names_the_refusals_too(self, world):
        world.user("ann")
        with pytest.raises(ValueError, match="stop here") as leaving, world.app.unit_of_work():
            world.user("ann")
            message = "stop here"
            raise ValueError(message)
        assert leaving.value.__notes__ == [
            "refused in the same unit of work: the e-mail address 'ann@example.org' is taken"
        ]


class TestTooLarge:
    @staticmethod
    def put(*keys: tuple[str, str]) -> Change:
        return Change(puts=tuple(Put(key, {"PK": {"S": key[0]}, "SK": {"S": key[1]}}) for key in keys))

    def too_many(self) -> Change:
        return self.put(*((f"USER#{number}", "X") for number in range(101)))

    def twice(self) -> Change:
        return self.put(("USER#1", "X"), ("USER#1", "X"))

    @pytest.mark.parametrize("make", ["too_many", "twice"])
    def test_outside_a_unit_of_work_it_is_raised_as_itself(self, world, make):
        with pytest.raises(errors.ChangeTooLargeError, match="make it several calls"):
            world.app.session.apply(getattr(self, make)(), None)
        assert world.rows() == {}

    def test_inside_one_it_is_raised_by_the_call_and_stops_nothing(self, world):
        with world.app.unit_of_work() as unit:
            ann = world.user("ann")
            with pytest.raises(errors.ChangeTooLargeError):
                world.app.session.apply(self.too_many(), None)
            post = world.post(ann)
        assert unit.committed == 2
        assert world.app.posts.get(post.id) == post

    def test_what_shows_only_when_it_is_packed_is_a_refusal_of_its_own_call(self, world):
        with pytest.raises(errors.RefusedChangesError) as refused, world.app.unit_of_work() as unit:
            ann = world.user("ann")
            world.app.session.apply(self.twice(), None)
            world.post(ann)
        assert [type(error) for error in refused.value.exceptions] == [errors.ChangeTooLargeError]
        assert unit.committed == 2


class TestStored:
    def test_what_was_made_is_told_with_the_counts_that_moved_since(self, world):
        with world.app.unit_of_work() as unit:
            ann, bob = world.user("ann"), world.user("bob")
            world.app.follows.follow_user(ann.id, bob.id)
            post = world.post(ann)
            comment = world.comment(bob, post)
            world.comment(ann, post, comment)
            world.app.likes.like_post(bob.id, post.id)
        app = world.app
        assert unit.stored(ann) == app.profiles.get(ann.id)
        assert unit.stored(bob) == app.profiles.get(bob.id)
        assert unit.stored(post) == app.posts.get(post.id)
        assert unit.stored(comment) == app.comments.get(post.id, comment.id)
        assert (unit.stored(post).likes_count, unit.stored(post).comments_count) == (1, 2)
        assert unit.stored("anything else") == "anything else"

    def test_an_updated_post_is_told_as_it_is_stored(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        with world.app.unit_of_work() as unit:
            post = world.post(ann)
            world.app.likes.like_post(ann.id, post.id)
            changed = world.app.posts.update_post(post.id, user_id=ann.id, caption="new")
            renamed = world.app.profiles.update_profile(ann.id, bio="new")
            world.app.likes.like_post(bob.id, post.id)
            world.post(ann)
        assert unit.stored(changed) == world.app.posts.get(post.id)
        assert unit.stored(changed).likes_count == 2
        assert unit.stored(post).likes_count == 2
        assert unit.stored(renamed) == world.app.profiles.get(ann.id)

    def test_a_call_made_again_with_the_same_id_is_told_what_is_stored(self, world):
        app, users = world.app, world.users(5)

        def publish() -> object:
            with app.at(START, "a post"):
                return app.posts.create_post(author_id=users[0].id)

        with app.unit_of_work() as unit:
            post = publish()
            for user in users[:3]:
                app.likes.like_post(user.id, post.id)
            again = publish()
            for user in users[3:]:
                app.likes.like_post(user.id, post.id)
        assert unit.stored(post) == app.posts.get(post.id)
        assert unit.stored(again) == app.posts.get(post.id)
        assert app.posts.get(post.id).likes_count == 5
        assert app.profiles.get(users[0].id).posts_count == 1


class TestRehearsing:
    def test_a_rehearsal_inside_a_unit_of_work_writes_nothing_and_leaves_the_unit_as_it_was(self, world, watched):
        ann, bob = world.user("ann"), world.user("bob")
        before = world.rows()
        watched.sent.clear()
        with world.app.unit_of_work() as unit:
            post = world.post(ann)
            with world.app.rehearsal() as rehearsed:
                like = world.app.likes.like_post(bob.id, post.id)
                with world.app.unit_of_work():
                    ghost = world.post(bob)
                assert rehearsed.stored(ghost) == ghost
                assert rehearsed is not unit
            assert (like.post_id, watched.sent) == (post.id, [])
        assert set(world.rows()) - set(before) == {
            (f"POST#{post.id}", "POST"),
            (f"USER#{ann.id}", f"POST#{post.id}"),
        }
        assert unit.stored(post).likes_count == 0
        assert drift(world.rows()) == []

    def test_what_is_rehearsed_in_an_app_may_be_written_after(self, world):
        with world.app.unit_of_work(), world.app.rehearsal():
            world.user("ann")
        assert world.rows() == {}
        with world.app.unit_of_work():
            world.user("ann")
        assert len(world.rows()) == 4


class TestReading:
    def test_whoever_takes_the_store_sees_what_is_queued(self, world, watched):
        with world.app.unit_of_work():
            world.user()
            assert world.app.session.unflushed.get(("HANDLE#ann", "CLAIM")) is None
            assert watched.sent == []
            found = audit(world.app.session.store)
            assert len(watched.sent) == 1
        assert found.rows == audit(world.app).rows > 0

    def test_a_read_inside_sends_what_is_queued_first(self, world, watched):
        with world.app.unit_of_work():
            ann = world.user()
            assert world.app.profiles.get(ann.id) == ann
            assert len(watched.sent) == 1
            post = world.post(ann)
            assert [found.id for found in world.app.posts.by_author(ann.id)] == [post.id]
            assert world.app.profiles.get(ann.id).posts_count == 1

    def test_a_read_inside_sees_feeds_delivered(self, world):
        with world.app.unit_of_work():
            ann, bob = world.user("ann"), world.user("bob")
            world.app.follows.follow_user(ann.id, bob.id)
            post = world.post(bob)
            assert world.feed(ann) == [post.id]

    def test_an_inner_unit_joins_the_outer(self, world, watched):
        with world.app.unit_of_work() as outer:
            with world.app.unit_of_work() as inner:
                world.user()
            assert inner is outer
            assert watched.sent == []
        assert len(watched.sent) == 1

    def test_after_a_unit_calls_are_written_at_once_again(self, world, watched):
        with world.app.unit_of_work():
            world.user("ann")
        world.user("bob")
        assert len(watched.sent) == 2

    def test_at_once_sends_the_queue_first_and_its_own_before_its_end(self, world, watched):
        with world.app.unit_of_work() as outer:
            ann = world.user()
            with world.app.session.at_once() as inner:
                assert len(watched.sent) == 1
                assert inner is not outer
                world.post(ann)
            assert len(watched.sent) == 2
            world.post(ann)
        assert world.app.profiles.get(ann.id).posts_count == 2
        assert (inner.committed, outer.committed) == (1, 2)


class TestLeaving:
    def test_an_exception_keeps_what_was_queued_as_single_calls_would(self, world):
        with pytest.raises(KeyError), world.app.unit_of_work():
            ann = world.user()
            raise KeyError
        assert world.app.profiles.get(ann.id) == ann

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("workers", [1, 3])
    def test_an_interrupt_drops_what_was_queued(self, world, watched, kind, workers):
        with pytest.raises(kind), world.app.unit_of_work(workers=workers) as unit:
            ann = world.user()
            raise kind
        assert watched.sent == []
        assert world.rows() == {}
        assert unit.unwritten == 1
        with pytest.raises(errors.UncommittedError):
            unit.stored(ann)

    def test_calls_after_an_interrupt_work_as_ever(self, world):
        with pytest.raises(KeyboardInterrupt), world.app.unit_of_work():
            raise KeyboardInterrupt
        assert world.user().handle == "ann"

    @pytest.mark.parametrize("workers", [0, -1, 65, 1.5, True, "2"])
    def test_workers_out_of_bounds_are_refused(self, world, workers):
        with pytest.raises(errors.InvalidSettingError) as refusal, world.app.unit_of_work(workers=workers):
            pass
        assert str(refusal.value) == f"workers must be a whole number from 1 to 64, not {workers!r}"


class _Failing:
    """Makes a store's transactions fail from one on."""

    def __init__(self, app: App, error: BaseException, after: int) -> None:
        store = app.session.store
        transact = store.transact
        self.error, self.left, self.tried = error, after, 0

        def fail(actions: object) -> None:
            if self.left <= 0:
                self.tried += 1
                raise self.error
            self.left -= 1
            transact(actions)

        store.transact = fail


def _hold_until_one_rests_on_another(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no pack be sent before one is ready that rests on what another is to write."""
    is_ready = threading.Event()
    submit, transact = Dispatcher.submit, app.session.store.transact

    def submit_and_tell(dispatcher: Dispatcher, pack: Pack) -> None:
        submit(dispatcher, pack)
        if pack.promises:
            is_ready.set()

    def wait_and_transact(actions: Sequence[Action]) -> None:
        assert is_ready.wait(60)
        transact(actions)

    monkeypatch.setattr(Dispatcher, "submit", submit_and_tell)
    monkeypatch.setattr(app.session.store, "transact", wait_and_transact)


class TestStopping:
    CAUSE = errors.ThrottledError("TransactWriteItems", 8)

    def seed(self, world: World) -> int:
        for number in range(60):
            world.user(f"user{number}")
        return 60

    @pytest.mark.parametrize("workers", [1, 4])
    def test_an_engine_that_stops_is_told_with_what_is_written_and_what_is_not(self, world, workers):
        _Failing(world.app, self.CAUSE, after=1)
        with (
            pytest.raises(errors.StoppedError) as stopped,
            world.app.unit_of_work(workers=workers) as unit,
        ):
            self.seed(world)
        written = len(world.rows()) // 4
        assert stopped.value.cause is self.CAUSE
        assert (stopped.value.committed, stopped.value.unwritten) == (written, 60 - written)
        assert written == 25
        assert stopped.value.refusals == ()
        remedy = "the same calls again, with the same values, of this app and within ten minutes, complete it"
        assert str(stopped.value) == f"{self.CAUSE} (25 calls are written, 35 are not, 0 were refused; {remedy})"
        assert unit.unwritten == 35

    @pytest.mark.parametrize("workers", [1, 4])
    def test_a_stop_in_the_middle_of_the_block_ends_it(self, world, workers):
        failing = _Failing(world.app, self.CAUSE, after=1)
        with (
            pytest.raises(errors.StoppedError) as stopped,
            world.app.unit_of_work(workers=workers),
        ):
            self.seed(world)
            world.app.profiles.is_handle_available("nobody")
            pytest.fail("the read sends what is queued, and so must fail")
        assert stopped.value.cause is self.CAUSE
        assert (stopped.value.committed, stopped.value.unwritten) == (25, 35)
        assert failing.tried <= workers

    @pytest.mark.parametrize("workers", [1, 4])
    def test_a_stopped_unit_stays_stopped_when_the_block_goes_on(self, world, workers):
        failing = _Failing(world.app, self.CAUSE, after=0)
        with (
            pytest.raises(errors.StoppedError) as stopped,
            world.app.unit_of_work(workers=workers),
        ):
            ann = world.user()
            for _ in range(50):
                with pytest.raises(errors.ThrottledError):
                    world.app.profiles.get(ann.id)
            failing.left = 1_000
            with pytest.raises(errors.ThrottledError):
                world.post(ann)
        assert stopped.value.unwritten == 1
        assert world.rows() == {}

    def test_an_interrupted_write_is_not_tried_again(self, world):
        failing = _Failing(world.app, KeyboardInterrupt(), after=1)
        with pytest.raises(KeyboardInterrupt), world.app.unit_of_work() as unit:
            self.seed(world)
        assert failing.tried == 1
        assert len(world.rows()) == 100
        # Of the pack that was on its way nobody knows; the rest was never sent.
        assert (unit.committed, len(unit.unknown), unit.unwritten) == (25, 25, 10)

    def test_refusals_before_the_stop_are_told_too(self, world):
        world.user("user0")
        _Failing(world.app, self.CAUSE, after=2)
        with pytest.raises(errors.StoppedError) as stopped, world.app.unit_of_work():
            self.seed(world)
        assert [type(error) for error in stopped.value.refusals] == [errors.EmailTakenError]
        assert stopped.value.committed + stopped.value.unwritten == 59

    @pytest.mark.parametrize("workers", [1, 4])
    def test_the_same_calls_again_complete_it(self, twins, workers):
        never, stopped = twins(workers=workers)

        def seed(world: World) -> None:
            with world.app.unit_of_work():
                for number in range(60):
                    with world.app.at(START + timedelta(seconds=number), f"user {number}"):
                        ann = world.user(f"user{number}")
                        world.app.likes.like_post(ann.id, world.post(ann).id)

        seed(never)
        transact = stopped.app.session.store.transact
        _Failing(stopped.app, Stop(), after=1)
        with pytest.raises(Stop):
            seed(stopped)
        assert 0 < len(stopped.rows()) < len(never.rows())
        stopped.app.session.store.transact = transact
        seed(stopped)
        assert stopped.rows() == never.rows()


class TestEffects:
    def test_the_followers_of_an_author_are_asked_for_once_for_many_posts(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        before = world.app.usage
        with world.app.unit_of_work():
            posts = [world.post(ann) for _ in range(30)]
        calls = world.app.usage.since(before).calls
        assert calls == {"TransactWriteItems": 1, "BatchGetItem": 1, "Query": 1, "BatchWriteItem": 2}
        assert world.feed(bob) == [post.id for post in reversed(posts)]

    def test_one_call_may_have_several_effects(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        posts = [world.post(ann) for _ in range(2)]
        row = Put(("X", "X"), {"PK": {"S": "X"}, "SK": {"S": "X"}})
        again = Change(puts=(row,), effects=tuple(PostPublished(ann.id, post.id, was_public=True) for post in posts))
        with world.app.unit_of_work() as unit:
            world.app.session.apply(again, None)
        assert (unit.committed, unit.undelivered) == (1, 0)
        assert world.feed(bob) == [post.id for post in reversed(posts)]

    def test_refused_calls_have_no_effects(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        before = world.rows()
        with pytest.raises(errors.RefusedChangesError), world.app.unit_of_work():
            world.app.posts.create_post(author_id=NOBODY)
            world.app.follows.follow_user(bob.id, NOBODY)
        assert world.rows() == before

    def test_what_effects_write_is_nobody_s_call(self, open_app):
        world = World(open_app(fan_out_limit=0))
        ann, bob = world.user("ann"), world.user("bob")
        with world.app.unit_of_work() as unit:
            world.app.follows.follow_user(bob.id, ann.id)
        assert (unit.committed, unit.undelivered) == (1, 0)
        assert "feed_mode" in world.rows()[f"USER#{ann.id}", "PROFILE"]

    def test_what_effects_could_not_write_is_no_call_that_is_lost(self, open_app):
        world = World(open_app(fan_out_limit=0))
        ann, bob = world.user("ann"), world.user("bob")
        _Failing(world.app, errors.ThrottledError("TransactWriteItems", 8), after=1)
        with pytest.raises(errors.StoppedError) as stopped, world.app.unit_of_work() as unit:
            world.app.follows.follow_user(bob.id, ann.id)
        assert (stopped.value.committed, stopped.value.unwritten, unit.undelivered) == (1, 0, 1)

    def test_what_comes_after_a_delivery_in_the_block_is_delivered_and_counted_too(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        with world.app.unit_of_work() as unit:
            early = world.post(ann)
            assert world.feed(bob) == [early.id]
            late = world.post(ann)
        assert world.feed(bob) == [late.id, early.id]
        assert unit.committed == 2

    def test_users_following_as_they_sign_up_get_the_posts_of_the_same_unit(self, world):
        with world.app.unit_of_work():
            ann, bob = world.user("ann"), world.user("bob")
            early = world.post(ann)
            world.app.follows.follow_user(bob.id, ann.id)
            late = world.post(ann)
        assert world.feed(bob) == [late.id, early.id]
        assert len(world.rows()) == len(without_feeds(world.rows())) + 2


class TestToldLater:
    def test_what_a_call_that_is_passed_over_returned_is_told_as_it_was(self, world):
        ann = world.user()
        with world.app.unit_of_work(skipping=(errors.NotFoundError,)) as unit:
            like = world.app.likes.like_post(ann.id, NOBODY)
        assert unit.stored(like) == like
        assert [type(error) for error in unit.left_out] == [errors.PostNotFoundError]

    def test_what_another_made_is_told_with_what_is_queued(self, world):
        ann = world.user()
        post = world.post(ann)
        with world.app.unit_of_work() as unit:
            world.app.likes.like_post(ann.id, post.id)
            assert unit.stored(post).likes_count == 1

    def test_what_comes_after_it_is_told_while_it_listens(self, world):
        ann = world.user()
        with world.app.unit_of_work() as unit:
            post = world.post(ann)
        with unit.listening():
            world.app.posts.update_post(post.id, user_id=ann.id, caption="later")
        world.app.posts.update_post(post.id, user_id=ann.id, caption="too late")
        assert unit.stored(post).caption == "too late"

    def test_it_looks_again_who_is_there_when_one_inside_it_has_ended(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        first, second = world.post(bob), world.post(bob)
        with pytest.raises(errors.RefusedChangesError) as refusal, world.app.unit_of_work():
            world.app.likes.like_post(ann.id, first.id)
            world.app.profiles.delete_profile(ann.id)
            world.app.likes.like_post(ann.id, second.id)
        assert [type(error) for error in refusal.value.exceptions] == [errors.UserNotFoundError]
        assert drift(world.rows()) == []


def test_a_deletion_inside_a_unit_moves_the_counts_that_are_told(world):
    with world.app.unit_of_work() as unit:
        ann = world.user()
        post = world.post(ann)
        kept = world.post(ann)
        comment = world.comment(ann, kept)
        reply = world.comment(ann, kept, comment)
        world.app.posts.delete_post(post.id, user_id=ann.id)
        world.app.comments.delete_comment(kept.id, reply.id, user_id=ann.id)
        world.post(ann)
    assert unit.stored(ann) == world.app.profiles.get(ann.id)
    assert unit.stored(ann).posts_count == 2
    assert unit.stored(kept) == world.app.posts.get(kept.id)
    assert unit.stored(comment).replies_count == 0


def test_what_was_told_is_told_again_as_it_is_then(world):
    ann = world.user()
    with world.app.unit_of_work() as unit:
        post = world.post(ann)
        world.app.likes.like_post(ann.id, post.id)
        told = unit.stored(post)
        assert told.likes_count == 1
        world.app.posts.update_post(post.id, user_id=ann.id, caption="later")
        again = unit.stored(told)
        assert (again.likes_count, again.caption) == (1, "later")
        before = world.app.usage
        assert unit.stored(again) == unit.stored(post) == again
        assert world.app.usage.since(before).calls == {}


def test_what_is_gone_and_comes_again_is_told_to_be_there(world):
    ann = world.user()
    post = world.post(ann)
    with world.app.unit_of_work() as unit:
        like = world.app.likes.like_post(ann.id, post.id)
        world.app.likes.unlike_post(ann.id, post.id)
        with pytest.raises(errors.GoneError):
            unit.stored(like)
        world.app.likes.like_post(ann.id, post.id)
        assert unit.stored(like).user_id == ann.id


def _hide(world, _ann, post):
    world.app.posts.update_post(post.id, user_id=post.author_id, is_public=False)


def _delete(world, _ann, post):
    world.app.posts.delete_post(post.id, user_id=post.author_id)


def _leave(world, _ann, post):
    world.app.profiles.delete_profile(post.author_id)


def _unfollow(world, ann, post):
    world.app.follows.unfollow_user(ann.id, post.author_id)


@pytest.mark.parametrize("end", [_hide, _delete, _leave, _unfollow])
@pytest.mark.parametrize("is_inner", [False, True])
def test_a_feed_item_that_is_taken_away_behind_it_is_gone(world, end, is_inner):
    ann, bob = world.users(2)
    world.app.follows.follow_user(ann.id, bob.id)
    post = world.post(bob)
    with world.app.unit_of_work() as unit:
        item = world.app.feeds.deliver(ann.id, post.id, bob.id)
        assert unit.stored(item) == item
        with world.app.session.at_once() if is_inner else nullcontext():
            end(world, ann, post)
        unit.commit()
        with pytest.raises(errors.GoneError):
            unit.stored(item)


class TestBounds:
    def test_full_packs_are_sent_as_soon_as_enough_waits(self, world, monkeypatch):
        monkeypatch.setattr(unit_of_work, "FIRST_WINDOW", 30)
        monkeypatch.setattr(unit_of_work, "WINDOW", 50)
        with world.app.unit_of_work() as unit:
            for number in range(200):
                world.user(f"user{number}")
                assert unit._packer.waiting < 50
        assert sum(key[1] == "PROFILE" for key in world.rows()) == 200

    def test_effects_are_handed_over_as_soon_as_enough_wait(self, world, monkeypatch):
        monkeypatch.setattr(unit_of_work, "EFFECTS", 3)
        with world.app.unit_of_work() as unit:
            author = world.user()
            for number in range(3):
                unit.flush()
                assert unit.undelivered == number
                world.post(author)
            unit.flush()
            world.post(author)
            assert unit.undelivered == 0

    def test_a_batch_is_written_after_what_is_queued(self, world):
        with world.app.unit_of_work() as unit:
            user = world.user()
            unit.write_batch((), [(keys.user_partition(user.id), "PROFILE")])
        assert not [key for key in world.rows() if key[1] == "PROFILE"]

    def test_a_unit_of_work_goes_with_who_held_it_and_waits_for_no_collection(self, world):
        gc.disable()
        try:
            with world.app.unit_of_work() as unit:
                world.user()
            held = weakref.ref(unit)
            del unit
            assert held() is None
        finally:
            gc.enable()

    def test_a_pack_that_is_refused_with_nobody_to_blame_is_tried_so_often_and_no_more(self, world, watched):
        def refuse(_actions):
            raise Refused({})

        watched.before = refuse
        with pytest.raises(errors.ContentionError, match=f"TransactWriteItems .* {STUCK} times"):
            world.user()
        assert len(watched.sent) == STUCK

    def test_a_pack_that_goes_through_at_its_last_try_is_written(self, world, watched):
        def refuse(_actions):
            if len(watched.sent) < STUCK:
                raise Refused({})

        watched.before = refuse
        ann = world.user()
        assert world.app.profiles.get(ann.id) == ann
