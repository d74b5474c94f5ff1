"""The site: `make docs`. Sphinx with MyST and Furo, which ask the network for nothing."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scripts import reference  # noqa: E402

import khamsin  # noqa: E402

reference.write(ROOT / "docs" / "reference")

project = "khamsin"
author = "the khamsin authors"
copyright = "the khamsin authors, MIT licence"
release = khamsin.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["libya-2016-*-preface.md", "notebooks"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False


html_theme = "furo"
html_title = f"khamsin {release}"
html_theme_options = {"footer_icons": []}
html_show_sphinx = False
html_copy_source = False

# Fonts are those of the reader's machine; search runs in the browser from the site's own index.
