# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what is around a node on its networks."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.reader import Reader
from ...model.network.surroundings import Port, Surroundings
from ...model.node.host import Host
from ...model.storage.cfg import PATH
from ...model.storage.entry import parse_storages
from ...model.storage.servers import as_address, servers_of
from ..node import host
from ..node.host import parse_ahosts

RESOLVER = "/etc/resolv.conf"
ROUTES = ("ip", "-json", "route", "show", "default")
TIME_SOURCES = ("chronyc", "-n", "-c", "sources")
_PORTS = "/sys/class/net"


def observe(reader: Reader) -> Surroundings:
    this = host.observe(reader)
    routes = reader.run_json(*ROUTES) or []
    return Surroundings(
        ports=tuple(_ports(reader, this)),
        dns=tuple(parse_resolver(reader.read(RESOLVER) or "")),
        gateways=tuple(dict.fromkeys(route["gateway"] for route in routes if "gateway" in route)),
        time=tuple(parse_sources(reader.run(*TIME_SOURCES).stdout)),
        names=_names(reader),
    )


def parse_resolver(text: str) -> Iterator[str]:
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["nameserver"] and len(words) > 1:
            yield words[1].partition("%")[0]


def parse_sources(text: str) -> Iterator[str]:
    """``^,*,10.10.1.1,2,6,...``: mode, state, address. Those that are not in use say nothing."""
    for line in text.splitlines():
        fields = line.split(",")
        if len(fields) > 2 and fields[0] == "^" and fields[1] in ("*", "+"):
            yield fields[2]


def _ports(reader: Reader, this: Host) -> Iterator[Port]:
    """Hardware has a device behind it; its address may be that of the bridge or bond that it belongs to."""
    for name in reader.names(_PORTS):
        if reader.entry(f"{_PORTS}/{name}/device") is not None:
            above = reader.entry(f"{_PORTS}/{name}/master")
            master = above.target.rpartition("/")[2] if above is not None and above.target else ""
            state = (reader.read(f"{_PORTS}/{name}/operstate") or "").strip()
            owners = {name, master} - {""}
            own = (str(one.ip) for one in this.addresses if one.interface.partition(".")[0] in owners)
            yield Port(name, state in ("up", "unknown"), tuple(own))


def _names(reader: Reader) -> dict[str, tuple[str, ...]]:
    entries = parse_storages(reader.read(PATH) or "").entries
    servers = sorted({name for entry in entries.values() for name in servers_of(entry) if as_address(name) is None})
    found = {name: reader.run("getent", "ahosts", "--", name) for name in servers}
    return {name: tuple(map(str, parse_ahosts(done.stdout))) for name, done in found.items()}
