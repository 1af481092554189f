"""A whole number of any type is as good as an int, wherever factories take one; what is none is refused by name."""

from __future__ import annotations

import numpy as np
import pytest

from factories import CommentFactory, FollowFactory, PostFactory, Range, UserFactory, recycle
from factories.errors import FactoryError, InvalidCountError, InvalidRangeError, InvalidSeedError
from factories.texts.locales import using
from seedbed.strategy.binding import Binding
from seedbed.strategy.related import Many


class Three:
    """A whole number that is no int."""

    def __index__(self) -> int:
        return 3


KINDS = [np.int64(3), np.uint8(3), np.array(3), Three()]
NONE = [True, np.True_, 3.0, np.float64(3), "3", -1, np.int8(-1)]
every_kind = pytest.mark.parametrize("three", KINDS, ids=lambda kind: type(kind).__name__)
every_other = pytest.mark.parametrize("value", NONE, ids=repr)


@every_kind
def test_hooks_and_batches_count_by_any_whole_number(app, three):
    users = UserFactory.create_batch(three, followers=three)
    post = PostFactory(likes=three, comments=Range(three, three))
    comment = CommentFactory(replies=three)
    assert [user.followers_count for user in users] == [3, 3, 3]
    assert (post.likes_count, post.comments_count, comment.replies_count) == (3, 3, 3)
    assert app.posts.get(post.id) == post


@every_kind
def test_a_hook_may_be_declared_with_any_whole_number(app, three):
    class LikedFactory(PostFactory):
        likes = Many("factories.likes.LikeFactory", "post", actor="user", size=three)

    assert app.posts.get(LikedFactory().id).likes_count == 3


@every_kind
def test_a_range_holds_plain_bounds_and_splits_plain_totals(three):
    span = Range(three, three)
    assert [type(bound) for bound in (span.min, span.max)] == [int, int]
    assert span == Range(3, 3)
    assert span.distribute(np.uint8(6), np.uint8(2)) == [3, 3]


def test_small_integers_do_not_overflow():
    assert sum(Range(np.uint8(0), np.uint8(200)).distribute(np.uint16(1_000), np.uint8(10))) == 1_000


@every_kind
def test_a_seed_of_any_kind_draws_as_the_int_does(three):
    with using(Binding(None, 3)):
        wanted = UserFactory.build()
    with using(None, seed=three):
        assert UserFactory.build().handle == wanted.handle


@every_other
def test_what_is_no_count_is_refused_before_anything_is_made(app, value):
    for make in (
        lambda: UserFactory.create_batch(value),
        lambda: UserFactory(followers=value),
        lambda: PostFactory(likes=value),
    ):
        with pytest.raises(InvalidCountError) as refusal:
            make()
        assert refusal.value.value is value
    with pytest.raises(InvalidRangeError):
        Range(0, value)
    assert list(app.session.store.scan()) in ([], [[]])


@pytest.mark.parametrize("seed", [True, 1.5, np.float64(1), [1], b"1"], ids=repr)
def test_what_is_no_seed_is_refused(seed):
    with (
        pytest.raises(
            InvalidSeedError, match="seed must be a whole number of at most 4,000 digits, or a text"
        ) as refusal,
        using(None, seed=seed),
    ):
        pass
    assert refusal.value.seed is seed
    assert isinstance(refusal.value, FactoryError)


@every_kind
def test_a_graph_of_recycled_people_may_be_any_number_of_follows(app, three):
    with recycle(UserFactory.create_batch(4)):
        assert len(FollowFactory.create_batch(three)) == 3
