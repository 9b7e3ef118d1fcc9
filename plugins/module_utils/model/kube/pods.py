# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods as Kubernetes' API tells them, as far as a node is to be drained of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .calico import Pod

#: Pods that are there by the node's own will, and not because somebody chose the node.
_OF_THE_NODE = frozenset(("DaemonSet", "Node"))


def pods_path(node: str) -> str:
    return f"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}"


def runs(told: Mapping[str, Any]) -> bool:
    return (told.get("status") or {}).get("phase") not in ("Succeeded", "Failed")


def pod_from(told: Mapping[str, Any]) -> Pod:
    metadata = told["metadata"]
    owners = {owner["kind"] for owner in metadata.get("ownerReferences") or () if owner.get("controller")}
    mirrored = "kubernetes.io/config.mirror" in (metadata.get("annotations") or {})
    kept = bool(owners & _OF_THE_NODE) or mirrored or bool((told.get("spec") or {}).get("hostNetwork"))
    return Pod(metadata["namespace"], metadata["name"], metadata["uid"], kept, bool(owners))
