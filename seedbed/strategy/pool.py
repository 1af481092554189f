"""Whom to use: `recycle` (recycling.py) makes nested factories take existing objects instead of making new ones.

    with recycle(users, posts):
        LikeFactory.create_batch(100)

Taken by the model's type, and by role: two objects are paired at most once in each relation (nobody likes a
post twice, or follows a person twice), and nobody is paired with oneself. Picks are keyed draws. Explicit
arguments beat the pool and count as paired too. Nor is picked what the service would refuse in a role, as far as
the objects tell (`Meta.fits`). Of nested blocks, the inner one wins for the types that it holds. Rows that were
stored before the block are unknown to it. A block holds objects of the app that is bound where it is opened:
under another app nothing is taken from it.

A pick costs O(1), however many are taken: each object that is paired off has a lazily shuffled deck of
partners.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from seedbed import forks
from seedbed.context import Scope
from seedbed.strategy.binding import binding_of, find_binding
from seedbed.strategy.keys import NO_KEY, key_of
from seedbed.strategy.pool_errors import EmptyPoolError, NotEnoughError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from factory.builder import BuildStep

_POOLS: Scope[Pool] = Scope("pool", is_shared=True)
"""By the app that was bound when they were opened; None: none was."""


Fits: TypeAlias = "Callable[[Any, Any], bool]"
"""Told the object of a role and its partner (None: not known), tells whether the service would take them."""


class Role(NamedTuple):
    """One end of a relation: `Role("LikeFactory", "user", "post")` is the user who is paired with a post."""

    relation: str
    name: str
    partner: str
    is_alike: bool = False
    """Whether both ends are of one model: then nobody stands beside oneself."""

    @property
    def other(self) -> Role:
        """The relation's other end."""
        return _turn(self)


@lru_cache(maxsize=256)  # a cache: it is asked for several times an object
def _turn(role: Role) -> Role:
    return Role(role.relation, role.partner, role.name, role.is_alike)


def identity(thing: Any) -> Any:
    """Return what tells an object from others: its key where it has one."""
    found = getattr(thing, "id", None)  # mostly
    found = key_of(thing) if found is None else found
    return id(thing) if found is None or found is NO_KEY else found


class Deck:
    """The numbers below `size`, each taken once, in any order: a Fisher-Yates shuffle, done lazily.

    Only the places that differ from the sorted order are kept, so a deck is made in no time.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.left = size
        self._at: dict[int, int] = {}  # place -> the number there, where it is not the place itself
        self._place: dict[int, int] = {}  # the reverse

    def drop(self, key: int, fits: Callable[[int], bool]) -> None:
        """Take out whatever does not fit, until a 64-bit key falls on a number that does, or none is left."""
        while self.left and not fits(self.look(key)):
            self.take(self.look(key))

    def look(self, key: int) -> int:
        """Return the number that a 64-bit key falls on. At least one must be left."""
        place = key * self.left >> 64
        return self._at.get(place, place)

    def take(self, number: int) -> bool:
        """Take a number out; False if it was out already."""
        place = self._place.get(number, number)
        if place >= self.left:
            return False
        self.left -= 1
        last = self._at.get(self.left, self.left)
        self._at[place], self._place[last] = last, place
        self._at[self.left], self._place[number] = number, self.left
        return True


class Shelf:
    """The objects of one type in one block, each once."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.index: dict[Any, int] = {}
        self.parts: dict[Any, dict[Any, Shelf]] = {}
        """Those that are alike in what roles say; see `matching`."""

    def add(self, item: Any) -> None:
        """Put an object in, unless it is there."""
        if self.index.setdefault(identity(item), len(self.items)) == len(self.items):
            self.items.append(item)


class Pairs:
    """Who was paired with whom in every relation, and the decks of those who are left; for nested blocks.

    Several threads may pick at once: who picks holds `turn` until the pick is noted.
    """

    def __init__(self) -> None:
        self.turn = forks.new_lock()
        self._partners: defaultdict[tuple[Role, Any], dict[Any, None]] = defaultdict(dict)
        self._decks: defaultdict[tuple[Role, Any], dict[int, tuple[Shelf, Deck]]] = defaultdict(dict)

    def deck(self, role: Role, partner: Any, shelf: Shelf) -> Deck:
        """Return the deck of those on the shelf who can still be beside `partner` (an identity)."""
        decks = self._decks[role, partner]
        if id(shelf) not in decks:
            deck = Deck(len(shelf.items))
            oneself = (partner,) if role.is_alike else ()
            for taken in (*oneself, *self._partners[role, partner]):
                if taken in shelf.index:
                    deck.take(shelf.index[taken])
            decks[id(shelf)] = shelf, deck
        return decks[id(shelf)][1]

    def pair(self, role: Role, one: Any, other: Any) -> None:
        """Note that `one` took the role beside `other` (identities), unless that is known."""
        with self.turn:
            if one not in self._partners[role, other]:
                self._pair_off(role, one, other)
                self._pair_off(role.other, other, one)

    def _pair_off(self, role: Role, one: Any, partner: Any) -> None:
        self._partners[role, partner][one] = None
        for shelf, deck in self._decks[role, partner].values():
            if one in shelf.index:
                deck.take(shelf.index[one])


class Pool:
    """What one `recycle` block holds, and the block around it."""

    def __init__(self, things: Iterable[Any], outer: Pool | None) -> None:
        self._shelves: dict[type, Shelf] = {}
        self._outer = outer
        self._open: dict[tuple[Role, int], Deck] = {}
        self._fitting: dict[tuple[tuple[str, str], int], Deck] = {}
        self.pairs: Pairs = Pairs() if outer is None else outer.pairs
        for thing in things:
            self._shelves.setdefault(type(thing), Shelf()).add(thing)
        if not self._shelves:
            raise EmptyPoolError

    def shelf(self, model: type) -> Shelf | None:
        """Return the objects of a model, of the innermost block that has any; None: make new ones."""
        found = self._shelves.get(model)
        if found is None:
            found = next((shelf for kind, shelf in self._shelves.items() if is_below(kind, model)), None)
        if found is None and self._outer is not None:
            return self._outer.shelf(model)
        return found

    def pick(self, shelf: Shelf, key: int) -> Any:
        """Return any object of the shelf."""
        return shelf.items[key * len(shelf.items) >> 64]

    def pick_fitting(self, shelf: Shelf, key: int, role: tuple[str, str], fits: Fits) -> Any:
        """Return an object of the shelf that fits the role, which is a factory's name and a field.

        Raises:
            NotEnoughError: None does.
        """
        deck = self._fitting.setdefault((role, id(shelf)), Deck(len(shelf.items)))
        deck.drop(key, lambda number: fits(shelf.items[number], None))
        if not deck.left:
            what = f"objects that can be the {role[1]} ({role[0]})"
            raise NotEnoughError(what, 1, 0)
        return shelf.items[deck.look(key)]

    def pick_beside(
        self, role: Role, partner: Any, shelf: Shelf, key: int, fits: Callable[[Any], bool] | None = None
    ) -> Any:
        """Return an object that was not yet paired with `partner` (an identity) in this role, and fits.

        Raises:
            NotEnoughError: There is none left.
        """
        deck = self.pairs.deck(role, partner, shelf)
        if fits is not None:
            deck.drop(key, lambda number: fits(shelf.items[number]))
        if not deck.left:
            others = (item for item in shelf.items if not (role.is_alike and identity(item) == partner))
            most = sum(fits is None or fits(item) for item in others)
            raise NotEnoughError(_different(role), most + 1, most)
        return shelf.items[deck.look(key)]

    def pick_open(self, role: Role, shelf: Shelf, partners: Shelf, key: int, fits: Fits | None = None) -> Any:
        """Return an object of the shelf beside which at least one of `partners` can still stand, and fits.

        Raises:
            NotEnoughError: All of them are paired with all partners that fit.
        """

        def is_open(number: int) -> bool:
            item = shelf.items[number]
            deck = self.pairs.deck(role.other, identity(item), partners)
            if fits is not None:
                deck.drop(key, lambda other: fits(item, partners.items[other]))
            return deck.left > 0

        still_open = self._open.setdefault((role, id(shelf)), Deck(len(shelf.items)))
        still_open.drop(key, is_open)  # paired with everybody: never looked at again
        if still_open.left:
            return shelf.items[still_open.look(key)]
        most = _count_pairs(shelf, partners, fits)
        what = f"different pairs of {role.name} and {role.partner} ({role.relation})"
        raise NotEnoughError(what, most + 1, most)

    def check(self, role: Role, partner: Any, shelf: Shelf, count: int) -> None:
        """Make sure that `count` different objects can take the role beside `partner` (an identity).

        Raises:
            NotEnoughError: There are fewer.
        """
        with self.pairs.turn:
            left = self.pairs.deck(role, partner, shelf).left
        if count > left:
            raise NotEnoughError(_different(role), count, left)


def is_below(kind: type, model: Any) -> bool:
    """Tell whether objects of a class are taken for a model."""
    try:
        return issubclass(kind, model)
    except TypeError:  # a TypedDict or a Protocol, of which nothing is an instance
        return False


def _count_pairs(shelf: Shelf, partners: Shelf, fits: Fits | None) -> int:
    if fits is None:
        return len(shelf.items) * (len(partners.items) - (shelf is partners))
    return sum(one is not other and fits(one, other) for one in shelf.items for other in partners.items)


def _different(role: Role) -> str:
    return f"different objects to be the {role.name} of one {role.partner} ({role.relation})"


@contextmanager
def holding(things: Iterable[Any]) -> Iterator[Pool]:
    """Let nested factories take from these objects for the block.

    Raises:
        EmptyPoolError: There are none.
    """
    pool = Pool(things, find_pool())
    block = _POOLS.open(pool, find_binding().app)
    try:
        yield pool
    finally:
        _POOLS.close(block)


def find_pool(step: BuildStep | None = None) -> Pool | None:
    """Return the pool in force for the app that is bound, or None. One opened where no app was bound serves all."""
    app = binding_of(step).app
    block = _POOLS.find(app)
    if block is None and app is not None:
        block = _POOLS.find()
    return None if block is None else block.value
