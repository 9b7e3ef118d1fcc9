"""The API of a cluster of which each node has a sysfs of its own: the stand-in, called without a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional
from urllib.parse import parse_qsl

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.gpu_mapping import SUBJECT
from pve_standin.core import cfs
from pve_standin.guest import mapping, pci

from .access_api import AccessApi, moved


class MappingApi(AccessApi):
    """``off``: nodes that do not answer. ``machines``: VMID → node and configuration."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, pve: int = 9) -> None:
        super().__init__(folder, pve)
        self._patch = patch
        self.nodes = ["pve1", "pve2", "pve3"]
        self.off: set[str] = set()
        self.machines: dict[int, tuple[str, dict[str, Any]]] = {}
        for name in self.nodes:
            self._devices(name).mkdir(parents=True)

    def look(self, question: Question) -> Any:
        path, _, query = question.argument[0].partition("?")
        words = path.strip("/").split("/")
        if path == "/cluster/resources":
            rows: list[dict[str, Any]] = [{"type": "node", "node": name} for name in self.nodes]
            machines = [{"type": "qemu", "vmid": vmid, "node": one[0]} for vmid, one in self.machines.items()]
            return [*rows, *machines]
        if words[0] == "nodes" and words[1] in self.off:
            raise Unreadable("595 No route to host", status=595)
        if words[0] == "nodes" and words[2] == "qemu":
            return self.machines[int(words[3])][1]
        if words[0] == "nodes" and words[2] == "hardware":
            self._patch.setattr(pci, "DEVICES", self._devices(words[1]))
            # the stand-in is asked as that node
            return pci.listing(dict(parse_qsl(query, keep_blank_values=True))["pci-class-blacklist"])
        return super().look(question)

    def _devices(self, node: str) -> Path:
        return self.folder / "own" / node / "devices"

    def plug(
        self, node: str, address: str, id_: str, board: str = "10de:1482", group: Optional[int] = 14, mdev: bool = False
    ) -> None:
        place = self._devices(node) / address
        place.mkdir()
        for name, value in zip(
            ("vendor", "device", "subsystem_vendor", "subsystem_device"), f"{id_}:{board}".split(":")
        ):
            (place / name).write_text(f"0x{value}\n")
        (place / "class").write_text("0x030200\n")
        if group is not None:
            (self.folder / "groups" / str(group)).mkdir(parents=True, exist_ok=True)
            (place / "iommu_group").symlink_to(self.folder / "groups" / str(group))
        if mdev:
            (place / "nvidia").mkdir()

    def unplug(self, node: str, address: str) -> None:
        (self._devices(node) / address).rename(self.folder / f"unplugged-{node}-{address}")

    def checks(self, node: str) -> list[str]:
        """What Proxmox VE itself has against the mappings there, as the web interface shows it."""
        self._patch.setattr(pci, "DEVICES", self._devices(node))
        return [one["message"] for entry in mapping.read().values() for one in mapping.checks(entry, node)]


def params(*mappings: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"mappings": list(mappings), **more})
    assert not checked.error_messages, checked.error_messages
    validated: dict[str, Any] = checked.validated_parameters
    return validated


def plan(api: MappingApi, *mappings: Mapping[str, Any], **more: Any) -> Plan:
    return make_plan(SUBJECT, params(*mappings, **more), api)


def run(api: MappingApi, *mappings: Mapping[str, Any]) -> dict[str, Any]:
    """The plan, carried out and proved."""
    return converge(SUBJECT, params(*mappings), api, False, lambda step, reader: api.act(step))


def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch, pve: int = 9) -> MappingApi:
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    return MappingApi(moved(folder, monkeypatch, pve).folder, monkeypatch, pve)
