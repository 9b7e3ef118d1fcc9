"""ha/groups.cfg: which nodes a guest prefers, before Proxmox VE 9 made rules of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pve_standin.core import release
from pve_standin.core.errors import ApiError
from pve_standin.core.sectionconfig import Section
from pve_standin.ha import config


def check_available(action: str) -> None:
    """Groups became rules with Proxmox VE 9."""
    if not release.current().ha_groups:
        raise ApiError(500, f"cannot {action}: ha groups have been migrated to rules")


def read(name: str) -> dict[str, Any]:
    sections = config.read(config.GROUPS)
    if name not in sections:
        raise ApiError(500, f"no such ha group '{name}'")
    return {"group": name, "type": "group", **config.options_of(sections[name])}


def add(name: str, options: Mapping[str, Any]) -> None:
    with config.changed(config.GROUPS) as sections:
        if name in sections:
            raise ApiError(500, f"ha group ID '{name}' already defined")
        sections[name] = Section("group", name, config.texts(options))


def update(name: str, options: Mapping[str, Any], delete: Sequence[str]) -> None:
    with config.changed(config.GROUPS) as sections:
        if name not in sections:
            raise ApiError(500, f"no such ha group '{name}'")
        config.update(sections[name], options, delete)


def remove(name: str) -> None:
    """A group that a resource names stays."""
    users = [
        f"{section.type}:{section.id}"
        for section in config.read(config.RESOURCES).values()
        if section.options.get("group") == name
    ]
    if users:
        raise ApiError(500, f"ha group is used by service '{users[0]}'")
    with config.changed(config.GROUPS) as sections:
        sections.pop(name, None)
