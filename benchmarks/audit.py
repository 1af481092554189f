"""The audit over many rows: rows a second, and what memory it takes.

Run as `python -m benchmarks.audit [ROWS …]` from the checkout. The rows are made up, a page at a time, and
not counted in the times; how long it takes to read them from a Scan's answer is measured beside, with botocore's own
parser and with ours.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import attrs
import botocore.session
from botocore.parsers import ResponseParser, create_parser

from seedbed.clock import uuid7_text
from seedbed.dynamo.engines.rows import RowParser
from seedbed.dynamo.rows import Row
from seedbed.dynamo.store import chunks
from services.audit import audit
from services.entities import Comment, FeedItem, Follow, Like, Post, User
from services.rows import items, keys

SIZES = (100_000, 1_000_000)
PARSED = 20_000
PAGE = 2_500
"""Rows of some 400 bytes in a megabyte."""

POSTS, FOLLOWS, LIKES, COMMENTS = 12, 30, 40, 13
"""Posts and follows a user, likes and comments a post: 1,330 rows a user, as the stress preset has them."""
ROWS_A_USER = 4 + 2 * FOLLOWS + FOLLOWS * POSTS + POSTS * (2 + LIKES + COMMENTS)
START = datetime(2025, 1, 1, tzinfo=UTC)


@attrs.define
class Pages:
    """A store that is scanned once; it knows how long it took to make the rows."""

    users: int
    seconds: float = 0.0
    is_remote: bool = False

    def scan(self, _segment: int = 0, _segments: int = 1) -> Iterator[tuple[Row, ...]]:
        """Yield pages of a world without a fault."""
        pages = chunks(_World(self.users).rows(), PAGE)
        while True:
            started = time.process_time()
            page = next(pages, None)
            self.seconds += time.process_time() - started
            if page is None:
                return
            yield page


class _World:
    """Users who follow those behind them in a ring, and posts that are liked and discussed by the same."""

    def __init__(self, users: int) -> None:
        self._draw = random.Random(1)
        self._users = [self._id(START + timedelta(seconds=number)) for number in range(users)]
        self._posts = [
            [self._id(START + timedelta(days=1, seconds=number)) for _ in range(POSTS)] for number in range(users)
        ]

    def _id(self, moment: datetime) -> str:
        return uuid7_text(round(moment.timestamp() * 1000), self._draw.getrandbits(74))

    def rows(self) -> Iterator[Row]:
        for number in range(len(self._users)):
            yield from self._profile(number)
            yield from self._social(number)
            for post_id in self._posts[number]:
                yield from self._post(number, post_id)

    def _profile(self, number: int) -> Iterator[Row]:
        moment = START + timedelta(seconds=number)
        user = User(
            id=self._users[number],
            email=f"User{number}@example.org",
            username=f"User{number}",
            handle=f"Handle{number}",
            full_name="Some Body",
            bio="b" * 60,
            posts_count=POSTS,
            followers_count=FOLLOWS,
            following_count=FOLLOWS,
            created_at=moment,
            updated_at=moment,
        )
        yield items.user_row(user)
        for key in (keys.email_key(user.email), keys.username_key(user.username), keys.handle_key(user.handle)):
            yield items.claim_row(key, user.id, moment)

    def _social(self, number: int) -> Iterator[Row]:
        moment, reader = START + timedelta(days=2), self._users[number]
        for step in range(1, FOLLOWS + 1):
            ahead, behind = (number + step) % len(self._users), number - step
            followee = self._users[ahead]
            yield items.follow_row(Follow(follower_id=reader, followee_id=followee, created_at=moment))
            follower = Follow(follower_id=self._users[behind], followee_id=reader, created_at=moment)
            yield items.follower_row(follower)
            for post_id in self._posts[ahead]:
                yield items.feed_row(
                    FeedItem(
                        reader_id=reader,
                        post_id=post_id,
                        author_id=followee,
                        created_at=moment,
                        expires_at=1_800_000_000,
                    )
                )

    def _post(self, number: int, post_id: str) -> Iterator[Row]:
        moment = START + timedelta(days=1, seconds=number)
        post = Post(
            id=post_id,
            author_id=self._users[number],
            caption="c" * 80,
            tags=("one", "two"),
            likes_count=LIKES,
            comments_count=COMMENTS,
            created_at=moment,
            updated_at=moment,
        )
        yield items.authored_row(post)
        yield items.post_row(post)
        later = START + timedelta(days=3)
        for step in range(LIKES):
            user_id = self._users[(number + step) % len(self._users)]
            yield items.like_row(Like(user_id=user_id, post_id=post_id, created_at=later + timedelta(seconds=step)))
        yield from self._thread(number, post_id, later)

    def _thread(self, number: int, post_id: str, moment: datetime) -> Iterator[Row]:
        parent_id = None
        for step in range(COMMENTS):
            created_at = moment + timedelta(seconds=step)
            comment = Comment(
                id=self._id(created_at),
                post_id=post_id,
                user_id=self._users[(number + step) % len(self._users)],
                content="x" * 60,
                parent_comment_id=parent_id,
                replies_count=int(step + 1 < COMMENTS),
                created_at=created_at,
            )
            yield items.comment_row(comment)
            parent_id = comment.id


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> None:
    """Print one line of figures; run in a process of its own, since memory's peak is the process's."""
    pages, before = Pages(max(LIKES + 1, rows // ROWS_A_USER)), _peak_mb()
    started = time.process_time()
    found = audit(pages)  # type: ignore[arg-type]
    seconds = time.process_time() - started - pages.seconds
    print(
        f"{found.rows:>10,} rows {len(found.findings):>3} findings {seconds:8.2f} s"
        f" {found.rows / seconds:>10,.0f} rows/s   peak {_peak_mb():4.0f} MB ({before:.0f} MB before)"
    )


def _parse_seconds_a_row(parser: ResponseParser) -> float:
    """Measure what a parser takes to read a row of a Scan's answer."""
    model = botocore.session.get_session().get_service_model("dynamodb")
    rows = list(islice(_World(LIKES + 1).rows(), PARSED))
    body = json.dumps({"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}).encode()
    shape: Any = model.operation_model("Scan").output_shape
    started = time.process_time()
    parser.parse({"body": body, "headers": {}, "status_code": 200}, shape)
    return (time.process_time() - started) / len(rows)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the figures, each size in a process of its own."""
    for rows in sizes:
        subprocess.run([sys.executable, "-m", "benchmarks.audit", "--one", str(rows)], check=True)
    for whose, parser in (("botocore's parser", create_parser("json")), ("ours", RowParser())):
        print(f"           {whose} reads a Scan's answer at {1 / _parse_seconds_a_row(parser):,.0f} rows/s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(int(sys.argv[2]))
    else:
        main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
