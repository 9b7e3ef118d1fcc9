"""Pods reach each other, whole and as themselves: what is tried from a node, and what the other end has to see."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cni.proof import pods_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.proof import (
    PORT,
    Pod,
    Target,
    Trial,
    judged,
    trials_of,
)
from ansible_collections.baremetal.virt.plugins.modules.pod_network_proof_info import INQUIRY

from ....doubles.support import FakeNode
from .test_conflist import CASES, lines, right

A = Pod("a", "node1", "/run/netns/a", ("10.244.1.2", "fd00:1::2"))
B = Pod("b", "node2", "/run/netns/b", ("10.244.2.2",))
CASE = "pods-meet-in-disguise"


def test_a_pod_that_is_reached_in_disguise_is_not_reached() -> None:
    for seen, wanted in zip(lines(CASES / CASE / "seen.jsonl"), right(CASE)["proof"], strict=True):
        trial = Trial("a to it", "connect", "/run/netns/a", seen["to"]["ip"], PORT, (seen["from"]["ip"],))
        found = judged(trial, {"answered": seen["connected"], "seen": seen["source_seen"]})
        assert (found.connected, found.ok) == (wanted["connected"], wanted["ok"])
        assert found.topic == wanted.get("topic", "")
        if not found.ok:
            assert found.source_seen == wanted["source_seen"]
            assert found.source_expected == [wanted["source_expected"]]


def test_what_is_tried_from_a_node() -> None:
    targets = [Target("10.96.0.1", 443), Target("10.96.0.10", 53, "kubernetes.default")]
    found = [(one.what, one.kind, one.netns, one.address) for one in trials_of("node1", [A, B], targets, 1450)]
    assert found == [
        ("node1 to a on this node", "connect", "", "10.244.1.2"),
        ("node1 to a on this node", "connect", "", "fd00:1::2"),
        ("node1 to b on node2", "connect", "", "10.244.2.2"),
        ("a to b on node2", "connect", "/run/netns/a", "10.244.2.2"),
        ("a to b on node2, 1450 bytes at once", "whole", "/run/netns/a", "10.244.2.2"),
        ("a to the service", "connect", "/run/netns/a", "10.96.0.1"),
        ("a to the server of names for kubernetes.default", "name", "/run/netns/a", "10.96.0.10"),
    ]
    back = [one for one in trials_of("node2", [A, B], [], 0) if one.netns]
    assert [(one.address, one.sources) for one in back] == [("10.244.1.2", ("10.244.2.2",))]


@pytest.mark.parametrize(
    ("kind", "seen", "topic", "words"),
    [
        ("connect", {"answered": False, "why": "nobody answers"}, "not_reached", "nobody answers"),
        ("whole", {"answered": False, "why": "Message too long"}, "packets_too_large", "Message too long"),
        ("name", {"answered": True, "code": 3, "records": 0}, "name_unknown", "no address for x (code 3)"),
        ("name", {"answered": True, "code": 0, "records": 1}, "", ""),
        ("connect", {"answered": True, "seen": "10.244.2.2"}, "", ""),
    ],
)
def test_what_is_seen_is_judged(kind: Any, seen: dict[str, Any], topic: str, words: str) -> None:
    found = judged(Trial("b to a", kind, "", "10.244.1.2", PORT, name="x"), seen)
    assert found.topic == topic
    assert words in found.text


def test_another_spelling_of_an_address_is_no_disguise() -> None:
    one = {**vars(A), "addresses": ["fd00:1:0::2"]}
    assert pods_from({"pods": [one], "mtu": 0})[0].addresses == ("fd00:1::2",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pods": [vars(A), {**vars(B), "addresses": ["10.244.1.2"]}]}, "the address of more than one pod"),
        ({"pods": [vars(A), {**vars(B), "name": "a"}]}, "the name of more than one pod"),
        ({"pods": [{**vars(A), "addresses": ["10.244.1.2/24"]}]}, "is no address"),
        ({"pods": [{**vars(A), "addresses": []}]}, "a has no address"),
        ({"pods": []}, "none is named"),
        ({"mtu": 100}, "mtu: 100 is none"),
        ({"targets": [{"address": "dns", "port": 53, "name": ""}]}, "is no address"),
    ],
)
def test_what_contradicts_itself(given: dict[str, Any], words: str) -> None:
    params = {"node": "node1", "pods": [vars(A)], "answer": False, "seconds": 1, "mtu": 0, "targets": [], **given}
    with pytest.raises(Invalid, match=words):
        INQUIRY.answer(FakeNode(), params)
