# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What KubeVirt has to be told of GPUs, by its version. Upstream: kubevirt, pkg/virt-config/featuregate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from .gpu import Workload

Version = tuple[int, int]
Kind = Literal["pci", "mediated"]
#: Feature gate → from which version on it is known, and from which on it is no longer needed.
GATES: Mapping[str, tuple[Version, Optional[Version]]] = {
    "GPU": ((0, 20), (1, 4)),
    "HostDevices": ((0, 36), None),
    "DisableMDEVConfiguration": ((0, 58), (1, 8)),
}
#: From here on KubeVirt leaves mediated devices alone by a setting, and not by a gate.
MEDIATED_SETTING: Version = (1, 8)
LABEL = "nvidia.com/gpu.workload.config"
#: What the operator deploys for virtual machines; it leaves values that are there as they are.
SANDBOX_LABELS = ("nvidia.com/gpu.deploy.sandbox-device-plugin", "nvidia.com/gpu.deploy.sandbox-validator")
#: Kind → list in permittedHostDevices, and what chooses a device in it.
LISTS: Mapping[Kind, tuple[str, str]] = {
    "pci": ("pciHostDevices", "pciVendorSelector"),
    "mediated": ("mediatedDevices", "mdevNameSelector"),
}


@dataclass(frozen=True)
class PermittedDevice:
    """``selector``: vendor:device, or the name of a type. external: somebody else's plugin offers it."""

    kind: Kind
    selector: str
    resource: str
    external: bool = True

    @property
    def chosen(self) -> str:
        """As KubeVirt compares selectors."""
        return self.selector.lower() if self.kind == "pci" else self.selector.replace(" ", "_")

    @property
    def spelled(self) -> dict[str, Any]:
        selector = LISTS[self.kind][1]
        return {selector: self.selector, "resourceName": self.resource, "externalResourceProvider": self.external}


@dataclass(frozen=True)
class DesiredKubevirt:
    """``workloads``: node → what its cards are for. leave_mediated: KubeVirt makes no mediated devices by itself."""

    devices: tuple[PermittedDevice, ...] = ()
    workloads: Mapping[str, Workload] = field(default_factory=dict)
    host_devices: bool = False
    leave_mediated: bool = True
    planned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class KubeNode:
    """``offered``: resource → how many, by what the node says it has. users: pods that have some of them.

    allocatable: the same, without what is out of order.
    guest: it is a virtual machine. viommu: it has an IOMMU all the same.
    """

    name: str
    labels: Mapping[str, str]
    offered: Mapping[str, int]
    users: Mapping[str, tuple[str, ...]]
    guest: bool = False
    viommu: bool = False
    allocatable: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ObservedKubevirt:
    """``path``: of the only KubeVirt object; empty where there is none, or several. spec: its configuration."""

    path: str
    version: Optional[Version]
    configuration: Mapping[str, Any]
    resource_version: str
    nodes: Mapping[str, KubeNode]
    count: int = 1
