"""All calls in any order, alone or many in a unit of work, against a model in plain Python; then the audit."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import hypothesis.strategies as st
from hypothesis import note, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from services.audit import audit
from services.errors import RefusedChangesError, ServiceError
from tests.laws.calls import STEMS, Names, calls
from tests.laws.effort import LAWS
from tests.laws.model import Model, perform
from tests.laws.reading import shown, wanted


class SocialMachine(RuleBasedStateMachine):
    open_app: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.names = Names()
        self.stack = ExitStack()

    @initialize(limit=st.integers(0, 3), workers=st.sampled_from([1, 1, 3]))
    def connect(self, limit: int, workers: int) -> None:
        self.app = self.stack.enter_context(self.open_app(fan_out_limit=limit, workers=workers))
        for stem in STEMS[:4]:
            self.alone(("create_profile", stem))

    @rule(drawn=calls)
    def alone(self, drawn: tuple[Any, ...]) -> None:
        name, args = self.names.resolve(drawn, self.model)
        note(f"{name}{args}")
        try:
            value = perform(self.app, name, args)
        except ServiceError as error:
            told, made = type(error), None
            assert self.model.call(name, args, "refused" if name.startswith("create") else None) is told
        else:
            made = self.names.note(name, args, getattr(value, "id", ""))
            assert self.model.call(name, args, made) is None

    @rule(drawn=st.lists(calls, min_size=1, max_size=25), reads=st.integers(0, 40))
    def together(self, drawn: list[tuple[Any, ...]], reads: int) -> None:
        told: list[type[ServiceError]] = []
        foreseen: list[type[ServiceError]] = []
        try:
            with self.app.unit_of_work():
                for place, one in enumerate(drawn):
                    if place == reads:
                        self.compare(limit=2)
                    self.queue(one, foreseen)
        except RefusedChangesError as refused:
            told = [type(error) for error in refused.exceptions]
        assert told == foreseen

    def queue(self, drawn: tuple[Any, ...], foreseen: list[type[ServiceError]]) -> None:
        name, args = self.names.resolve(drawn, self.model)
        note(f"queue {name}{args}")
        try:
            value = perform(self.app, name, args)
        except ServiceError as error:
            told = type(error)
            assert self.model.call(name, args, "refused" if name.startswith("create") else None) is told
            return
        made = self.names.note(name, args, getattr(value, "id", ""))
        refused = self.model.call(name, args, made)
        if refused is not None:
            foreseen.append(refused)

    @rule(limit=st.integers(1, 5))
    @precondition(lambda self: self.model.posts)
    def compare(self, limit: int) -> None:
        assert shown(self.app, self.model, limit) == wanted(self.model)

    def teardown(self) -> None:
        try:
            if hasattr(self, "app"):
                self.compare(100)
                assert audit(self.app.session.store).findings == ()
        finally:
            self.stack.close()


def test_the_app_does_what_the_model_does(open_app):
    class Machine(SocialMachine):
        pass

    Machine.open_app = staticmethod(open_app)
    run_state_machine_as_test(Machine, settings=settings(LAWS, stateful_step_count=25))
