# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What exportfs has handed to the server, beside what files declare: what is served, what goes, and what is not ours.

Nothing is withdrawn but what the managed file held. An export that no file declares was made at run time, by a cluster
manager or by hand, and stays: so the table is added to (`exportfs -a`), never made anew (`exportfs -r`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.nfs.options import same_meaning
from ...model.nfs.server import Client, DesiredNfsServer, Export, ObservedNfsServer, Withdrawn, canonical_host, is_name
from ...model.nfs.text import parse_exports, parse_withdrawn


def is_served(export: Export, observed: ObservedNfsServer) -> bool:
    """Each of its clients, as wanted."""
    found = ((client, observed.served_client(export.path, client.host)) for client in export.clients)
    return all(served is not None and same_meaning(client.means, served.means) for client, served in found)


def to_withdraw(desired: DesiredNfsServer, observed: ObservedNfsServer) -> tuple[Withdrawn, ...]:
    """What the managed file holds or held, nobody declares any more, and is served; as it stands in the table."""
    text = observed.declared or ""
    held = [(export.path, client.host) for export in parse_exports(text) for client in export.clients]
    held += [(one.path, one.host) for one in parse_withdrawn(text)]
    kept = {_place(export, client, observed) for export, client in desired.each_client} | _foreign(observed)
    found = {}
    for path, host in held:
        served = observed.served_client(path, host)
        place = (observed.real(path), _key(host, observed))
        if served is not None and place not in kept:
            found[place] = Withdrawn(place[0], served.host)
    return tuple(found.values())


def made_at_run_time(desired: DesiredNfsServer, observed: ObservedNfsServer) -> Iterator[tuple[str, str]]:
    """Path and client of each export that no file declares, nor did the managed one."""
    held = DesiredNfsServer(parse_exports(observed.declared or "")).each_client
    own = {_place(export, client, observed) for export, client in (*desired.each_client, *held)} | _foreign(observed)
    own |= {(observed.real(one.path), _key(one.host, observed)) for one in parse_withdrawn(observed.declared or "")}
    unresolved = {place for place, host in own if is_name(host)}
    for place, clients in sorted(observed.served.items()):
        for host in sorted(clients):
            if (place, host) not in own and not (is_name(host) and place in unresolved):
                yield place, host


def _place(export: Export, client: Client, observed: ObservedNfsServer) -> tuple[str, str]:
    return observed.real(export.path), _key(client.host, observed)


def _key(host: str, observed: ObservedNfsServer) -> str:
    return canonical_host(observed.names.get(host, host))


def _foreign(observed: ObservedNfsServer) -> set[tuple[str, str]]:
    exports = [export for file in observed.foreign.values() for export in file.exports]
    return {_place(export, client, observed) for export in exports for client in export.clients}
