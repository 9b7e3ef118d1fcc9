"""The token that `access_automation` makes is enough for guests, and for those in its pools only."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed

from ....doubles import access_api
from ....doubles.guest_api import GuestApi, plan, run
from .test_machines import WEB


def test_guests_are_made_with_it(api: GuestApi, tmp_path: Path) -> None:
    automation = {
        "id": "guests",
        "pools": ["course"],
        "template_pools": ["templates"],
        "storages": ["vms"],
        "image_storages": ["share"],
        "networks": ["vmbr0"],
    }
    declared = {"automation": automation, "pools": [{"id": "templates"}], "token_folder": str(tmp_path / "tokens")}
    api.perform(access_api.plan(api, **declared))
    api._ask("POST", "/nodes/pve1/qemu", {"vmid": 900, "name": "mailserver"})
    api.caller = "guests@pve!automation"
    wish = {**WEB, "pool": "course", "nets": [{"slot": "net0", "bridge": "vmbr0"}], "running": False}
    with pytest.raises(StepFailed, match=r"403 Permission check failed \(/, Sys.Modify\)"):
        run(api, wish)  # the order of starts is one of the whole node
    del wish["startup"]
    run(api, wish)
    assert not plan(api, wish).steps
    other = plan(api, {"vmid": 900, "name": "mine", "pool": "course"})
    assert not other.steps
    assert other.refusals or other.tells["not_seen"]
