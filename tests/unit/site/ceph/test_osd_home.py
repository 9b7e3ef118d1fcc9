"""osd_home: an OSD by its number or by its disk, on the node that can work on it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.ceph.osd_home import osd_home


def info(node: str, *disks: tuple[str, list[int]]) -> dict[str, Any]:
    osds = [{"id": number, "host": f"pve{number + 1}", "destroyed": number == 2} for number in range(3)]
    described = [{"device": f"/dev/disk/by-id/{name}", "names": [name], "osd_ids": ids} for name, ids in disks]
    return {"host": f"{node}.example.org", "node": node, "osds": osds, "disks": described}


def infos() -> list[dict[str, Any]]:
    return [info("pve1", ("A", [0])), info("pve2", ("B", [1]), ("D", [4, 5]))]


@pytest.mark.parametrize("by", [{"osd": 1}, {"osd": "1"}, {"disk": "B"}])
def test_by_number_or_disk(by: dict[str, Any]) -> None:
    assert osd_home(infos(), **by) == {
        "osd": 1,
        "host": "pve2",
        "exists": True,
        "destroyed": False,
        "runs_on": "pve2.example.org",
        "disk_names": ["B"],
    }


@pytest.mark.parametrize(
    ("nodes", "osd", "host", "runs_on"),
    [
        pytest.param(infos(), 2, "pve3", "pve1.example.org", id="its node is away: any other"),
        pytest.param([info("pve1")], 2, "pve3", "pve1.example.org", id="its node is away: the only other"),
        pytest.param(infos(), 4, "pve2", "pve2.example.org", id="a removal was cut off: where its disk is"),
        pytest.param([info("pve1"), info("pve2", ("C", [2]))], 2, "pve2", "pve2.example.org", id="its disk moved"),
        pytest.param([info("pve1", ("C", [1])), info("pve2", ("C", [1]))], 1, "pve2", "pve2.example.org", id="JBOD"),
        pytest.param([info("pve1"), info("pve2")], 1, "pve2", "pve2.example.org", id="its disk is gone: as Ceph says"),
        pytest.param([{"host": "x", "failed": True}, *infos()], 0, "pve1", "pve1.example.org", id="one host failed"),
    ],
)
def test_which_node_works_on_it(nodes: list[dict[str, Any]], osd: int, host: str, runs_on: str) -> None:
    found = osd_home(nodes, osd=osd)
    assert (found["host"], found["runs_on"]) == (host, runs_on)


def test_what_is_left_of_an_osd() -> None:
    assert osd_home(infos(), osd=2)["destroyed"]
    assert not osd_home(infos(), osd=4)["exists"]


def test_monitors_that_are_silent_on_one_node_answer_on_another() -> None:
    silent = {**info("pve1", ("A", [0])), "osds": []}
    assert osd_home([silent, *infos()[1:]], osd=0)["exists"]


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ({}, "not clear which OSD is meant"),
        ({"osd": 1, "disk": "B"}, "not clear which OSD is meant"),
        ({"osd": 9}, r"There is no osd.9. There are: 0, 1, 2."),
        ({"osd": "four"}, "'four' is not the number of an OSD."),
        (
            {"disk": "X"},
            "The disk X carries no OSD. OSDs and their disks: osd.0 on /dev/disk/by-id/A of pve1;"
            " osd.1 on /dev/disk/by-id/B of pve2; osd.4, osd.5 on /dev/disk/by-id/D of pve2.",
        ),
        ({"disk": "D"}, "The disk D carries osd.4, osd.5. Say by its number which OSD is meant."),
    ],
)
def test_what_cannot_be_found(by: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as error:
        osd_home(infos(), **by)
    assert words in f"{error.value.message} {error.value.hint}"


def test_nobody_answers() -> None:
    with pytest.raises(Invalid, match="No host has said anything"):
        osd_home([{"host": "x", "failed": True}], osd=1)
