"""recycle: whom nested factories use."""

from __future__ import annotations

import attrs
import factory
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import (
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    PostFactory,
    UserFactory,
    recycle,
)
from factories.errors import EmptyPoolError, NotEnoughError
from factories.texts.locales import using
from seedbed.strategy.pool import Deck, find_pool


@given(st.integers(1, 60), st.data())
def test_a_deck_gives_each_number_once(size, data):
    deck = Deck(size)
    wanted = data.draw(st.lists(st.integers(0, size - 1), unique=True))
    assert all(deck.take(number) for number in wanted)
    assert not any(deck.take(number) for number in wanted)
    rest = []
    while deck.left:
        rest.append(deck.look(data.draw(st.integers(0, 2**64 - 1))))
        assert deck.take(rest[-1])
    assert sorted(rest + wanted) == list(range(size))


def test_recycling_nothing_is_refused():
    for things in ((), ([],), ([[], ()],)):
        with pytest.raises(EmptyPoolError, match="recycle was given no objects"), recycle(*things):
            pass


def test_nested_factories_take_what_is_recycled_and_the_block_ends(app):
    users = UserFactory.create_batch(3)
    with recycle(users):
        post = PostFactory()
    assert post.author_id in {user.id for user in users}
    assert find_pool() is None
    assert PostFactory().author_id not in {user.id for user in users}


def test_types_that_are_not_held_are_made_anew(app):
    post = PostFactory()
    with recycle(post):
        like = LikeFactory()
    assert like.post_id == post.id
    assert app.profiles.get(like.user_id).id == like.user_id


def test_the_factory_that_is_called_still_makes_a_new_object(app):
    users = UserFactory.create_batch(2)
    with recycle(users):
        assert UserFactory().id not in {user.id for user in users}


def test_nobody_likes_a_post_twice_even_when_all_pairs_are_used(app):
    users, posts = UserFactory.create_batch(7), PostFactory.create_batch(3)
    with recycle(users, posts):
        likes = LikeFactory.create_batch(21)
        with pytest.raises(NotEnoughError, match="there are 21"):
            LikeFactory()
    assert len({(like.user_id, like.post_id) for like in likes}) == 21
    assert [app.posts.get(post.id).likes_count for post in posts] == [7, 7, 7]


def test_nobody_follows_oneself_or_anybody_twice(app):
    users = UserFactory.create_batch(5)
    with recycle(users):
        follows = FollowFactory.create_batch(20)
        with pytest.raises(NotEnoughError):
            FollowFactory()
    assert len({(follow.follower_id, follow.followee_id) for follow in follows}) == 20
    assert all(follow.follower_id != follow.followee_id for follow in follows)


def test_one_user_likes_different_posts(app):
    user, posts = UserFactory(), PostFactory.create_batch(4)
    with recycle(posts):
        likes = LikeFactory.create_batch(4, user=user)
    assert {like.post_id for like in likes} == {post.id for post in posts}


@pytest.mark.parametrize("by_id", [True, False])
def test_explicit_arguments_beat_the_pool_and_count_as_used(app, by_id):
    users, post = UserFactory.create_batch(3), PostFactory()
    explicit = {"user_id": users[0].id, "post_id": post.id} if by_id else {"user": users[0], "post": post}
    with recycle(users):
        assert LikeFactory(**explicit).user_id == users[0].id
        others = LikeFactory.create_batch(2, post=post)
    assert {like.user_id for like in others} == {users[1].id, users[2].id}


def test_overrides_of_a_nested_object_make_a_new_one(app):
    with recycle(UserFactory.create_batch(2)):
        post = PostFactory(author__full_name="Ada Lovelace")
    assert app.profiles.get(post.author_id).full_name == "Ada Lovelace"


def test_asking_for_more_likers_than_there_are_says_how_many_and_likes_nothing(app):
    users = UserFactory.create_batch(4)
    with (
        recycle(users),
        pytest.raises(NotEnoughError, match=r"^5 different .* and there are 4: recycle more") as caught,
    ):
        PostFactory(likes=5)
    assert (caught.value.asked, caught.value.available) == (5, 4)
    assert all(not app.likes.liked_posts(user.id).items for user in users)


def test_oneself_is_not_among_the_possible_followers(app):
    users = UserFactory.create_batch(4)
    with recycle(users):
        assert UserFactory(followers=4).followers_count == 4
        with pytest.raises(NotEnoughError, match="there are 3"):
            FollowFactory.create_batch(4, followee=users[0])


def test_the_inner_block_wins_for_the_types_that_it_holds(app):
    outer, inner = UserFactory.create_batch(2), UserFactory.create_batch(2)
    post = PostFactory()
    with recycle(outer, post), recycle(inner):
        like = LikeFactory()
        assert like.user_id in {user.id for user in inner}
        assert like.post_id == post.id


def test_the_inner_block_knows_the_outer_ones_pairs(app):
    users, post = UserFactory.create_batch(2), PostFactory()
    with recycle(users):
        first = LikeFactory(post=post)
        with recycle(users):
            second = LikeFactory(post=post)
        with pytest.raises(NotEnoughError):
            LikeFactory(post=post)
    assert first.user_id != second.user_id


def test_an_object_that_is_given_twice_counts_once(app):
    user, post = UserFactory(), PostFactory()
    with recycle(user, [user]):
        LikeFactory(post=post)
        with pytest.raises(NotEnoughError, match="there are 1"):
            LikeFactory(post=post)


def test_comments_may_come_from_the_same_user_again(app):
    user = UserFactory()
    with recycle(user):
        comments = CommentFactory.create_batch(3, post=PostFactory())
    assert {comment.user_id for comment in comments} == {user.id}


def test_a_post_is_delivered_to_different_readers(app):
    readers, post = UserFactory.create_batch(3), PostFactory()
    with recycle(readers):
        items = FeedItemFactory.create_batch(3, post=post)
    assert {item.reader_id for item in items} == {reader.id for reader in readers}


def test_picks_are_keyed_by_the_seed(app):
    users, posts = UserFactory.create_batch(20), PostFactory.create_batch(5)

    def picks(seed):
        with using(app, seed=seed), recycle(users, posts):
            return [attrs.evolve(like, created_at=None) for like in LikeFactory.build_batch(30)]

    assert picks(1) == picks(1)
    assert picks(1) != picks(2)


def test_what_is_left_of_a_big_pool_is_found_at_once():
    # A rejection loop would look at 10,000 users for the last one; a deck looks once.
    deck = Deck(10_000)
    for number in range(9_999):
        deck.take(number)
    assert deck.look(12345) == 9_999


# What a user declares for one end is known before the other is picked


@pytest.mark.parametrize("end", ["user", "post"])
def test_picks_beside_declared_partners_are_never_a_pair_twice(app, end):
    users, posts = UserFactory.create_batch(3), PostFactory.create_batch(3)
    given = {"user": users, "post": posts}[end]
    with recycle(users, posts):
        likes = LikeFactory.create_batch(9, **{end: factory.Iterator(given)})
    assert len({(like.user_id, like.post_id) for like in likes}) == 9


def test_a_partner_may_be_declared_by_what_is_picked(app):
    users = UserFactory.create_batch(2)
    posts = [PostFactory(author=user) for user in users]
    with recycle(users, posts):
        by_author = LikeFactory(user_id=factory.SelfAttribute("post.author_id"))
        of_own = LikeFactory(post=factory.LazyAttribute(lambda like: posts[users.index(like.user)]))
    assert app.posts.get(by_author.post_id).author_id == by_author.user_id
    assert app.posts.get(of_own.post_id).author_id == of_own.user_id
