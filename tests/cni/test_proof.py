"""Two nodes with real plugins: pods are reached as themselves, or it is told who is seen instead."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.proof import PORT
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import pod_echo
from ansible_collections.baremetal.virt.plugins.modules.pod_network_proof_info import INQUIRY

from .node import Fabric, NodeInside, ip, run, until


@pytest.fixture
def fabric(tmp_path: Path) -> Iterator[Fabric]:
    found = Fabric(tmp_path)
    yield found
    found.down()
    for name in os.listdir("/run/netns"):
        ip("netns", "delete", name)


def proved(fabric: Fabric, masquerade: bool, mtu: int) -> Mapping[str, Any]:
    places = {"a": "node1", "c": "node1", "b": "node2"}
    pods = [fabric.attach(node, pod, masquerade) for pod, node in places.items()]
    paths = [pod["netns"] for pod in pods]
    words = (sys.executable, "-I", str(Path(pod_echo.__file__)), "answer", "60", str(PORT), *paths)
    with subprocess.Popen(words, start_new_session=True) as answering:
        until(lambda: all(str(PORT) in run("ip", "netns", "exec", pod, "ss", "-Hltn") for pod in places))
        params = {"node": "node1", "pods": pods, "answer": False, "seconds": 60, "mtu": mtu, "targets": []}
        found = INQUIRY.answer(NodeInside("node1"), params)
        os.killpg(answering.pid, 9)
    return found


def test_pods_are_reached_as_themselves(fabric: Fabric) -> None:
    found = proved(fabric, masquerade=False, mtu=1500)
    assert found["faults"] == []
    assert len(found["trials"]) == 22
    assert {":" in one["address"] for one in found["trials"]} == {True, False}


def test_masquerading_and_packets_that_are_cut_are_told(fabric: Fabric) -> None:
    ip("-n", "node2", "link", "set", "eth0", "mtu", "1400")
    found = proved(fabric, masquerade=True, mtu=1500)
    topics = {one["what"]: one["topic"] for one in found["trials"] if not one["ok"] and ":" not in one["address"]}
    assert topics == {
        "a to b on node2": "nat_between_pods",
        "c to b on node2": "nat_between_pods",
        "a to b on node2, 1500 bytes at once": "packets_too_large",
        "c to b on node2, 1500 bytes at once": "packets_too_large",
    }
    assert any("the other end sees 172.20.0.11 instead of 10.244.1." in text for text in found["faults"])
