"""`Many`: the hook that makes what belongs to an object: its likes, comments, followers, posts, replies.

Its argument is a number, a `Range` or a list:

    PostFactory(likes=5, comments=Range(1, 3))
    PostFactory(likes=[ada, ben], likes__at=yesterday)
    PostFactory(comments=["Nice!", ada, {"content": "So true", "user": ben}, CommentFactory.build()])

An element of a list is who does it (an object of the actor's model, already stored); or, for what has a text,
that text, a dict of overrides, or a built object whose text is taken over. Hooks run only when the object is
created.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import factory

from factories.binding import current_app
from factories.draws import KeyedRandom, fraction, key_of, step_key
from factories.errors import InvalidElementError
from factories.moments import Moment
from factories.pools import find_pool, identity
from factories.ranges import find_count, how_many
from factories.rhythm import Reactions, awake
from factories.roles import One, roles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factory.builder import BuildStep
    from factory.declarations import PostGenerationContext


class Many(factory.RelatedFactory):
    """A hook that makes objects of `factory` with the made object as their `host`.

    Args:
        factory: The factory, or its path.
        host: The factory's field for the object that the hook belongs to.
        actor: Its field for the user who does it, where there is one.
        texts: Its fields that a built object in a list may hand over; the first is also what a str in a list
        means.
        within: Where they react to the host: in so many seconds come most of them (`factories.rhythm`). None: they
        come as people are awake.
        size: How many, where the caller does not say.
    """

    def __init__(
        self,
        factory: type | str,
        host: str,
        *,
        actor: str | None = None,
        texts: Sequence[str] = (),
        within: float | None = None,
        size: Any = 0,
        **defaults: Any,
    ) -> None:
        super().__init__(factory, host, **defaults)  # type: ignore[no-untyped-call]
        self.field = host
        self.actor = actor
        self.texts = tuple(texts)
        self.within = within
        self.size = size
        self._is_off = find_count(size) == 0

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn which keyword this hook is, for its errors and draws."""
        self.field = name

    def sized(self, size: Any) -> Many:
        """Return the same hook with another size."""
        factory = self.factory_wrapper.factory or f"{self.factory_wrapper.module}.{self.factory_wrapper.name}"
        other = Many(
            factory, self.name, actor=self.actor, texts=self.texts, within=self.within, size=size, **self.defaults
        )
        other.field = self.field
        return other

    def check(self, value: Any) -> None:
        """Refuse an argument that is no number, Range or list of what can be used, before anything is made.

        Raises:
            InvalidCountError: It is no number, Range or list.
            InvalidElementError: The list holds something that the hook can make nothing of.
        """
        wanted = how_many(self.field, value, KeyedRandom(0))
        if not isinstance(wanted, int):
            self._each(wanted)

    def evaluate_post(self, instance: Any, step: BuildStep, overrides: dict[str, Any]) -> Any:
        """Make nothing at once where nothing is asked for."""
        if not overrides and self._is_off:
            return []
        return super().evaluate_post(instance, step, overrides)  # type: ignore[no-untyped-call]

    def call(self, instance: Any, step: BuildStep, context: PostGenerationContext) -> list[Any]:
        """Make them, one after another, and return them."""
        value = context.value if context.value_provided else self.size
        if step.builder.strategy != factory.CREATE_STRATEGY or find_count(value) == 0:
            return []
        key = step_key(step, self.field)
        each = self._each(how_many(self.field, value, KeyedRandom(key)))
        shared = {**self.defaults, **context.extra, self.name: instance}
        self._check_pool(instance, sum(self._is_picked(shared | one) for one in each))
        moments, related = _Moments(instance, key, self.within), self.get_factory()  # type: ignore[no-untyped-call]
        return [step.recurse(related, moments.set(ordinal, {**shared, **one})) for ordinal, one in enumerate(each)]

    def _each(self, wanted: int | list[Any]) -> list[dict[str, Any]]:
        if isinstance(wanted, int):
            return [{}] * wanted
        return [self._overrides(one) for one in wanted]

    def _is_picked(self, overrides: dict[str, Any]) -> bool:
        return not any(name.split("__")[0] in {self.actor, f"{self.actor}_id"} for name in overrides)

    def _overrides(self, one: Any) -> dict[str, Any]:
        meta = self.get_factory()._meta  # type: ignore[no-untyped-call] # noqa: SLF001 - factory_boy's
        actor = roles_of(meta).get(self.actor or "")
        if actor is not None and isinstance(one, actor.model):
            return {str(self.actor): one}
        if isinstance(one, dict):
            return dict(one)
        if self.texts and isinstance(one, str):
            return {self.texts[0]: one}
        if self.texts and isinstance(one, meta.model):
            return {name: getattr(one, name) for name in self.texts}
        raise InvalidElementError(self.field, one, self._allowed(meta, actor))

    def _allowed(self, meta: Any, actor: One | None) -> str:
        allowed = [] if actor is None else [f"a {actor.model.__name__}"]
        if self.texts:
            allowed += [f"text ({self.texts[0]})", f"a built {meta.model.__name__}"]
        return ", ".join([*allowed, "a dict of overrides"])

    def _check_pool(self, instance: Any, count: int) -> None:
        """Refuse before anything is made, where the pool has too few who could."""
        meta = self.get_factory()._meta  # type: ignore[no-untyped-call] # noqa: SLF001 - as above
        pool, role = find_pool(), meta.paired.get(self.actor)
        if pool is None or role is None:
            return
        shelf = pool.shelf(roles_of(meta)[role.name].model)
        if shelf is not None:
            pool.check(role, identity(instance), shelf, count)


class _Moments:
    """When each of a hook's objects happens: between the object that has them and now."""

    def __init__(self, instance: Any, key: int, within: float | None) -> None:
        self._from = instance.created_at
        self._now = current_app().clock.now()
        self._key = key
        self._reactions = None if within is None else Reactions(self._from, self._now, within)

    def set(self, ordinal: int, overrides: dict[str, Any]) -> dict[str, Any]:
        """Add the moment, unless one is given or the object came to be just now."""
        if self._from != self._now and "at" not in overrides:  # at once, where that is still to come
            part = fraction(key_of(self._key, ordinal))
            reactions = self._reactions
            at = awake(self._from, self._now, part) if reactions is None else reactions.at(part)
            overrides["at"] = Moment(at)
        return overrides
