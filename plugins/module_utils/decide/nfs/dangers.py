# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an export may do to the safety of data and nodes: refused, unless an option names the danger, or warned of."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.nfs.options import effective
from ...model.nfs.server import Client, Export, NfsServer, NfsServerObserved, canonical_host, lies_in


def refusals(desired: NfsServer, observed: NfsServerObserved) -> tuple[Refusal, ...]:
    return (
        *_any_client(desired),
        *_insecure_ports(desired),
        *_world_writable(desired),
        *_exported_elsewhere(desired, observed),
        *_not_a_directory(desired, observed),
        *_not_mounted(desired, observed),
        *_same_number(desired, observed),
    )


def warnings(desired: NfsServer, observed: NfsServerObserved) -> tuple[str, ...]:
    """Allowed, but worth a sentence when it is introduced."""
    return (
        *(sentence for export, client in _entries(desired) for sentence in _client_warnings(export, client)),
        *_overlapping(desired, observed),
        *_mount_warnings(desired, observed),
    )


def _entries(desired: NfsServer) -> Iterator[tuple[Export, Client]]:
    return ((export, client) for export in desired.exports for client in export.clients)


def _any_client(desired: NfsServer) -> Iterator[Refusal]:
    for export, client in _entries(desired):
        host = canonical_host(client.host)
        if (host.endswith("/0") or not host.strip("*?")) and not desired.allow_any_client:
            yield Refusal(
                f"{export.path} would be exported to '{client.host}', that is to everybody who can reach this node.",
                "Name the storage network instead (for example 10.10.2.0/24), or set allow_any_client.",
            )


def _insecure_ports(desired: NfsServer) -> Iterator[Refusal]:
    for export, client in _entries(desired):
        if effective(client.options)["ports"] == "insecure" and not desired.allow_insecure_ports:
            yield Refusal(
                f"{export.path} would accept requests from ports above 1023 ('insecure' for {client.host}),"
                " which every user of a client can send in the name of any other.",
                "Proxmox VE does not need it: leave 'insecure' out, or set allow_insecure_ports.",
            )


def _world_writable(desired: NfsServer) -> Iterator[Refusal]:
    for export in desired.exports:
        if export.mode & 0o002 and not desired.allow_world_writable:
            yield Refusal(
                f"{export.path} would be writable for every user (mode {export.mode:04o}).",
                "Proxmox VE writes as root: 0755 suffices, 0770 with a group keeps others out. "
                "Or set allow_world_writable.",
            )


def _exported_elsewhere(desired: NfsServer, observed: NfsServerObserved) -> Iterator[Refusal]:
    for export in desired.exports:
        for path, exports in observed.foreign.items():
            if export.path in {other.path for other in exports}:
                yield Refusal(
                    f"{export.path} is already exported by {path}.",
                    "Remove it there or here: two declarations of one path contradict each other sooner or later.",
                )


def _not_a_directory(desired: NfsServer, observed: NfsServerObserved) -> Iterator[Refusal]:
    for export in desired.exports:
        found = observed.directories.get(export.path)
        if found is not None and found.kind != "directory":
            yield Refusal(f"{export.path} exists and is a {found.kind}, not a directory.", "Export another path.")


def _not_mounted(desired: NfsServer, observed: NfsServerObserved) -> Iterator[Refusal]:
    for export in desired.exports:
        needed = {effective(client.options).get("mountpoint") for client in export.clients} - {None}
        for path in sorted({path or export.path for path in needed} - observed.mounts):
            yield Refusal(
                f"{export.path} is to be exported only while something is mounted at {path} (option 'mountpoint'), and"
                " nothing is.",
                "Mount it first, or leave the option out.",
            )


def _same_number(desired: NfsServer, observed: NfsServerObserved) -> Iterator[Refusal]:
    """fsid= is what clients know a file system by: one number for two makes them mix up files."""
    files = {"this declaration": desired.exports, **observed.foreign}
    used: dict[str, str] = {}
    for name, exports in files.items():
        for export in exports:
            numbers = {effective(client.options).get("fsid") for client in export.clients} - {None}
            for number in sorted(str(number) for number in numbers):
                other = used.setdefault(number, export.path)
                if other != export.path:
                    yield Refusal(
                        f"{export.path} ({name}) has the same fsid={number} as {other}.",
                        "Give each export a number of its own, or none.",
                    )


def _overlapping(desired: NfsServer, observed: NfsServerObserved) -> Iterator[str]:
    others = [*desired.exports, *(export for exports in observed.foreign.values() for export in exports)]
    pairs = {
        (inner.path, outer.path) for one in desired.exports for other in others for inner, outer in _nested(one, other)
    }
    for inner, outer in sorted(pairs):
        if inner not in observed.mounts:
            yield (
                f"{inner} lies in {outer}, which is exported too and on the same file system: who may mount {outer}"
                f" reaches the files in {inner} through it, with the rights given there."
            )


def _nested(one: Export, other: Export) -> Iterator[tuple[Export, Export]]:
    if lies_in(one.path, other.path):
        yield one, other
    elif lies_in(other.path, one.path):
        yield other, one


def _mount_warnings(desired: NfsServer, observed: NfsServerObserved) -> Iterator[str]:
    exported = {export.path for export in desired.exports}
    for export in desired.exports:
        means = [effective(client.options) for client in export.clients]
        if export.path in observed.mounts and not all("mountpoint" in options for options in means):
            yield (
                f"{export.path} is a mount point: should it not be mounted one day, the empty directory below it is"
                " exported. With the option 'mountpoint' it is exported only while it is mounted."
            )
        inside = sorted(path for path in observed.mounts if lies_in(path, export.path) and path not in exported)
        if inside and not all(options["crossmnt"] == "crossmnt" for options in means):
            yield (
                f"{', '.join(inside)}: a file system of its own inside of {export.path}, which clients see as an empty"
                " directory unless it is exported too or 'crossmnt' is set."
            )


def _client_warnings(export: Export, client: Client) -> Iterator[str]:
    options = effective(client.options)
    if client.writes_as_root:
        yield (
            f"{export.path}: root on {client.host} is root on this export (no_root_squash). Proxmox VE needs that for"
            " disk images, containers and backups, not for ISO images; let no other machine into that network."
        )
    if options["sync"] == "async":
        yield f"{export.path}: with 'async' a crash of this node loses writes that {client.host} believes stored."
    if _is_public(client.host):
        yield f"{export.path}: {client.host} is public address space; NFS traffic is neither encrypted nor signed."


def _is_public(host: str) -> bool:
    try:
        network = ipaddress.ip_network(host, strict=False)
    except ValueError:
        return False
    return network.is_global and network.prefixlen > 0
