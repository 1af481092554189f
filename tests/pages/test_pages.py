"""What the pages show, who does what on them, and that every count on them is what the rows say."""

from __future__ import annotations

import re

import pytest

from factories import CommentFactory, PostFactory, UserFactory
from services import Comment, Follow, Like
from services.rows import keys


def likes(page):
    found = re.search(r"<b>([\d,]+)</b> likes?<", page)
    assert found is not None
    return int(found[1].replace(",", ""))


def count(app, kind):
    return sum(1 for _ in app.rows(kind))


def test_a_click_on_like_adds_exactly_one_and_so_it_is_after_a_reload(app, reader, words):
    post, ada = PostFactory(likes=12), UserFactory()
    reader.be(ada)
    assert likes(reader.look(f"/posts/{post.id}")) == count(app, Like) == 12

    answer = reader.send(f"/posts/{post.id}/like", on="yes", is_part=True)

    assert likes(answer) == 13
    assert "You like this post: 13 likes." in words(answer)
    assert likes(reader.look(f"/posts/{post.id}")) == count(app, Like) == 13
    assert app.likes.has_liked(ada.id, post.id)
    assert app.audit().is_clean


def test_a_second_click_takes_the_like_back_and_the_same_click_again_counts_once(app, reader):
    post = PostFactory(likes=2)
    reader.be(UserFactory())
    for _ in range(2):
        page = reader.send(f"/posts/{post.id}/like", on="yes", back=f"/posts/{post.id}")
    assert likes(page) == 3
    assert likes(reader.send(f"/posts/{post.id}/like", on="no", back=f"/posts/{post.id}")) == 2
    assert count(app, Like) == 2


def test_people_are_those_whom_a_run_made_or_some_of_the_table(app, reader, words):
    ada = UserFactory()
    assert ada.full_name in words(reader.look("/"))
    assert "No run of seed is noted" in words(reader.look("/"))


@pytest.mark.parametrize("typed", ["{}", "@{}", " {} "], ids=["plain", "with an at", "with spaces"])
def test_a_handle_leads_to_its_profile(reader, words, typed):
    ada = UserFactory(handle="Ada_1")
    assert ada.full_name in words(reader.look(f"/?handle={typed.format('ada_1')}"))


def test_a_handle_that_nobody_has_leads_to_those_like_it(reader, words):
    ada = UserFactory(handle="ada_lovelace")
    said = words(reader.look("/?handle=lovelace"))
    assert f"Like it are, of 1 who were looked at: {ada.full_name} @ada_lovelace" in said
    UserFactory()
    assert "nor one like it of 2 who were looked at." in words(reader.look("/?handle=zzzzzz", 404))


def test_a_profile_has_its_counts_and_its_posts_with_what_is_theirs(reader, words):
    ada = UserFactory(followers=3, bio="Paints.")
    post = PostFactory(author=ada, caption="Blue hour", tags=["sky"], likes=4, comments=2)
    page = reader.look(f"/people/{ada.handle}")
    for said in (ada.full_name, "Paints.", "1 post", "3 followers", "0 followed", "Blue hour", "#sky", "4 likes"):
        assert said in words(page)
    assert "2 comments" in words(page)
    assert f'src="{post.image_url}"' in page
    assert f'src="{ada.profile_picture_url}"' in page


def test_followers_and_followed_are_paged(app, reader, words):
    ada = UserFactory(followers=30)
    first = reader.look(f"/people/{ada.handle}/followers")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = reader.look(following[1])
    shown = [set(re.findall(r'href="/people/(\w+)"', page)) for page in (first, second)]
    handles = {user.handle for user in app.follows.followers(ada.id, limit=100)}
    assert handles <= shown[0] | shown[1]
    assert not handles & shown[0] & shown[1]
    assert "They follow nobody yet." in words(reader.look(f"/people/{ada.handle}/following"))


def test_following_is_a_call_of_its_service(app, reader, words):
    ada, bob = UserFactory(), UserFactory()
    reader.be(bob)
    assert "You follow @" in words(reader.send(f"/people/{ada.handle}/follow", on="yes", is_part=True))
    assert app.follows.is_following(bob.id, ada.id)
    assert "1 follower" in words(reader.look(f"/people/{ada.handle}"))
    reader.send(f"/people/{ada.handle}/follow", on="no")
    assert count(app, Follow) == 0
    assert "0 followers" in words(reader.look(f"/people/{ada.handle}"))


def test_a_thread_has_each_reply_below_what_it_answers(reader):
    post = PostFactory()
    first = CommentFactory(post=post, content="first")
    CommentFactory(post=post, content="second")
    CommentFactory(parent=first, content="answer")
    page = reader.look(f"/posts/{post.id}")
    places = [page.index(f">{said}</p>") for said in ("first", "answer", "second")]
    assert places == sorted(places)
    assert 'class="comment depth-1"' in page


def test_a_comment_is_written_by_its_service_and_shown(app, reader, words):
    post, ada = PostFactory(), UserFactory()
    reader.be(ada)
    page = reader.send(f"/posts/{post.id}/comments", content="  Lovely!  ")
    (made,) = app.comments.of_post(post.id)
    assert (made.content, made.user_id) == ("Lovely!", ada.id)
    assert "1 comment" in words(page)
    reader.send(f"/posts/{post.id}/comments", content="Thanks", parent=made.id)
    assert app.comments.get(post.id, made.id).replies_count == 1
    assert count(app, Comment) == 2


def test_a_comment_of_a_long_thread_is_shown_to_whoever_wrote_it(reader, words):
    post = PostFactory(comments=60)
    reader.be(UserFactory())
    page = words(reader.send(f"/posts/{post.id}/comments", content="Am I the last?"))
    assert "Written just now" in page
    assert "Am I the last?" in page


def test_a_feed_is_what_its_service_reads(reader, words):
    ada = UserFactory()
    post = PostFactory(author=ada, caption="Read me")
    bob = UserFactory()
    reader.be(bob).send(f"/people/{ada.handle}/follow", on="yes")
    page = words(reader.look(f"/people/{bob.handle}/feed"))
    assert "Your feed" in page
    assert post.caption in page
    assert "unread" in page


def test_who_likes_a_post_is_listed(app, reader, words):
    post = PostFactory(likes=3)
    page = words(reader.look(f"/posts/{post.id}/likes"))
    assert all(user.full_name in page for user in app.likes.likers(post.id))


MARKUP = "<script>alert(1)</script><b>&amp;\"'"


def test_what_people_wrote_is_text_and_no_markup(reader, words):
    ada = UserFactory(full_name=MARKUP, bio=MARKUP, followers=1)
    post = PostFactory(author=ada, caption=MARKUP, tags=[MARKUP[:50]], likes=1)
    comment = CommentFactory(post=post, content=MARKUP)
    reader.be(ada)
    for path in (
        "/",
        "/me",
        f"/people/{ada.handle}",
        f"/people/{ada.handle}/feed",
        f"/posts/{post.id}?answer={comment.id}",
        f"/posts/{post.id}/likes",
        f"/recounts/threads/{post.id}",
        "/?handle=%3Cscript%3Ealert(1)",
        "/world?run=%3Cscript%3Ealert(1)",
    ):
        page = reader.client.get(path).text
        assert "<script>alert" not in page, path
        assert page.count("<script") == 1, path
    assert MARKUP in words(reader.look(f"/posts/{post.id}"))


@pytest.mark.parametrize(
    "path", ["/people/nobody_1", "/people/nobody_1/feed", "/posts/nothing", "/posts/nothing/likes", "/nowhere"]
)
def test_what_is_not_there_is_a_page_that_says_so(reader, words, path):
    said = words(reader.look(path, 404))
    assert "Not found" in said
    assert "To all people" in said
    assert "Traceback" not in said


def test_a_cursor_of_another_list_is_told(reader, words):
    ada = UserFactory()
    assert "cannot be done" in words(reader.look(f"/people/{ada.handle}?after=zzz", 422))


def test_what_a_service_refuses_is_told_in_its_words(app, reader, words):
    post = PostFactory()
    reader.be(UserFactory())
    assert "must have 1 to 500 characters" in words(reader.send(f"/posts/{post.id}/comments", content=" ", status=422))
    part = reader.send(f"/posts/{post.id}/comments", content=" ", status=422, is_part=True)
    assert "<html" not in part
    assert "No post has the id" in words(reader.send("/posts/gone/like", on="yes", status=404))
    assert count(app, Comment) == 0


def test_nobody_writes_who_did_not_say_who_they_are(app, reader, words):
    post = PostFactory()
    page = reader.look(f"/posts/{post.id}")
    assert "Who are you?" in words(page)
    assert "choose first who you are" in words(reader.send(f"/posts/{post.id}/like", status=403)).lower()
    assert count(app, Like) == 0


def test_whoever_left_is_nobody(app, reader, words):
    ada = UserFactory()
    reader.be(ada)
    assert f"@{ada.handle}" in words(reader.look("/world"))
    app.profiles.delete_profile(ada.id)
    assert "Who are you?" in words(reader.look("/world"))


def test_pages_that_only_show_have_no_button_and_take_nothing(app, read_by, words):
    post, ada = PostFactory(likes=2), UserFactory()
    reader = read_by(app, is_read_only=True).be(ada)
    page = reader.look(f"/posts/{post.id}")
    assert likes(page) == 2
    assert "/like" not in re.findall(r'action="([^"]+)"', page)
    assert "only to look at" in words(page)
    assert "only show" in words(reader.send(f"/posts/{post.id}/like", status=403))
    assert count(app, Like) == 2


def test_pictures_are_drawn_here_and_those_from_elsewhere_are_not_fetched(reader, words):
    ada = UserFactory(profile_picture_url="https://example.com/a.png")
    post = PostFactory(author=ada, image_url="https://example.com/b.png")
    page = reader.look(f"/posts/{post.id}")
    sources = set(re.findall(r'src="([^"]+)"', page))
    assert all(source.startswith(("/images/", "/assets/")) for source in sources)
    assert "nothing is fetched from there" in words(page)
    drawn = reader.client.get(f"/images/people/{ada.id}.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert reader.client.get("/images/people/../x").status_code == 404


def test_a_form_leads_back_to_its_page_and_never_elsewhere(reader):
    ada = UserFactory()
    for place, led in (("/world", "/world"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("http://e.com", "/")):
        answer = reader.client.post(
            "/me", data={"csrf": reader.csrf(), "person": ada.id, "back": place}, follow_redirects=False
        )
        assert (answer.status_code, answer.headers["location"]) == (303, led)


def test_a_person_whose_row_is_damaged_is_told_and_the_audit_named(app, reader, words, caplog):
    ada = UserFactory()
    app.engine.client.update_item(
        TableName="social",
        Key={name: {"S": part} for name, part in zip(("PK", "SK"), keys.user_key(ada.id), strict=True)},
        UpdateExpression="REMOVE full_name",
    )
    said = words(reader.look(f"/people/{ada.handle}", 500))
    assert "A row cannot be read" in said
    assert f"The row {' '.join(keys.user_key(ada.id))} cannot be read" in said
    assert "audit" in said
    assert not caplog.records
