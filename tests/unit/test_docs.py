"""Pages that tell of variables and releases tell what the code has."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml
from ansible_collections.baremetal.virt.plugins.plugin_utils.role_variables import known_variables

from .release_page import PAGE, page

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = (ROOT / "docs" / "offline.md").read_text()


def test_the_page_of_releases_is_the_table_of_releases() -> None:
    if os.environ.get("WRITE_GOLDEN"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page(), "write it again: make releases"


def test_the_page_of_mirrors_names_variables_that_exist() -> None:
    known = {name for names in known_variables().values() for name in names}
    assert set(re.findall(r"\b(?:repositories|proxmox_ve)_\w+", OFFLINE)) <= known


def test_the_lab_is_the_mirrored_site_of_that_page() -> None:
    shown = yaml.safe_load(re.findall(r"(?s)```yaml\n(.*?)```", OFFLINE)[0])
    lab = yaml.safe_load((ROOT / "inventories" / "lab" / "group_vars" / "proxmox.yml").read_text())
    declared = {name for name in lab if name.startswith("repositories_")} - {"repositories_subscription"}
    assert declared == set(shown)
