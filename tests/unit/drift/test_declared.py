"""What is a difference in what somebody declares, and what changes by itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.drift.declared import (
    declared,
    differences,
    is_being_deleted,
    last_write,
    trimmed,
)


def node(**more: Any) -> dict[str, Any]:
    return {
        "kind": "Node",
        "metadata": {"name": "n", "resourceVersion": "1", **more},
        "spec": {"podCIDR": "10.0.0.0/24"},
    }


EMPTY = [{"metadata": {"labels": None}}, {"metadata": {"labels": {}}}, {}, {"spec": None}, {"spec": {"filters": []}}]


@pytest.mark.parametrize("one", EMPTY)
def test_null_absent_and_empty_are_the_same(one: dict[str, Any]) -> None:
    assert differences(declared(one), declared({})) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({**node(), "status": {"conditions": [1]}}, []),  # a heartbeat
        (node(resourceVersion="2", generation=3, uid="u", managedFields=[{"manager": "x"}]), []),
        (node(annotations={"kubectl.kubernetes.io/last-applied-configuration": "{}"}), []),
        (node(labels={"rack": "r1"}), ["metadata.labels.rack"]),
        ({**node(), "spec": {"podCIDR": "10.0.1.0/24", "taints": [1]}}, ["spec.podCIDR", "spec.taints"]),
        ({**node(), "spec": {}}, ["spec.podCIDR"]),
        ({**node(), "data": {"v": "1"}}, ["data.v"]),
    ],
)
def test_differences_are_named(changed: dict[str, Any], told: list[str]) -> None:
    assert differences(declared(node()), declared(changed)) == told


def test_only_the_fields_that_are_named_count() -> None:
    fields = ["metadata.labels", "spec.podCIDR"]
    other = {**node(labels={"a": "b"}, annotations={"c": "d"}), "spec": {"podCIDR": "10.0.0.0/24", "podCIDRs": [1]}}
    assert differences(declared(node(), fields), declared(other, fields)) == ["metadata.labels.a"]


def entry(manager: str, time: str, **more: str) -> dict[str, Any]:
    return {"manager": manager, "time": time, "fieldsV1": {"f:spec": {}}, **more}


@pytest.mark.parametrize(
    ("entries", "manager"),
    [
        ([], None),
        ([entry("kubectl", "2026-01-01T00:00:01Z"), entry("baremetal-virt", "2026-01-01T00:00:02Z")], "baremetal-virt"),
        ([entry("kubectl", "2026-01-01T00:00:03Z"), entry("baremetal-virt", "2026-01-01T00:00:02Z")], "kubectl"),
        ([entry("kubectl", "2026-01-01T00:00:02Z"), entry("baremetal-virt", "2026-01-01T00:00:02Z")], None),
        (
            [
                entry("baremetal-virt", "2026-01-01T00:00:02Z"),
                entry("kubelet", "2026-01-01T00:00:09Z", subresource="status"),
            ],
            "baremetal-virt",
        ),
    ],
)
def test_who_wrote_last(entries: list[dict[str, Any]], manager: str | None) -> None:
    """Of two in the same second nobody knows who was the last."""
    written = node(managedFields=entries)
    assert last_write(written) == last_write(trimmed(written))
    assert getattr(last_write(written), "manager", None) == manager


def test_what_is_kept_is_small_and_declares_the_same() -> None:
    whole = {**node(managedFields=[entry("kubectl", "t")], labels={"a": "b"}), "status": {"images": ["x"] * 50}}
    kept = trimmed(whole)
    assert "status" not in kept and "fieldsV1" not in str(kept)
    assert declared(kept) == declared(whole)


def test_what_is_being_deleted() -> None:
    assert is_being_deleted(node(deletionTimestamp="2026-01-01T00:00:00Z"))
    assert not is_being_deleted(node(deletionTimestamp=None)) and not is_being_deleted({})
