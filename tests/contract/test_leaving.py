"""A user who leaves takes all that is theirs along; everybody else's counts stay right, whatever comes in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from seedbed.dynamo.actions import Action, DeleteRow
from services import errors
from services.audit import audit
from services.deletion import leaving, removals
from services.rows import keys
from tests.contract.world import START, LateIndex, Stop, Watched, World, drift

NOBODY = "01890000-0000-7000-8000-000000000000"


def _entangle(world: World) -> tuple:
    """Ann has posts, likes, comments with replies and follows of all kinds, all with others'."""
    app = world.app
    ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
    for one, other in ((ann, bob), (bob, ann), (cid, ann), (ann, cid), (cid, bob)):
        app.follows.follow_user(one.id, other.id)
    hers, his = world.post(ann), world.post(bob)
    for user in (ann, bob, cid):
        app.likes.like_post(user.id, hers.id)
        app.likes.like_post(user.id, his.id)
    world.comment(cid, hers, world.comment(bob, hers))
    world.comment(cid, his, world.comment(ann, his, world.comment(cid, his, world.comment(ann, his))))
    world.comment(bob, his)
    return ann, bob, cid, his


def test_who_leaves_takes_everything_along(world):
    ann, bob, cid, his = _entangle(world)
    world.app.profiles.delete_profile(ann.id)
    rows = world.rows()
    assert drift(rows) == []
    assert audit(world.app.session.store).findings == ()
    assert not [key for key, row in rows.items() if any(ann.id in str(value) for value in row.values())]
    post = world.app.posts.get(his.id)
    assert (post.likes_count, post.comments_count) == (2, 1)
    assert world.app.profiles.get(bob.id).followers_count == 1
    assert world.app.profiles.get(cid.id).following_count == 1
    assert world.feed(cid) == [his.id]
    assert world.user("ann").handle == "ann"  # the claims are free


@pytest.mark.parametrize("count", [3, 4, 5])
def test_whoever_liked_and_commented_on_more_than_a_page_leaves_nothing_behind(world, monkeypatch, count):
    monkeypatch.setattr(leaving, "PAGE", 2)
    ann, bob = world.user("ann"), world.user("bob")
    posts = [world.post(bob) for _ in range(count)]
    for post in posts:
        world.app.likes.like_post(ann.id, post.id)
        world.comment(ann, post)
        world.post(ann)
    world.app.profiles.delete_profile(ann.id)
    assert not [key for key, row in world.rows().items() if ann.id in str(row)]
    assert drift(world.rows()) == []


def test_the_index_is_read_on_from_the_last_row_of_a_page(world, monkeypatch):
    monkeypatch.setattr(leaving, "PAGE", 3)
    ann = world.user("ann")
    posts = [world.post(ann) for _ in range(8)]
    for post in posts:
        world.app.likes.like_post(ann.id, post.id)
    found = leaving._keys_in_index(world.app.session, ann.id, keys.LIKE_PREFIX)
    assert list(found) == [keys.like_key(post.id, ann.id) for post in posts]


@pytest.mark.parametrize(("count", "told"), [(1, "'0'"), (2, "'0' or 1 others"), (3, "'0' or 2 others")])
@pytest.mark.parametrize("take", [leaving.leave, leaving.take_posts])
def test_when_others_never_stop_adding_it_is_told_of_whom(world, monkeypatch, take, count, told):
    monkeypatch.setattr(removals, "ROUNDS", 0)
    with pytest.raises(errors.ChangedMeanwhileError, match=f"what belongs to {told}(?! or)"):
        take(world.app.session, START, [str(number) for number in range(count)])


def test_who_has_half_a_follow_hears_what_mends_it(world):
    ann, bob = world.user("ann"), world.user("bob")
    world.app.follows.follow_user(ann.id, bob.id)
    world.app.session.store.write_batch((), [keys.follower_key(bob.id, ann.id)])
    with pytest.raises(errors.HalfStoredError, match="repair"):
        world.app.profiles.delete_profile(ann.id)


def test_somebody_who_is_gone_may_leave_again(world):
    ann, *_ = _entangle(world)
    world.app.profiles.delete_profile(ann.id)
    before = world.rows()
    world.app.profiles.delete_profile(ann.id)
    world.app.profiles.delete_profile(NOBODY)
    assert world.rows() == before
    with pytest.raises(errors.ValidationError):
        world.app.profiles.delete_profile("")


def test_leaving_may_be_stopped_at_any_write_and_is_completed_by_another(open_app):
    whole = World(open_app())
    whole.app.profiles.delete_profile(_entangle(whole)[0].id)
    expected = whole.rows()
    for stop_at in range(40):
        world = World(open_app())
        ann, *_ = _entangle(world)
        with Watched(world.app) as watched:
            watched.stop_at = stop_at
            try:
                world.app.profiles.delete_profile(ann.id)
            except Stop:
                rows = world.rows()
                assert drift(rows) == []
                assert (f"USER#{ann.id}", "PROFILE") in rows or _left_by(world, ann.id) == []
            else:
                break
        world.app.profiles.delete_profile(ann.id)
        assert world.rows() == expected
    assert 5 < stop_at < 39


def test_who_follows_likes_and_comments_meanwhile_loses_that_too(world, open_app):
    ann, *_, his = _entangle(world)
    late = World(open_app(table=world.app.session.store.name, seed="late"))
    dora = late.user("dora")
    todo = [
        lambda: late.app.follows.follow_user(dora.id, ann.id),
        lambda: late.app.likes.like_post(ann.id, late.post(dora).id),
        lambda: late.post(ann),
        lambda: late.app.follows.follow_user(ann.id, dora.id),
        lambda: late.comment(ann, his),
    ]
    with Watched(world.app) as watched:
        watched.after = lambda: todo and todo.pop()()
        world.app.profiles.delete_profile(ann.id)
    rows = world.rows()
    assert todo == []
    assert drift(rows) == []
    assert not [key for key, row in rows.items() if any(ann.id in str(value) for value in row.values())]
    assert late.app.profiles.get(dora.id).followers_count == 0


def _is_gone(user_id: str) -> Callable[[Sequence[Action]], bool]:
    return lambda actions: any(
        isinstance(action, DeleteRow) and action.key == (f"USER#{user_id}", "PROFILE") for action in actions
    )


LEAVING: dict[str, Callable[[World, str], object]] = {
    "by themselves": lambda world, user_id: world.app.profiles.delete_profile(user_id),
    "with a run": lambda world, _: world.app.runs.reset("run"),
}


@pytest.fixture
def late(world):
    """Ann is a run's. She likes and comments when the index is late already, so that it does not show it."""
    bob = world.user("bob")
    his = world.post(bob)
    with world.app.runs.recording("run"):
        ann = world.user("ann")
    with LateIndex(world.app) as index:
        world.app.likes.like_post(ann.id, his.id)
        world.comment(bob, his, world.comment(ann, his))
        yield ann, his, index


def _left_by(world: World, user_id: str) -> list[tuple[str, str]]:
    """Find the rows that name a user, but for a run's note of whom it made."""
    return [key for key, row in world.rows().items() if user_id in str(row) and not key[0].startswith("RUN#")]


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_what_the_index_shows_only_when_the_profile_is_gone_goes_too(world, late, leave):
    ann, his, index = late
    is_gone = _is_gone(ann.id)
    with Watched(world.app) as watched:
        watched.after = lambda: setattr(index, "is_late", index.is_late and not is_gone(watched.sent[-1]))
        leave(world, ann.id)
    assert not index.is_late
    assert _left_by(world, ann.id) == []
    post = world.app.posts.get(his.id)
    assert (post.likes_count, post.comments_count) == (0, 0)
    assert audit(world.app.session.store).findings == ()


def test_what_the_index_shows_later_still_goes_when_the_same_is_called_again(world, late):
    ann, his, index = late
    world.app.profiles.delete_profile(ann.id)
    assert len(_left_by(world, ann.id)) == 2
    assert drift(world.rows()) == []
    index.is_late = False
    world.app.profiles.delete_profile(ann.id)
    assert _left_by(world, ann.id) == []
    assert drift(world.rows()) == []
    assert world.app.posts.get(his.id).comments_count == 0


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_what_the_index_shows_although_it_is_gone_moves_no_count(world, leave):
    with world.app.runs.recording("run"):
        ann = world.user("ann")
    bob = world.user("bob")
    his = world.post(bob)
    app = world.app
    app.likes.like_post(bob.id, his.id)
    app.likes.like_post(ann.id, his.id)
    comment = world.comment(ann, his)
    with LateIndex(app) as index:
        app.likes.unlike_post(ann.id, his.id)
        app.comments.delete_comment(his.id, comment.id, user_id=ann.id)
        with Watched(app) as watched:
            leave(world, ann.id)
    assert index.is_late
    assert keys.comment_key(his.id, comment.id) not in {action.key for sent in watched.sent for action in sent}
    assert _left_by(world, ann.id) == []
    assert app.posts.get(his.id).likes_count == 1
    assert drift(world.rows()) == []


@pytest.mark.parametrize("field", ["email", "username", "handle"])
def test_a_claim_that_is_another_s_is_not_taken_away_by_who_leaves(world, field):
    ann, bob = world.user("ann"), world.user("bob")
    key = getattr(keys, f"{field}_key")(getattr(ann, field))
    store = world.app.session.store
    claim = store.get(key)
    assert claim["user_id"] == {"S": ann.id}
    theirs = {**claim, "user_id": {"S": bob.id}}  # past the services: the profile says that it is ann's
    store.write_batch([theirs], [])
    before = world.rows()
    with pytest.raises(errors.ChangedMeanwhileError, match=ann.id):
        world.app.profiles.delete_profile(ann.id)
    assert store.get(key) == theirs
    assert world.rows() == before


def test_a_unit_of_work_looks_again_who_is_there_after_somebody_left(world):
    ann, bob = world.user("ann"), world.user("bob")
    first, second = world.post(bob), world.post(bob)

    def like_leave_and_like() -> None:
        with world.app.unit_of_work():
            world.app.likes.like_post(ann.id, first.id)
            world.app.profiles.delete_profile(ann.id)
            world.app.likes.like_post(ann.id, second.id)

    with pytest.raises(errors.RefusedChangesError) as refusal:
        like_leave_and_like()
    assert [type(error) for error in refusal.value.exceptions] == [errors.UserNotFoundError]
    assert drift(world.rows()) == []
    assert world.app.posts.get(second.id).likes_count == 0


def test_an_author_who_loses_followers_below_the_limit_is_delivered_again(small_world):
    world, app = small_world, small_world.app
    star, fans = world.user("star"), world.users(4, "fan")
    post = world.post(star)
    for fan in fans:
        app.follows.follow_user(fan.id, star.id)
    app.profiles.delete_profile(fans[0].id)
    assert [world.feed(fan) for fan in fans[1:]] == [[post.id]] * 3
    assert audit(app.session.store).findings == ()
