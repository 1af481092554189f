"""Meta.bulk_service: batches by the app's own bulk path; of a warehouse of shelves and boxes."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import contextmanager
from dataclasses import dataclass

import factory
import pytest

from seedbed import (
    BuildFailureError,
    Bulk,
    BulkPathWarning,
    Many,
    One,
    ServiceFactory,
    Then,
    Trait,
    acting,
    after_create,
    before_create,
    using,
)
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import AsyncServiceError, InvalidBulkError, NoEntityError


class FullError(Exception):
    pass


@dataclass(frozen=True)
class Shelf:
    id: int


@dataclass(frozen=True)
class Box:
    id: int
    shelf_id: int
    label: str
    by: str = ""
    state: str = "new"


@dataclass(frozen=True)
class Tag:
    box_id: int


@dataclass(frozen=True)
class NewBox:
    shelf_id: int
    label: str


class Warehouse:
    def __init__(self):
        self.log = []
        self.boxes = {}
        self._ids = itertools.count(1)

    def build_shelf(self):
        self.log.append("shelf")
        return Shelf(next(self._ids))

    def store(self, shelf_id: int, label: str, by: str = ""):
        self.log.append(f"store {label}")
        return self._keep(shelf_id, label, by)

    def _keep(self, shelf_id, label, by=""):
        if label == "bad":
            raise FullError(label)
        box = Box(next(self._ids), shelf_id, label, by)
        self.boxes[box.id] = box
        return box

    def store_many(self, rows: list):
        self.log.append(f"many {len(rows)}")
        before = dict(self.boxes)
        try:
            return [self._keep(**row) for row in rows]
        except FullError:
            self.boxes = before
            raise

    def store_columns(self, shelf_id: list, label: list):
        self.log.append(f"columns {label}")
        return [self._keep(*one) for one in zip(shelf_id, label, strict=True)]

    def store_rows(self, boxes: list[NewBox]):
        self.log.append(f"rows {len(boxes)}")
        return (self._keep(box.shelf_id, box.label) for box in boxes)

    def store_some(self, rows: list):
        return [FullError(row["label"]) if row["label"] == "bad" else self._keep(**row) for row in rows]

    def pile(self, place: str, rows: list):
        return self.store_many(rows)

    async def store_async(self, rows: list):
        await asyncio.sleep(0)
        return self.store_many(rows)

    def seal(self, box_id):
        self.log.append(f"seal {box_id}")
        box = self.boxes[box_id]
        return Box(box.id, box.shelf_id, box.label, box.by, "sealed")

    def tag(self, box_id):
        self.log.append(f"tag {box_id}")
        return Tag(box_id)


class ShelfFactory(ServiceFactory[Shelf]):
    class Meta:
        model = Shelf
        service = "build_shelf"


class TagFactory(ServiceFactory[Tag]):
    class Meta:
        model = Tag
        service = "tag"

    class Params:
        box = None

    box_id = factory.LazyAttribute(lambda tag: tag.box.id)


class BoxFactory(ServiceFactory[Box]):
    class Meta:
        model = Box
        service = "store"
        bulk_service = Bulk("store_many", size=2)

    class Params:
        sealed = Trait(seal=Then("seal"))

    shelf_id = 1
    label = factory.Sequence("box {}".format)
    tags = Many(TagFactory, "box")


def variant(**options):
    return type("BoxFactory", (BoxFactory,), {"Meta": type("Meta", (), options)})


@pytest.fixture
def house():
    house = Warehouse()
    with using(house):
        yield house


def test_a_batch_goes_by_the_bulk_path_in_chunks(house):
    made = BoxFactory.create_batch(5)
    assert [box.label for box in made] == [f"box {n}" for n in range(5)]
    assert house.log == ["many 2", "many 2", "many 1"]


def test_each_goes_by_it_and_one_does_not(house):
    assert [box.label for box in BoxFactory.create_each([{"label": "a"}, {}])] == ["a", "box 1"]
    assert BoxFactory().label == "box 2"
    assert house.log == ["many 2", "store box 2"]


def test_none_make_no_call(house):
    assert (BoxFactory.create_batch(0), BoxFactory.create_each([]), house.log) == ([], [], [])


def test_it_is_what_single_ones_would_be():
    class SingleFactory(BoxFactory):
        class Meta:
            bulk_service = None

    with using(Warehouse(), seed=1):
        expected = SingleFactory.create_batch(5, tags=0)
    with using(Warehouse(), seed=1):
        assert BoxFactory.create_batch(5) == expected


def test_columns_and_rows_of_ones_own(house):
    columns = variant(bulk_service=Bulk(Warehouse.store_columns, columns=True))
    rows = variant(bulk_service=Bulk("store_rows", row=NewBox))
    assert [one.label for one in columns.create_each([{"label": "a"}, {"label": "b"}])] == ["a", "b"]
    assert [one.label for one in rows.create_batch(2, label="c")] == ["c", "c"]
    assert house.log == ["columns ['a', 'b']", "rows 2"]


def test_a_callable_takes_the_app_first(house):
    def load(app, rows):
        return app.store_many(rows)

    assert len(variant(bulk_service=load).create_batch(3)) == 3
    assert house.log == ["many 3"]


def test_what_it_needs_is_made_before_through_its_own_services(house):
    class ShelvedFactory(BoxFactory):
        class Params:
            shelf = One(ShelfFactory)

        shelf_id = factory.LazyAttribute(lambda box: box.shelf.id)

    assert [box.shelf_id for box in ShelvedFactory.create_batch(2)] == [1, 2]
    assert house.log == ["shelf", "shelf", "many 2"]


def test_hooks_steps_and_what_belongs_to_it_follow_each(house):
    seen = []

    class HookedFactory(BoxFactory):
        @before_create
        def upper(cls, kwargs):  # noqa: N805 - a class method
            return kwargs | {"label": kwargs["label"].upper()}

        @after_create
        def see(cls, box):  # noqa: N805 - as above
            seen.append((box.label, box.state))

    made = HookedFactory.create_batch(2, tags=2, sealed=True)
    assert [box.state for box in made] == ["sealed", "sealed"]
    assert house.log == ["many 2", "seal 1", "tag 1", "tag 1", "seal 2", "tag 2", "tag 2"]
    assert seen == [("BOX 0", "sealed"), ("BOX 1", "sealed")]


def test_a_refused_call_refuses_its_chunk_and_no_other(house):
    with pytest.raises(BuildFailureError, match=r"FullError: bad .*2 of the batch failed, 3 were created") as caught:
        BoxFactory.create_each([{}, {"label": "bad"}, {}, {}, {}])
    error = caught.value
    assert [type(one.cause) for one in error.failures] == [FullError, FullError]
    assert [box.label for box in error.created] == ["box 2", "box 3", "box 4"]
    assert list(house.boxes.values()) == list(error.created)
    assert "called for 2 at once" in error.failures[0].__notes__[0]


def test_where_a_refused_call_leaves_nothing_its_objects_are_made_one_by_one(house):
    atomic = variant(bulk_service=Bulk("store_many", size=3, is_atomic=True))
    with pytest.raises(BuildFailureError, match=r"1 of the batch failed, 3 were created") as caught:
        atomic.create_each([{}, {"label": "bad"}, {}, {}])
    assert caught.value.values["label"] == "bad"
    assert [box.label for box in caught.value.created] == ["box 0", "box 2", "box 3"]
    assert house.log == ["many 3", "store box 0", "store bad", "store box 2", "many 1"]


def test_a_savepoint_round_each_call_makes_it_so():
    class Unit:
        def __init__(self, house):
            self.house = house

        def stored(self, value):
            return value

        def call(self, function):
            self.house.log.append("savepoint")
            return function()

    class Safe(Warehouse):
        @contextmanager
        def unit_of_work(self):
            yield Unit(self)

    house = Safe()
    with using(house), pytest.raises(BuildFailureError, match="1 were created"):
        BoxFactory.create_each([{}, {"label": "bad"}])
    assert house.log == ["savepoint", "many 2", "savepoint", "store box 0", "savepoint", "store bad"]


def test_the_path_may_say_itself_who_is_refused(house):
    some = variant(bulk_service="store_some")
    with pytest.raises(BuildFailureError, match=r"FullError: bad .*1 of the batch failed, 2 were created"):
        some.create_each([{}, {"label": "bad"}, {}])


def test_what_is_refused_on_the_way_is_not_in_the_call(house):
    class NeedyFactory(BoxFactory):
        class Params:
            other = factory.SubFactory(BoxFactory)

        shelf_id = factory.LazyAttribute(lambda box: box.other.id)

    with pytest.raises(BuildFailureError, match=r"1 were created"):
        NeedyFactory.create_each([{"other__label": "bad"}, {"other__label": "good"}])
    assert house.log == ["store bad", "store good", "many 1"]


class Savepoints:
    def __init__(self, house):
        self.house = house

    def stored(self, value):
        return value

    def call(self, function):
        before = dict(self.house.boxes)
        try:
            return function()
        except BaseException:
            self.house.boxes = before
            raise


class SafeHouse(Warehouse):
    @contextmanager
    def unit_of_work(self):
        yield Savepoints(self)


def lose_one(app, rows):
    return app.store_many(rows)[1:]


def mistake_the_kind(app, rows):
    return [ShelfFactory.build(id=box.id) for box in app.store_many(rows)]


def lose_all(app, rows):
    app.store_many(rows)


def zip_two(_app, first, second):
    return list(zip(first, second, strict=True))


def count(app, rows):
    return len(app.store_many(rows))


COUNT = "was called for 2 and returned {}:"


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        (lose_one, InvalidBulkError, COUNT.format(1)),
        (lose_all, InvalidBulkError, COUNT.format(None)),
        (count, InvalidBulkError, COUNT.format(2)),
        (mistake_the_kind, NoEntityError, "Shelf"),
    ],
)
def test_a_path_that_returns_no_entity_for_each_is_an_error_and_a_savepoint_takes_it_back(path, error, text):
    seen = []

    class SeenFactory(BoxFactory):
        class Meta:
            bulk_service = Bulk(path, size=2)

        @factory.post_generation
        def see(box, _create, _extracted):
            seen.append(box)

    for house in (Warehouse(), SafeHouse()):
        with (
            using(house),
            pytest.raises(error, match=text) as caught,
        ):
            SeenFactory.create_batch(4, tags=1)
        assert caught.value.__notes__ == ["Of this batch of 4 SeenFactory, 0 were created"]
        assert len(house.boxes) == (0 if isinstance(house, SafeHouse) else 2)
        assert not any(line.startswith("tag") for line in house.log)
    assert seen == []


@pytest.mark.parametrize("house", [Warehouse(), SafeHouse()], ids=["plain", "savepoints"])
def test_a_path_that_takes_no_list_is_refused_before_anything_is_made(house):
    for path in ("pile", Warehouse.pile, zip_two):
        with using(house), pytest.raises(InvalidOptionError, match="of what is called with one list"):
            variant(bulk_service=path).create_batch(2)
    assert house.log == []


def test_an_async_path_is_awaited(house):
    waits = variant(bulk_service="store_async")
    assert len(asyncio.run(waits.create_batch_async(3))) == 3
    house.log.clear()
    with pytest.raises(AsyncServiceError, match="bulk_service is async"):
        waits.create_batch(3)
    assert house.log == []


def test_who_acts_is_in_each_row(house):
    class ActedFactory(BoxFactory):
        class Meta:
            actor = "by"

    with acting("eve"):
        assert [box.by for box in ActedFactory.create_batch(2)] == ["eve", "eve"]


@pytest.mark.parametrize("said", [3, "", Bulk("store_many", size=0), Bulk(None)], ids=repr)
def test_what_can_be_no_bulk_path_is_refused(said):
    with pytest.raises(InvalidOptionError, match=r"Meta\.bulk_service must be"):
        variant(bulk_service=said)


def test_it_stands_beside_a_service():
    with pytest.raises(InvalidOptionError, match="beside a service"):
        type("F", (ServiceFactory,), {"Meta": type("Meta", (), {"model": Box, "bulk_service": "store_many"})})


class BrokenPathError(Exception):
    pass


def fail(_app, rows):
    raise BrokenPathError(len(rows))


class BrokenFactory(BoxFactory):
    class Meta:
        bulk_service = Bulk(fail, size=2)


TOLD = "BrokenFactory's bulk service fail raised BrokenPathError: 2; its objects were made one by one"


def test_a_path_that_raises_where_the_service_does_not_is_warned_of_once_a_batch():
    with using(SafeHouse()) as binding, pytest.warns(BulkPathWarning) as warned:
        made = BrokenFactory.create_batch(6)
    assert [str(one.message).startswith(TOLD) for one in warned] == [True]
    assert warned[0].filename == __file__
    assert sorted(binding.app.boxes) == [box.id for box in made]
    assert len(made) == 6


def test_where_warnings_are_errors_it_comes_when_all_is_made():
    with using(SafeHouse()) as binding, pytest.raises(BulkPathWarning, match=TOLD) as raised:  # as pyproject.toml says
        BrokenFactory.create_batch(2)
    assert isinstance(raised.value.cause, BrokenPathError)
    assert len(binding.app.boxes) == 2


@pytest.mark.parametrize(("made", "is_told"), [(BrokenFactory, True), (BoxFactory, False)])
def test_an_error_of_the_batch_says_it_unless_the_service_refuses_alike(made, is_told):
    with using(SafeHouse()), pytest.raises(BuildFailureError) as raised:
        made.create_each([{"label": "good"}, {"label": "bad"}])
    assert any("were made one by one" in note for note in getattr(raised.value, "__notes__", [])) is is_told


def test_what_ends_the_making_one_by_one_ends_the_batch():
    def store(app, shelf_id, label):
        return app.store(shelf_id, label) if label == "good" else Shelf(1)

    class MistakenFactory(BrokenFactory):
        class Meta:
            service = staticmethod(store)

    with using(SafeHouse()), pytest.raises(NoEntityError) as raised:
        MistakenFactory.create_each([{"label": "good"}, {"label": "strange"}, {"label": "good"}])
    assert "Of this batch of 3 MistakenFactory, 1 were created" in raised.value.__notes__
