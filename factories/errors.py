"""Every error that the factories raise themselves: one root, and a leaf for each mistake or failure.

Errors of declarations and of hooks are the user's own and pass through unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.plain import MOST, show
from seedbed.strategy.errors import (
    BuildFailureError,
    ContradictionError,
    FactoryError,
    InfeasibleTotalError,
    InvalidCountError,
    InvalidElementError,
    InvalidFlagError,
    InvalidHookError,
    InvalidMomentError,
    InvalidOptionError,
    InvalidRangeError,
    InvalidSeedError,
    MissingArgumentError,
    NoAppError,
    NotCreatedError,
    RepeatedPairError,
    UnknownArgumentError,
    UnpicklableBindingError,
    UnusedArgumentError,
    ValidationFailureError,
    WrongObjectError,
    near,
)
from seedbed.strategy.pool_errors import EmptyPoolError, InvalidPoolError, NotEnoughError, UnusedPoolError
from seedbed.strategy.service_errors import NoServiceError

# What to create through


# What the caller asked for


# Whom to use


# Texts


__all__ = [
    "BuildFailureError",
    "ContradictionError",
    "DuplicateUserError",
    "EmptyPoolError",
    "FactoryError",
    "InfeasibleTotalError",
    "InvalidCountError",
    "InvalidElementError",
    "InvalidFlagError",
    "InvalidHookError",
    "InvalidMomentError",
    "InvalidOptionError",
    "InvalidPoolError",
    "InvalidRangeError",
    "InvalidSeedError",
    "InvalidUsersError",
    "MissingArgumentError",
    "NoAppError",
    "NoPlotsError",
    "NoServiceError",
    "NotCreatedError",
    "NotEnoughError",
    "RepeatedPairError",
    "TooFewUsersError",
    "UnknownArgumentError",
    "UnknownImagesError",
    "UnknownLocaleError",
    "UnknownStrategyError",
    "UnknownTopicError",
    "UnpicklableBindingError",
    "UnusedArgumentError",
    "UnusedPoolError",
    "ValidationFailureError",
    "WrongObjectError",
    "near",
]


class UnknownLocaleError(FactoryError):
    """There are no texts for a locale."""

    def __init__(self, locale: str, known: Iterable[str]) -> None:
        self.locale = locale
        self.known = tuple(known)
        super().__init__(f"there are no texts for the locale {locale!r}; there are for {', '.join(self.known)}")


class UnknownTopicError(FactoryError):
    """Nobody posts about a topic of this name."""

    def __init__(self, topic: str, known: Iterable[str]) -> None:
        self.topic = topic
        self.known = tuple(sorted(known))
        super().__init__(f"no topic is called {topic!r}: {near(topic, self.known)}")


class UnknownImagesError(FactoryError):
    """Pictures are not stored in a way of this name."""

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.known = tuple(known)
        super().__init__(f"pictures are stored as {', '.join(self.known)}, and not as {kind!r}")


class NoPlotsError(FactoryError):
    """Plots are drawn by a library that is not installed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(f"plots need the extra report ({module} is missing): pip install 'seedbed[report]'")


# Graphs


class UnknownStrategyError(FactoryError):
    """No follow graph goes by this name."""

    def __init__(self, strategy: str, known: Iterable[str]) -> None:
        self.strategy = strategy
        self.known = tuple(sorted(known))
        super().__init__(f"no follow graph is called {strategy!r}: {near(strategy, self.known)}")


class InvalidUsersError(FactoryError):
    """A follow graph was given something else than users."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(f"a follow graph takes stored users, at most {MOST:,}, not {show(value)}")


class TooFewUsersError(FactoryError):
    """A follow graph needs two users at least."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"a follow graph needs two users or more, not {count}")


class DuplicateUserError(FactoryError):
    """A follow graph was given the same user twice."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        super().__init__(f"the user {user_id!r} was given twice: a follow graph takes each user once")


# What the service refused
