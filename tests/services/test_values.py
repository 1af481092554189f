"""Clock, ids, rows and limits: the small values that everything else is made of."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from seedbed.clock import Clock, Ids, moment_of_id, to_milliseconds
from seedbed.dynamo.pages import make_cursor, read_cursor
from seedbed.dynamo.rows import key_of, row_bytes
from services import errors
from services.entities import Comment, FeedItem, Follow, Like, Post, User
from services.rows import items

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)
QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=100)
moments = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)).map(to_milliseconds)  # noqa: DTZ001 - the zone is drawn
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=30)
counts = st.integers(0, 10**9)


class TestClock:
    def test_it_tells_milliseconds_in_utc(self):
        there = timezone(timedelta(hours=2))
        clock = Clock(lambda: datetime(2026, 3, 1, 14, 0, 0, 123_999, tzinfo=there))
        assert clock.now() == NOON
        assert clock.now().tzinfo is UTC

    def test_it_stands_still_for_a_block_and_blocks_nest(self):
        clock = Clock(lambda: NOON)
        with clock.at(NOON + timedelta(days=1)):
            with clock.at(NOON + timedelta(days=2)):
                assert clock.now() == NOON + timedelta(days=2)
            assert clock.now() == NOON + timedelta(days=1)
        assert clock.now() == NOON

    def test_it_goes_on_after_an_error(self):
        clock = Clock(lambda: NOON)
        with pytest.raises(KeyError), clock.at(NOON + timedelta(days=1)):
            raise KeyError
        assert clock.now() == NOON

    def test_it_stands_still_in_one_thread_only(self):
        clock, seen = Clock(lambda: NOON), []
        with clock.at(NOON + timedelta(days=1)):
            thread = threading.Thread(target=lambda: seen.append(clock.now()))
            thread.start()
            thread.join()
        assert seen == [NOON]

    def test_a_moment_without_a_time_zone_is_refused(self):
        naive = datetime(2026, 3, 1)  # noqa: DTZ001 - that is the point
        with pytest.raises(errors.InvalidSettingError, match="a datetime with a time zone"):
            Clock(lambda: naive).now()


class TestIds:
    @given(moments)
    @QUICK
    def test_an_id_tells_its_moment(self, moment):
        made = Ids().new(moment)
        assert moment_of_id(made) == moment
        assert (UUID(made).version, UUID(made).variant, str(UUID(made))) == (7, "specified in RFC 4122", made)

    @given(moments, moments)
    @QUICK
    def test_ids_sort_by_time(self, one, other):
        ids = Ids(1)
        first, second = ids.new(one), ids.new(other)
        assert one == other or (first < second) == (one < other)

    def test_one_seed_draws_the_same_ids_and_another_others(self):
        one, same, other = ([ids.new(NOON) for _ in range(3)] for ids in (Ids("a"), Ids("a"), Ids("b")))
        assert one == same
        assert not set(one) & set(other)
        assert len(set(one)) == 3

    def test_a_keyed_id_depends_on_seed_key_place_and_moment_alone(self):
        ids = Ids("seed")
        with ids.keyed("k"):
            first, second = ids.new(NOON), ids.new(NOON)
        ids.new(NOON)
        with ids.keyed("k"):
            assert [ids.new(NOON), ids.new(NOON)] == [first, second]
            with ids.keyed("other"):
                assert ids.new(NOON) not in {first, second}
        others = Ids("another seed")
        with others.keyed("k"):
            assert others.new(NOON) != first

    def test_drawing_keyed_ids_leaves_the_others_alone(self):
        plain, mixed = Ids("s"), Ids("s")
        wanted = [plain.new(NOON), plain.new(NOON)]
        found = [mixed.new(NOON)]
        with mixed.keyed("k"):
            mixed.new(NOON)
        found.append(mixed.new(NOON))
        assert found == wanted


users = st.builds(
    User,
    id=names,
    email=texts,
    username=names,
    handle=names,
    full_name=texts,
    bio=st.none() | texts,
    profile_picture_url=st.none() | texts,
    email_verified=st.booleans(),
    posts_count=counts,
    followers_count=counts,
    following_count=counts,
    created_at=moments,
    updated_at=moments,
)
posts = st.builds(
    Post,
    id=names,
    author_id=names,
    caption=texts,
    image_url=st.none() | texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    is_public=st.booleans(),
    likes_count=counts,
    comments_count=counts,
    created_at=moments,
    updated_at=moments,
)
likes = st.builds(Like, user_id=names, post_id=names, created_at=moments)
comments = st.builds(
    Comment,
    id=names,
    post_id=names,
    user_id=names,
    content=texts,
    parent_comment_id=st.none() | names,
    replies_count=counts,
    created_at=moments,
)
follows = st.builds(Follow, follower_id=names, followee_id=names, created_at=moments)
feed_items = st.builds(
    FeedItem,
    reader_id=names,
    post_id=names,
    author_id=names,
    created_at=moments,
    is_read=st.booleans(),
    expires_at=counts,
)
WRITTEN = [
    (users, items.user_row, items.user_of),
    (posts, items.post_row, items.post_of),
    (likes, items.like_row, items.like_of),
    (comments, items.comment_row, items.comment_of),
    (follows, items.follow_row, items.follow_of),
    (follows, items.follower_row, items.follow_of),
    (feed_items, items.feed_row, items.feed_item_of),
]


@pytest.mark.parametrize(
    ("entities", "write", "read"),
    WRITTEN,
    ids=["user", "post", "like", "comment", "follow", "follower", "feed-item"],
)
@given(data=st.data())
@QUICK
def test_what_is_written_as_a_row_is_read_as_it_was(data, entities, write, read):
    entity = data.draw(entities)
    row = write(entity)
    assert read(row) == entity
    assert {"PK", "SK", "entity_type", "created_at"} <= row.keys()
    assert key_of(row) == (row["PK"]["S"], row["SK"]["S"])
    assert all(value != {"S": None} for value in row.values())


@pytest.mark.parametrize(
    ("row", "size"),
    [
        ({"PK": {"S": "abc"}}, 5),
        ({"PK": {"S": "äb"}}, 5),
        ({"n": {"N": "12345"}}, 1 + 5 // 2 + 2),
        ({"b": {"BOOL": True}}, 2),
        ({"l": {"L": [{"S": "ab"}, {"S": ""}]}}, 1 + 3 + 3 + 1),
    ],
)
def test_a_row_is_measured_in_bytes_of_names_and_values(row, size):
    assert row_bytes(row) == size


@given(texts, texts, texts)
@QUICK
def test_a_cursor_reads_back_in_its_own_list_only(name, other, position):
    cursor = make_cursor(name, position)
    assert read_cursor(name, cursor) == position
    assert cursor.isascii()
    if name != other:
        with pytest.raises(errors.InvalidCursorError):
            read_cursor(other, cursor)


@given(texts, texts, st.text(max_size=20))
@QUICK
def test_no_other_text_is_a_cursor(name, position, forged):
    if forged != make_cursor(name, position):
        with pytest.raises(errors.InvalidCursorError) as refusal:
            read_cursor(name, forged)
        assert (refusal.value.cursor, refusal.value.list_name) == (forged, name)
