"""The pages as a person has them: what is counted, what a click does, by keyboard and on a phone, too."""

from __future__ import annotations

import re

import pytest

from factories import CommentFactory, PostFactory, UserFactory
from factories.reporting import look
from services import Comment, Like
from services.rows import keys

RIGHT = "recounted just now: right"


def rows(app, kind):
    return sum(1 for _ in app.rows(kind))


def counter(page, what):
    """The number before a word, once it is marked as right."""
    one = page.locator(".counter", has_text=re.compile(rf"\b{what}\b"), has=page.get_by_text(RIGHT)).first
    one.wait_for()
    return int(one.locator("b").inner_text().replace(",", ""))


def test_the_count_is_that_of_the_rows_and_a_click_adds_exactly_one_also_after_a_reload(app, page, be):
    post, ada = PostFactory(likes=12), UserFactory()
    be(page, ada)
    page.goto(f"/posts/{post.id}")
    assert counter(page, "likes") == rows(app, Like) == 12

    page.get_by_role("button", name="Like this post").click()

    page.get_by_role("status").get_by_text("You like this post: 13 likes.").wait_for()
    assert counter(page, "likes") == rows(app, Like) == 13
    assert page.get_by_role("button", name="Liked").get_attribute("aria-pressed") == "true"
    page.reload()
    assert counter(page, "likes") == rows(app, Like) == 13
    assert app.likes.has_liked(ada.id, post.id)


def test_counters_in_a_list_are_recounted_when_they_are_in_sight(page):
    UserFactory(followers=40)
    page.goto("/")
    page.locator(".person").first.get_by_text(RIGHT).first.wait_for()
    assert page.locator(".person").last.get_by_text(RIGHT).count() == 0
    page.locator(".person").last.scroll_into_view_if_needed()
    page.locator(".person").last.get_by_text(RIGHT).first.wait_for()


def test_a_counter_that_is_wrong_says_what_it_must_be(app, page):
    post = PostFactory(likes=4)
    app.engine.client.update_item(
        TableName="social",
        Key={name: {"S": part} for name, part in zip(("PK", "SK"), keys.post_key(post.id), strict=True)},
        UpdateExpression="SET likes_count = :v",
        ExpressionAttributeValues={":v": {"N": "9"}},
    )
    page.goto(f"/posts/{post.id}")
    page.get_by_role("alert").get_by_text("must be 4, by the rows").wait_for()


def test_all_of_it_works_by_keyboard(app, page, be):
    ada, bob = UserFactory(posts=1), UserFactory()
    be(page, bob)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.get_by_label("Find a handle").focus()
    page.keyboard.type(f"@{ada.handle}")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=ada.full_name).wait_for()
    page.get_by_role("button", name=f"Follow @{ada.handle}").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text(f"You follow @{ada.handle}: 1 follower.").wait_for()
    assert "Following" in page.evaluate("document.activeElement.textContent")
    like = page.get_by_role("button", name="Like this post")
    like.focus()
    page.keyboard.press("Space")
    page.get_by_role("status").get_by_text("1 like.").wait_for()
    assert "Liked" in page.evaluate("document.activeElement.textContent")
    assert app.follows.is_following(bob.id, ada.id)


def test_a_thread_is_read_and_answered(app, page, be):
    post = PostFactory()
    first = CommentFactory(post=post, content="Where is it?")
    ada = UserFactory()
    be(page, ada)
    page.goto(f"/posts/{post.id}")
    page.get_by_role("link", name="Reply to").click()
    page.get_by_label("Reply to").fill("In the north.")
    page.get_by_role("button", name="Reply").click()
    page.get_by_text("In the north.").wait_for()
    assert app.comments.get(post.id, first.id).replies_count == 1
    page.get_by_label(f"Comment as @{ada.handle}").fill("Lovely.")
    page.get_by_role("button", name="Comment").click()
    page.get_by_text("Lovely.").wait_for()
    assert counter(page, "comments") == rows(app, Comment) == 3


def test_without_script_it_is_the_same_by_plain_forms(app, opened):
    page = opened(java_script_enabled=False)
    post, ada = PostFactory(likes=2), UserFactory()
    page.goto(f"/people/{ada.handle}")
    page.get_by_role("button", name=f"Be @{ada.handle}").click()
    page.goto(f"/posts/{post.id}")
    page.get_by_role("button", name="Like this post").click()
    page.get_by_role("link", name="3 likes").wait_for()
    page.get_by_role("link", name="recount", exact=True).click()
    assert counter(page, "likes") == rows(app, Like) == 3


def test_what_people_wrote_does_nothing(app, page):
    nasty = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    ada = UserFactory(full_name=nasty, bio=nasty)
    post = PostFactory(author=ada, caption=nasty)
    CommentFactory(post=post, content=nasty)
    for path in ("/", f"/people/{ada.handle}", f"/posts/{post.id}"):
        page.goto(path)
        page.get_by_text("onerror=alert").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_is_named(app, opened, be, world, scheme, width):
    ada = UserFactory(followers=3, handle="a_handle_as_long_as_they_can_b")
    post = PostFactory(author=ada, likes=2, caption="word" * 100, tags=["tag" * 16])
    CommentFactory(post=post, replies=2)
    world.keep(look(app))
    page = opened(width=width, color_scheme=scheme)
    reader = app.follows.followers(ada.id).items[0]
    be(page, reader)
    for path in (
        "/",
        "/me",
        f"/people/{ada.handle}",
        f"/people/{ada.handle}/followers",
        f"/people/{reader.handle}/feed",
        f"/posts/{post.id}",
        "/world",
        f"/recounts/posts/{post.id}",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
        assert page.locator("h1").count() == 1, path
        assert _without_names(page) == [], path


def _without_names(page):
    """Return what a screen reader could not name: pictures, links, buttons and fields."""
    return page.evaluate(
        """() => [
            ...document.querySelectorAll("img:not([alt])"),
            ...[...document.querySelectorAll("a[href], button")].filter(
                (one) => !one.closest("[aria-hidden]") && !one.textContent.trim() && !one.ariaLabel),
            ...[...document.querySelectorAll("input:not([type=hidden]), textarea")].filter((one) => !one.labels.length),
        ].map((one) => one.outerHTML)"""
    )


def test_the_world_has_its_figures_and_takes_them_again(app, page, world):
    PostFactory(likes=3)
    page.goto("/world")
    page.get_by_text("There are no figures").wait_for()
    page.get_by_role("button", name="Take them now").click()
    page.get_by_text("every number is right").wait_for(timeout=60_000)
    assert page.locator("figure svg").count() > 0
    box = page.locator("figure svg").first.bounding_box()
    assert box["width"] > 200


def test_what_is_refused_is_said_and_the_page_stays(app, opened, be):
    page = opened(is_strict=False)  # the browser notes each refusal
    post, ada = PostFactory(likes=1), UserFactory()
    be(page, ada)
    page.goto(f"/posts/{post.id}")
    app.posts.delete_post(post.id, user_id=post.author_id)
    for _ in range(2):
        page.get_by_role("button", name="Like this post").click()
        page.get_by_role("status").get_by_text(f"no post has the id '{post.id}'").wait_for()
