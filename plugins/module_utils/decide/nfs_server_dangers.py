# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an export may do to the safety of data and nodes: refused, unless an option names the danger, or warned of."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ..model.nfs_server import Client, Export, NfsServer, NfsServerObserved, canonical_host
from ..model.nfs_server_options import effective
from ..model.plan import Refusal


def refusals(desired: NfsServer, observed: NfsServerObserved) -> tuple[Refusal, ...]:
    return (
        *_any_client(desired),
        *_insecure_ports(desired),
        *_world_writable(desired),
        *_exported_elsewhere(desired, observed),
        *_not_a_directory(desired, observed),
    )


def warnings(desired: NfsServer) -> tuple[str, ...]:
    """Allowed, but worth a sentence when it is introduced."""
    return tuple(sentence for export, client in _entries(desired) for sentence in _client_warnings(export, client))


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
        for path, exported in observed.foreign.items():
            if export.path in exported:
                yield Refusal(
                    f"{export.path} is already exported by {path}.",
                    "Remove it there or here: two declarations of one path contradict each other sooner or later.",
                )


def _not_a_directory(desired: NfsServer, observed: NfsServerObserved) -> Iterator[Refusal]:
    for export in desired.exports:
        found = observed.directories.get(export.path)
        if found is not None and found.kind != "directory":
            yield Refusal(f"{export.path} exists and is a {found.kind}, not a directory.", "Export another path.")


def _client_warnings(export: Export, client: Client) -> Iterator[str]:
    options = effective(client.options)
    if options["root"] == "no_root_squash" and options["everyone"] == "no_all_squash":
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
