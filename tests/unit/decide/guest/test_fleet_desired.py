"""What is wrong with a fleet in itself, whatever the cluster shows."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.fleet_desired import fleets_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.guest.release_desired import (
    extension_from,
    release_from,
)
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.fleet_parameters import EXTENSION, RELEASE
from ansible_collections.baremetal.virt.plugins.modules.guest_fleet_info import INQUIRY

from ....doubles.fleet_cluster import FLEET, params


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "OS 1"}, "'OS 1'"),
        ({"id": 12}, "is not a text"),
        ({"owners": 7}, "owners is 7"),
        ({"per_owner": []}, "names no machine"),
        ({"per_owner": [{"name": "vm", "vmid": 3}]}, "vmid is said by the fleet"),
        ({"per_owner": [{"name": 1e3}]}, "is not a text"),
        ({"per_owner": [{"name": "vm"}, {"name": "vm"}]}, "listed twice"),
        ({"ids": {"first": 12, "count": 3}}, "ids begin at 100"),
        ({"expires": 0}, "expires cannot be 0"),
        ({"expires": "2027-02-30"}, "expires cannot be"),
        ({"zone": "Berlin"}, "no time zone"),
        ({"grace_days": 0}, "grace_days is at least 1"),
        ({"network": {"bridge": "vmbr0", "gateway": "10.0.0.1"}}, "without first_address"),
        ({"network": {"bridge": "vmbr0", "first_address": "10.0.0.1"}}, "no length"),
        ({"network": {"bridge": "vmbr0", "vlan": 5, "vnet": "c"}}, "either a VLAN or a vnet"),
        ({"network": {"bridge": "vmbr0"}, "isolation": {}}, "which addresses DHCP gives"),
        ({"quota": {"disk": "much"}}, "quota is not understood"),
        ({"quota": {"cores": 0}}, "quota is not understood"),
        ({"quota": {"gpus": -1}}, "quota is not understood"),
        ({"release": {"backup_to": "backups", "stop_timeout": 0}}, "stop_timeout"),
    ],
)
def test_what_contradicts_itself_is_invalid(change: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        fleets_from(params(INQUIRY.argument_spec, fleets=[{**FLEET, **change}]))


def test_two_fleets_share_no_ids() -> None:
    with pytest.raises(Invalid, match="share ids"):
        fleets_from(
            params(INQUIRY.argument_spec, fleets=[FLEET, {**FLEET, "id": "db", "ids": {"first": 1299, "count": 2}}])
        )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "Nobody is named"),
        ({"fleet": "db"}, "There is no fleet 'db'"),
        ({"owners": ["stu01"]}, "'stu01' is not what Proxmox VE takes"),
        ({"owners": [12]}, "is not a text"),
        ({"owners": ["stu01@pve"], "expired": True}, "expired is about all"),
        ({"fleet": "os", "expired": True, "revoke": True}, "expired is about all"),
    ],
)
def test_a_release_says_whom_it_is_about(said: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        release_from(params(RELEASE, fleets=[FLEET], **said))


@pytest.mark.parametrize("until", ["never", 0, "31.3.2027", True])
def test_an_extension_says_a_day(until: Any) -> None:
    with pytest.raises(Invalid, match="last_day"):
        extension_from(params(EXTENSION, fleets=[FLEET], fleet="os", last_day=until))
