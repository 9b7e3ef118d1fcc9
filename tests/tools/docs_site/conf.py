"""How Sphinx makes the site of documentation: see docs_site.py, which lays out the pages. Warnings are errors."""

from __future__ import annotations

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "baremetal.virt"
author = "The baremetal.virt contributors"
html_title = project

extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
html_theme = "furo"
html_copy_source = False
html_static_path: list[str] = []

# As forges do: a link to a heading is its text in lower case with hyphens.
myst_heading_anchors = 4
# Nothing is fetched: what the reference says of Ansible's own pages is written down in ansible.txt.
intersphinx_mapping = {"ansible": ("https://docs.ansible.com/ansible/latest/", "ansible.inv")}
nitpicky = True


def setup(app: Sphinx) -> None:
    """Diagrams that a forge draws are shown as they are written."""
    app.add_lexer("mermaid", TextLexer)
