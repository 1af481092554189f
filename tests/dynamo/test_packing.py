"""Packing: what one transaction says, in which order, and to whom a refusal is owed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from itertools import product
from typing import Any

import hypothesis.strategies as st
import pytest
from attrs import fields
from hypothesis import given, settings

from seedbed.dynamo.actions import MAX_ACTIONS, CheckRow, DeleteRow, PutRow, UpdateRow
from seedbed.dynamo.changes import Add, Change, Delete, Exists, Put, Set, already, unless
from seedbed.dynamo.packing import Known, Pack, Packer
from seedbed.dynamo.row_actions import Call
from services import errors

A, B = ("A", "row"), ("B", "row")
ZERO = {"n": {"N": "0"}}


def row(key: tuple[str, str] = A, **more: Any) -> dict[str, Any]:
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}, "n": {"N": "0"}, "s": {"S": "old"}} | more


def refused(name: str) -> Any:
    return unless(errors.ChangedMeanwhileError, name)


def put(key: tuple[str, str] = A, **more: Any) -> Change:
    return Change(puts=(Put(key, row(key), **more),))


def add(amount: int = 1, key: tuple[str, str] = A) -> Change:
    return Change(adds=(Add(key, {"n": amount}, refused("add")),))


def exists(key: tuple[str, str] = A, **more: Any) -> Change:
    return Change(exists=(Exists(key, refused("exists"), **more),))


def delete(key: tuple[str, str] = A, **more: Any) -> Change:
    return Change(deletes=(Delete(key, refused("delete"), **more),))


def set_(key: tuple[str, str] = A, **more: Any) -> Change:
    return Change(sets=(Set(key, {"s": {"S": "new"}}, refused("set"), **more),))


PARTS = {
    "put": put(),
    "add": add(),
    "exists": exists(),
    "exists as it is": exists(expect={"s": {"S": "old"}}),
    "exists otherwise": exists(expect={"s": {"S": "other"}}),
    "delete": delete(),
    "delete at zero": delete(expect=ZERO),
    "set": set_(),
    "set what is": set_(expect={"s": {"S": "old"}}),
    "set otherwise": set_(expect={"s": {"S": "other"}}),
}


class Model:
    """What Changes do one by one to a table of one row."""

    def __init__(self, start: dict[str, Any] | None) -> None:
        self.row = start

    def apply(self, change: Change) -> bool:  # noqa: C901 - one line a kind of part
        (part,) = change.parts()
        if isinstance(part, Put):
            if self.row is not None:
                return False
            self.row = part.row
            return True
        expected = getattr(part, "expect", {})
        if self.row is None or any(self.row.get(name) != value for name, value in expected.items()):
            return False
        if isinstance(part, Delete):
            self.row = None
        elif isinstance(part, Add):
            self.row = self.row | {"n": {"N": str(int(self.row["n"]["N"]) + part.amounts["n"])}}
        elif isinstance(part, Set):
            self.row = self.row | part.values
        return True


def act(start: dict[str, Any] | None, action: Any) -> tuple[bool, dict[str, Any] | None]:
    """What one action does to the row, as DynamoDB would."""
    if isinstance(action, PutRow):
        return start is None, action.row if start is None else start
    if start is None or any(start.get(name) != value for name, value in action.expect.items()):
        return False, start
    if isinstance(action, DeleteRow):
        return True, None
    if isinstance(action, CheckRow):
        return True, start
    counted = {name: {"N": str(int(start[name]["N"]) + amount)} for name, amount in action.amounts.items()}
    return True, start | counted | dict(action.values)


@pytest.mark.parametrize(
    "start",
    [None, row(), row(n={"N": "-1"}), row(s={"S": "other"})],
    ids=["nothing", "zero", "minus one", "other"],
)
@pytest.mark.parametrize(("first", "second"), list(product(PARTS, PARTS)))
def test_two_changes_in_one_action_do_what_they_do_one_by_one(start, first, second):
    pack = Pack(Known())
    assert pack.take(Call(PARTS[first]))
    if not pack.take(Call(PARTS[second])):
        return
    (action,) = pack.actions()
    model = Model(start)
    one_by_one = [model.apply(PARTS[first]), model.apply(PARTS[second])]
    is_done, after = act(start, action)
    if all(one_by_one):
        assert (is_done, after) == (True, model.row)
    else:
        assert (is_done, after) == (False, start)


TOGETHER: dict[str, set[str]] = {
    "put": {"add", "exists", "exists as it is", "set", "set what is"},
    "add": {
        "add",
        "exists",
        "exists as it is",
        "exists otherwise",
        "delete",
        "delete at zero",
        "set",
        "set what is",
        "set otherwise",
    },
    "delete": set(),
    "set": set(),
    "exists": {"add", "exists", "exists as it is", "exists otherwise", "delete", "delete at zero", "set"}
    | {"set what is", "set otherwise"},
    "exists as it is": {"add", "exists"},
}


@pytest.mark.parametrize(("first", "wanted"), TOGETHER.items(), ids=list(TOGETHER))
def test_which_changes_one_action_can_say(first, wanted):
    fitting = set()
    for second, change in PARTS.items():
        pack = Pack(Known())
        pack.take(Call(PARTS[first]))
        if pack.take(Call(change)):
            fitting.add(second)
    assert fitting == wanted


@given(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=12), st.sampled_from([None, row()]))
@settings(deadline=None, derandomize=True, database=None, max_examples=300)
def test_packs_of_any_changes_do_what_they_do_one_by_one(names, start):
    model, packer, known = Model(start), Packer(Known()), start
    taken = [PARTS[name] for name in names if model.apply(PARTS[name])]
    for change in taken:
        packer.add(Call(change))
    for pack in packer.packs(is_last=True):
        (action,) = pack.actions()
        is_done, known = act(known, action)
        assert is_done
    assert known == model.row


def packs_of(*changes: Change, known: Known | None = None) -> list[Pack]:
    packer = Packer(known or Known())
    for number, change in enumerate(changes, 1):
        packer.add(Call(change, None, number))
    return list(packer.packs(is_last=True))


def numbers(packs: list[Pack]) -> list[list[int]]:
    return [[call.number for call in pack.calls] for pack in packs]


def test_counters_on_one_row_are_one_sum():
    (pack,) = packs_of(add(2), add(-5), add(4))
    assert pack.actions() == [UpdateRow(A, {"n": 1}, {})]


def test_counters_that_cancel_out_are_a_check():
    (pack,) = packs_of(add(2), add(-2))
    assert pack.actions() == [CheckRow(A)]


def test_a_counter_is_folded_into_the_put_and_leaves_the_callers_row_alone():
    first = put()
    (pack,) = packs_of(first, add(3), set_())
    assert pack.actions() == [PutRow(A, row(n={"N": "3"}, s={"S": "new"}))]
    assert first.puts[0].row == row()


def test_a_set_to_none_takes_an_attribute_out_of_the_put():
    (pack,) = packs_of(put(), Change(sets=(Set(A, {"s": None}, refused("set")),)))
    (action,) = pack.actions()
    assert "s" not in action.row


def test_a_delete_expects_what_stood_before_the_packs_own_counters():
    (pack,) = packs_of(add(-3), delete(expect=ZERO))
    assert pack.actions() == [DeleteRow(A, {"n": {"N": "3"}})]


def test_no_pack_has_more_than_a_hundred_actions():
    packs = packs_of(*(put((f"row {number}", "row")) for number in range(250)))
    assert [len(pack.actions()) for pack in packs] == [100, 100, 50]
    assert [call.number for pack in packs for call in pack.calls] == list(range(1, 251))


def test_no_pack_has_more_than_four_megabytes():
    packs = packs_of(*(put((f"row {number}", "row"), size_bytes=390_000) for number in range(25)))
    assert [len(pack.actions()) for pack in packs] == [10, 10, 5]
    assert packs[0].sizes() == dict.fromkeys(((f"row {number}", "row") for number in range(10)), 390_000)


@pytest.mark.parametrize(("last", "counts"), [(400_000, [10]), (400_001, [9, 1])])
def test_a_pack_takes_four_megabytes_and_not_a_byte_more(last, counts):
    sizes = [400_000] * 9 + [last]
    packs = packs_of(*(put((f"row {number}", "row"), size_bytes=size) for number, size in enumerate(sizes)))
    assert [len(pack.actions()) for pack in packs] == counts


@pytest.mark.parametrize(("waiting", "full"), [(99, 0), (100, 1), (101, 1), (200, 2)])
def test_a_pack_is_yielded_as_soon_as_it_is_full(waiting, full):
    packer = Packer(Known())
    for number in range(waiting):
        packer.add(Call(put((f"row {number}", "row"))))
    packs = list(packer.packs(is_last=False))
    assert [len(pack.actions()) for pack in packs] == [100] * full
    rest = list(packer.packs(is_last=True))
    assert sum(len(pack.calls) for pack in rest) == waiting - 100 * full
    assert [pack.is_full for pack in (*packs, *rest)] == [True] * full + [False] * len(rest)


def like(number: int, post: tuple[str, str] = A) -> Call:
    """Put a row of its own, count it at another, and need a third, permanent one."""
    own, user = (post[0], f"like {number}"), (f"user {number}", "row")
    parts = Put(own, row(own)), Add(post, {"n": 1}, refused("add")), Exists(user, refused("exists"), permanent=True)
    return Call(Change(puts=parts[:1], adds=parts[1:2], exists=parts[2:]), object())


def test_packs_are_due_once_those_that_wait_for_one_row_fill_one():
    packer = Packer(Known(seen={(f"user {number}", "row") for number in range(300)}))
    due = []
    for number in range(300):
        packer.add(like(number, A if number % 2 else B))
        if packer.is_due:
            due.append(number)
            packs = list(packer.packs(is_last=False))
            assert packs
            assert all(pack.is_full for pack in packs)
    assert due[0] == 196  # the 99th of one
    assert not packer.is_due


def test_permanent_rows_are_asked_for_once_and_only_many_at_a_time():
    known = Known(seen={("user 0", "row")}, promised={("user 1", "row")})
    packer = Packer(known)
    packer.add(Call(put(("user 2", "row")), object()))
    for number in range(10):
        packer.add(like(number))
    assert packer.take_asked(9) == []
    assert packer.take_asked(8) == [(f"user {number}", "row") for number in range(3, 10)]
    assert packer.take_asked(1) == []


@pytest.mark.parametrize(
    ("change", "commutes"),
    [(put(), False), (delete(), False), (set_(), False), (exists(expect=ZERO), False), (add(), True), (exists(), True)],
    ids=["put", "delete", "set", "exists so", "add", "exists"],
)
def test_a_pack_says_which_rows_it_touches_and_whether_others_may_at_the_same_time(change, commutes):
    (pack,) = packs_of(change, put(B))
    assert list(pack.row_uses()) == [(A, commutes), (B, False)]
    assert list(pack.rows) == [A, B]


@pytest.mark.parametrize(("size", "told"), [(0, {}), (1024, {}), (1025, {A: 1025})])
def test_the_size_of_a_row_is_told_where_it_takes_more_than_one_unit(size, told):
    (pack,) = packs_of(put(size_bytes=size))
    assert pack.sizes() == told


def test_a_change_is_never_split():
    three = [
        Change(puts=tuple(Put((f"{number} {part}", "row"), row((f"{number} {part}", "row"))) for part in range(3)))
        for number in range(40)
    ]
    packs = packs_of(*three)
    assert [len(pack.actions()) for pack in packs] == [99, 21]


def test_a_change_goes_with_the_row_that_it_needs_or_later():
    needs = Change(puts=(Put(B, row(B)),), adds=(Add(A, {"n": 1}, already),))
    fillers = [put((f"row {number}", "row")) for number in range(98)]
    packs = packs_of(put(A), *fillers, needs)
    (found,) = (place for place, pack in enumerate(packs) if any(call.number == 100 for call in pack.calls))
    assert found == 0
    packs = packs_of(put(A), *fillers, put(("one", "more")), needs)
    places = {call.number: place for place, pack in enumerate(packs) for call in pack.calls}
    assert places[101] >= places[1]


@pytest.mark.parametrize(
    ("first", "second"),
    [(put(), delete()), (delete(), put()), (set_(), add()), (set_(), set_()), (put(), put())],
    ids=["put delete", "delete put", "set add", "set set", "put put"],
)
def test_changes_that_do_not_commute_keep_their_order(first, second):
    assert numbers(packs_of(first, second)) == [[1], [2]]


def test_a_delete_waits_for_an_earlier_counter_that_found_no_room():
    fillers = [put((f"row {number}", "row")) for number in range(98)]
    puts = tuple(Put((f"x {number}", "row"), row()) for number in range(2))
    adds = Change(puts=puts, adds=(Add(A, {"n": 1}, refused("add")),))
    packs = packs_of(*fillers, adds, delete(A))
    places = {call.number: place for place, pack in enumerate(packs) for call in pack.calls}
    assert places[99] == 1  # three actions, and 98 are there
    assert places[100] >= places[99]


HEAVY = 1_900_000  # bytes: two fit into a pack
ROWS = [(name, "row") for name in "ABC"]
KINDS: dict[str, Callable[[tuple[str, str]], Change]] = {"add": lambda key: add(1, key)} | {
    kind.__name__.rstrip("_"): kind for kind in (put, exists, delete, set_)
}


@st.composite
def changes_of_several_rows(draw: st.DrawFn) -> Change:
    """One part a row, of any kind; with a heavy row of its own it finds no room in most packs."""
    rows = draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=2, unique=True))
    parts = [KINDS[draw(st.sampled_from(sorted(KINDS)))](key) for key in rows]
    heavy = [put((draw(st.uuids()).hex, "row"), size_bytes=HEAVY)] if draw(st.booleans()) else []
    sums = ((field.name, sum((getattr(part, field.name) for part in [*heavy, *parts]), ())) for field in fields(Change))
    return Change(**dict(sums))


def commute(one: Change, other: Change) -> bool:
    """Whether two Changes share no row but such as both only add to or ask for."""
    ours, theirs = ({part.key: type(part) for part in change.parts()} for change in (one, other))
    return all({ours[key], theirs[key]} <= {Add, Exists} for key in ours.keys() & theirs.keys())


@given(st.lists(changes_of_several_rows(), min_size=2, max_size=25), st.integers(1, 8))
@settings(deadline=None, derandomize=True, database=None, max_examples=400)
def test_changes_that_do_not_commute_keep_their_order_whatever_finds_room(changes, window):
    packer, packs = Packer(Known()), []
    for number, change in enumerate(changes):
        packer.add(Call(change, None, number))
        if packer.waiting >= window:
            packs += packer.packs(is_last=False)
    packs += packer.packs(is_last=True)
    sent = [call.number for pack in packs for call in pack.calls]
    assert sorted(sent) == list(range(len(changes)))
    overtaken = [
        (later, earlier)
        for place, later in enumerate(sent)
        for earlier in sent[place + 1 :]
        if earlier < later and not commute(changes[earlier], changes[later])
    ]
    assert overtaken == []


def test_those_that_fit_pass_one_that_does_not():
    packs = packs_of(put(A), delete(A), put(B), add(1, B))
    assert numbers(packs) == [[1, 3, 4], [2]]


def test_a_change_that_touches_rows_of_the_pack_is_preferred():
    posts = [(f"post {number}", "row") for number in range(3)]
    likes = [
        Change(puts=(Put((f"like {number}", "row"), row()),), adds=(Add(posts[number % 3], {"n": 1}, already),))
        for number in range(297)
    ]
    packs = packs_of(*likes)
    assert [len(pack.actions()) for pack in packs] == [100, 100, 100]


def follow(one: int, other: int) -> Change:
    ends = [Put((f"{end} {one} {other}", "row"), row()) for end in ("follow", "follower")]
    return Change(puts=tuple(ends), adds=tuple(Add((f"user {n}", "row"), {"n": 1}, already) for n in (one, other)))


@pytest.mark.parametrize(("fans", "stars", "most"), [(30, 30, 2.26), (100, 10, 2.4)], ids=["everybody", "a few stars"])
def test_changes_with_two_counters_are_packed_in_blocks(fans, stars, most):
    pairs = [(one, other) for one in range(fans) for other in range(stars) if one != other]
    packs = packs_of(*(follow(*pair) for pair in pairs))
    assert sum(len(pack.calls) for pack in packs) == len(pairs)
    assert sum(len(pack.actions()) for pack in packs) < most * len(pairs)


def test_what_fits_goes_past_what_does_not():
    fillers = [put((f"row {number}", "row")) for number in range(98)]
    three = Change(puts=tuple(Put((f"x {number}", "row"), row()) for number in range(3)))
    packs = packs_of(*fillers, three, put(A), put(B))
    assert numbers(packs) == [[*range(1, 99), 100, 101], [99]]


def test_what_is_added_while_packs_are_yielded_goes_into_a_later_one():
    packer = Packer(Known())
    for number in range(150):
        packer.add(Call(put((f"row {number}", "row")), None, number))
    packs = packer.packs(is_last=True)
    first = next(packs)
    packer.add(Call(delete(("row 0", "row")), None, 150))
    assert [call.number for pack in (first, *packs) for call in pack.calls] == list(range(151))


def test_a_packer_that_is_empty_holds_no_call():
    packer = Packer(Known())
    changes = [
        put(A),
        *(add(number, A) for number in range(5)),
        delete(B),
        *(follow(1, other) for other in range(2, 60)),
    ]
    calls = [Call(change) for change in changes]
    for call in calls:
        packer.add(call)
    assert sum(len(pack.calls) for pack in packer.packs(is_last=True)) == len(calls)
    held = [weakref.ref(call) for call in calls]
    calls.clear()
    del call
    gc.collect()
    assert [one() for one in held] == [None] * len(held)


def test_what_was_not_even_looked_at_is_dropped_too():
    packer = Packer(Known())
    for change in (put(A), delete(A), put(B)):
        packer.add(Call(change))
    assert len(packer.drop()) == 3
    assert packer.waiting == 0
    assert list(packer.packs(is_last=True)) == []
    packer.add(Call(add(1, A)))
    assert numbers(list(packer.packs(is_last=True))) == [[0]]


TOO_LARGE = Change(puts=tuple(Put((f"{number}", "row"), row()) for number in range(MAX_ACTIONS + 1)))
TWICE = Change(puts=(Put(("a", "row"), row()), Put(("a", "row"), row())))


@pytest.mark.parametrize("misfit", [TOO_LARGE, TWICE], ids=["too large", "twice"])
def test_a_change_that_fits_no_transaction_is_taken_out_and_holds_up_nothing(misfit):
    packer = Packer(Known())
    calls = [Call(change, None, number) for number, change in enumerate((put(), misfit, put(("b", "row")), misfit))]
    for call in calls:
        packer.add(call)
    sent = [call for pack in packer.packs(is_last=True) for call in pack.calls]
    assert sent == [calls[0], calls[2]]
    assert packer.misfits == [calls[1], calls[3]]
    assert packer.waiting == 0


def test_changes_that_fit_no_transaction_are_taken_out_in_their_order():
    packer = Packer(Known())
    calls = [Call(TOO_LARGE) for _ in range(3)]
    for call in calls:
        packer.add(call)
    assert [call for pack in packer.packs(is_last=True) for call in pack.calls] == []
    assert packer.misfits == calls


def test_what_is_dropped_is_all_that_no_pack_was_yielded_for():
    packer = Packer(Known())
    for number in range(1, 251):
        packer.add(Call(put((f"row {number}", "row")), None, number))
    sent = list(packer.packs(is_last=False))
    assert [len(pack.calls) for pack in sent] == [100, 100]
    assert sorted(call.number for call in packer.drop()) == list(range(201, 251))
    assert packer.waiting == 0
    assert list(packer.packs(is_last=True)) == []


class TestPermanentRows:
    def needing(self, number: int) -> Change:
        key = (f"row {number}", "row")
        return Change(puts=(Put(key, row(key)),), exists=(Exists(A, refused("exists"), permanent=True),))

    def test_a_row_that_was_seen_is_not_checked_again(self):
        (pack,) = packs_of(self.needing(1), known=Known(seen={A}))
        assert pack.actions() == [PutRow(("row 1", "row"), row(("row 1", "row")))]
        assert pack.promises == set()

    def test_a_row_is_checked_once_and_later_packs_rely_on_it(self):
        known = Known()
        packs = packs_of(*(self.needing(number) for number in range(150)), known=known)
        assert [CheckRow(A) in pack.actions() for pack in packs] == [True, False]
        assert packs[1].promises == {A}
        assert A in packs[1].promises
        assert not packs[1].relies_on_nothing_broken()
        packs[0].keep_promises()
        assert packs[1].relies_on_nothing_broken()
        assert (known.seen, known.promised) == ({A}, set())

    def test_the_last_pack_promises_too(self):
        known = Known()
        packs_of(self.needing(1), known=known)
        (later,) = packs_of(self.needing(2), known=known)
        assert (known.promised, later.promises) == ({A}, {A})

    def test_a_broken_promise_is_checked_anew(self):
        known = Known()
        packs = packs_of(*(self.needing(number) for number in range(150)), known=known)
        packs[0].break_promises()
        assert not packs[1].relies_on_nothing_broken()
        (again,) = packs_of(*(call.change for call in packs[1].calls), known=known)
        assert CheckRow(A) in again.actions()

    def test_a_row_with_an_expectation_is_always_checked(self):
        (pack,) = packs_of(exists(A, permanent=True, expect=ZERO), known=Known(seen={A}))
        assert pack.actions() == [CheckRow(A, ZERO)]


class TestAnswers:
    def answers(self, pack: Pack, rows: dict[int, Any]) -> dict[int, str | None]:
        found = pack.answers(rows)
        return {call.number: None if error is None else error.what for call, error, _ in found.values()}

    def test_a_put_that_stands_there_is_owed_to_the_put_alone(self):
        (pack,) = packs_of(put(refused=refused("put")), add(), exists(), exists(expect={"s": {"S": "old"}}))
        assert self.answers(pack, {0: row(s={"S": "other"})}) == {1: "put"}

    def test_a_missing_row_is_owed_to_all_that_need_it(self):
        (pack,) = packs_of(add(), exists(), add(5))
        assert self.answers(pack, {0: None}) == {1: "add", 2: "exists", 3: "add"}

    def test_a_row_that_is_not_as_expected_is_owed_to_who_expects(self):
        (pack,) = packs_of(add(), exists(expect={"s": {"S": "other"}}))
        assert self.answers(pack, {0: row()}) == {2: "exists"}

    def test_the_first_part_of_a_call_is_what_it_hears(self):
        both = Change(puts=(Put(B, row(B), refused("put")),), adds=(Add(A, {"n": 1}, refused("add")),))
        (pack,) = packs_of(both)
        assert self.answers(pack, {0: row(B), 1: None}) == {1: "put"}
        assert self.answers(pack, {1: None}) == {1: "add"}

    def test_who_needs_a_row_of_a_refused_call_is_asked_again(self):
        author = Change(puts=(Put(B, row(B)),), adds=(Add(A, {"n": 1}, refused("author")),))
        like = Change(
            puts=(Put(("like", "row"), row(("like", "row"))),),
            adds=(Add(B, {"n": 1}, refused("post")),),
            exists=(Exists(A, refused("liker")),),
        )
        (pack,) = packs_of(author, like)
        place = [action.key for action in pack.actions()].index(A)
        assert self.answers(pack, {place: None}) == {1: "author"}

    def test_who_needs_a_row_that_was_there_already_is_answered(self):
        author = Change(puts=(Put(B, row(B)),))
        like = Change(adds=(Add(B, {"n": 1}, refused("post")),), exists=(Exists(A, refused("liker")),))
        (pack,) = packs_of(author, like)
        keys = [action.key for action in pack.actions()]
        assert self.answers(pack, {keys.index(B): row(B), keys.index(A): None}) == {1: None, 2: "liker"}

    def test_who_would_be_refused_first_for_another_row_hears_it(self):
        author = Change(puts=(Put(B, row(B)),), adds=(Add(A, {"n": 1}, refused("author")),))
        reply = Change(adds=(Add(A, {"n": 1}, refused("post")), Add(B, {"n": 1}, refused("parent"))))
        (pack,) = packs_of(author, reply)
        place = [action.key for action in pack.actions()].index(A)
        assert self.answers(pack, {place: None}) == {1: "author", 2: "post"}
