"""Whether the IOMMU is on, why not, and what would have to be said to the kernel."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.decide.gpu.iommu import is_on, parameters, told, why_off
from ansible_collections.baremetal.virt.plugins.module_utils.model.gpu.iommu import Iommu

from ....doubles import gpu_trees as trees

CASE = "is-the-iommu-on"
HOSTS = yaml.safe_load(trees.text(CASE, "hosts.yml"))
RIGHT = trees.right(CASE)


def iommu(host: dict[str, Any]) -> Iommu:
    words = tuple(host["cmdline"].split())
    return Iommu(tuple(host["class_iommu"]), host["cpu"], host["kernel"], words, "hypervisor" in host)


@pytest.mark.parametrize("name", sorted(HOSTS))
def test_a_host_of_the_report(name: str) -> None:
    found, expected = iommu(HOSTS[name]), RIGHT[name]
    grouped = HOSTS[name]["gpu_group"] is not None
    assert is_on(found, grouped) == (expected["iommu"] == "on")
    change = parameters(found, grouped)
    assert [*change.add, *(f"remove {word}" for word in change.remove)] == expected["writes"]
    if "because" in expected:
        assert why_off(found) == expected["because"]
    assert told(found) == ([expected["told"]] if "told" in expected else [])


def test_what_is_never_written_and_what_has_no_effect() -> None:
    older = Iommu((), "AuthenticAMD", "5.15.0-1-pve", ("intel_iommu=off",))
    assert (parameters(older, False).add, parameters(older, False).remove, why_off(older)) == ((), (), "firmware")
    off = Iommu((), "AuthenticAMD", "6.8.1-pve", ("amd_iommu=off", "iommu=off"))
    assert (parameters(off, False).remove, why_off(off)) == (("amd_iommu=off", "iommu=off"), "kernel_parameter")
    among = Iommu((), "GenuineIntel", "6.2.16-pve", ("intel_iommu=sm_on,on",))
    assert why_off(among) == "firmware"
