"""How Sphinx builds these pages: `make docs`. Nothing here is fetched from a network."""

import inspect
import os
import re
import warnings

import sicf

# The examples and the pages are computed on whatever machine builds them; one thread is enough.
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

project = "sicf"
author = "The sicf maintainers"
project_copyright = "the sicf maintainers, BSD-3-Clause"
version = release = sicf.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "images/*.md", "gallery/*.py", "gallery/*.ipynb"]
templates_path = ["_templates"]
default_role = "literal"
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

myst_enable_extensions = ["colon_fence", "attrs_block"]
myst_heading_anchors = 4

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": ["../examples/gallery"],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"/plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "within_subsection_order": "FileNameSortKey",
    "show_memory": False,
    # That page would load its tables from a network.
    "write_computation_times": False,
    "show_signature": False,
    "reference_url": {"sicf": None},
    "doc_module": ("sicf",),
    "backreferences_dir": "generated/backreferences",
    "remove_config_comments": True,
}
# What an example warns of belongs into its output, as its reader would see it; but figures are
# drawn without a screen here, and that is no surprise.
warnings.filterwarnings("ignore", message=".*non-interactive.*", category=UserWarning)

html_theme = "pydata_sphinx_theme"
html_title = f"sicf {version}"
html_static_path = ["_static"]
html_css_files = ["sicf.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_center": ["research-only"],
    "footer_end": [],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
# A page without pages below it has nothing to list at its side.
html_sidebars = {name: [] for name in ("index", "install", "paper", "metaheuristics")}


def skip_what_others_wrote(app, what, name, obj, skip, options):
    """Leave out methods that scikit-learn documents: its pages, and its references, are its own.

    And the fields of named tuples, which the class's own docstring has with a meaning.
    """
    if str(getattr(obj, "__doc__", "")).startswith("Alias for field number"):
        return True
    module = getattr(inspect.unwrap(obj), "__module__", None) if callable(obj) else "sicf"
    if what == "class" and not str(module).startswith("sicf"):
        return True
    return skip


def without_glossary(app, what, name, obj, options, lines):
    """Properties that come from scikit-learn refer to its glossary, which is not here."""
    lines[:] = [re.sub(r":term:`(?:[^`<]*<)?([^`>]+)>?`", r"*\1*", line) for line in lines]


def setup(app):
    app.connect("autodoc-skip-member", skip_what_others_wrote)
    app.connect("autodoc-process-docstring", without_glossary, priority=900)
