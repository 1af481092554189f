"""The step builder of ServiceFactories: factory_boy's, with a check of the keywords before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factory.builder import StepBuilder
from factory.enums import CREATE_STRATEGY, SPLITTER

from factories import session
from factories.errors import UnknownArgumentError

if TYPE_CHECKING:
    from factory.builder import BuildStep


class ServiceStepBuilder(StepBuilder):
    """Builds one object, and hands itself on to nested factories."""

    def build(self, parent_step: BuildStep | None = None, force_sequence: int | None = None) -> Any:
        """Build it, as factory_boy does, once its keywords are known to be right."""
        if self.extras and self.strategy == CREATE_STRATEGY and getattr(self.factory_meta, "service", None):
            self._check_keywords()
        return super().build(parent_step, force_sequence)  # type: ignore[no-untyped-call]

    def _check_keywords(self) -> None:
        meta = self.factory_meta
        for keyword in self.extras:
            root = keyword.split(SPLITTER, 1)[0]
            if root not in meta.pre_declarations and root not in meta.post_declarations:
                self._check_with_service(root)

    def _check_with_service(self, name: str) -> None:
        running = session.find_session()
        if running is None:
            return
        target = running.target(self.factory_meta.factory)
        if target.accepted is not None and name not in target.accepted:
            declared = {*self.factory_meta.pre_declarations, *self.factory_meta.post_declarations}
            raise UnknownArgumentError(self.factory_meta.factory.__name__, name, declared | target.accepted)
