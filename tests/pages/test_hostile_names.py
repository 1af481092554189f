"""Names that would be taken for markup, code or addresses: the pages show them as they are written."""

from __future__ import annotations

import pytest

from factories import CommentFactory, FollowFactory, PostFactory, UserFactory
from tests.hostile import NAMES


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_what_people_write_is_shown_as_it_is_written(app, reader, words, name):
    ada = UserFactory(full_name=name, bio=name)
    post = PostFactory(author=ada, caption=name, tags=[name[:50]])
    CommentFactory(user=ada, post=post, content=name)
    bob = UserFactory()
    FollowFactory(follower=bob, followee=ada)
    reader.be(bob)

    for path in ("/people", f"/people/{ada.handle}", f"/posts/{post.id}", f"/people/{bob.handle}/feed"):
        page = reader.client.get(path).text
        assert [mark for mark in ("<script>alert", "<img src=x") if mark in page] == []
    assert " ".join(name.split()) in words(reader.look(f"/posts/{post.id}"))
