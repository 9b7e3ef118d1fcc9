"""What one look at each node has to hold, so that no node is asked again: cluster readings are those of one member."""

from __future__ import annotations

from contextlib import suppress

from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotRead
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import CLUSTER, NODE, Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster import cluster

from ....doubles import cluster_nodes as lab


def test_a_members_own_readings_and_another_ones_of_the_cluster_are_enough() -> None:
    whole, own = Recorder(lab.member(1)), Recorder(lab.member(2), (NODE,))
    cluster.observe(whole)
    with suppress(NotRead):
        cluster.observe(own)
    recording = {NODE: own.recording[NODE], CLUSTER: whole.recording[CLUSTER]}
    assert cluster.observe(Replay(recording)).host.name == "pve2"
