"""`Many`: the hook that makes what belongs to an object: its likes, comments, followers, posts, replies.

Its argument is a number, a `Range`, a list, or a declaration of one, which is evaluated as the host's fields are:

    PostFactory(likes=5, comments=Range(1, 3))
    PostFactory(likes=[ada, ben], likes__at=yesterday)
    PostFactory(likes=factory.Iterator([1, 2]))
    PostFactory(comments=["Nice!", ada, {"content": "So true", "user": ben}, CommentFactory.build()])

An element of a list is who does it (an object of the actor's model, already stored); or, for what has a text,
that text, a dict of overrides, or a built object whose text is taken over. Hooks run only when the object is
created.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from factory.declarations import SKIP, BaseDeclaration, _FactoryWrapper
from factory.enums import CREATE_STRATEGY, SPLITTER

from seedbed.strategy.agreement import check_each
from seedbed.strategy.binding import current_binding
from seedbed.strategy.errors import InvalidElementError, UnusedArgumentError
from seedbed.strategy.hooks import ArgumentHook
from seedbed.strategy.moments import NestedMoment, came_to_be, now, takes_moment
from seedbed.strategy.pairs import check_made
from seedbed.strategy.pool import find_pool, identity
from seedbed.strategy.randomness import KeyedRandom, compute, fraction, key_of, step_key
from seedbed.strategy.ranges import how_many
from seedbed.strategy.roles import One, factory_at, roles_of
from seedbed.strategy.signatures import is_plain_class
from seedbed.strategy.traits import arguments_of
from seedbed.strategy.unawaited import check_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factory.builder import BuildStep
    from factory.declarations import PostGenerationContext

_LOG = logging.getLogger("factory.generate")  # what `factory.debug()` shows


When: TypeAlias = Callable[[datetime, datetime], Callable[[float], datetime]]


def evenly(since: datetime, until: datetime) -> Callable[[float], datetime]:
    """Spread moments evenly between two."""
    return lambda part: since + (until - since) * part


class Many(ArgumentHook):
    """A hook that makes objects of `factory` with the made object as their `host`.

    Args:
        factory: The factory, or its path.
        host: The factory's field for the object that the hook belongs to.
        actor: Its field for the user who does it, where there is one.
        texts: Its fields that a built object in a list may hand over; the first is also what a str in a list
            means.
        when: Given the host's moment and the present, returns what turns a number in [0, 1) into the moment of one;
            by default evenly between the two.
        size: How many, where the caller does not say.
    """

    UNROLL_CONTEXT_BEFORE_EVALUATION = False  # `likes__at=` is for the like

    def __init__(
        self,
        factory: type | str,
        host: str,
        *,
        actor: str | None = None,
        texts: Sequence[str] = (),
        when: When = evenly,
        size: Any = 0,
        **defaults: Any,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.factory_wrapper = _FactoryWrapper(factory)
        self.field = host
        self.place: str | None = None
        self.host = host
        self.actor = actor
        self.texts = tuple(texts)
        self.when = when
        self.size = size
        self.defaults = defaults

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn which keyword this hook is, for its errors and draws."""
        self.field = name
        self.place = f"{owner.__name__}.{name}"

    def get_factory(self) -> Any:
        """Return the factory of what it makes.

        Raises:
            NoFactoryError: Its path leads to none.
        """
        return factory_at(self.factory_wrapper, self.place)

    def with_size(self, size: Any) -> Many:
        """Return the same hook, in the same place, with another size."""
        other = copy.copy(self)
        other.size = size
        return other

    def check(self, value: Any) -> None:
        """Refuse an argument that is no number, Range or list of what can be used, before anything is made.

        Raises:
            InvalidCountError: It is no number, Range or list.
            InvalidElementError: The list holds something that the hook can make nothing of.
        """
        wanted = how_many(self.field, value, KeyedRandom(0))
        if not isinstance(wanted, int):
            self._each([one for one in wanted if not isinstance(one, BaseDeclaration)])

    def read_argument(self, step: BuildStep, name: str, overrides: dict[str, Any]) -> _Wanted:
        """Evaluate the argument and its elements as fields of the host would be; say what is to be made.

        Raises:
            InvalidCountError: It is no number, Range or list.
            InvalidElementError: The list holds something that the hook can make nothing of.
            NotEnoughError: The pool has too few who could.
        """
        if self.size == 0 and "" not in overrides:  # most of them, most of the time
            self._check_unused(step, name)
            return _NOTHING
        value = compute(step, name, overrides.get("", self.size))
        value = compute(step, name, self.size) if value is SKIP else value
        key = step_key(step, name)
        wanted = how_many(name, value, KeyedRandom(key))
        if not isinstance(wanted, int):
            wanted = [compute(step, f"{name}.{ordinal}", one) for ordinal, one in enumerate(wanted)]
        each = self._each(wanted)
        check_each(self, name, each, {keyword: one for keyword, one in overrides.items() if keyword})
        self._check_pool(_NEW, each, overrides)
        if each:
            check_plain(
                current_binding(), self.get_factory(), {**self.defaults, **overrides, **each[0], self.host: None}
            )
        return _Wanted(key, each)

    def _check_unused(self, step: BuildStep, name: str) -> None:
        said = next((keyword for keyword in step.builder.extras if keyword.startswith(name + SPLITTER)), None)
        if said is not None:
            raise UnusedArgumentError(step.builder.factory_meta.factory.__name__, said, f"no {name} are asked for")

    def evaluate_post(self, instance: Any, step: BuildStep, overrides: dict[str, Any]) -> list[Any]:
        """Make them, one after another, and return them."""
        if step.builder.strategy != CREATE_STRATEGY:
            return []
        read: dict[Any, _Wanted] = getattr(step, "arguments", {})
        wanted = read.get(self) or self.read_argument(step, self.field, overrides)
        if not wanted.each:
            return []
        _LOG.debug("Many: Generating %d %s by %r", len(wanted.each), self.field, self.get_factory())
        extra = {name: value for name, value in overrides.items() if name}
        self._check_pool(identity(instance), wanted.each, extra)
        related, shared = self.get_factory(), {**self.defaults, **extra, self.host: instance}
        each = [shared | one for one in wanted.each]
        if takes_moment(related._meta, step):  # noqa: SLF001 - factory_boy's
            moments = _Moments(instance, wanted, self.when)
            each = [moments.set(ordinal, one) for ordinal, one in enumerate(each)]
        made = [step.recurse(related, one) for one in each]
        if getattr(related._meta, "pairs", None):  # noqa: SLF001 - as above
            check_made(related._meta, made)  # noqa: SLF001 - as above
        return made

    def call(self, instance: Any, step: BuildStep, context: PostGenerationContext) -> list[Any]:
        """Make them, as pytest-factoryboy does."""
        return self.evaluate_post(instance, step, arguments_of(context, step))

    def _each(self, wanted: int | list[Any]) -> list[dict[str, Any]]:
        if isinstance(wanted, int):
            return [{}] * wanted
        return [self._overrides(one) for one in wanted]

    def _is_picked(self, overrides: dict[str, Any]) -> bool:
        return not any(name.split("__")[0] in {self.actor, f"{self.actor}_id"} for name in overrides)

    def _overrides(self, one: Any) -> dict[str, Any]:
        meta = self.get_factory()._meta  # noqa: SLF001 - factory_boy's
        actor = roles_of(meta).get(self.actor or "")
        if actor is not None and is_plain_class(actor.model) and isinstance(one, actor.model):
            return {str(self.actor): one}
        if isinstance(one, dict):
            return dict(one)
        if self.texts and isinstance(one, str):
            return {self.texts[0]: one}
        if self.texts and is_plain_class(meta.model) and isinstance(one, meta.model):
            return {name: getattr(one, name) for name in self.texts}
        raise InvalidElementError(self.field, one, self._rule(meta, actor))

    def _rule(self, meta: Any, actor: One | None) -> str:
        allowed = [] if actor is None else [f"an object of {actor.model.__name__}"]
        if self.texts:
            allowed += [f"text ({self.texts[0]})", f"a built object of {meta.model.__name__}"]
        return ", ".join([*allowed, "a dict of overrides"])

    def _check_pool(self, host: Any, each: list[dict[str, Any]], extra: dict[str, Any]) -> None:
        """Refuse where the pool has too few who could do it beside the host (an identity)."""
        meta = self.get_factory()._meta  # noqa: SLF001 - as above
        pool, role = find_pool(), getattr(meta, "paired", {}).get(self.actor)
        if pool is None or role is None:
            return
        shelf = pool.shelf(roles_of(meta)[role.name].model)
        if shelf is not None:
            shared = {**self.defaults, **extra}
            pool.check(role, host, shelf, sum(self._is_picked(shared | one) for one in each))


class _Wanted(NamedTuple):
    """What a hook is to make: the key of its draws, and the overrides of each object."""

    key: int
    each: list[dict[str, Any]]


_NOTHING = _Wanted(0, [])
_NEW = object()  # whom nobody was paired with yet


class _Moments:
    """When each of a hook's objects happens: between the object that has them and now."""

    def __init__(self, instance: Any, wanted: _Wanted, when: When) -> None:
        self._now = now()
        self._from = came_to_be(instance) or self._now
        self._key = wanted.key
        self._moment = when(self._from, self._now)

    def set(self, ordinal: int, overrides: dict[str, Any]) -> dict[str, Any]:
        """Add the moment, unless one is given or the object came to be just now."""
        if self._from != self._now and "at" not in overrides:  # at once, where that is still to come
            part = fraction(key_of(self._key, ordinal))
            overrides["at"] = NestedMoment(self._moment(part))
        return overrides
