"""Delivery while packs are on their way: the next author's followers are read meanwhile."""

from __future__ import annotations

import threading

from services import connect
from services.delivery import fan_out

WAIT_SECONDS = 10


def person(app, name):
    return app.profiles.create_profile(email=f"{name}@example.com", username=name, handle=name, full_name=name).id


def test_followers_are_read_while_the_items_of_another_author_are_on_their_way(monkeypatch):
    monkeypatch.setattr(fan_out, "NEAR", 25)  # one batch, and not all of the first author's
    with connect(workers=2) as app:
        authors = [person(app, name) for name in ("ann", "bob")]
        readers = [person(app, f"reader{number}") for number in range(30)]
        for author in authors:
            for reader in readers:
                app.follows.follow_user(reader, author)
        waited = _watched(app.session.store, len(authors))
        with app.unit_of_work():
            for author in authors:
                app.posts.create_post(author_id=author, caption="Hello")
        assert waited
        assert all(waited)
        assert {len(app.feeds.read(reader).items) for reader in readers} == {2}


def _watched(store, authors):
    """Let a batch wait until the followers of so many authors are read; note whether they were."""
    write_batch, find_rows = store.write_batch, store.find_rows
    partitions, are_read, waited = set(), threading.Event(), []

    def reading(wanted):
        partitions.add(wanted.partition)
        if len(partitions) == authors:
            are_read.set()
        return find_rows(wanted)

    def writing(puts, deletes):
        waited.append(are_read.wait(WAIT_SECONDS))
        write_batch(puts, deletes)

    store.find_rows, store.write_batch = reading, writing
    return waited
