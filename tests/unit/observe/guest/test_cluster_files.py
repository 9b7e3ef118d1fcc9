"""HA, resource mappings and replication jobs, from the cluster's files."""

from __future__ import annotations

import json
from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.backup_jobs import nodes_of_jobs
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.ha import HighAvailability
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.replication import ReplicationJob, parse_jobs
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest import ha, mapping, replication
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.guests import Place

from ....doubles.support import FakeNode

STATUS = {"node_status": {"pve3": "maintenance"}, "service_status": {"vm:100": {"node": "pve1", "state": "started"}}}
RULES = """node-affinity: near
	nodes pve1:2,pve3
	resources vm:100,ct:101

node-affinity: only
	nodes pve3
	resources vm:102
	strict 1

node-affinity: asleep
	disable 1
	nodes pve3
	resources vm:102
	strict 1

resource-affinity: apart
	affinity negative
	resources vm:100,vm:102
"""


def high_availability(**files: str) -> HighAvailability:
    return ha.observe(FakeNode({f"/etc/pve/ha/{name.replace('_cfg', '.cfg')}": text for name, text in files.items()}))


def test_what_the_ha_manager_is_in_charge_of() -> None:
    found = high_availability(
        resources_cfg="vm: 100\n\tstate enabled\n\nct: 101\n\nvm: 102\n\tstate stopped\n",
        manager_status=json.dumps(STATUS),
    )
    assert [found.runs(Guest("qemu", vmid)) for vmid in (100, 102, 103)] == [True, False, False]
    assert [found.manages(Guest("lxc", vmid)) for vmid in (101, 102)] == [True, False], "vm:102 is no container"
    assert found.services["vm:100"] == ("pve1", "started")
    assert (found.in_maintenance("pve3"), found.in_maintenance("pve1")) == (True, False)


@pytest.mark.parametrize(
    ("text", "resources"),
    [
        ("VM: 100\n\tstate stopped\n", {"vm:100": "stopped"}),
        ("vm: 0100\n\nct: abc\n\nfuture: 100\n", {}),
        ("ct: 100\n\tstate nonsense\n\tstate disabled\n", {"ct:100": "disabled"}),
        ("ct: 100\n\tstate\n", {"ct:100": "started"}),
        ("vm: 100\n\tstate stopped\n\nvm: 100\n", {"vm:100": "started"}),
    ],
)
def test_resources_are_what_proxmox_ve_takes_for_them(text: str, resources: dict[str, str]) -> None:
    assert high_availability(resources_cfg=text).resources == resources


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("Node-Affinity: near\n\tnodes pve1\n\tresources vm:100\n", {"pve1": ""}),
        ("node-affinity: 1x\n\tnodes pve1\n\tresources vm:100\n", None),
        ("node-affinity: near\n\tnodes pve1\n", None),
        ("node-affinity: near\n\tnodes pve_1\n\tnodes pve2:3\n\tresources vm:100\n", {"pve2": "3"}),
        ("node-affinity: near\n\tnodes pve1,pve_1\n\tresources vm:100\n", None),
        ("node-affinity: near\n\tnodes pve1\n\tresources vm:100\n\nfuture: near\n\tnodes pve2\n", {"pve1": ""}),
    ],
)
def test_rules_are_what_proxmox_ve_takes_for_them(text: str, nodes: Optional[dict[str, str]]) -> None:
    assert [rule.nodes for rule in high_availability(rules_cfg=text).affinities] == ([] if nodes is None else [nodes])


def test_where_ha_is_not_used_nothing_is_managed() -> None:
    assert high_availability() == HighAvailability()


def test_a_status_that_is_not_understood_is_an_error() -> None:
    with pytest.raises(Unreadable, match="manager_status does not hold JSON"):
        high_availability(manager_status="{")


def test_rules_bind_only_while_they_are_strict_and_in_force() -> None:
    near, only, asleep = high_availability(rules_cfg=RULES).affinities
    assert (near.nodes, near.resources) == ({"pve1": "2", "pve3": ""}, {"vm:100", "ct:101"})
    assert [rule.binds_to("pve3") for rule in (near, only, asleep)] == [False, True, False]
    assert not only.binds_to("pve1")


def test_a_flag_is_also_set_by_its_mere_name() -> None:
    """As Proxmox VE writes `disable`, and nothing else."""
    (asleep,) = high_availability(rules_cfg=RULES.split("\n\n")[2].replace("disable 1", "disable")).affinities
    assert (asleep.name, asleep.disabled) == ("asleep", True)


def test_before_there_were_rules_resources_named_their_group() -> None:
    [group] = high_availability(
        groups_cfg="group: near\n\tnodes pve3\n\trestricted 1\n", resources_cfg="vm: 100\n\tgroup near\n\nvm: 101\n"
    ).affinities
    assert (group.group, group.resources, group.binds_to("pve3")) == (True, {"vm:100"}, True)


def test_mappings_of_devices_and_directories() -> None:
    pci = (
        "gpu\n\tdescription two\n\tmap id=1:2,node=pve1,path=a\n\tmap id=1:2,node=pve3,path=b\n"
        "\tlive-migration-capable 1\n\nnic\n\tmap node=pve3\n"
    )
    files = {"pci.cfg": pci, "directory.cfg": "data\n\tmap node=pve3,path=/srv/data\n"}
    gpu, nic, data = mapping.observe(FakeNode({f"/etc/pve/mapping/{name}": text for name, text in files.items()}))
    assert (gpu.name, gpu.without("pve3")) == ("gpu", ("id=1:2,node=pve1,path=a",))
    assert (nic.name, nic.without("pve3")) == ("nic", ())
    assert (gpu.on("pve1"), gpu.on("pve2"), gpu.live, nic.live) == (True, False, True, False)
    assert (data.path, data.on("pve3")) == ("dir/data", True)


def test_mappings_are_sections_like_those_of_other_files() -> None:
    text = "gpu\n\tmap node=pve1\n\ngpu\n\tmap node=pve2\n\tlive-migration-capable\nnic\n \n\tmap node=pve3\n"
    [gpu] = mapping.parse_mappings("pci", text)
    assert (gpu.entries, gpu.live) == (("node=pve2", "node=pve3"), True)
    [usb] = mapping.parse_mappings("usb", "stick\n\tmap node=pve1\n\tlive-migration-capable yes\n")
    assert not usb.live, "which Proxmox VE takes for no value of a flag"


def test_a_job_starts_where_its_guest_is() -> None:
    text = "local: 100-0\n\ttarget pve2\n\nlocal: 200-1\n\tremove_job full\n\tsource pve1\n\ttarget pve2\n"
    found = replication.observe(FakeNode({"/etc/pve/replication.cfg": text}), {100: Place("pve3", "qemu")})
    assert found == (
        ReplicationJob("100-0", 100, "pve2", "pve3"),
        ReplicationJob("200-1", 200, "pve2", "pve1", removing=True),
    )


def test_a_job_without_a_number_is_none() -> None:
    text = "local: web-0\n\ttarget pve2\n\nlocal: 100\n\ttarget pve2\n"
    assert replication.observe(FakeNode({"/etc/pve/replication.cfg": text}), {}) == ()


def test_the_name_of_a_job_is_two_numbers() -> None:
    """What is no header ends nothing, and is passed over with its lines; 007 is 7."""
    text = "local: web-0\n\ttarget pve9\nLocal: 0100-007\n\ttarget pve_9\n\ttarget pve2\n\tremove_job maybe\n"
    assert parse_jobs(f"{text}\nlocal: 99-0\n\ttarget pve2\n\nfuture: 100-1\n\ttarget pve2\n") == (
        ReplicationJob("100-7", 100, "pve2"),
    )


def test_a_guest_has_one_job_for_a_target() -> None:
    text = "local: 100-9\n\ttarget pve2\n\nlocal: 100-10\n\ttarget pve2\n\nlocal: 101-0\n\ttarget pve2\n"
    assert [job.id for job in parse_jobs(text)] == ["100-10", "101-0"], "in the order of their names"


def test_a_job_without_a_target_hides_all() -> None:
    """Upstream's parser ends there, so it is not known which guests are copied where."""
    with pytest.raises(Unreadable, match="as 100-0 there has no target"):
        parse_jobs("local: 100-0\n\tschedule */5\n\nlocal: 101-0\n\ttarget pve2\n")


BACKUP = "vzdump: nightly\n\tschedule 3:00\n\tnode pve3\n"


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        (BACKUP, {"nightly": "pve3"}),
        (BACKUP.replace("\tschedule 3:00\n", ""), {}),
        (BACKUP.replace("node pve3", "node pve_3\n\tnode pve2"), {"nightly": "pve2"}),
        (BACKUP.replace("vzdump", "realm-sync"), {}),
        (f"{BACKUP}\nvzdump: nightly\n\tschedule 4:00\n", {}),
        (f"{BACKUP}\nvzdump: nightly\n\tnode pve2\n", {}),
        ("", {}),
    ],
)
def test_a_backup_job_has_a_schedule_and_perhaps_a_node(text: str, nodes: dict[str, str]) -> None:
    assert nodes_of_jobs(text) == nodes
