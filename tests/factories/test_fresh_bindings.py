"""Bindings of one app after and inside each other, and what `recycle` takes."""

from __future__ import annotations

import pytest

from factories import UserFactory, recycle, using
from factories.errors import InvalidPoolError


def test_a_second_binding_without_a_seed_makes_new_people(app):
    with using(app):
        first = UserFactory()
    with using(app):
        second = UserFactory()

    assert first.handle != second.handle
    assert app.profiles.get_many([first.id, second.id]).keys() == {first.id, second.id}


def test_a_binding_inside_another_of_the_same_app_follows_from_its_seed(app):
    def handles():
        with using(app, seed=7):
            for _ in range(2):
                with using(app):
                    yield UserFactory.build().handle

    first = list(handles())
    assert first == list(handles())
    assert first[0] != first[1]


@pytest.mark.parametrize("junk", [None, "ada", 7, ["ada"], object()])
def test_recycle_refuses_what_is_no_stored_object(app, junk):
    with pytest.raises(InvalidPoolError) as refused, recycle(UserFactory(), junk):
        pytest.fail("the block was entered")

    assert refused.value.thing == (junk[0] if isinstance(junk, list) else junk)
