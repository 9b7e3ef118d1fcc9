"""osd_home: an OSD by its number or by its disk, on the node that can work on it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.baremetal.virt.plugins.filter.osd_home import osd_home


def info(node: str, *disks: tuple[str, list[int]]) -> dict[str, Any]:
    osds = [{"id": number, "host": f"pve{number + 1}", "destroyed": number == 2} for number in range(3)]
    described = [{"device": f"/dev/disk/by-id/{name}", "names": [name], "osd_ids": ids} for name, ids in disks]
    return {"node": node, "osds": osds, "disks": described}


def infos() -> dict[str, Any]:
    return {
        "pve1.example.org": info("pve1", ("A", [0])),
        "pve2.example.org": info("pve2", ("B", [1]), ("D", [4, 5])),
    }


@pytest.mark.parametrize("by", [{"osd": 1}, {"osd": "1"}, {"disk": "B"}])
def test_by_number_or_disk(by: dict[str, Any]) -> None:
    found = osd_home(infos(), **by)
    assert (found["osd"], found["runs_on"], found["disk_names"]) == (1, "pve2.example.org", ["B"])
    assert found["exists"] and not found["destroyed"]


def test_of_a_node_that_is_away_another_one_takes_care() -> None:
    found = osd_home(infos(), osd=2)
    assert (found["host"], found["runs_on"], found["destroyed"]) == ("pve3", "pve1.example.org", True)


def test_a_removal_that_was_cut_off_is_found_by_what_it_left() -> None:
    found = osd_home(infos(), osd=4)
    assert (found["exists"], found["runs_on"]) == (False, "pve2.example.org")


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ({}, "say which OSD is meant"),
        ({"osd": 1, "disk": "B"}, "say which OSD is meant"),
        ({"osd": 9}, r"there is no osd.9. There are: \[0, 1, 2\]"),
        ({"disk": "X"}, "the disk X carries no OSD. Disks with OSDs: /dev/disk/by-id/A on pve1.example.org"),
        ({"disk": "D"}, r"carries the OSDs \[4, 5\], so say which one"),
    ],
)
def test_what_cannot_be_found(by: dict[str, Any], words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        osd_home(infos(), **by)
