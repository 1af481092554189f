"""A call that was found right is not checked again; one with the same names that is wrong is refused all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from factories import CommentFactory, FollowFactory, LikeFactory, PostFactory, UserFactory
from factories.errors import (
    ContradictionError,
    InvalidCountError,
    InvalidMomentError,
    UnusedArgumentError,
    WrongObjectError,
)
from seedbed.strategy import keywords

NOON, NAIVE = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1)  # noqa: DTZ001 - which is refused


class Given:
    """What the calls below may give."""

    def __init__(self):
        self.ada, self.ben = UserFactory.create_batch(2)
        self.post, self.other = PostFactory.create_batch(2, author=self.ada)
        self.comment = CommentFactory(post=self.post)
        self.loose = SimpleNamespace(id=self.ben.id)
        self.unsaved = SimpleNamespace()
        self.by_name = {"id": self.ben.id}


@pytest.fixture
def given(app):
    return Given()


CALLS = {
    "a mapping for an object": (LikeFactory, "user=ben, post=post", "user=by_name, post=post", WrongObjectError),
    "None for an object": (LikeFactory, "user=ben, post=post", "user=ben, post=None", WrongObjectError),
    "an object without an id": (LikeFactory, "user=loose, post=post", "user=unsaved, post=post", WrongObjectError),
    "a number": (FollowFactory, "follower=ada, followee=ben", "follower=ada, followee=7", WrongObjectError),
    "a naive moment": (
        LikeFactory,
        "user=ben, post=post, at=NOON",
        "user=ben, post=post, at=NAIVE",
        InvalidMomentError,
    ),
    "no moment": (PostFactory, "author=ada, at=NOON", "author=ada, at='noon'", InvalidMomentError),
    "another one's id": (LikeFactory, "user=ben, user_id=ben.id", "user=ben, user_id=ada.id", ContradictionError),
    "another one's post": (
        CommentFactory,
        "parent=comment, post=post",
        "parent=comment, post=other",
        ContradictionError,
    ),
    "no parent": (CommentFactory, "parent=comment", "parent=post", WrongObjectError),
    "a count": (PostFactory, "author=ada, likes=2", "author=ada, likes=-1", InvalidCountError),
    "what is nested": (PostFactory, "likes=1, likes__at=NOON", "likes=1, likes__at=NAIVE", InvalidMomentError),
}
every_call = pytest.mark.parametrize("what", CALLS)


def read(given, call):
    return eval(f"dict({call})", {"NOON": NOON, "NAIVE": NAIVE}, vars(given))  # noqa: S307 - the table's own text


@every_call
def test_a_wrong_call_is_refused_after_right_ones_as_before_them(given, what):
    made, right, wrong, error = CALLS[what]
    with pytest.raises(error) as before:
        made(**read(given, wrong))
    made(**read(given, right))
    with pytest.raises(error) as after:
        made(**read(given, wrong))
    assert str(after.value) == str(before.value)


def test_what_hangs_on_names_and_types_is_checked_once(given, monkeypatch):
    checked = []
    monkeypatch.setattr(keywords, "check_given", lambda meta, *_: checked.append(meta.factory))
    users = UserFactory.create_batch(5)
    LikeFactory.create_each([{"user": user, "post": given.post, "at": NOON} for user in users])
    assert checked.count(LikeFactory) <= 1


def test_what_an_exchanged_declaration_refuses_is_refused(given, monkeypatch):
    like = {"user": given.ben, "post": given.post}
    LikeFactory(**like)
    declared = LikeFactory._meta.pre_declarations.declarations
    monkeypatch.setitem(declared, "user_id", given.ada.id)
    with pytest.raises(UnusedArgumentError, match="the class itself says user_id"):
        LikeFactory(**like)
