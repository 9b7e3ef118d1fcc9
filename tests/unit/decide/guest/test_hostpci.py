"""Machines that get devices of their nodes by resource mappings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.modules.guest_vm import SUBJECT

from ....doubles.guest_api import GuestApi, params, plan, run
from .test_machines import WEB


def test_a_device_of_a_mapping(api: GuestApi) -> None:
    entry = "node=pve1,path=0000:01:00,id=10de:1eb8,subsystem-id=10de:12a2,iommugroup=30"
    device = {"slot": "hostpci0", "mapping": "t4", "pcie": True}
    cad = {**WEB, "running": False, "machine": "q35", "hostpci": [device]}
    with pytest.raises(Refused, match="no node that could get it has devices of t4 left"):
        run(api, cad)
    api.call("POST", "/cluster/mapping/pci", id="t4", map=[entry])
    run(api, cad)
    assert api.config(1201)["hostpci0"] == "mapping=t4,pcie=1"
    assert plan(api, cad).steps == ()
    api.change(1201, hostpci0="mapping=t4,pcie=on,rombar=1")
    assert plan(api, cad).steps == ()
    shared = {"slot": "hostpci0", "mapping": "a10-vgpu", "mdev": "nvidia-592", "pcie": False}
    run(api, {**cad, "hostpci": [shared]})
    assert api.config(1201)["hostpci0"] == "mapping=a10-vgpu,mdev=nvidia-592,pcie=0,rombar=1"
    run(api, {**cad, "hostpci": [{"slot": "hostpci0", "state": "absent"}]})
    assert "hostpci0" not in api.config(1201)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"hostpci": [{"slot": "hostpci0"}]}, "lacks mapping"),
        ({"hostpci": [{"slot": "pci0", "mapping": "t4"}]}, "slot"),
        (
            {"machine": "pc", "hostpci": [{"slot": "hostpci0", "mapping": "t4", "pcie": True}]},
            "pcie needs a machine q35",
        ),
    ],
)
def test_what_contradicts_itself_is_invalid(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        SUBJECT.desired(params(vms=[{**WEB, **wrong}]))
