"""The factories of this app against the real one: what they return is what is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import factory
import pytest

from factories import (
    BuildFailureError,
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    PostFactory,
    Range,
    UserFactory,
    ValidationFailureError,
    recycle,
)
from factories.errors import (
    InvalidCountError,
    InvalidElementError,
    InvalidMomentError,
    UnknownArgumentError,
)
from factories.texts.locales import using
from services.entities import User
from services.errors import HandleTakenError

ALL = [UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory]
LONG_AGO = datetime(2020, 5, 1, 12, tzinfo=UTC)


def _everything(pages):
    items, cursor = [], None
    while True:
        page = pages(cursor)
        items += page.items
        cursor = page.cursor
        if cursor is None:
            return items


def _likers(app, post):
    return _everything(lambda cursor: app.likes.likers(post.id, limit=100, cursor=cursor))


# What a factory returns


def test_a_user_is_stored_as_returned(app):
    user = UserFactory()
    assert app.profiles.get(user.id) == user


def test_a_post_is_stored_as_returned_with_its_counts(app):
    post = PostFactory(likes=5, comments=3)
    assert (post.likes_count, post.comments_count) == (5, 3)
    assert app.posts.get(post.id) == post
    assert app.profiles.get(post.author_id).posts_count == 1


def test_a_users_hooks_are_counted(app):
    user = UserFactory(followers=3, following=2, posts=Range(4, 4))
    assert (user.followers_count, user.following_count, user.posts_count) == (3, 2, 4)
    assert app.profiles.get(user.id) == user


def test_replies_are_comments_of_the_same_post(app):
    comment = CommentFactory(replies=2)
    replies = app.comments.replies(comment.post_id, comment.id).items
    assert comment.replies_count == len(replies) == 2
    reply = CommentFactory(parent=comment)
    assert (reply.post_id, reply.parent_comment_id) == (comment.post_id, comment.id)


def test_a_feed_item_follows_first_and_may_be_read(app):
    item = FeedItemFactory(is_read=True)
    assert item.is_read
    assert app.follows.is_following(item.reader_id, item.author_id)
    assert not FeedItemFactory().is_read


def test_likes_of_a_batch_are_by_distinct_users(app):
    post = PostFactory()
    likes = LikeFactory.create_batch(10, post=post)
    assert len({like.user_id for like in likes}) == 10
    assert app.posts.get(post.id).likes_count == 10


def test_ids_can_be_given_instead_of_objects_and_make_no_users(app):
    user, post = UserFactory(), PostFactory()
    made = UserFactory._meta.next_sequence()
    like = LikeFactory(user_id=user.id, post_id=post.id)
    comment = CommentFactory(user_id=user.id, post_id=post.id)
    assert (like.user_id, like.post_id, comment.user_id) == (user.id, post.id, user.id)
    assert UserFactory._meta.next_sequence() == made + 1


# Strategies


@pytest.mark.parametrize("built", ALL, ids=lambda each: each.__name__)
def test_build_makes_a_whole_value_without_an_app(built):
    value = built.build()
    assert isinstance(value, built._meta.model)
    assert value.created_at.tzinfo is not None


@pytest.mark.parametrize("built", ALL, ids=lambda each: each.__name__)
def test_build_and_stub_send_nothing(app, built):
    before = app.usage
    built.build()
    built.stub()
    assert app.usage == before


@pytest.mark.parametrize("made", ALL, ids=lambda each: each.__name__)
def test_create_and_a_batch_of_one_leave_the_same(app, made):
    with using(app, seed="single"):
        single = made(at=LONG_AGO)
    with using(app, seed="single"):
        assert made.create_batch(1, at=LONG_AGO) == [single]


# Hooks and their arguments


def test_what_follows_a_post_to_come_does_not_come_before_it(app):
    to_come = datetime(2100, 6, 1, 12, tzinfo=UTC)
    post = PostFactory(at=to_come, comments=3)
    assert [comment.created_at for comment in app.comments.of_post(post.id).items] == [to_come] * 3


def test_a_list_of_users_says_who_does_it(app):
    ada, ben = UserFactory.create_batch(2)
    post = PostFactory(likes=[ada, ben])
    assert {user.id for user in _likers(app, post)} == {ada.id, ben.id}
    assert UserFactory(followers=[ada], following=[ben]).followers_count == 1


def test_a_list_of_comments_may_hold_users_texts_overrides_and_built_comments(app):
    ada = UserFactory()
    built = CommentFactory.build(content="Built")
    post = PostFactory(comments=["Text", ada, {"content": "Dict", "user": ada}, built], comments__replies=1)
    comments = [c for c in app.comments.of_post(post.id).items if c.parent_comment_id is None]
    assert {comment.content for comment in comments} >= {"Text", "Dict", "Built"}
    assert [comment.user_id for comment in comments].count(ada.id) == 2
    assert all(comment.replies_count == 1 for comment in comments)


def test_a_list_of_posts_may_hold_captions_overrides_and_built_posts(app):
    built = PostFactory.build(caption="Built", is_public=False)
    user = UserFactory(posts=["Text", {"caption": "Dict"}, built])
    stored = {post.caption: post for post in app.posts.by_author(user.id).items}
    assert set(stored) == {"Text", "Dict", "Built"}
    assert not stored["Built"].is_public


def test_overrides_reach_what_a_hook_makes(app):
    post = PostFactory(comments=2, comments__content="Same here", likes=1, likes__user__full_name="Ada Lovelace")
    assert [comment.content for comment in app.comments.of_post(post.id).items] == ["Same here"] * 2
    assert app.profiles.get(_likers(app, post)[0].id).full_name == "Ada Lovelace"


@pytest.mark.parametrize("value", [True, -1, 1.5, "3", None])
def test_a_hooks_argument_of_another_kind_is_refused_before_anything_is_made(app, value):
    before = app.usage
    with pytest.raises(InvalidCountError, match="likes must be a whole number from 0 on, a Range or a list"):
        PostFactory(likes=value)
    assert app.usage == before


@pytest.mark.parametrize(
    ("made", "hook", "element"),
    [(PostFactory, "likes", "text"), (PostFactory, "comments", 3), (UserFactory, "posts", None)],
)
def test_an_element_of_another_kind_is_refused_with_what_may_be_there(app, made, hook, element):
    before = app.usage
    with pytest.raises(InvalidElementError, match=f"{hook} can make nothing of {element!r}: its list may hold"):
        made(**{hook: [element]})
    assert app.usage == before


# Traits


def test_an_influencer_has_more_than_a_thousand_real_followers(app):
    user = UserFactory(influencer=True)
    followers = _everything(lambda cursor: app.follows.followers(user.id, limit=100, cursor=cursor))
    assert user.followers_count == len({follower.id for follower in followers}) == 1_001


def test_a_new_user_has_only_what_signing_up_gives(app):
    user = UserFactory(new_user=True)
    assert (user.bio, user.profile_picture_url, user.email_verified) == (None, None, False)


def test_verified_and_plain_users(app):
    assert all(user.email_verified for user in UserFactory.create_batch(10, verified=True))
    assert {user.email_verified for user in UserFactory.create_batch(40)} == {True, False}


def test_a_viral_post_has_real_likes_by_distinct_users(app):
    post = PostFactory(viral=True)
    assert post.likes_count in Range(100, 500)
    assert post.comments_count in Range(20, 50)
    assert len({user.id for user in _likers(app, post)}) == post.likes_count


def test_arguments_of_the_call_beat_a_trait(app):
    post = PostFactory(viral=True, likes=3, comments=["Hi"])
    assert (post.likes_count, post.comments_count) == (3, 1)
    assert UserFactory(influencer=True, followers=2).followers_count == 2


def test_a_trait_leaves_the_hooks_in_their_order():
    hooks = ["followers", "following", "posts"]
    assert UserFactory._meta.post_declarations.sorted() == hooks
    assert PostFactory._meta.post_declarations.sorted() == ["likes", "comments"]


def test_trending_posts_are_of_any_time_of_the_last_day(app):
    now = app.clock.now()
    with app.at(now):
        posts = PostFactory.create_batch(20, trending=True, likes=0, comments=0)
        plain = PostFactory()
    ages = [now - post.created_at for post in posts]
    assert plain.created_at == now
    assert timedelta(0) < min(ages) < max(ages) < timedelta(days=1)
    assert max(ages) - min(ages) > timedelta(hours=8)


def test_a_trending_post_is_young_and_everything_about_it_comes_after_its_cause(app):
    post = PostFactory(trending=True)
    now = app.clock.now()
    assert now - timedelta(days=1, seconds=1) < post.created_at < now
    assert app.profiles.get(post.author_id).created_at < post.created_at
    assert post.likes_count in Range(50, 200)
    comments = _everything(lambda cursor: app.comments.of_post(post.id, limit=100, cursor=cursor))
    assert post.comments_count == len(comments) in Range(10, 30)
    assert all(post.created_at <= comment.created_at <= now for comment in comments)
    for comment in comments:
        assert app.profiles.get(comment.user_id).created_at <= comment.created_at


# Time


def test_at_is_when_it_happened_and_the_id_agrees(app):
    user = UserFactory(at=LONG_AGO)
    assert user.created_at == user.updated_at == LONG_AGO
    assert int(user.id.replace("-", "")[:12], 16) == LONG_AGO.timestamp() * 1000


@pytest.mark.parametrize("made", ALL, ids=lambda each: each.__name__)
def test_every_factory_takes_at(app, made):
    assert made(at=LONG_AGO).created_at == LONG_AGO
    assert made.build(at=LONG_AGO).created_at == LONG_AGO


def test_what_an_object_needs_is_made_before_it(app):
    like = LikeFactory(at=LONG_AGO)
    post = app.posts.get(like.post_id)
    assert app.profiles.get(post.author_id).created_at < post.created_at < LONG_AGO
    assert app.profiles.get(like.user_id).created_at < LONG_AGO


def test_what_follows_from_an_object_is_made_after_it(app):
    user = UserFactory(at=LONG_AGO, posts=5)
    moments = {post.created_at for post in app.posts.by_author(user.id).items}
    assert len(moments) == 5
    assert LONG_AGO <= min(moments) <= max(moments) <= app.clock.now()


def test_a_drawn_moment_waits_for_whoever_is_taken_from_the_pool(app):
    users = UserFactory.create_batch(3)
    with recycle(users):
        post = PostFactory(trending=True, likes=3, comments=0)
    assert post.created_at >= min(user.created_at for user in users)


def test_a_given_moment_is_taken_as_it_is(app):
    assert PostFactory(author=UserFactory(), at=LONG_AGO).created_at == LONG_AGO


@pytest.mark.parametrize("at", [datetime(2020, 5, 1), "2020-05-01", 3])  # noqa: DTZ001
def test_a_moment_without_a_time_zone_is_refused(app, at):
    with pytest.raises(InvalidMomentError, match="PostFactory's at must be a datetime with a time zone"):
        PostFactory(author=UserFactory(), at=at)


# Seeds


def test_the_same_seed_makes_the_same_world_in_another_app(app):
    from services import connect

    def world(some_app):
        with using(some_app, seed=5):
            post = PostFactory(at=LONG_AGO, likes=3, comments=2, likes__at=LONG_AGO, comments__at=LONG_AGO)
            return post, app_likers(some_app, post)

    def app_likers(some_app, post):
        return sorted(user.id for user in _likers(some_app, post))

    with connect(seed=0) as other:
        first, second = world(app), world(other)
    assert first == second


def test_a_batch_leaves_and_returns_what_as_many_singles_would():
    from services import connect

    def made(make):
        with connect(seed=0, clock=lambda: LONG_AGO) as some_app, using(some_app, seed=5):
            returned = make()
            users = [some_app.profiles.get(post.author_id) for post in returned]
            comments = [some_app.comments.of_post(post.id).items for post in returned]
            return returned, users, [_likers(some_app, post) for post in returned], comments

    arguments = {"likes": 3, "comments": Range(0, 3), "author__followers": 2}
    batch = made(lambda: PostFactory.create_batch(4, **arguments))
    assert batch == made(lambda: [PostFactory(**arguments) for _ in range(4)])
    assert [post.likes_count for post in batch[0]] == [3] * 4


def test_a_subclass_of_ones_own_shares_the_numbers_so_nothing_collides(app):
    class AdminFactory(UserFactory):
        full_name = "Admin"

    names = [user.username for user in [*UserFactory.create_batch(3), *AdminFactory.create_batch(3)]]
    assert len(set(names)) == 6


# Errors


def test_a_taken_handle_is_refused_alike_alone_and_in_a_batch(app):
    taken = UserFactory().handle
    with pytest.raises(BuildFailureError) as alone:
        UserFactory(handle=taken)
    with pytest.raises(BuildFailureError) as batch:
        UserFactory.create_batch(3, handle=factory.Iterator(["fine_1", taken, "fine_2"]))
    assert isinstance(alone.value.cause, HandleTakenError)
    assert isinstance(batch.value.cause, HandleTakenError)
    assert [user.handle for user in batch.value.created] == ["fine_1", "fine_2"]


def test_all_wrong_fields_are_named(app):
    with pytest.raises(ValidationFailureError) as caught:
        UserFactory(email="nobody", full_name="", bio="x" * 501)
    assert {field.field for field in caught.value.fields} == {"email", "full_name", "bio"}


def test_a_count_cannot_be_set_only_made(app):
    with pytest.raises(UnknownArgumentError, match=r"PostFactory has no 'likes_count': did you mean .*likes"):
        PostFactory(likes_count=5)


def test_a_refused_nested_user_is_named_as_such(app):
    with pytest.raises(ValidationFailureError) as caught:
        LikeFactory(user__email="nobody")
    assert caught.value.factory is UserFactory
    assert isinstance(attrs.fields(User), tuple)
