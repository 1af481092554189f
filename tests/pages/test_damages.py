"""Damaged rows on the pages: each is one line that names it, all else is shown, and no mark says more than an audit."""

from __future__ import annotations

import pytest

from factories import CommentFactory, PostFactory, UserFactory
from services import Like
from services.rows import keys


def damage(app, key, name, value=None):
    """Give a row another attribute, or take it away."""
    app.engine.client.update_item(
        TableName="social",
        Key=located(key),
        UpdateExpression="REMOVE #n" if value is None else "SET #n = :v",
        ExpressionAttributeNames={"#n": name},
        **({} if value is None else {"ExpressionAttributeValues": {":v": value}}),
    )


def located(key):
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def in_order(made):
    """Return posts or comments as lists have them: by their ids."""
    return sorted(made, key=lambda one: one.id)


def take(app, key):
    app.engine.client.delete_item(TableName="social", Key=located(key))


POST_DAMAGES = [
    ("likes_count", {"S": "3"}),
    ("likes_count", {"BOOL": True}),
    ("likes_count", {"N": "1.5"}),
    ("caption", None),
    ("tags", None),
    ("tags", {"L": [{"N": "1"}]}),
    ("is_public", None),
    ("created_at", {"S": "yesterday"}),
]


@pytest.mark.parametrize(("name", "value"), POST_DAMAGES)
def test_a_post_that_cannot_be_read_is_one_line_and_the_rest_is_shown(app, reader, words, caplog, name, value):
    ada, bob = UserFactory(full_name="Ada L"), UserFactory()
    app.follows.follow_user(bob.id, ada.id)
    posts = in_order(PostFactory(author=ada, caption=caption, likes=1) for caption in ("one", "two", "three"))
    CommentFactory(post=posts[1], content="Still here")
    key = keys.post_key(posts[1].id)
    damage(app, key, name, value)
    line = f"This post cannot be read : seed audit names what is wrong with the row {' '.join(key)}"

    for path in (f"/people/{ada.handle}", f"/people/{bob.handle}/feed"):
        said = words(reader.look(path))
        places = [said.index(text) for text in (f" {posts[2].caption} ", line, f" {posts[0].caption} ")]
        assert places == sorted(places)
        assert said.count("cannot be read") == 1
    said = words(reader.look(f"/posts/{posts[1].id}"))
    assert line in said
    assert "Still here" in said
    assert "Who likes this post" in words(reader.look(f"/posts/{posts[1].id}/likes"))
    reader.look(f"/recounts/posts/{posts[1].id}")
    reader.look(f"/recounts/threads/{posts[1].id}")
    assert not caplog.records
    assert any(found.key == key for found in app.audit().findings)


def test_a_post_that_cannot_be_read_stands_on_one_page_only(app, reader):
    ada = UserFactory()
    posts = in_order(PostFactory(author=ada) for _ in range(13))
    for post in (posts[1], posts[12]):
        damage(app, keys.post_key(post.id), "caption")
    first = reader.look(f"/people/{ada.handle}")
    following = app.posts.by_author(ada.id, limit=10, unreadable=[]).cursor
    second = reader.look(f"/people/{ada.handle}?after={following}")
    assert [page.count(f"POST#{posts[12].id} POST<") for page in (first, second)] == [1, 0]
    assert [page.count(f"POST#{posts[1].id} POST<") for page in (first, second)] == [0, 1]


def test_a_damaged_post_that_is_not_public_is_in_no_feed(app, reader, words):
    ada, bob = UserFactory(), UserFactory()
    app.follows.follow_user(bob.id, ada.id)
    post = PostFactory(author=ada)
    damage(app, keys.post_key(post.id), "caption")
    assert "cannot be read" in words(reader.look(f"/people/{bob.handle}/feed"))
    damage(app, keys.post_key(post.id), "is_public", {"BOOL": False})
    assert "cannot be read" not in words(reader.look(f"/people/{bob.handle}/feed"))


@pytest.mark.parametrize("is_part", [True, False])
def test_a_like_on_a_post_that_cannot_be_read_says_so(app, reader, words, is_part):
    post = PostFactory()
    damage(app, keys.post_key(post.id), "likes_count", {"S": "3"})
    reader.be(UserFactory())
    said = words(reader.send(f"/posts/{post.id}/like", on="yes", status=500, is_part=is_part))
    assert f"POST#{post.id} POST cannot be read" in said
    assert "just now" not in said.partition("beside a number")[0]
    assert sum(1 for _ in app.rows(Like)) == 0


def test_a_reply_to_a_comment_that_cannot_be_read_says_so(app, reader, words):
    comment = CommentFactory()
    key = keys.comment_key(comment.post_id, comment.id)
    damage(app, key, "replies_count", {"S": "3"})
    reader.be(UserFactory())
    said = words(reader.send(f"/posts/{comment.post_id}/comments", content="x", parent=comment.id, status=500))
    assert f"{' '.join(key)} cannot be read" in said


@pytest.mark.parametrize(
    ("name", "value"), [("content", None), ("replies_count", {"S": "1"}), ("created_at", {"S": "yesterday"})]
)
def test_a_comment_that_cannot_be_read_is_one_line_with_its_replies_below(app, reader, words, name, value):
    post = PostFactory()
    first, second = in_order(CommentFactory(post=post, content=content) for content in ("one", "two"))
    CommentFactory(parent=first, content="answer")
    key = keys.comment_key(post.id, first.id)
    damage(app, key, name, value)
    said = words(reader.look(f"/posts/{post.id}"))
    line = f"This comment cannot be read : seed audit names what is wrong with the row {' '.join(key)}"
    places = [said.index(text) for text in (line, "answer", second.content)]
    assert places == sorted(places)
    part = words(reader.part(f"/recounts/threads/{post.id}"))
    assert "0 replies ✓" in part
    assert any(found.key == key for found in app.audit().findings)


def test_a_comment_that_cannot_be_read_stands_on_one_page_only(app, reader):
    post = PostFactory()
    comments = in_order(CommentFactory.create_batch(52, post=post))
    key = keys.comment_key(post.id, comments[50].id)
    damage(app, key, "content")
    following = app.comments.of_post(post.id, limit=50, unreadable=[]).cursor
    pages = [reader.look(f"/posts/{post.id}{query}") for query in ("", f"?after={following}")]
    assert [page.count(f"{' '.join(key)}<") for page in pages] == [0, 1]


def test_comments_that_answer_each_other_are_shown_with_a_word(app, reader, words):
    post = PostFactory()
    first, second, alone = (CommentFactory(post=post, content=text) for text in ("first", "second", "alone"))
    for comment, parent in ((first, second), (second, first), (alone, alone)):
        damage(app, keys.comment_key(post.id, comment.id), "parent_comment_id", {"S": parent.id})
    page = reader.look(f"/posts/{post.id}")
    assert [page.count(f'id="comment-{comment.id}"') for comment in (first, second, alone)] == [1, 1, 1]
    assert words(page).count("answers itself, or a comment that answers it: seed audit") == 2
    assert "Nobody has said" not in page
    assert not app.audit().is_clean


def test_a_comment_whose_parent_is_lost_is_shown_with_a_word(app, reader, words):
    post = PostFactory()
    parent = CommentFactory(post=post)
    CommentFactory(parent=parent, content="Indeed")
    assert "answers a comment" not in words(reader.look(f"/posts/{post.id}"))
    take(app, keys.comment_key(post.id, parent.id))
    said = words(reader.look(f"/posts/{post.id}"))
    assert "answers a comment that is not there: seed audit names it Indeed" in said
    assert not app.audit().is_clean


def test_a_reply_is_not_said_to_be_lost_whose_parent_is_on_another_page(reader, words):
    post = PostFactory()
    first = CommentFactory(post=post)
    CommentFactory.create_batch(50, post=post)
    reader.be(UserFactory())
    said = words(reader.send(f"/posts/{post.id}/comments", content="Late", parent=first.id))
    assert "answers a comment that is not among these Late" in said


def test_posts_that_are_listed_and_gone_are_no_right_count(app, reader, words):
    ada = UserFactory()
    posts = [PostFactory(author=ada) for _ in range(2)]
    assert "2 posts ✓" in words(reader.part(f"/recounts/people/{ada.handle}"))
    take(app, keys.post_key(posts[0].id))
    assert "2 posts ✗ 1 of those listed is not there: seed audit" in words(
        reader.part(f"/recounts/people/{ada.handle}")
    )
    assert len(app.audit().findings) == 1
    damage(app, keys.user_key(ada.id), "posts_count", {"N": "1"})
    assert "1 post ✗ 1 of those listed is not there" in words(reader.part(f"/recounts/people/{ada.handle}"))
    damage(app, keys.user_key(ada.id), "posts_count", {"N": "7"})
    assert "7 posts ✗ must be 1, by the rows" in words(reader.part(f"/recounts/people/{ada.handle}"))
    (found,) = (found for found in app.audit().findings if found.attribute == "posts_count")
    assert found.expected == 1


@pytest.mark.parametrize("value", [None, {"S": "3"}])
def test_a_counter_that_is_missing_or_no_number_is_no_right_one(app, reader, words, value):
    ada, post, comment = UserFactory(), PostFactory(), CommentFactory()
    damage(app, keys.post_key(post.id), "likes_count", value)
    assert "? likes ✗ must be 0, by the rows" in words(reader.part(f"/recounts/posts/{post.id}"))
    damage(app, keys.comment_key(comment.post_id, comment.id), "replies_count")
    assert "? replies ✗ must be 0, by the rows" in words(reader.part(f"/recounts/threads/{comment.post_id}"))
    damage(app, keys.user_key(ada.id), "posts_count")
    assert "? posts ✗ must be 0, by the rows" in words(reader.part(f"/recounts/people/{ada.handle}"))
    assert {"likes_count", "replies_count", "posts_count"} == {found.attribute for found in app.audit().findings}


def test_an_author_of_more_posts_than_are_looked_up_has_no_mark(app, reader, words, monkeypatch):
    monkeypatch.setattr("services.recounts.POSTS_MAX", 2)
    ada = UserFactory(posts=3)
    assert "3 posts more than can be recounted here" in words(reader.part(f"/recounts/people/{ada.handle}"))
