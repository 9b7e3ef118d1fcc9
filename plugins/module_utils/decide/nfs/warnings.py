# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an export may do to the safety of data and nodes, and is allowed: worth a sentence when it is introduced."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ...model.nfs.server import Client, DesiredNfsServer, Export, ObservedNfsServer
from ...model.node.paths import lies_in


def warn_of_exports(desired: DesiredNfsServer, observed: ObservedNfsServer) -> tuple[str, ...]:
    return (
        *(sentence for export, client in desired.each_client for sentence in _client_warnings(export, client)),
        *_overlapping(desired, observed),
        *_mount_warnings(desired, observed),
        *(f"{path}, {file.problem}; it reads no further." for path, file in observed.foreign.items() if file.problem),
    )


def _overlapping(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[str]:
    others = [*desired.exports, *(export for file in observed.foreign.values() for export in file.exports)]
    pairs = {
        (inner.path, outer.path) for one in desired.exports for other in others for inner, outer in _nested(one, other)
    }
    for inner, outer in sorted(pairs):
        if inner not in observed.mounts:
            yield (
                f"{inner} lies in {outer}, which is exported too and on the same file system: whoever may mount {outer}"
                f" reaches the files in {inner} through it, with the rights given there."
            )


def _nested(one: Export, other: Export) -> Iterator[tuple[Export, Export]]:
    if lies_in(one.path, other.path):
        yield one, other
    elif lies_in(other.path, one.path):
        yield other, one


def _mount_warnings(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[str]:
    exported = {export.path for export in desired.exports}
    for export in desired.exports:
        means = [client.means.whole for client in export.clients]
        if export.path in observed.mounts and not all("mountpoint" in options for options in means):
            yield (
                f"{export.path} is a mount point: whenever it is not mounted, the empty directory below it is exported."
                " With the option 'mountpoint' it is exported only while it is mounted."
            )
        inside = sorted(path for path in observed.mounts if lies_in(path, export.path) and path not in exported)
        if inside and not all(options["crossmnt"] == "crossmnt" for options in means):
            yield (
                f"{', '.join(inside)}: a file system of its own inside {export.path}. Clients see an empty directory"
                " there unless it is exported too or 'crossmnt' is set."
            )


def _client_warnings(export: Export, client: Client) -> Iterator[str]:
    if client.writes_as_root:
        yield (
            f"{export.path}: root on {client.host} is root on this export (no_root_squash). Proxmox VE needs that for"
            " disk images, containers and backups, not for ISO images; let no other machine into that network."
        )
    if client.means.whole["sync"] == "async":
        yield f"{export.path}: with 'async' a crash of this node loses writes that {client.host} believes stored."
    if _is_public(client.host):
        yield f"{export.path}: {client.host} is public address space; NFS traffic is neither encrypted nor signed."


def _is_public(host: str) -> bool:
    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        return False
    return network.is_global and network.prefixlen > 0
