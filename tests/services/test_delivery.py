"""Delivery while packs are on their way: the next author's followers are read meanwhile."""

from __future__ import annotations

import threading

from services import connect

WAIT_SECONDS = 10


def test_followers_are_read_while_the_items_of_another_author_are_on_their_way():
    with connect(workers=2) as app:
        people = [
            app.profiles.create_profile(
                email=f"p{n}@example.com", username=f"p{n:02}", handle=f"p{n:02}", full_name="P"
            )
            for n in range(30)
        ]
        authors, readers = people[:2], people[2:]
        with app.unit_of_work():
            for author in authors:
                for reader in readers:
                    app.follows.follow_user(reader.id, author.id)
        store = app.session.store
        write_batch, query = store.write_batch, store.query
        is_next_read = threading.Event()
        seen: list[str] = []
        waited: list[bool] = []

        def reading(partition, *place, **options):
            seen.append(partition)
            if len(set(seen)) == len(authors):
                is_next_read.set()
            return query(partition, *place, **options)

        def writing(puts, deletes):
            waited.append(is_next_read.wait(WAIT_SECONDS))
            write_batch(puts, deletes)

        store.query, store.write_batch = reading, writing
        with app.unit_of_work():
            for author in authors:
                app.posts.create_post(author_id=author.id, caption="Hello")
        assert waited
        assert all(waited)
        assert all(len(app.feeds.read(reader.id).items) == 2 for reader in readers)
