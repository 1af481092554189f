"""What each built-in scenario tells, in its own size unless that takes long."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from itertools import pairwise

import pytest

from factories import Range
from factories.errors import NotEnoughError
from factories.scenarios import run_scenario
from factories.scenarios.active_community import ActiveCommunity
from factories.scenarios.celebrity_feed import CelebrityFeed
from factories.scenarios.conversation import Conversation
from factories.scenarios.popular_post import PopularPost
from factories.scenarios.reading import read_all


def ids(things):
    return {thing.id for thing in things}


class TestPopularPost:
    def test_it_has_an_influencer_and_a_viral_post(self, app):
        made = run_scenario("popular-post", app)

        assert made.author.followers_count == len(ids(made.followers)) == 1_200
        assert made.post.likes_count == len(ids(made.likers)) in Range(200, 500)
        assert made.post.comments_count == len(made.comments) in Range(20, 50)
        assert len(made.followers_who_like) > 0.8 * len(made.likers)
        assert len(made.followers_who_like) < len(made.likers)
        assert made.author.id not in ids(made.likers)
        assert made.is_merged_on_read
        assert [entry.post for entry in made.feed] == [made.post]

    @pytest.mark.parametrize(("followers", "is_merged"), [(20, False), (21, True)])
    def test_every_followers_feed_shows_it(self, small, followers, is_merged):
        made = run_scenario(PopularPost(followers=followers, likes=Range(1, 1)), small)

        assert made.is_merged_on_read is is_merged
        feeds = [read_all(small.feeds.read, user.id) for user in made.followers]
        assert [[entry.post for entry in feed] for feed in feeds] == [[made.post]] * followers

    def test_reactions_come_soon_after_the_post(self, small, rows):
        made = run_scenario(PopularPost(followers=200, likes=Range(200, 200)), small)

        liked = sorted(row["created_at"]["S"] for key, row in rows(small).items() if key[1].startswith("LIKE#"))
        half = (small.clock.now() - made.post.created_at) / 2
        assert liked[len(liked) // 2] < (made.post.created_at + half / 2).isoformat()
        assert liked[-1] > (made.post.created_at + half).isoformat()

    def test_more_likes_than_there_are_people_is_refused(self, small):
        with pytest.raises(NotEnoughError, match="30 different objects to be the user of one post"):
            run_scenario(PopularPost(followers=20, likes=Range(30, 30)), small)


class TestActiveCommunity:
    def test_everyone_follows_everyone_and_posts(self, app):
        made = run_scenario("active-community", app)

        assert len(ids(made.users)) == 10
        assert {(user.following_count, user.followers_count) for user in made.users} == {(9, 9)}
        assert {user.posts_count for user in made.users} == {5}
        assert len(ids(made.posts)) == 50
        assert made.follows_count == 90

    def test_every_post_is_liked_and_talked_about(self, app):
        made = run_scenario("active-community", app)

        likes, comments = [p.likes_count for p in made.posts], [p.comments_count for p in made.posts]
        assert (min(likes), max(likes)) == (5, 9)
        assert (min(comments), max(comments)) == (1, 5)
        assert (made.likes_count, made.comments_count) == (sum(likes), sum(comments))

    def test_nobody_likes_or_comments_their_own_posts(self, app):
        for post in run_scenario("active-community", app).posts[:10]:
            likers = read_all(app.likes.likers, post.id)
            assert len(ids(likers)) == post.likes_count
            assert post.author_id not in ids(likers)
            assert post.author_id not in {one.user_id for one in app.comments.of_post(post.id)}

    def test_feeds_show_what_the_others_posted(self, app):
        made = run_scenario("active-community", app)

        feed = read_all(app.feeds.read, made.users[0].id)
        assert {entry.post_id for entry in feed} == ids(made.posts[5:])

    def test_with_few_members_all_of_them_like(self, small):
        made = run_scenario(ActiveCommunity(users=3, posts_each=2), small)

        assert [post.likes_count for post in made.posts] == [2] * 6

    def test_its_sizes_can_be_set(self, small):
        made = run_scenario(ActiveCommunity(users=25, posts_each=3, likes=Range(15, 15), comments=Range(0, 0)), small)

        assert {(post.likes_count, post.comments_count) for post in made.posts} == {(15, 0)}
        assert len(made.posts) == 75


class TestConversation:
    def test_threads_are_deep(self, app):
        made = run_scenario("conversation", app)

        deep = [thread for thread in made.threads if len(thread) >= 10]
        assert len({thread[0].id for thread in deep}) == 4
        assert made.depth == 13
        assert made.post.comments_count == len(made.comments) == 4 * (12 + 4)

    def test_nobody_answers_themselves_and_answers_are_later(self, app):
        made = run_scenario("conversation", app)

        steps = [pair for thread in made.threads for pair in pairwise(thread)]
        assert steps
        assert all(one.user_id != other.user_id for one, other in steps)
        assert all(one.created_at < other.created_at for one, other in steps)
        assert all(thread[0].created_at > made.post.created_at for thread in made.threads)

    def test_replies_are_counted(self, app):
        made = run_scenario("conversation", app)

        for comment in made.comments:
            answers = read_all(lambda owner, **page: app.comments.replies(made.post.id, owner, **page), comment.id)
            assert comment.replies_count == len(answers)
        assert {comment.replies_count for comment in made.comments} == {0, 1, 2}

    def test_everybody_speaks_before_anybody_speaks_twice(self, app):
        made = run_scenario(Conversation(users=12, branches=1), app)

        thread = max(made.threads, key=len)
        assert {one.user_id for one in thread[:12]} == ids(made.users)

    def test_two_can_talk(self, small):
        made = run_scenario(Conversation(users=2, branches=1, depth=40), small)

        assert made.depth == len(made.comments) == 40
        assert max(one.created_at for one in made.comments) < small.clock.now()


class TestCelebrityFeed:
    def test_the_feed_is_all_that_is_public_newest_first(self, app):
        made = run_scenario("celebrity-feed", app)

        public = sorted((post for post in made.posts if post.is_public), key=lambda post: post.id, reverse=True)
        assert [entry.post for entry in made.feed] == public
        assert (len(made.merged), len(made.delivered)) == (8, 4 * 8)
        assert made.celebrity.followers_count == app.fan_out_limit + 1 == 1_001
        assert [author.followers_count for author in made.authors] == [1] * 4
        assert made.reader.following_count == 5

    def test_only_what_ordinary_authors_posted_was_delivered(self, small, rows):
        made = run_scenario("celebrity-feed", small)

        delivered = [row["post_id"]["S"] for key, row in rows(small).items() if key[1].startswith("FEED#")]
        assert sorted(delivered) == sorted(entry.post_id for entry in made.delivered)

    def test_nobody_but_the_celebrity(self, small):
        made = run_scenario(CelebrityFeed(authors=0, posts_each=2), small)

        assert made.feed == made.merged
        assert len(made.feed) == 2


class TestEdgeCases:
    @pytest.fixture
    def made(self, app):
        return run_scenario("edge-cases", app)

    def test_what_is_longest_is_at_the_limits(self, made):
        user, post = made.longest_user, made.longest_post

        assert (len(user.username), len(user.handle), len(user.email)) == (30, 30, 255)
        assert (len(user.full_name), len(user.bio or "")) == (100, 500)
        assert (len(post.caption), len(post.tags), {len(tag) for tag in post.tags}) == (2_200, 30, {50})
        assert len(post.image_url or "") == 2_048
        assert len(made.heaviest_post.caption.encode()) == 4 * 2_200
        assert len(made.longest_comment.content) == 500

    def test_what_is_empty_is_empty(self, made, app):
        assert (made.newcomer.bio, made.newcomer.profile_picture_url, made.newcomer.posts_count) == (
            None,
            None,
            0,
        )
        assert (made.newcomer.followers_count, made.newcomer.following_count) == (0, 0)
        assert (made.empty_post.caption, made.empty_post.image_url, made.empty_post.tags) == ("", None, ())
        assert (made.one_letter_user.full_name, made.one_letter_user.bio) == ("O", "")
        assert made.shortest_comment.content == "d"
        assert app.posts.by_author(made.newcomer.id).items == ()

    def test_text_is_stored_as_it_is(self, made):
        assert "\N{ZERO WIDTH JOINER}" in made.emoji_post.caption
        assert made.emoji_user.full_name == made.emoji_comment.content == made.emoji_post.caption
        for post in (made.arabic_post, made.hebrew_post, made.mixed_post):
            assert {"R", "AL"} & {unicodedata.bidirectional(letter) for letter in post.caption}
        assert unicodedata.normalize("NFC", made.combining_post.caption) != made.combining_post.caption

    def test_private_posts_are_in_no_feed(self, made):
        assert not made.private_post.is_public
        assert made.private_post.id not in {entry.post_id for entry in made.feed}
        assert len(made.feed) == made.author.posts_count - 1 == 8

    def test_one_item_is_read_and_the_others_are_not(self, made, app):
        assert made.read_item.post_id == made.emoji_post.id
        assert [entry.post_id for entry in made.feed if entry.is_read] == [made.emoji_post.id]
        unread = app.feeds.unread(made.reader.id).items
        assert made.unread_item in unread
        assert made.read_item not in unread

    def test_what_was_taken_back_is_gone(self, made, app):
        assert made.emoji_post.likes_count == 0
        assert not app.likes.has_liked(made.fickle_user.id, made.emoji_post.id)
        assert made.fickle_user.following_count == 0
        assert made.author.followers_count == 1
        assert not app.follows.is_following(made.fickle_user.id, made.author.id)
        assert app.feeds.read(made.fickle_user.id).items == ()


def test_members_joined_a_month_before_they_post(app):
    made = run_scenario("active-community", app)

    newest_member = max(user.created_at for user in made.users)
    assert app.clock.now() - newest_member >= timedelta(days=30)
    assert min(post.created_at for post in made.posts) > newest_member
