"""Where CRUSH would put data after a loss: what is asked, and what the answers mean."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import Osd
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.losses import METADATA, lost_together, observe

from ....doubles.support import FakeNode, printed

META: list[dict[str, Any]] = [
    {"id": 0, "hostname": "pve1", "device_ids": "sda=MODEL_S1,nvme0n1=MODEL_N1"},
    {"id": 1, "hostname": "pve1", "device_ids": "sdb=MODEL_S2,nvme0n1=MODEL_N1"},
    {"id": 4, "hostname": "pve1", "device_ids": "sdc=MODEL_S4"},
    {"id": 2, "hostname": "pve2", "device_ids": "sda=MODEL_S3"},
    {"id": 3, "hostname": "pve2"},
]


def osds(down: int = -1, out: int = -1) -> list[Osd]:
    hosts = ("pve1", "pve1", "pve2", "pve2", "pve1")
    return [Osd(number, "", number not in (down, out), number != out, host) for number, host in enumerate(hosts)]


def test_what_is_lost_together() -> None:
    """Hosts first, then what shares a disk, then each alone; what is out already has nothing to lose."""
    assert lost_together(osds(), META) == [{0, 1, 4}, {2, 3}, {0, 1}, {0}, {1}, {4}, {2}, {3}]
    assert lost_together(osds(out=3), META) == [{0, 1, 4}, {2}, {0, 1}, {0}, {1}, {4}]
    away = lost_together(osds(down=3), META)
    assert away[:3] == [{0, 1, 3, 4}, {2, 3}, {0, 1, 3}] and {3} in away, "it goes out with them"
    assert lost_together(osds(), []) == [{0, 1, 4}, {2, 3}, {0}, {1}, {2}, {3}, {4}], "no daemon told of its disks"


def test_of_each_loss_what_lies_elsewhere_then() -> None:
    node = FakeNode(commands={METADATA: printed("[]")})
    words = ("ask_ceph", "losses", "0,1,4", "2,3", "0", "1", "2", "3", "4")
    node.commands[words] = printed('[{"1.0": [0, 2], "1.1": [1, 3]}, {"1.0": [2]}, {"1.1": [1]}]')
    found = observe(node, osds())
    assert {one: dict(groups) for one, groups in found.items()} == {
        frozenset((0, 1, 4)): {"1.0": (2,), "1.1": (1, 3)},
        frozenset((2, 3)): {"1.0": (0, 2), "1.1": (1,)},
    }, "there was no time for more"
    for nobody in (printed("[{}]"), Completed(1, "", "timed out")):
        node.commands[words] = nobody
        assert observe(node, osds()) == {}
