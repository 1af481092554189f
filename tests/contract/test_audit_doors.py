"""The audit's doors: an app or a store; what a unit of work has queued is audited too, not left out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from seedbed.dynamo.digest import digest_of
from services.app import App
from services.audit import audit, plan_repair, repair
from services.entities import User
from services.errors import RehearsedError

AUDITS: dict[str, Callable[[App], Any]] = {
    "app.audit()": lambda app: app.audit(),
    "audit(app)": audit,
}
DIGESTS: dict[str, Callable[[App], Any]] = {"app.digest()": lambda app: app.digest(), "digest_of(app)": digest_of}


@pytest.mark.parametrize("door", AUDITS.values(), ids=AUDITS)
def test_every_door_says_what_the_store_says(world, door):
    world.post(world.user())
    found = door(world.app)
    assert found == audit(world.app.session.store)
    assert found.rows > 0


@pytest.mark.parametrize("is_dry", [False, True])
@pytest.mark.parametrize("door", AUDITS.values(), ids=AUDITS)
def test_what_is_queued_is_audited(world, door, is_dry):
    with world.app.unit_of_work(is_dry=is_dry):
        world.post(world.user())
        found = door(world.app)
    assert found.counters > 0
    assert found.is_clean


@pytest.mark.parametrize("door", DIGESTS.values(), ids=DIGESTS)
def test_what_is_queued_is_digested(world, door):
    empty = str(door(world.app))
    with world.app.unit_of_work():
        world.post(world.user())
        inside = str(door(world.app))
    assert inside == str(digest_of(world.app.session.store)) != empty


def miscount(app):
    (rows,) = app.session.store.scan()
    (profile,) = (row for row in rows if row["SK"]["S"] == "PROFILE")
    app.session.store.write_batch([profile | {"posts_count": {"N": "7"}}], [])


@pytest.mark.parametrize("mend", [lambda app, found: app.repair(found), repair], ids=["app.repair", "repair(app)"])
def test_an_app_is_repaired(world, mend):
    ann = world.user()
    app = world.app
    miscount(app)
    done = mend(app, app.audit())
    assert [one.to_json()["kind"] for one in done.mended] == ["counter"]
    assert app.profiles.get(ann.id).posts_count == 0


WHOLE = {name: (lambda app, _found, door=door: door(app)) for name, door in (AUDITS | DIGESTS).items()} | {
    "app.repair": lambda app, found: app.repair(found),
    "plan_repair": plan_repair,
    "app.rows": lambda app, _found: next(app.rows(User)),
    "app.dump": lambda app, _found: app.dump(Path("of-a-rehearsal")),
    "profiles.some": lambda app, _found: app.profiles.some(),
}


@pytest.mark.parametrize("is_inside", [False, True])
@pytest.mark.parametrize("door", WHOLE.values(), ids=WHOLE)
def test_a_rehearsal_has_no_table_that_could_be_clean(world, door, is_inside, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.user()
    miscount(world.app)
    found = world.app.audit()
    with ExitStack() as stack:
        if is_inside:
            stack.enter_context(world.app.unit_of_work())
        stack.enter_context(world.app.rehearsal())
        world.user("bob")
        with pytest.raises(RehearsedError, match=r"after it, or .* unit_of_work\(is_dry=True\)"):
            door(world.app, found)
    assert list(tmp_path.iterdir()) == []
    assert world.app.audit() == found
