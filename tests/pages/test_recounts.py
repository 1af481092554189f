"""The mark beside a counter: right where the rows say so, and what it must be where they do not."""

from __future__ import annotations

import pytest

from factories import CommentFactory, PostFactory, UserFactory
from services.entities import Recount
from services.rows import keys


def damage(app, key, counter, value):
    app.engine.client.update_item(
        TableName="social",
        Key={"PK": {"S": key[0]}, "SK": {"S": key[1]}},
        UpdateExpression="SET #c = :v",
        ExpressionAttributeNames={"#c": counter},
        ExpressionAttributeValues={":v": {"N": str(value)}},
    )


def test_counters_that_are_right_are_marked_so(reader, words):
    post = PostFactory(likes=5, comments=2)
    assert "5 likes ✓ recounted just now: right 2 comments ✓" in words(reader.part(f"/recounts/posts/{post.id}"))
    ada = UserFactory(followers=2)
    said = words(reader.part(f"/recounts/people/{ada.handle}"))
    assert "0 posts ✓" in said
    assert "2 followers ✓" in said
    said = words(reader.part(f"/recounts/people/{ada.handle}?few=1"))
    assert "2 followers ✓" in said
    assert "followed" not in said
    assert f'hx-get="/recounts/people/{ada.handle}?few=1"' in reader.look("/")


@pytest.mark.parametrize("counter", ["likes_count", "comments_count"])
def test_a_post_counter_that_is_wrong_is_told_with_what_it_must_be(app, reader, words, counter):
    post = PostFactory(likes=5, comments=5)
    damage(app, keys.post_key(post.id), counter, 9)
    name = counter.removesuffix("_count")
    assert f"9 {name}" in words(reader.look(f"/posts/{post.id}"))
    assert f"9 {name} ✗ must be 5, by the rows" in words(reader.part(f"/recounts/posts/{post.id}"))
    assert words(reader.part(f"/recounts/posts/{post.id}")).count("✗") == 1


@pytest.mark.parametrize(
    ("counter", "said"), [("posts_count", "posts"), ("followers_count", "followers"), ("following_count", "followed")]
)
def test_a_counter_of_a_person_that_is_wrong_is_told(app, reader, words, counter, said):
    ada = UserFactory(followers=2, posts=2)
    damage(app, keys.user_key(ada.id), counter, 7)
    rows = 0 if said == "followed" else 2
    assert f"7 {said} ✗ must be {rows}, by the rows" in words(reader.part(f"/recounts/people/{ada.handle}"))


def test_replies_are_recounted_for_a_page_of_a_thread(app, reader, words):
    post = PostFactory()
    first, second = CommentFactory(post=post, replies=2), CommentFactory(post=post)
    damage(app, keys.comment_key(post.id, second.id), "replies_count", 4)
    part = reader.part(f"/recounts/threads/{post.id}")
    assert "2 replies ✓" in words(part)
    assert "4 replies ✗ must be 0, by the rows" in words(part)
    assert f'id="replies-{first.id}"' in part


def test_without_a_script_a_link_leads_to_a_page_of_recounts(reader, words):
    ada = UserFactory(posts=1)
    post = PostFactory(author=ada, likes=3)
    CommentFactory(post=post, replies=1)
    for path in (f"/recounts/posts/{post.id}", f"/recounts/people/{ada.handle}", f"/recounts/threads/{post.id}"):
        page = reader.look(path)
        assert "<html" in page
        assert "recounted just now" in words(page).lower()
        assert "✓ recounted just now: right" in words(page)
    assert f'href="/recounts/posts/{post.id}"' in reader.look(f"/posts/{post.id}")


def test_a_recount_counts_no_more_rows_than_its_bound(app, reader, words, monkeypatch):
    monkeypatch.setattr("services.recounts.ROWS_MAX", 3)
    monkeypatch.setattr("services.recounts.THREAD_MAX", 2)
    post = PostFactory(likes=4, comments=3)
    assert app.recounts.of_post(post.id) == [
        Recount(name="likes_count", stored=4, rows=None),
        Recount(name="comments_count", stored=3, rows=3),
    ]
    assert "more than can be recounted here" in words(reader.part(f"/recounts/posts/{post.id}"))
    assert app.recounts.of_thread(post.id) is None
    assert "too long to recount" in words(reader.part(f"/recounts/threads/{post.id}"))


def test_what_moves_while_it_is_counted_is_counted_again(app, monkeypatch):
    post, fans = PostFactory(likes=1), UserFactory.create_batch(2)
    count = type(app.session).count

    def meanwhile(session, partition, prefix, *, limit):
        counted = count(session, partition, prefix, limit=limit)
        if fans:
            app.likes.like_post(fans.pop().id, post.id)
        return counted

    monkeypatch.setattr(type(app.session), "count", meanwhile)
    assert app.recounts.of_post(post.id)[0] == Recount(name="likes_count", stored=3, rows=3)
