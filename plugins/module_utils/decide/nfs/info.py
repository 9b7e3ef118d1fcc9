# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``nfs_server_info`` tells of a node: its exports in the form in which ``nfs_server`` takes the wanted ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ...model.nfs.conf import Settings, parse_nfsd
from ...model.nfs.server import Directory, Export, ObservedNfsServer, as_document
from ...model.nfs.text import parse_exports


def describe(observed: ObservedNfsServer) -> dict[str, Any]:
    exports = tuple(_with_owner(export, observed.directories) for export in parse_exports(observed.declared or ""))
    return {
        "installed": observed.installed,
        "running": observed.unit_active,
        "enabled": observed.unit_enabled,
        "exports": as_document(exports),
        "foreign": {path: as_document(others) for path, others in observed.foreign.items() if others},
        "served": [
            {"path": path, "host": host, "options": dict(options)}
            for path, clients in sorted(observed.served.items())
            for host, options in sorted(clients.items())
        ],
        "settings": parse_nfsd(observed.settings.managed or ""),
        "kernel": _kernel(observed.settings.running),
    }


def _with_owner(export: Export, directories: Mapping[str, Optional[Directory]]) -> Export:
    found = directories.get(export.path)
    return export if found is None else replace(export, owner=found.owner, group=found.group, mode=found.mode)


def _kernel(running: Settings) -> dict[str, Any]:
    versions = None if running.versions is None else sorted(running.versions)
    return {"threads": running.threads, "versions": versions}
