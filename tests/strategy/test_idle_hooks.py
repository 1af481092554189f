"""What has a `yield` runs nothing when it is called: hooks and steps of that kind are refused, by name."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import factory
import pytest

from seedbed import ServiceFactory, Then, Trait, after_create, before_create, using
from seedbed.strategy.errors import IdleHookError, InvalidOptionError


@dataclass(frozen=True)
class Cup:
    id: int
    tea: str
    is_full: bool = False


class Kitchen:
    def take(self, tea: str) -> Cup:
        return Cup(1, tea)

    def pour(self, cup: Cup):
        yield replace(cup, is_full=True)

    async def pour_slowly(self, cup: Cup):
        yield replace(cup, is_full=True)


class CupFactory(ServiceFactory[Cup]):
    class Meta:
        service = "take"

    tea = "green"


def idle(*_arguments, **_extra):
    yield


async def slow(*_arguments, **_extra):
    yield


BODIES = {
    "before": lambda function: {"hook": before_create(function)},
    "after": lambda function: {"hook": after_create(function)},
    "post generation": lambda function: {"hook": factory.post_generation(function)},
    "in a trait": lambda function: {
        "Params": type("Params", (), {"more": Trait(hook=factory.PostGeneration(function))})
    },
    "in a stock trait": lambda function: {
        "Params": type("Params", (), {"more": factory.Trait(hook=factory.PostGeneration(function))})
    },
    "under a condition": lambda function: {
        "Params": type("Params", (), {"more": False}),
        "hook": factory.Maybe("more", yes_declaration=factory.PostGeneration(function)),
    },
}


@pytest.mark.parametrize("function", [idle, slow])
@pytest.mark.parametrize("body", BODIES)
def test_a_hook_with_a_yield_is_refused_when_its_class_is_made(body, function):
    function = functools.partial(function) if "Params" in BODIES[body](function) else function
    with pytest.raises(IdleHookError, match=r"TeaFactory\.(hook|idle|slow) has a yield"):
        type(CupFactory)("TeaFactory", (CupFactory,), BODIES[body](function))


@pytest.mark.parametrize("service", ["pour", "pour_slowly", Kitchen.pour, Kitchen.pour_slowly], ids=range(4))
def test_a_step_with_a_yield_is_refused_before_anything_is_made(service):
    taken = []

    class Counting(Kitchen):
        def take(self, tea: str) -> Cup:
            taken.append(tea)
            return super().take(tea)

    class FullFactory(CupFactory):
        class Params:
            full = Trait(filling=Then(service))

    with using(Counting()):
        with pytest.raises(IdleHookError, match=r"FullFactory\.filling has a yield"):
            FullFactory(full=True)
        assert taken == []
        assert FullFactory().tea == "green"


@pytest.mark.parametrize("function", [idle, slow, functools.partial(idle)], ids=range(3))
def test_what_reads_an_object_back_has_no_yield(function):
    with pytest.raises(InvalidOptionError, match=r"Meta\.load must be"):
        type(CupFactory)("TeaFactory", (CupFactory,), {"Meta": type("Meta", (), {"load": function})})
