"""Test data that goes through the services of an application: a library for factory_boy.

    from seedbed import Many, One, ServiceFactory, using

    class OrderFactory(ServiceFactory[Order]):
        class Meta:
            service = OrderService.place_order

        customer = One(CustomerFactory)

    with using(app):
        order = OrderFactory()

Names are imported when they are first asked for, so that `import seedbed` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.fronts import Front

if TYPE_CHECKING:
    from seedbed.errors import ConflictError as ConflictError
    from seedbed.errors import ForbiddenError as ForbiddenError
    from seedbed.errors import InvalidError as InvalidError
    from seedbed.errors import NotFoundError as NotFoundError
    from seedbed.errors import ServiceError as ServiceError
    from seedbed.errors import UnavailableError as UnavailableError
    from seedbed.prohibition import ProhibitedError as ProhibitedError
    from seedbed.prohibition import prohibit as prohibit
    from seedbed.scenarios.registry import scenario as scenario
    from seedbed.strategy.acting import acting as acting
    from seedbed.strategy.around import ways_round as ways_round
    from seedbed.strategy.base import ServiceFactory as ServiceFactory
    from seedbed.strategy.binding import Binding as Binding
    from seedbed.strategy.binding import current_app as current_app
    from seedbed.strategy.binding import reset_sequences as reset_sequences
    from seedbed.strategy.binding import using as using
    from seedbed.strategy.bulk import Bulk as Bulk
    from seedbed.strategy.bulk import BulkPathWarning as BulkPathWarning
    from seedbed.strategy.errors import BuildFailureError as BuildFailureError
    from seedbed.strategy.errors import FactoryError as FactoryError
    from seedbed.strategy.errors import ValidationFailureError as ValidationFailureError
    from seedbed.strategy.hooks import after_create as after_create
    from seedbed.strategy.hooks import before_create as before_create
    from seedbed.strategy.randomness import Draw as Draw
    from seedbed.strategy.randomness import Fake as Fake
    from seedbed.strategy.randomness import Unique as Unique
    from seedbed.strategy.ranges import Range as Range
    from seedbed.strategy.recycling import recycle as recycle
    from seedbed.strategy.related import Many as Many
    from seedbed.strategy.roles import One as One
    from seedbed.strategy.silence import Silence as Silence
    from seedbed.strategy.silence import silenced as silenced
    from seedbed.strategy.steps import Then as Then
    from seedbed.strategy.traits import Trait as Trait
    from seedbed.suite.checking import assert_counters_exact as assert_counters_exact
    from seedbed.suite.counters import Counter as Counter
    from seedbed.suite.declaration import Suite as Suite
    from seedbed.suite.linting import lint as lint


_FRONT = Front(
    __name__,
    {
        "seedbed.prohibition": ("ProhibitedError", "prohibit"),
        "seedbed.errors": (
            "ConflictError",
            "ForbiddenError",
            "InvalidError",
            "NotFoundError",
            "ServiceError",
            "UnavailableError",
        ),
        "seedbed.scenarios.registry": ("scenario",),
        "seedbed.strategy.acting": ("acting",),
        "seedbed.strategy.around": ("ways_round",),
        "seedbed.strategy.base": ("ServiceFactory",),
        "seedbed.strategy.binding": ("Binding", "current_app", "reset_sequences", "using"),
        "seedbed.strategy.bulk": ("Bulk", "BulkPathWarning"),
        "seedbed.strategy.errors": ("BuildFailureError", "FactoryError", "ValidationFailureError"),
        "seedbed.strategy.hooks": ("after_create", "before_create"),
        "seedbed.strategy.randomness": ("Draw", "Fake", "Unique"),
        "seedbed.strategy.ranges": ("Range",),
        "seedbed.strategy.recycling": ("recycle",),
        "seedbed.strategy.related": ("Many",),
        "seedbed.strategy.roles": ("One",),
        "seedbed.strategy.silence": ("Silence", "silenced"),
        "seedbed.strategy.steps": ("Then",),
        "seedbed.strategy.traits": ("Trait",),
        "seedbed.suite.checking": ("assert_counters_exact",),
        "seedbed.suite.counters": ("Counter",),
        "seedbed.suite.declaration": ("Suite",),
        "seedbed.suite.linting": ("lint",),
    },
)
if not TYPE_CHECKING:  # to a checker a module that has `__getattr__` has any name
    __all__ = _FRONT.names  # noqa: PLE0605 - the imports above tell type checkers
    __getattr__, __dir__ = _FRONT.get, _FRONT.list
