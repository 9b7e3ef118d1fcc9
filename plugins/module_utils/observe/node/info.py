# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node in one document, put together from what the subjects read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...engine.reader import Reader
from ...model.debian import repositories as known
from ...model.debian.apt_sources import Source, SourcesFile
from ...model.debian.release import Release, release_of
from ...model.node.disk import as_document
from ...model.node.host import Host
from ...model.node.proxmox_ve import ObservedProxmoxVe
from ..debian.repositories import sources_files
from .disk import observe_disks
from .proxmox_ve import observe

_PACKAGES = (
    "ceph",
    "chrony",
    "corosync",
    "nfs-kernel-server",
    "proxmox-ve",
    "pve-cluster",
    "pve-manager",
    "qemu-server",
)


def answer(reader: Reader, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the module ``node_info`` returns; it has no parameters."""
    node = observe(reader)
    return {
        "hostname": node.host.name,
        "fqdn": node.host.fqdn,
        "addresses": _addresses(node.host),
        "release": _release(node, release_of(node.host.codename)),
        "repositories": [_repository(file, source) for file in sources_files(reader) for source in file.sources],
        "kernel": {
            "running": node.kernel,
            "newest": node.newest_kernel,
            "reboot_required": node.reboot_required,
        },
        "container": node.host.container,
        "packages": {name: node.packages[name] for name in _PACKAGES if name in node.packages},
        "disks": [as_document(disk) for disk in observe_disks(reader)],
    }


def _addresses(host: Host) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for address in host.usable:
        found.setdefault(address.interface, []).append(f"{address.ip}/{address.prefix}")
    return found


def _release(node: ObservedProxmoxVe, release: Optional[Release]) -> dict[str, Any]:
    """What is installed, and what the release of Proxmox VE for this Debian offers, if there is one."""
    found: dict[str, Any] = {"debian": node.host.codename, "pve": node.packages.get("pve-manager")}
    if release is not None:
        found["offers"] = {
            "pve": release.pve,
            "end_of_life": release.eol or None,
            "sources": "deb822" if release.deb822 else "one-line",
            "components": dict(release.components),
            "ceph": dict(release.ceph),
            "ceph_components": dict(release.ceph_components),
            "keyring_sha256": release.keyring_sha256,
        }
    return found


def _repository(file: SourcesFile, source: Source) -> dict[str, Any]:
    return {
        "file": file.path,
        "line": source.line,
        "enabled": source.enabled,
        "of": known.kind(source),
        "enterprise": known.is_enterprise(source),
        "types": list(source.types),
        "uris": list(source.uris),
        "suites": list(source.suites),
        "components": list(source.components),
        "signed_by": source.signed_by or None,
    }
