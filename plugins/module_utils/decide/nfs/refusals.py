# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an export may do to the safety of data and nodes: refused, unless an option names the danger."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.nfs.server import DesiredNfsServer, ObservedNfsServer


def refuse_exports(desired: DesiredNfsServer, observed: ObservedNfsServer) -> tuple[Refusal, ...]:
    return (
        *_refuse_any_client(desired),
        *_refuse_insecure_ports(desired),
        *_refuse_world_writable(desired),
        *_refuse_exported_elsewhere(desired, observed),
        *_refuse_other_than_directory(desired, observed),
        *_refuse_unmounted(desired, observed),
        *_refuse_same_number(desired, observed),
    )


def _refuse_any_client(desired: DesiredNfsServer) -> Iterator[Refusal]:
    for export, client in desired.each_client:
        if client.is_anybody and not desired.allow_any_client:
            yield Refusal(
                f"{export.path} would be exported to '{client.host}', that is, to everybody who can reach this node.",
                "Name the storage network instead (for example 10.10.2.0/24), or set allow_any_client.",
            )


def _refuse_insecure_ports(desired: DesiredNfsServer) -> Iterator[Refusal]:
    for export, client in desired.each_client:
        if client.from_any_port and not desired.allow_insecure_ports:
            yield Refusal(
                f"{export.path} would accept requests from ports above 1023 ('insecure' for {client.host}),"
                " which every user of a client can send in the name of any other.",
                "Proxmox VE does not need it: leave 'insecure' out, or set allow_insecure_ports.",
            )


def _refuse_world_writable(desired: DesiredNfsServer) -> Iterator[Refusal]:
    for export in desired.exports:
        if export.is_world_writable and not desired.allow_world_writable:
            yield Refusal(
                f"{export.path} would be writable for every user (mode {export.mode:04o}).",
                "Proxmox VE writes as root: 0755 suffices, 0770 with a group keeps others out. "
                "Or set allow_world_writable.",
            )


def _refuse_exported_elsewhere(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[Refusal]:
    for export in desired.exports:
        for path, file in observed.foreign.items():
            if observed.real(export.path) in {observed.real(other.path) for other in file.exports}:
                yield Refusal(
                    f"{export.path} is already exported by {path}.",
                    "Remove it there or here: two declarations of one path contradict each other sooner or later.",
                )


def _refuse_other_than_directory(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[Refusal]:
    for export in desired.exports:
        found = observed.directories.get(export.path)
        if found is not None and found.kind != "directory":
            yield Refusal(f"{export.path} exists and is a {found.kind}, not a directory.", "Export another path.")


def _refuse_unmounted(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[Refusal]:
    for export in desired.exports:
        needed = {client.means.whole.get("mountpoint") for client in export.clients} - {None}
        for path in sorted({path or export.path for path in needed} - observed.mounts):
            yield Refusal(
                f"{export.path} is to be exported only while something is mounted at {path} (option 'mountpoint'), but"
                " nothing is mounted there.",
                "Mount it first, or leave the option out.",
            )


def _refuse_same_number(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[Refusal]:
    """Clients recognise a file system by its fsid=: one number for two makes them mix up files."""
    others = {path: file.exports for path, file in observed.foreign.items()}
    files = {"this declaration": desired.exports, **others}
    used: dict[str, str] = {}
    for name, exports in files.items():
        for export in exports:
            means = [client.means.whole for client in export.clients]
            for number in sorted({one[key] for one in means for key in ("fsid", "uuid") if key in one}):
                other = used.setdefault(number, export.path)
                if observed.real(other) != observed.real(export.path):
                    yield Refusal(
                        f"{export.path} ({name}) has the same fsid={number} as {other}.",
                        "Give each export a number of its own, or none.",
                    )
