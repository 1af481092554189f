"""A world to look at: the figures of a table as one page with plots, for a browser, a file or a notebook.

    from factories.reporting import look

    look(app)  # in a notebook: the page; `look(app).page()` is its HTML

Plots are matplotlib's, of the extra `report`.
"""

from __future__ import annotations

from factories.reporting.figures import Figures, look
from factories.reporting.measures import Cost
from factories.reporting.pages import page
from factories.reporting.plots import check_plots, load_plots

__all__ = ["Cost", "Figures", "check_plots", "load_plots", "look", "page"]
