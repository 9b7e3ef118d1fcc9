"""What is read about a node that is to leave: files as Proxmox VE writes them, answers as Ceph prints them."""

from __future__ import annotations

import json

from ansible_collections.baremetal.virt.plugins.module_utils.decide.leaving.report import report
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data
from ansible_collections.baremetal.virt.plugins.module_utils.observe.leaving.membership import observe
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.ceph_cases import PLAIN
from ....doubles.leaving_node import Leaving, params
from ....doubles.support import transcript

GUEST = "name: db\nscsi0: tank:vm-100-disk-0,size=32G\n"


def test_the_free_memory_is_that_of_the_node_as_recorded() -> None:
    node = Leaving().guest(100)
    node.commands["pvesh", "get", "/nodes/pve2/status", "--output-format", "json"] = transcript(
        "094-1down-pvesh-remote-status"
    )
    found = observe(node, SUBJECT.desired(params())).free_memory
    assert found == {"pve1": 44 << 30, "pve2": 25276514304 - 4365471744}
    assert observe(Leaving(), SUBJECT.desired(params())).free_memory == {}


def test_the_monitors_answers_as_recorded() -> None:
    """``status`` and ``osd tree`` of a real cluster; the other questions were not recorded."""
    answers = {
        **PLAIN,
        "status": json.loads(transcript("154-ceph-s-json").stdout),
        "osd tree": json.loads(transcript("155-ceph-osd-tree-json").stdout),
        "mon dump": {"mons": [{"name": "pve1", "public_addrs": {"addrvec": [{"addr": "10.10.2.11:3300"}]}}]},
        "osd dump": {"flags": "noout,sortbitwise", "osds": [], "pools": []},
        "entities": ["mgr.pve1"],
    }
    found = parse_data(answers)
    assert found.buckets == ("pve1", "pve2", "pve3")
    assert found.monitors.addresses == {"pve1": ("10.10.2.11",)}
    assert (found.movement, found.flags) == (None, {"noout", "sortbitwise"})


def test_the_report_names_everything() -> None:
    node = Leaving().guest(100, GUEST)
    node.write("/etc/pve/jobs.cfg", "vzdump: nightly\n\tschedule 3:00\n\tnode pve3\n")
    node.write("/etc/pve/replication.cfg", "local: 100-0\n\ttarget pve2\n")
    node.write("/etc/pve/mapping/usb.cfg", "key\n\tmap node=pve3\n")
    told = report("pve3", observe(node, SUBJECT.desired(params())))
    assert (told["member"], told["online"], told["drained"], told["cluster"]) == (True, True, False, "lab")
    assert [guest["vmid"] for guest in told["guests"]] == [100]
    assert (told["backup_jobs"], told["replication"], told["mappings"]) == (["nightly"], ["100-0"], ["usb/key"])
    assert told["others"] == ["pve1", "pve2"]
