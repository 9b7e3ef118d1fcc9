# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``nfs_server_info`` tells of a node: its exports in the form in which ``nfs_server`` takes the wanted ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ...model.nfs.conf import Settings, parse_nfsd
from ...model.nfs.options import Meaning
from ...model.nfs.server import Directory, Export, ObservedNfsServer, as_document
from ...model.nfs.text import parse_exports


def describe(observed: ObservedNfsServer) -> dict[str, Any]:
    exports = tuple(_with_owner(export, observed.directories) for export in parse_exports(observed.declared or ""))
    return {
        "installed": observed.installed,
        "running": observed.unit_active,
        "enabled": observed.unit_enabled,
        "exports": as_document(exports),
        "foreign": {path: as_document(file.exports) for path, file in observed.foreign.items() if file.exports},
        "served": [
            {"path": path, "host": host, "options": _decided(client.means)}
            for path, clients in sorted(observed.served.items())
            for host, client in sorted(clients.items())
        ],
        "settings": parse_nfsd(observed.settings.managed or ""),
        "kernel": _kernel(observed.settings.running),
    }


def _with_owner(export: Export, directories: Mapping[str, Optional[Directory]]) -> Export:
    found = directories.get(export.path)
    return export if found is None else replace(export, owner=found.owner, group=found.group, mode=found.mode)


def _decided(means: Meaning) -> dict[str, Any]:
    """What is decided for all security flavours, and for each where they differ."""
    flavours = [dict(decided) for dummy, decided in means.flavours]
    alike = all(decided == flavours[0] for decided in flavours)
    each = flavours[0] if alike else {"flavours": {name: dict(decided) for name, decided in means.flavours}}
    return {**means.whole, "sec": ":".join(name for name, dummy in means.flavours), **each}


def _kernel(running: Settings) -> dict[str, Any]:
    versions = None if running.versions is None else sorted(running.versions)
    return {"threads": running.threads, "versions": versions}
