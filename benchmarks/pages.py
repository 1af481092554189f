"""How soon a page of the social app answers, and by how many calls of DynamoDB, on a real local engine.

    .venv/bin/python -m benchmarks.pages            # the stress preset, 1.8 million rows
    .venv/bin/python -m benchmarks.pages realistic

The most followed of the run's first people, their most liked post, and the feed of whoever follows the most. The calls
are counted too: they do not grow with the table, but only with what a page shows.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from benchmarks.command import SEED, line, measured
from benchmarks.engine import local_engine
from factories.pages import World, pages
from factories.reporting import look
from seedbed.serve.pages import guarded
from services import connect

if TYPE_CHECKING:
    from services import App

TIMES = 20
WANTED_MS = 50


def main(preset: str) -> None:
    """Make a world, measure and print."""
    with local_engine(is_apart=True) as url:
        measured(*SEED, "-e", preset, "--seed", "7", "--as-of", "2026-11-01", "--json", "--endpoint-url", url)
        with connect(url) as app:
            world = World("the table social")
            figures = look(app)
            world.keep(figures)
            print(f"  {preset}: {figures.audit.rows:,} rows")
            client = TestClient(guarded(lambda: pages(app, world=world)), base_url="http://localhost")
            for name, path in _paths(app).items():
                _measure(app, client, name, path)


def _paths(app: App) -> Mapping[str, str]:
    run = app.runs.all()[0]
    people = app.runs.people(run.name, limit=200).items
    star = max(people, key=lambda user: user.followers_count)
    reader = max(people, key=lambda user: user.following_count)
    post = max(app.posts.by_author(star.id, limit=100), key=lambda one: one.likes_count)
    return {
        "people": "/",
        f"profile, {star.followers_count:,} followers": f"/people/{star.handle}",
        f"followers, {star.followers_count:,}": f"/people/{star.handle}/followers",
        f"thread, {post.likes_count:,} likes and {post.comments_count:,} comments": f"/posts/{post.id}",
        f"feed, {reader.following_count:,} followed": f"/people/{reader.handle}/feed",
        "world": "/world",
        f"recount of {post.likes_count:,} likes": f"/recounts/posts/{post.id}",
        f"recount of {star.followers_count:,} followers": f"/recounts/people/{star.handle}",
    }


def _measure(app: App, client: TestClient, name: str, path: str) -> None:
    client.get(path).raise_for_status()
    before, seconds = app.usage, []
    for _ in range(TIMES):
        started = time.perf_counter()
        client.get(path).raise_for_status()
        seconds.append(time.perf_counter() - started)
    line(name, 1_000 * statistics.median(seconds), WANTED_MS, unit="ms")
    print(f"    {app.usage.since(before).total_calls / TIMES:.1f} calls of DynamoDB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "stress")
