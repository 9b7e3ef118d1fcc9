"""The whole way of calico_bgp on a real API server, which checks each object, each patch and each eviction."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Send, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.calico_bgp_info import answer

from ..doubles.fabric_cases import fresh, options
from .cluster import Cluster
from .server import ApiServer

PROGRAMS = Path(os.environ.get("KUBE_PROGRAMS", ".cache/kube")).resolve()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    server = ApiServer(tmp_path_factory.mktemp("kube"), PROGRAMS)
    try:
        server.start()
        found = Cluster(server.kubeconfig(), fresh())
        found.fill()
        yield found
    finally:
        server.stop()


class Killed(Exception):
    pass


def reached(cluster: Cluster, topology: str, folder: Path, cut: int = 1000) -> dict[str, Any]:
    """``cut``: after so many steps the run is killed."""

    def act(step: Step, to: Cluster) -> str:
        if len(cluster.performed) - before >= cut:
            raise Killed
        return to.act(step)

    before = len(cluster.performed)
    said = {**options(topology), "backup_folder": str(folder), "kubeconfig": ""}
    return converge(SUBJECT, said, cluster, False, act)


def test_the_whole_way_and_back(cluster: Cluster, tmp_path: Path) -> None:
    said = {**options("route_reflector"), "backup_folder": str(tmp_path), "kubeconfig": ""}
    foreseen = [step.id for step in make_plan(SUBJECT, said, cluster).steps]
    with pytest.raises(Killed):
        reached(cluster, "route_reflector", tmp_path, cut=18)
    assert [step.id for step in cluster.performed] == [one for one in foreseen if "prove" not in one][:18]
    assert reached(cluster, "route_reflector", tmp_path)["changed"] is True
    assert reached(cluster, "route_reflector", tmp_path)["changed"] is False
    told = answer(cluster, {"fabric": options()["fabric"]})
    assert told["missing"] == [] and told["mesh"] is False and len(told["peers"]) == 4
    assert reached(cluster, "full_mesh", tmp_path)["changed"] is True
    assert reached(cluster, "full_mesh", tmp_path)["changed"] is False
    assert cluster.lost == [] and list(tmp_path.iterdir())


def test_the_server_refuses_what_is_no_peer(cluster: Cluster) -> None:
    document = '{"apiVersion": "crd.projectcalico.org/v1", "kind": "BGPPeer", "metadata": {"name": "bad"}, "spec": %s}'
    send = Send("POST", "/apis/crd.projectcalico.org/v1/bgppeers", document % '{"asNumber": "64512"}')
    with pytest.raises(StepFailed, match="spec.asNumber.* must be of type integer"):
        cluster.act(Step("add a peer", send, "peer.create:bad", "routes"))
