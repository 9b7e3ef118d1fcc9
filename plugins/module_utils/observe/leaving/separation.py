# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read, on a node that is to go on alone, what still ties it to its cluster and what it still holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...engine.reader import Reader
from ...model.cluster.authority import AUTHORITY
from ...model.cluster.cluster import MEMBERS, fingerprint
from ...model.guest.guest import FOLDERS, NODES
from ...model.leaving.keys import AUTHORIZED_KEYS, KNOWN_HOSTS
from ...model.leaving.separation import (
    CLUSTER_FILES,
    CLUSTER_FOLDERS,
    CLUSTER_SECRETS,
    COROSYNC_STATE,
    MANAGERS,
    ObservedSeparation,
)
from ..cluster import cluster
from . import stored_ceph


def observe(reader: Reader, desired: object = None) -> ObservedSeparation:
    """``desired`` is not looked at: what is read follows from the node's own state."""
    seen = cluster.observe(reader)
    name = seen.host.name
    authority = reader.read(AUTHORITY)
    return ObservedSeparation(
        cluster=seen,
        local=seen.mounted and cluster.parse_members(reader.read(MEMBERS)) is None,
        serving="pve-cluster" not in seen.inactive,
        guests=tuple(_guests(reader, name)),
        ceph=stored_ceph.observe(reader),
        files=tuple(_files(reader, CLUSTER_FILES)),
        folders=dict(_folders(reader)),
        secrets=tuple(path for path in CLUSTER_SECRETS if reader.entry(path) is not None),
        others=tuple(found for found in reader.names(NODES) if found != name),
        state=reader.names(COROSYNC_STATE),
        authority="" if authority is None else fingerprint(authority),
        keys=reader.read(AUTHORIZED_KEYS) or "",
        hosts=reader.read(KNOWN_HOSTS) or "",
        managers=tuple(_managers(reader, "is-active", "active", "activating")),
        enabled=tuple(_managers(reader, "is-enabled", "enabled")),
    )


def _guests(reader: Reader, node: str) -> Iterator[str]:
    for folder in FOLDERS.values():
        for found in reader.names(f"{NODES}/{node}/{folder}"):
            if found.endswith(".conf"):
                yield found[: -len(".conf")]


def _files(reader: Reader, paths: Iterable[str]) -> Iterator[str]:
    """Only what exists and is a file, so that what is removed can be said one by one."""
    for path in paths:
        found = reader.entry(path)
        if found is not None and found.kind == "file":
            yield path


def _folders(reader: Reader) -> Iterator[tuple[str, tuple[str, ...]]]:
    for folder in CLUSTER_FOLDERS:
        files = _files(reader, (f"{folder}/{name}" for name in reader.names(folder)))
        if names := tuple(path[len(folder) + 1 :] for path in files):
            yield folder, names


def _managers(reader: Reader, question: str, *answers: str) -> Iterator[str]:
    """A unit that is not installed answers with a line too (``not-found``, ``inactive``)."""
    states = reader.run("systemctl", question, *(f"{name}.service" for name in MANAGERS)).stdout.split()
    return (name for name, state in zip(MANAGERS, states) if state in answers)
