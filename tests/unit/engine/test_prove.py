"""Proving: what shows only after the plan ran is mended once, anything else that is left fails."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotProved
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge
from ansible_collections.baremetal.virt.plugins.modules.cluster import SUBJECT

from ...doubles import cluster_nodes as lab
from ...doubles.cluster_wishes import joining
from ...doubles.support import FakeNode

RESTART = ("systemctl", "restart", "pveproxy.service")


def converged(node: FakeNode) -> dict[str, Any]:
    return converge(SUBJECT, joining(), node, check=False, act=lambda step, at: at.act(step) or "")


def joining_with_an_old_certificate() -> FakeNode:
    node = lab.standalone(3)
    join = node.effects["pvecm", "add"]

    def join_and_change(at: FakeNode) -> None:
        join(at)
        at.files["/etc/pve/nodes/pve3/pve-ssl.pem"] = lab.OTHER_CERTIFICATE

    node.effects = {**node.effects, ("pvecm", "add"): join_and_change}
    return node


def test_a_pveproxy_that_missed_its_new_certificate_is_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    clock = count(step=5)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    node = joining_with_an_old_certificate()
    result = converged(node)
    assert result["plan"][-1] == "restart pveproxy with the certificate of the cluster"
    assert node.certificates["127.0.0.1:8006"] == lab.OTHER_CERTIFICATE


def test_it_is_restarted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    clock = iter(range(0, 10_000, 30))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    node = joining_with_an_old_certificate()
    restarts: list[FakeNode] = []
    node.effects[RESTART] = restarts.append
    with pytest.raises(NotProved, match="restart pveproxy"):
        converged(node)
    assert len(restarts) == 1
