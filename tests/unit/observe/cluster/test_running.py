"""What corosync says of itself, as real nodes printed it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running import RunningCluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import RunningLink, parse_links
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster import running
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import LINKS

from ....doubles.support import FakeNode, printed, transcript

STATISTICS = """\
stats.knet.handle.tx_crypt_packets (u64) = 1063
stats.knet.node1.link0.connected (u8) = 1
stats.knet.node2.link0.latency_ave (u32) = 312
stats.knet.node2.link0.latency_max (u32) = 900
stats.knet.node2.link1.latency_ave (u32) = 0
"""


def node(quorum: Completed) -> FakeNode:
    links = transcript("061-3node-cfgtool-n")
    return FakeNode(commands={running.QUORUM: quorum, LINKS: links, running.STATISTICS: printed(STATISTICS)})


def test_links_with_what_knet_measures() -> None:
    found = running.observe(node(transcript("062-3node-quorumtool")))
    assert found.quorum is not None and found.quorum.quorate and found.quorum.members == {1: 1, 2: 1, 3: 1}
    assert len(found.links) == 4
    assert found.links[0] == RunningLink(2, 0, "10.10.1.11", "10.10.1.12", True, 1397, 0.312)
    assert found.links[1].latency is None, "none measured is not none at all"


def test_without_quorum_it_tells_as_well() -> None:
    found = running.observe(node(transcript("097-noquorum-quorumtool")))
    assert found.quorum is not None and not found.quorum.quorate
    assert (found.quorum.total, found.quorum.expected, found.quorum.quorum) == (1, 3, 2)


def test_a_corosync_that_does_not_run() -> None:
    assert running.observe(node(transcript("008-nocluster-corosync-quorumtool"))) == RunningCluster()
    assert running.observe(FakeNode()) == RunningCluster(), "not installed"


def test_an_answer_without_votes_is_not_taken_for_none() -> None:
    with pytest.raises(Unreadable, match="nothing of votes"):
        running.observe(node(Completed(0, "Quorum information\n", "")))


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("LINK: 0 udp (10.0.0.1->10.0.0.2) enabled disconnected mtu: 0", (False, None)),
        ("LINK: 1 udp (fd00::1->fd00::2) enabled connected mtu: 8885", (True, 8885)),
        ("LINK: 1 udp (fd00::1->fd00::2) enabled connected", (True, None)),
    ],
)
def test_states_of_a_link(line: str, state: tuple[bool, int | None]) -> None:
    (found,) = parse_links(f"nodeid: 7 reachable\n   {line}\n", {})
    assert found.nodeid == 7 and (found.connected, found.mtu) == state
