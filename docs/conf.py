"""How Sphinx makes a site of these pages; `make docs`."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "Inflight"
copyright = "the developers of Inflight, Apache-2.0"
version = release = version_of("inflight")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
html_theme = "furo"
html_title = "Inflight"
# The pages are read on a code host too, where headings get anchors of this depth.
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"

# Links to files of the repository, which the site does not have, are held by tests/test_pages.py.
suppress_warnings = ["myst.header", "myst.xref_missing"]
