"""The step builder of ServiceFactories: factory_boy's, with a check of the keywords before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factory.builder import StepBuilder
from factory.declarations import BaseDeclaration, Maybe
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
        for keyword, value in self.extras.items():
            root = keyword.split(SPLITTER, 1)[0]
            if root in meta.post_declarations:
                if root == keyword:
                    _check_argument(meta.post_declarations[root].declaration, value)
            elif root not in meta.pre_declarations and root not in meta.parameters:
                self._check_with_service(root)

    def _check_with_service(self, name: str) -> None:
        running, meta = session.find_session(), self.factory_meta
        if running is None:
            return
        accepted = running.target(meta.factory).accepted
        if accepted is not None and name not in accepted:
            known = {*meta.pre_declarations, *meta.post_declarations, *meta.parameters, *accepted}
            raise UnknownArgumentError(meta.factory.__name__, name, known)


def _check_argument(declared: Any, value: Any) -> None:
    while isinstance(declared, Maybe):
        declared = declared.no
    check = getattr(declared, "check", None)
    if check is not None and not isinstance(value, BaseDeclaration):
        check(value)
