# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → what KubeVirt is to be told; what contradicts itself is invalid before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.gpu.gpu import WORKLOADS
from ...model.gpu.kubevirt import DesiredKubevirt, PermittedDevice
from ...model.gpu.names import PREFIX, resource_name
from ...model.gpu.pci import NVIDIA
from ..access import given

_ID = re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")
_RESOURCE = re.compile(r"[a-z0-9.-]+/[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")


def desired_from(params: Mapping[str, Any]) -> DesiredKubevirt:
    names = {} if params["pci_ids"] is None else _names(params)
    devices = [_pci(one, names) for one in params["pci_devices"]]
    devices += [_mediated(one) for one in params["mediated_devices"]]
    given.once("selector", (one.chosen for one in devices))
    given.once("resource", (one.resource for one in devices))
    strange = {node: word for node, word in params["workloads"].items() if word not in WORKLOADS}
    if strange:
        told = ", ".join(f"{node}: {word!r}" for node, word in sorted(strange.items()))
        hint = f"Choose among {', '.join(WORKLOADS)}. The operator would silently take its default instead."
        raise Invalid(f"No workload: {told}.", hint)
    return DesiredKubevirt(
        tuple(devices), dict(params["workloads"]), params["host_devices"], params["leave_mediated"], names
    )


def _names(params: Mapping[str, Any]) -> dict[str, str]:
    """Vendor and device → how the plugin calls it."""
    ids = [str(one["id"]).lower() for one in params["pci_devices"]]
    found = {one: resource_name(one[5:], params["pci_ids"], params["plugin"]) for one in ids if one.startswith(NVIDIA)}
    return {one: f"{PREFIX}{name}" for one, name in found.items()}


def _pci(said: Mapping[str, Any], names: Mapping[str, str]) -> PermittedDevice:
    id_ = given.named("A device: id", said["id"], _ID, "Say vendor:device, such as '10de:2236'.")
    resource = said["resource"] or names.get(id_.lower())
    if resource is None:
        raise Invalid(f"The device {id_} lacks resource.", "Say it, or give the plugin's list as pci_ids.")
    return PermittedDevice("pci", id_.upper(), _resource(id_, resource), said["external"])


def _mediated(said: Mapping[str, Any]) -> PermittedDevice:
    type_ = given.text("A device: type", said["type"])
    resource = said["resource"] or f"{PREFIX}{type_.replace(' ', '_')}"
    return PermittedDevice("mediated", type_, _resource(type_, resource), said["external"])


def _resource(what: str, name: str) -> str:
    if not _RESOURCE.fullmatch(name):
        raise Invalid(f"The device {what}: {name!r} is no name of a resource.", "Such as nvidia.com/GA102GL_A10.")
    return name
