"""The search finds an order where there is one, and none where there is none: as looking at all orders does."""

from __future__ import annotations

from itertools import chain, combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.histories.registers import IMPOSSIBLE, Op, flag, is_linearizable, names


def by_all_orders(ops, initial, step):
    """Try each order of all calls that are known to be done and some of the others."""
    needed = [op for op in ops if op.end is not None]
    others = [op for op in ops if op.end is None]
    some = chain.from_iterable(combinations(others, size) for size in range(len(others) + 1))
    return any(explains(order, initial, step) for part in some for order in permutations([*needed, *part]))


def explains(order, initial, step):
    state = initial
    for place, op in enumerate(order):
        if any(later.end is not None and later.end < op.start for later in order[place + 1 :]):
            return False
        state = step(state, op)
        if state == IMPOSSIBLE:
            return False
    return True


def histories(calls):
    """Up to six calls that overlap in any way; no two instants are the same."""

    def placed(drawn, instants):
        spans = [sorted(pair) for pair in zip(instants[::2], instants[1::2], strict=True)]
        return [
            Op(start, None if is_unknown else end, name, values)
            for (start, end), ((name, values), is_unknown) in zip(spans, drawn, strict=False)
        ]

    drawn = st.lists(st.tuples(calls, st.booleans()), max_size=6)
    return st.builds(placed, drawn, st.permutations(range(12)))


FLAGS = st.tuples(st.sampled_from(["set", "get"]), st.tuples(st.booleans()))
NAMES = st.tuples(
    st.sampled_from(["take", "taken", "find"]), st.tuples(st.sampled_from(["u", "v"]), st.sampled_from(["a", "b"]))
)


@settings(max_examples=300, deadline=None)
@given(histories(FLAGS))
def test_flags_are_judged_as_by_all_orders(ops):
    assert is_linearizable(ops, False, flag) == by_all_orders(ops, False, flag)


@settings(max_examples=300, deadline=None)
@given(histories(NAMES))
def test_names_are_judged_as_by_all_orders(ops):
    initial = frozenset({("u", "a")})
    assert is_linearizable(ops, initial, names) == by_all_orders(ops, initial, names)


@pytest.mark.parametrize(
    ("ops", "expected"),
    [
        ([Op(0, 1, "set", (True,)), Op(2, 3, "get", (False,))], False),
        ([Op(0, 3, "set", (True,)), Op(1, 2, "get", (False,))], True),
        ([Op(0, None, "set", (True,)), Op(2, 3, "get", (False,)), Op(4, 5, "get", (True,))], True),
        ([Op(0, None, "set", (True,)), Op(2, 3, "get", (True,)), Op(4, 5, "get", (False,))], False),
        ([Op(2, None, "set", (True,)), Op(0, 1, "get", (True,))], False),
        ([Op(0, 1, "get", (None,))], False),
    ],
    ids=["lost", "overlapping", "unknown, and late", "unknown, and undone", "read before", "neither"],
)
def test_a_flag(ops, expected):
    assert is_linearizable(ops, False, flag) is expected


def test_a_long_history_of_many_unknown_calls_is_judged_at_once():
    ops = [Op(3 * place, None if place % 5 == 0 else 3 * place + 4, "set", (place % 2 == 0,)) for place in range(400)]
    last = Op(2_000, 2_001, "get", (False,))
    assert is_linearizable([*ops, last], False, flag)
