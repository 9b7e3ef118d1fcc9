"""What may be lost: all of it has a row."""

from __future__ import annotations

import json

from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumOptions
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import TOPICS
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    DiskReading,
    NodeReading,
    Reading,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.table import losses
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import things


def reading() -> Reading:
    system = DiskReading("/dev/sda", "S1", storages=("local",), system=True, mirrored=False)
    data = DiskReading("/dev/sdb", None, osds=(3,), databases=(4,))
    links = {2: {0: True, 1: True}}
    return Reading(
        at=0.0,
        nodes=(
            NodeReading("pve1", 1, disks=Answer((system, data)), connections=Answer(links)),
            NodeReading("pve2", 2, connections=Answer({1: {0: True}})),
        ),
        options=Answer(QuorumOptions(device="192.0.2.40")),
    )


def test_every_thing_has_its_place() -> None:
    names = [(thing.kind, thing.name) for thing in things(reading())]
    assert names == [
        ("node", "pve1"),
        ("node", "pve2"),
        ("pair", "pve1 and pve2"),
        ("device", "device"),
        ("pair", "device and pve1"),
        ("pair", "device and pve2"),
        ("disk", "S1 of pve1"),
        ("disk", "sdb of pve1"),
        ("link", "link0"),
        ("link", "link1"),
        ("node link", "link0 of pve1"),
        ("node link", "link0 of pve2"),
        ("node link", "link1 of pve1"),
    ]


def test_with_a_disk_goes_what_lies_on_it() -> None:
    found = {thing.name: thing for thing in things(reading())}
    assert found["S1 of pve1"].nodes == {"pve1"}
    assert found["S1 of pve1"].storages == {("pve1", "local")}
    assert found["S1 of pve1"].title == "sda of pve1 (serial S1)"
    assert found["sdb of pve1"].osds == {3, 4}
    assert not found["sdb of pve1"].nodes


def test_the_table_has_a_cell_for_every_topic_and_is_json() -> None:
    rows = [loss.document() for loss in losses(reading())]
    assert json.loads(json.dumps(rows)) == rows
    assert all(list(row["cells"]) == list(TOPICS) for row in rows)
