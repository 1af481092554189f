"""The feed law: to the end, exactly the public posts of the people whom the user follows, newest first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest

from seedbed.dynamo.rows import moment_text
from services import errors
from services.app import App
from services.audit import audit
from services.delivery import fan_out
from services.delivery.effects import Delivered, PostHidden
from services.delivery.fan_out import RETENTION_SECONDS
from tests.contract.test_outcomes import broken
from tests.contract.test_stopped import refusing_delivery
from tests.contract.world import START, Rows, Stop, Watched, World, drift, read_all

NOBODY = "01890000-0000-7000-8000-000000000000"


def items(world: World) -> Rows:
    return {key: row for key, row in world.rows().items() if row["entity_type"]["S"] == "FEED_ITEM"}


def mode(world: World, author_id: str) -> str | None:
    return world.rows()[f"USER#{author_id}", "PROFILE"].get("feed_mode", {"S": None})["S"]


class TestDelivery:
    def test_a_public_post_comes_into_each_followers_feed(self, world):
        ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
        world.app.follows.follow_user(bob.id, ann.id)
        world.app.follows.follow_user(cid.id, ann.id)
        post = world.post(ann)
        assert world.feed(bob) == world.feed(cid) == [post.id]
        assert world.feed(ann) == []
        assert set(items(world)) == {(f"USER#{reader.id}", f"FEED#{post.id}") for reader in (bob, cid)}

    def test_an_item_is_kept_for_a_year_from_when_it_came(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        early = world.post(ann)
        follow = world.app.follows.follow_user(bob.id, ann.id)
        late = world.post(ann)
        rows = items(world)
        for post, since in ((early, follow.created_at), (late, late.created_at)):
            row = rows[f"USER#{bob.id}", f"FEED#{post.id}"]
            assert row["expires_at"] == {"N": str(int(since.timestamp()) + RETENTION_SECONDS)}
            assert row["created_at"] == {"S": since.isoformat(timespec="milliseconds")[:23] + "Z"}
            assert row["is_read"] == {"BOOL": False}

    def test_a_new_follower_gets_the_posts_there_are(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        posts = [world.post(ann) for _ in range(120)]
        world.post(ann, is_public=False)
        world.app.follows.follow_user(bob.id, ann.id)
        assert world.feed(bob) == [post.id for post in reversed(posts)]
        assert len(items(world)) == 120

    def test_posts_of_several_authors_come_newest_first(self, world):
        ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
        posts = [world.post(author) for author in (ann, bob, ann, cid, bob)]
        world.app.follows.follow_user(cid.id, ann.id)
        world.app.follows.follow_user(cid.id, bob.id)
        assert world.feed(cid) == [posts[place].id for place in (4, 2, 1, 0)]

    def test_entries_show_the_post_as_it_is_now(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.likes.like_post(bob.id, post.id)
        (entry,) = world.app.feeds.read(bob.id)
        assert entry.post == world.app.posts.get(post.id)
        assert (entry.post_id, entry.author_id, entry.created_at) == (post.id, ann.id, post.created_at)
        assert (entry.reader_id, entry.is_read, entry.post.likes_count) == (bob.id, False, 1)

    def test_unfollowing_takes_the_authors_posts_out(self, world):
        ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
        for author in (ann, bob):
            world.app.follows.follow_user(cid.id, author.id)
            world.post(author)
        world.app.follows.unfollow_user(cid.id, ann.id)
        assert [entry.author_id for entry in world.app.feeds.read(cid.id)] == [bob.id]
        assert len(items(world)) == 1

    def test_a_private_post_is_in_no_feed_until_it_is_public(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann, is_public=False)
        assert world.feed(bob) == []
        world.app.posts.update_post(post.id, user_id=ann.id, is_public=True)
        assert world.feed(bob) == [post.id]
        world.app.posts.update_post(post.id, user_id=ann.id, is_public=False)
        assert world.feed(bob) == []
        assert items(world) == {}

    def test_a_deleted_post_leaves_all_feeds(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.posts.delete_post(post.id, user_id=ann.id)
        assert world.feed(bob) == []
        assert items(world) == {}

    def test_the_feed_of_nobody_is_an_error(self, app):
        for read in (app.feeds.read, app.feeds.unread):
            with pytest.raises(errors.UserNotFoundError) as refusal:
                read(NOBODY)
            assert refusal.value.user_id == NOBODY

    def test_a_thousand_and_more_posts_are_read_to_the_end(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        with world.app.unit_of_work():
            posts = [world.post(ann).id for _ in range(1_004)]
        found = read_all(lambda **page: world.app.feeds.read(bob.id, **page), limit=1_000)
        assert [entry.post_id for entry in found] == posts[::-1]

    def test_more_than_a_thousand_people_may_be_followed(self, world):
        ann, others = world.user("ann"), world.users(1_002)
        with world.app.unit_of_work():
            for other in others:
                world.app.follows.follow_user(ann.id, other.id)
            posts = [world.post(others[place]).id for place in (0, 1_001)]
        assert world.feed(ann) == posts[::-1]

    def test_follow_unfollow_follow_in_one_unit_leaves_what_single_calls_do(self, open_app):
        def play(world: World, calls: Callable[..., object]) -> Rows:
            ann, bob = world.user("ann"), world.user("bob")
            world.app.follows.follow_user(bob.id, ann.id)
            post = world.post(ann)
            world.app.feeds.mark_read(bob.id, post.id)
            with calls():
                world.app.follows.unfollow_user(bob.id, ann.id)
                world.app.follows.follow_user(bob.id, ann.id)
            assert world.feed(bob) == [post.id]
            return world.rows()

        single, packed = World(open_app()), World(open_app())
        assert play(packed, packed.app.unit_of_work) == play(single, single.app.at)


class TestReadMarks:
    def test_what_is_marked_is_read_but_not_unread(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        one, two = world.post(ann), world.post(ann)
        item = world.app.feeds.mark_read(bob.id, one.id)
        assert (item.reader_id, item.post_id, item.author_id, item.is_read) == (bob.id, one.id, ann.id, True)
        assert [(entry.post_id, entry.is_read) for entry in world.app.feeds.read(bob.id)] == [
            (two.id, False),
            (one.id, True),
        ]
        assert [entry.post_id for entry in world.app.feeds.unread(bob.id)] == [two.id]

    def test_marking_again_changes_nothing(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        first = world.app.feeds.mark_read(bob.id, post.id)
        before = world.rows()
        assert world.app.feeds.mark_read(bob.id, post.id) == first
        assert world.rows() == before

    def test_a_mark_survives_a_second_delivery_and_a_second_follow(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.feeds.mark_read(bob.id, post.id)
        before = world.rows()
        delivered = world.app.feeds.deliver(bob.id, post.id, ann.id)
        world.app.follows.follow_user(bob.id, ann.id)
        assert delivered.is_read
        assert world.rows() == before

    def test_a_mark_survives_a_post_made_public_when_it_was(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.feeds.mark_read(bob.id, post.id)
        world.app.posts.update_post(post.id, user_id=ann.id, is_public=True)
        assert [entry.is_read for entry in world.app.feeds.read(bob.id)] == [True]

    def test_only_a_public_post_of_somebody_followed_can_be_marked(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        public, private = world.post(ann), world.post(ann, is_public=False)
        with pytest.raises(errors.NotFollowingError) as refusal:
            world.app.feeds.mark_read(bob.id, public.id)
        assert (refusal.value.reader_id, refusal.value.author_id) == (bob.id, ann.id)
        world.app.follows.follow_user(bob.id, ann.id)
        with pytest.raises(errors.PostNotPublicError, match="is not public, so it is in no feed") as hidden:
            world.app.feeds.mark_read(bob.id, private.id)
        assert hidden.value.post_id == private.id
        with pytest.raises(errors.PostNotFoundError):
            world.app.feeds.mark_read(bob.id, NOBODY)

    @pytest.mark.parametrize("wrong", ["post", "", None, 5, NOBODY.upper().replace("0", "A"), "{" + NOBODY + "}"])
    def test_what_is_no_post_id_is_named(self, app, wrong):
        with pytest.raises(errors.ValidationError) as refusal:
            app.feeds.mark_read("ann", wrong)
        assert [field.field for field in refusal.value.fields] == ["post_id"]

    @pytest.mark.parametrize("is_packed", [False, True])
    def test_an_item_bears_the_later_of_post_and_follow_however_it_came(self, world, is_packed):
        ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
        with world.app.at(START + timedelta(days=1)):
            early = world.post(ann)
        with world.app.at(START + timedelta(days=2)):
            for reader in (bob, cid):
                world.app.follows.follow_user(reader.id, ann.id)
        with world.app.at(START + timedelta(days=3)):
            late = world.post(ann)
        wanted = items(world)
        world.app.session.store.write_batch([], wanted)
        with world.app.at(START + timedelta(days=30)), world.app.unit_of_work() if is_packed else nullcontext():
            for reader in (bob, cid):
                for post in (early, late):
                    world.app.feeds.deliver(reader.id, post.id, ann.id)
        assert len(wanted) == 4
        assert items(world) == wanted
        assert audit(world.app).findings == ()

    def test_an_item_of_another_time_is_found_by_the_audit(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        key = (f"USER#{bob.id}", f"FEED#{post.id}")
        later = {"created_at": {"S": "2027-01-01T00:00:00.000Z"}, "expires_at": {"N": "1830297600"}}
        world.app.session.store.write_batch([world.rows()[key] | later], [])
        assert {finding.attribute for finding in audit(world.app).findings} == {"created_at", "expires_at"}

    def test_delivering_is_for_public_posts_of_people_followed(self, world):
        ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
        public, private = world.post(ann), world.post(ann, is_public=False)
        world.app.follows.follow_user(bob.id, ann.id)
        for reader, post_id, author, error in (
            (cid, public.id, ann, errors.NotFollowingError),
            (bob, private.id, ann, errors.PostNotPublicError),
            (bob, NOBODY, ann, errors.PostNotFoundError),
        ):
            with pytest.raises(error):
                world.app.feeds.deliver(reader.id, post_id, author.id)
        world.app.follows.follow_user(cid.id, bob.id)
        with pytest.raises(errors.PostNotFoundError):
            world.app.feeds.deliver(cid.id, public.id, bob.id)


class TestCrossing:
    """With at most three followers a post is delivered; beyond, readers merge."""

    def audience(self, world: World, count: int) -> list[str]:
        return [user.id for user in world.users(count, "fan")]

    def test_above_the_limit_nothing_is_delivered_and_all_is_read(self, small_world):
        world, ann, fans = small_world, small_world.user("ann"), self.audience(small_world, 4)
        early = world.post(ann)
        for fan in fans:
            world.app.follows.follow_user(fan, ann.id)
        late = world.post(ann)
        world.post(ann, is_public=False)
        assert items(world) == {}
        assert mode(world, ann.id) == "pull"
        for fan in fans:
            assert [entry.post_id for entry in world.app.feeds.read(fan)] == [late.id, early.id]

    def test_at_the_limit_all_is_delivered(self, small_world):
        world, ann, fans = small_world, small_world.user("ann"), self.audience(small_world, 3)
        for fan in fans:
            world.app.follows.follow_user(fan, ann.id)
        world.post(ann)
        assert len(items(world)) == 3
        assert mode(world, ann.id) is None

    def test_back_at_the_limit_all_is_delivered_again(self, small_world):
        world, ann, fans = small_world, small_world.user("ann"), self.audience(small_world, 4)
        for fan in fans:
            world.app.follows.follow_user(fan, ann.id)
        posts = [world.post(ann).id for _ in range(3)]
        world.app.follows.unfollow_user(fans[1], ann.id)
        assert mode(world, ann.id) is None
        assert set(items(world)) == {
            (f"USER#{fan}", f"FEED#{post}") for fan in (fans[0], fans[2], fans[3]) for post in posts
        }
        assert [entry.post_id for entry in world.app.feeds.read(fans[0])] == posts[::-1]
        assert list(world.app.feeds.read(fans[1])) == []

    def test_read_marks_survive_both_crossings(self, small_world):
        world, ann, fans = small_world, small_world.user("ann"), self.audience(small_world, 5)
        for fan in fans[:3]:
            world.app.follows.follow_user(fan, ann.id)
        one, two = world.post(ann).id, world.post(ann).id
        world.app.feeds.mark_read(fans[0], one)
        for fan in fans[3:]:
            world.app.follows.follow_user(fan, ann.id)
        world.app.feeds.mark_read(fans[4], two)
        marks = {(f"USER#{fans[0]}", f"FEED#{one}"), (f"USER#{fans[4]}", f"FEED#{two}")}
        assert set(items(world)) == marks
        for fan in fans[1:3]:
            world.app.follows.unfollow_user(fan, ann.id)
        assert mode(world, ann.id) is None
        rows = items(world)
        assert len(rows) == 6
        assert {key for key, row in rows.items() if row["is_read"]["BOOL"]} == marks
        assert [entry.is_read for entry in world.app.feeds.read(fans[4])] == [True, False]

    def test_pages_of_merged_and_delivered_posts_are_one_list(self, small_world):
        world, ann, bob = small_world, small_world.user("ann"), small_world.user("bob")
        fans = self.audience(world, 4)
        for fan in fans:
            world.app.follows.follow_user(fan, ann.id)
        world.app.follows.follow_user(fans[0], bob.id)
        posts = [world.post(author).id for author in (ann, bob, bob, ann, ann, bob, ann)]
        world.app.feeds.mark_read(fans[0], posts[3])
        for limit in (1, 2, 3, 7, 8):
            read = read_all(lambda **page: world.app.feeds.read(fans[0], **page), limit)
            assert [entry.post_id for entry in read] == posts[::-1]
            unread = read_all(lambda **page: world.app.feeds.unread(fans[0], **page), limit)
            assert [entry.post_id for entry in unread] == [post for post in posts[::-1] if post != posts[3]]

    def test_hiding_publishing_and_deleting_work_above_the_limit(self, small_world):
        world, ann, fans = small_world, small_world.user("ann"), self.audience(small_world, 4)
        for fan in fans:
            world.app.follows.follow_user(fan, ann.id)
        one, two = world.post(ann).id, world.post(ann).id
        world.app.feeds.mark_read(fans[0], one)
        world.app.posts.update_post(one, user_id=ann.id, is_public=False)
        assert [entry.post_id for entry in world.app.feeds.read(fans[0])] == [two]
        assert items(world) == {}
        world.app.posts.update_post(one, user_id=ann.id, is_public=True)
        assert [(entry.post_id, entry.is_read) for entry in world.app.feeds.read(fans[0])] == [
            (two, False),
            (one, False),
        ]
        world.app.posts.delete_post(two, user_id=ann.id)
        assert [entry.post_id for entry in world.app.feeds.read(fans[0])] == [one]

    def test_crossing_within_one_unit_leaves_what_single_calls_do(self, open_app):
        def play(world: World, calls: Callable[..., object]) -> Rows:
            ann, fans = world.user("ann"), self.audience(world, 6)
            for fan in fans[:2]:
                world.app.follows.follow_user(fan, ann.id)
            world.app.feeds.mark_read(fans[0], world.post(ann).id)
            with calls():
                for fan in fans[2:]:
                    world.app.follows.follow_user(fan, ann.id)
                world.post(ann)
                for fan in fans[1:4]:
                    world.app.follows.unfollow_user(fan, ann.id)
                world.post(ann)
            return world.rows()

        single, packed = World(open_app(fan_out_limit=3)), World(open_app(fan_out_limit=3))
        left = play(packed, packed.app.unit_of_work)
        assert left == play(single, single.app.at)
        assert drift(left) == []

    @pytest.mark.parametrize("is_down", [False, True])
    def test_what_another_process_posts_whenever_posts_are_looked_for_is_where_it_belongs(
        self, small_world, open_app, monkeypatch, is_down
    ):
        world, ann, fans = small_world, small_world.user("ann"), self.audience(small_world, 4)
        for fan in fans if is_down else fans[:-1]:
            world.app.follows.follow_user(fan, ann.id)
        posts = [world.post(ann).id]
        rival = World(open_app(fan_out_limit=3, seed="rival", table=world.app.table.name))
        store = world.app.session.store
        find_rows = store.find_rows

        def find_and_wait(wanted):
            rows = find_rows(wanted)
            if (wanted.partition, wanted.prefix) == (f"USER#{ann.id}", "POST#"):
                posts.append(rival.post(ann).id)
            return rows

        with monkeypatch.context() as patch:
            patch.setattr(store, "find_rows", find_and_wait)
            (world.app.follows.unfollow_user if is_down else world.app.follows.follow_user)(fans[-1], ann.id)
        assert len(posts) > 1
        readers = fans[:-1] if is_down else []
        assert set(items(world)) == {(f"USER#{fan}", f"FEED#{post}") for fan in readers for post in posts}
        assert mode(world, ann.id) == (None if is_down else "pull")
        for fan in fans[:-1]:
            assert {entry.post_id for entry in world.app.feeds.read(fan)} == set(posts)
        assert audit(world.app.session.store).findings == ()


class TestStopsInTheMiddle:
    """Law 5 for feeds: stopped at any write, the same calls again leave the table of a run that was never stopped."""

    def up(self, world: World) -> None:
        self.steps(world, fans=5, leavers=0)

    def down(self, world: World) -> None:
        self.steps(world, fans=5, leavers=2)

    def packed(self, world: World) -> None:
        with world.app.unit_of_work():
            self.steps(world, fans=5, leavers=2)

    def visibility(self, world: World) -> None:
        ann, fans = self.people(world, 2)
        posts = self.follow_and_post(world, ann, fans)
        for number, is_public in enumerate((False, True, True, False)):
            with world.app.at(START + timedelta(hours=1, seconds=number), f"update {number}"):
                world.app.posts.update_post(posts[number % 2], user_id=ann, is_public=is_public)

    def people(self, world: World, count: int) -> tuple[str, list[str]]:
        made = []
        for number in range(count + 1):
            with world.app.at(START + timedelta(seconds=number), f"user {number}"):
                made.append(world.user(f"user{number}").id)
        return made[0], made[1:]

    def follow_and_post(self, world: World, ann: str, fans: list[str]) -> list[str]:
        posts = []
        for number in range(2):
            with world.app.at(START + timedelta(minutes=1, seconds=number), f"post {number}"):
                posts.append(world.app.posts.create_post(author_id=ann).id)
        for number, fan in enumerate(fans):
            with world.app.at(START + timedelta(minutes=2, seconds=number)):
                world.app.follows.follow_user(fan, ann)
        return posts

    def steps(self, world: World, *, fans: int, leavers: int) -> None:
        ann, readers = self.people(world, fans)
        self.follow_and_post(world, ann, readers)
        for fan in readers[:leavers]:
            world.app.follows.unfollow_user(fan, ann)

    @pytest.mark.parametrize("is_public", [False, True])
    def test_a_change_of_visibility_that_was_stopped_before_its_effect_is_settled_by_the_same_call(
        self, world, is_public
    ):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann, is_public=not is_public)
        with Watched(world.app) as stopped:
            stopped.stop_at = 1
            with pytest.raises(Stop):
                world.app.posts.update_post(post.id, user_id=ann.id, is_public=is_public)
        assert world.app.posts.get(post.id).is_public is is_public
        assert bool(items(world)) is not is_public
        world.app.posts.update_post(post.id, user_id=ann.id, is_public=is_public)
        assert bool(items(world)) is is_public

    @pytest.mark.parametrize("seed", ["up", "down", "packed", "visibility"])
    def test_at_every_write(self, open_app: Callable[..., App], seed: str):
        play = getattr(self, seed)
        whole = World(open_app(fan_out_limit=3))
        with Watched(whole.app) as watched:
            play(whole)
        wanted = whole.rows()
        assert watched.written > 5
        for place in range(watched.written):
            world = World(open_app(fan_out_limit=3))
            with Watched(world.app) as stopped:
                stopped.stop_at = place
                with pytest.raises(Stop):
                    play(world)
            assert drift(world.rows()) == []
            play(world)
            assert world.rows() == wanted, f"stopped at write {place} of {watched.written}"

    def test_while_crossing_readers_miss_nothing(self, open_app: Callable[..., App]):
        whole = World(open_app(fan_out_limit=3))
        with Watched(whole.app) as watched:
            self.down(whole)
        for place in range(watched.written):
            world = World(open_app(fan_out_limit=3))
            with Watched(world.app) as stopped:
                stopped.stop_at = place
                with pytest.raises(Stop):
                    self.down(world)
            self.check_readers(world)

    def check_readers(self, world: World) -> None:
        rows = world.rows()
        posts = sorted((row["id"]["S"] for row in rows.values() if row["entity_type"]["S"] == "POST"), reverse=True)
        edges = [row for row in rows.values() if row["entity_type"]["S"] == "FOLLOW"]
        modes = [row for row in rows.values() if "feed_mode" in row]
        for edge in edges if modes else []:
            found = world.app.feeds.read(edge["follower_id"]["S"])
            assert [entry.post_id for entry in found] == posts


class TestWhatCameBack:
    """What was left or half settled, and comes again."""

    def test_an_item_of_an_earlier_follow_is_made_new_by_a_follow_that_is_repeated(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.feeds.mark_read(bob.id, post.id)
        with broken(world.app, refusing_delivery), pytest.raises(errors.UndeliveredError):
            world.app.follows.unfollow_user(bob.id, ann.id)
        with broken(world.app, refusing_delivery), pytest.raises(errors.UndeliveredError):
            world.app.follows.follow_user(bob.id, ann.id)
        follow = world.app.follows.follow_user(bob.id, ann.id)
        (item,) = items(world).values()
        assert item["created_at"] == {"S": moment_text(follow.created_at)}
        assert item["is_read"] == {"BOOL": False}
        assert audit(world.app).findings == ()

    def test_the_mark_stands_before_the_posts_are_looked_for_that_readers_are_to_get(self, small_world, monkeypatch):
        world, seen = small_world, []
        ann, *fans = world.users(5)
        for fan in fans:
            world.app.follows.follow_user(fan.id, ann.id)
        post = world.post(ann)
        assert mode(world, ann.id) == "pull"
        store = world.app.session.store
        find_rows = store.find_rows

        def look(wanted):
            if (wanted.partition, wanted.prefix) == (f"USER#{ann.id}", "POST#"):
                seen.append(mode(world, ann.id))
            return find_rows(wanted)

        monkeypatch.setattr(store, "find_rows", look)
        world.app.follows.unfollow_user(fans[0].id, ann.id)
        assert seen[-1] == "filling"
        assert mode(world, ann.id) is None
        assert world.feed(fans[1]) == [post.id]

    def test_what_was_put_into_a_feed_by_hand_counts_no_more_once_its_post_is_hidden(self):
        effects = [Delivered("bob", "kept", "ann"), Delivered("bob", "hidden", "ann"), PostHidden("ann", "hidden")]
        authors = fan_out._group([(effect, False) for effect in effects])
        assert authors["ann"].delivered == {("bob", "kept")}
