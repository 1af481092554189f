"""The site of docs/, by Sphinx and MyST; nothing of it asks the network. `make docs` builds it, strictly."""

from __future__ import annotations

from importlib import metadata

project = "Seedbed"
author = "Seedbed contributors"
release = metadata.version("seedbed")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["build"]
myst_heading_anchors = 3
html_theme = "alabaster"
html_theme_options = {"description": "Test data through your own services", "page_width": "1080px"}
html_show_copyright = False
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
