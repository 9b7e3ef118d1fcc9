# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what the cluster's files say of one node: files of /etc/pve only, the same on every member."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ...engine.reader import Reader
from ...model.guest.backup_jobs import FILE as JOBS
from ...model.guest.backup_jobs import nodes_of_jobs
from ...model.leaving.membership import References
from ...model.node.host import IPAddress
from ...model.storage.cfg import PATH as STORAGES
from ...model.storage.entry import parse_storages
from ...model.storage.servers import as_address, servers_of
from ..guest import ha, mapping, replication
from ..guest.guests import Place
from ..node.host import parse_ahosts

SDN = "/etc/pve/sdn"


def observe(reader: Reader, node: str, guests: Mapping[int, Place]) -> References:
    """``guests``: where each of them is."""
    jobs = nodes_of_jobs(reader.read(JOBS) or "")
    file = parse_storages(reader.read(STORAGES) or "")
    return References(
        replication=replication.observe(reader, guests),
        storages=file.entries,
        unreadable=file.unreadable,
        hosts=_hosts(reader, {node}.union(*map(servers_of, file.entries.values()))),
        backup_jobs=tuple(sorted(name for name, only in jobs.items() if only == node)),
        mappings=mapping.observe(reader),
        sdn=tuple(_sdn(reader, node)),
        ha=ha.observe(reader),
    )


def _hosts(reader: Reader, hosts: Iterable[str]) -> dict[str, frozenset[IPAddress]]:
    names = sorted(host for host in hosts if as_address(host) is None)
    return {name: frozenset(parse_ahosts(reader.run("getent", "ahosts", "--", name).stdout)) for name in names}


def _sdn(reader: Reader, node: str) -> Iterator[str]:
    word = re.compile(rf"(?<![\w.-]){re.escape(node)}(?![\w.-])")
    for name in reader.names(SDN):
        if name.endswith(".cfg") and word.search(reader.read(f"{SDN}/{name}") or ""):
            yield f"{SDN}/{name}"
