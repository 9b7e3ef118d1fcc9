"""How far a removal is: only what the step is about is asked, and told in figures."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import RemoveFile, Step, Topic
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT

from ....doubles.leaving_ceph import LeavingCeph
from ....doubles.leaving_node import Leaving, params


def figures(node: Leaving, topic: Topic, identity: str) -> dict[str, Any]:
    assert SUBJECT.progress is not None
    step = Step("It takes long", RemoveFile("/x"), identity, topic)
    return dict(SUBJECT.progress(node, SUBJECT.desired(params()), step))


def test_guests_and_the_last_words_of_a_migration() -> None:
    node = Leaving().guest(100).guest(101).guest(102, "rootfs: share:d\n", "lxc").guest(103, node="pve2")
    assert figures(node, "guest", "guest.moved:100") == {"guests": 3}
    node.files.update({"/run/baremetal.virt/migrate-100.log": "pid 7\n1 of 4 GiB\n", "/proc/7": ""})
    assert figures(node, "guest", "guest.moved:100") == {"guests": 3, "said": "1 of 4 GiB"}
    assert figures(node, "guest", "guest.moved:101") == {"guests": 3}
    assert figures(node, "guest", "replication.gone:100-0") == {"guests": 3}


def test_data_and_what_is_on_the_osd_that_it_leaves() -> None:
    node = LeavingCeph()
    idle = {"objects": 0, "objects_per_second": 0, "bytes_per_second": 0, "seconds": None}
    told = figures(node, "data", "osd.drain:2")
    assert (told["moving"], told["placement_groups"]) == (idle, 1)
    assert "placement_groups" not in figures(node, "data", "data.settle")
    assert "placement_groups" not in figures(node, "data", "osd.drain:77")


def test_monitors() -> None:
    told = figures(LeavingCeph().off("pve1"), "monitor", "mon.join:pve4")
    assert told == {"monitors": {"all": ["pve1", "pve2", "pve3"], "quorum": ["pve2", "pve3"]}}


@pytest.mark.parametrize("topic", ["power", "quorum", "file"])
def test_nothing_is_asked_for_what_has_no_figures(topic: Topic) -> None:
    assert figures(Asked(), topic, "node.silent:pve3") == {}


class Asked(Leaving):
    def look(self, question: Any) -> Any:
        raise AssertionError(f"asked {question}")


@pytest.mark.parametrize("topic", ["data", "monitor"])
def test_without_ceph_there_is_nothing_to_tell(topic: Topic) -> None:
    assert figures(Leaving(), topic, "osd.drain:2") == {}
