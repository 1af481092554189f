"""What `recycle` may be given; and that no pick is one that the service would refuse."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from types import SimpleNamespace

import attrs
import factory
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import (
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    PostFactory,
    ServiceFactory,
    UserFactory,
    recycle,
    using,
)
from factories.errors import EmptyPoolError, InvalidPoolError, NotEnoughError, UnusedPoolError
from seedbed.strategy.roles import One
from services.app import connect
from services.audit import audit
from services.entities import Page

FORMS = {
    "page": lambda users: Page(tuple(users), "cursor"),
    "generator": lambda users: (user for user in users),
    "values": lambda users: {user.id: user for user in users}.values(),
    "set": set,
    "deque": deque,
    "filter": lambda users: filter(None, users),
    "nested": lambda users: [[users[0]], ({users[1]}, iter(users[2:]))],
    "page of pages": lambda users: Page((Page((users[0],)), Page(tuple(users[1:])))),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_whatever_holds_objects_is_taken_apart(app, form):
    users = UserFactory.create_batch(3)
    with recycle(form(users)):
        posts = PostFactory.create_batch(20)
    assert {post.author_id for post in posts} == {user.id for user in users}


def test_a_page_that_a_service_returned_is_recycled(app):
    fan, other = UserFactory.create_batch(2)
    FollowFactory(follower=fan, followee=other)
    with recycle(app.follows.followers(other.id)):
        assert PostFactory().author_id == fan.id


class Mapped:
    """An object of another library, known by its id."""

    def __init__(self):
        self.id = "7"


JUNK = ["ada", b"ada", 7, None, object(), UserFactory, attrs, len, ["ada"], {"ada": 1}, (None,), iter([7])]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_what_is_neither_an_object_nor_holds_any_is_refused(junk):
    with pytest.raises(InvalidPoolError, match="recycle takes stored objects"), recycle(junk):
        pass


def test_a_class_is_no_object(app):
    with pytest.raises(InvalidPoolError), recycle(type(UserFactory())):
        pass


@pytest.mark.parametrize("nothing", [Page(()), iter(()), {}.values()], ids=["page", "iterator", "values"])
def test_nothing_in_whatever_form_is_refused(nothing):
    with pytest.raises(EmptyPoolError), recycle(nothing):
        pass


@pytest.mark.parametrize("make", [LikeFactory, CommentFactory, FollowFactory, FeedItemFactory])
def test_what_no_factory_takes_is_refused(app, make):
    made = make()
    with pytest.raises(UnusedPoolError, match="give the object itself") as refusal, recycle(UserFactory(), made):
        pass
    assert refusal.value.kind == type(made).__name__
    assert {"User", "Post"} <= set(refusal.value.known)


@pytest.mark.parametrize("thing", [Mapped(), SimpleNamespace(id=1)], ids=["class", "namespace"])
def test_what_no_factory_makes_is_refused_too(thing):
    with pytest.raises(UnusedPoolError), recycle(thing):
        pass


def test_a_factory_of_ones_own_takes_what_it_has_a_role_for():
    class MappedFactory(factory.Factory):
        class Meta:
            model = Mapped

    class HolderFactory(ServiceFactory):
        class Meta:
            model = dict

        mapped = One(MappedFactory)

    thing = Mapped()
    with recycle(thing):
        assert HolderFactory.build() == {"mapped": thing}


def test_our_factories_are_known_before_they_are_imported():
    program = (
        "from factories import recycle\n"
        "from services import connect\n"
        "with connect() as app:\n"
        "    ada = app.profiles.create_profile(email='a@b.cd', username='ada', handle='ada', full_name='A')\n"
        "    with recycle(ada): pass\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


# Picks know what the service would refuse


def test_nobody_reads_a_post_of_ones_own(app):
    users = UserFactory.create_batch(3)
    posts = PostFactory.create_batch(2, author=users[0])
    with recycle(users, posts):
        items = FeedItemFactory.create_batch(4)
        with pytest.raises(NotEnoughError, match="there are 4"):
            FeedItemFactory()
    assert {(item.reader_id, item.post_id) for item in items} == {
        (user.id, post.id) for user in users[1:] for post in posts
    }


@pytest.mark.parametrize("given", ["reader", "reader_id"])
def test_a_reader_that_is_given_gets_posts_of_others(app, given):
    ann, bob = UserFactory.create_batch(2)
    own, other = PostFactory(author=ann), PostFactory(author=bob)
    reader = {"reader": ann} if given == "reader" else {"reader_id": ann.id}
    with recycle(ann, bob, own, other):
        assert FeedItemFactory(**reader).post_id == other.id
        with pytest.raises(NotEnoughError, match="there are 1"):
            FeedItemFactory(**reader)


def test_no_hidden_post_is_delivered(app):
    users = UserFactory.create_batch(2)
    hidden, shown = (PostFactory(author=users[0], is_public=is_public) for is_public in (False, True))
    with recycle(hidden, shown):
        assert {item.post_id for item in FeedItemFactory.create_batch(8)} == {shown.id}
    with recycle(users, hidden), pytest.raises(NotEnoughError):
        FeedItemFactory()
    with recycle(hidden), pytest.raises(NotEnoughError, match=r"^1 objects that can be the post .* there are 0"):
        FeedItemFactory()


def test_a_hidden_post_that_is_given_is_refused_by_the_service(app):
    hidden = PostFactory(is_public=False)
    with recycle(UserFactory()), pytest.raises(Exception, match="is not public"):
        FeedItemFactory(post=hidden)


CALLS = {
    "post": lambda size: PostFactory.create_batch(size, likes=1, comments=1),
    "like": LikeFactory.create_batch,
    "comment": lambda size: CommentFactory.create_batch(size, replies=1),
    "reply": lambda size: CommentFactory.create_batch(size, parent=CommentFactory()),
    "follow": FollowFactory.create_batch,
    "fan": lambda size: UserFactory.create_batch(size, following=1, followers=1),
    "feed item": FeedItemFactory.create_batch,
}


@given(data=st.data(), people=st.integers(1, 4), shown=st.lists(st.booleans(), max_size=4))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_of_no_pool_anything_is_picked_that_a_service_refuses(data, people, shown):
    with connect() as app, using(app, seed=data.draw(st.integers(0, 99))):
        users = UserFactory.create_batch(people)
        posts = [PostFactory(author=users[n % people], is_public=is_public) for n, is_public in enumerate(shown)]
        pool = data.draw(st.sampled_from([users, posts, users + posts]).filter(bool))
        with recycle(pool):
            for name in data.draw(st.lists(st.sampled_from(sorted(CALLS)), min_size=1, max_size=3)):
                try:
                    CALLS[name](data.draw(st.integers(1, 4)))
                except NotEnoughError:  # there is nobody who could: said so, and by no service
                    continue
        assert audit(app.session.store).findings == ()


def test_what_holds_itself_is_refused_and_what_lies_deep_is_found(app):
    ada = UserFactory()
    around, deep = [ada], ada
    around.append(around)
    for _ in range(40):
        deep = [deep]
    with pytest.raises(InvalidPoolError):
        recycle(around)
    with recycle(deep):
        assert PostFactory().author_id == ada.id
    for _ in range(10):
        deep = [deep]
    with pytest.raises(InvalidPoolError):
        recycle(deep)
