"""The page *World*: the figures of the last run or look, and their time. Somebody asks for a look, no page does."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from factories.errors import FactoryError
from services.errors import ServiceError

if TYPE_CHECKING:
    from starlette.responses import Response

    from factories.pages.site import Visit
    from factories.reporting import Figures
    from services import App


class World:
    """Figures that are kept until others take their place; one look at a time."""

    def __init__(self, place: str = "this table", command: str = "") -> None:
        """Show nothing yet.

        Args:
            place: What the table is called.
            command: What to type for the figures in a file.
        """
        self._place = place
        self._command = command
        self._lock = threading.Lock()
        self._body: Markup | None = None
        self._rows: int | None = None
        self._wrong = ""
        self._kept: Figures | None = None
        self._drawing: threading.Thread | None = None

    def keep(self, figures: Figures) -> None:
        """Show these figures from now on."""
        self._kept = figures

    def begin(self) -> None:
        """Begin to draw the plots of what was kept: when somebody looks at a page, not while programs alone are served.

        Cost: half a second of another thread, for which the page World waits.
        """
        with self._lock:
            figures, self._kept = self._kept, None
            if figures is not None:
                self._drawing = threading.Thread(target=self._draw, args=(figures,), daemon=True)
                self._drawing.start()

    def _draw(self, figures: Figures) -> None:
        from factories.reporting.pages import content  # noqa: PLC0415 - as in _look

        try:
            self._body, self._wrong = Markup(content(figures)), ""  # noqa: S704 - it escapes what it shows
        except FactoryError as error:  # no plots without matplotlib
            self._wrong = str(error)

    def show(self, visit: Visit) -> Response:
        """Show the figures that there are, or how to have some. Cost: 1 query for the runs where there are none."""
        self.begin()
        if self._drawing is not None:
            self._drawing.join()
        runs = [(run, _show(run.report)) for run in visit.app.runs.all()] if self._body is None else []
        values: dict[str, Any] = {"body": self._body, "rows": self._rows, "wrong": self._wrong, "runs": runs}
        return visit.page("world.html", place=self._place, command=self._command, **values)

    def look(self, visit: Visit) -> Response:
        """Begin to look at the whole table, unless somebody has; the page tells how far that is."""
        with self._lock:
            if self._rows is None:
                self._rows, self._wrong = 0, ""
                threading.Thread(target=self._look, args=(visit.app,), daemon=True).start()
        return visit.back("/world")

    def _look(self, app: App) -> None:
        from factories.reporting import look  # noqa: PLC0415 - loads NumPy

        try:
            self._draw(look(app, place=self._place, progress=self._count))
        except ServiceError as error:
            self._wrong = str(error)
        finally:
            self._rows = None

    def _count(self, rows: int) -> None:
        self._rows = rows


def _show(report: str | None) -> str:
    """Return what a run kept for whoever did not hear it, to be read."""
    try:
        return "" if report is None else json.dumps(json.loads(report), indent=1, ensure_ascii=False)
    except ValueError:
        return str(report)
