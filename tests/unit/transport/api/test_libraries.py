"""proxmoxer and requests are needed on the controller that asks the API, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COLLECTIONS = Path(__file__).parents[4] / ".ansible" / "collections"
ROOM = "ansible_collections.baremetal.virt.plugins.module_utils.transport.api"
ASK = f"""
import sys
sys.path.insert(0, {str(COLLECTIONS)!r})
sys.modules[sys.argv[1]] = None
from {ROOM}.api import Api
from {ROOM} import perform, wire
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
try:
    Api("127.0.0.1", "00", lambda: None)
except Unreadable as error:
    print(error.message, error.hint)
"""
LOADED = f"""
import sys
sys.path.insert(0, {str(COLLECTIONS)!r})
from ansible_collections.baremetal.virt.plugins.action import site_summary_info
print("requests" in sys.modules, "{ROOM}.api" in sys.modules)
"""


@pytest.mark.parametrize("library", ["proxmoxer", "requests", "urllib3"])
def test_a_controller_without_them_is_told_what_to_install(library: str) -> None:
    told = subprocess.run([sys.executable, "-c", ASK, library], capture_output=True, text=True, check=True).stdout
    assert told.startswith("The API cannot be asked from this controller: ")
    assert told.rstrip().endswith("-m pip install proxmoxer requests")


def test_they_are_not_loaded_before_they_are_needed() -> None:
    """A run that changes nothing does not pay for them."""
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "True"]
