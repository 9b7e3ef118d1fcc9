# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The addresses that a list gives to pods, as host-local and static take them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from .conflist import Conflist, Fault, truth

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
#: Where host-local notes what it has given.
DATA_DIR = "/var/lib/cni/networks"
#: Destinations that the bridge plugin's masquerading leaves as they are, besides the list's own ranges.
MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}
_SMALLEST = {4: 30, 6: 126}


@dataclass(frozen=True)
class Range:
    subnet: Network
    first: Address
    last: Address
    gateway: Address

    def overlaps(self, other: Range) -> bool:
        return self.subnet.version == other.subnet.version and not (
            int(self.last) < int(other.first) or int(other.last) < int(self.first)
        )


def network(text: str) -> Network:
    """Raises ValueError; one with host bits set is none."""
    return ipaddress.ip_network(text)


def ranges_of(conflist: Conflist) -> tuple[Range, ...]:
    """Those that can be read; ``range_faults`` tells of the others."""
    return tuple(found for found in _all(conflist) if isinstance(found, Range))


def range_faults(conflist: Conflist) -> Iterator[Fault]:
    good: list[Range] = []
    for found in _all(conflist):
        if isinstance(found, Fault):
            yield found
            continue
        for other in good:
            if found.overlaps(other):
                yield Fault("overlaps", f"its ranges {found.subnet} and {other.subnet} overlap")
        good.append(found)


def _all(conflist: Conflist) -> Iterator[Union[Range, Fault]]:
    for plugin in conflist.plugins:
        if plugin.ipam.get("type") == "host-local":
            for described in _described(plugin.ipam):
                yield _range(described)


def _described(ipam: Mapping[str, Any]) -> Iterator[Any]:
    """The older form, and sets of ranges."""
    if "subnet" in ipam:
        yield ipam
    for several in ipam.get("ranges") or ():
        yield from several if isinstance(several, list) else (several,)


def _range(described: Any) -> Union[Range, Fault]:
    if not isinstance(described, dict):
        return Fault("range_invalid", f"{described!r} is no range of host-local")
    try:
        subnet = network(str(described.get("subnet")))
        if subnet.prefixlen > _SMALLEST[subnet.version]:
            return Fault("range_invalid", f"{subnet} has no address that could be given")
        ends = {
            "rangeStart": subnet[1],
            "rangeEnd": subnet[-2] if subnet.version == 4 else subnet[-1],
            "gateway": subnet[1],
        }
        said = {key: ipaddress.ip_address(str(described[key])) for key in ends if described.get(key)}
    except ValueError as error:
        return Fault("range_invalid", f"a range is none: {error}")
    outside = [f"{key} {one}" for key, one in said.items() if key != "gateway" and one not in subnet]
    found = {**ends, **said}
    if outside or int(found["rangeStart"]) > int(found["rangeEnd"]):
        return Fault("range_invalid", f"{subnet} does not hold {' and '.join(outside) or 'a range that ends first'}")
    return Range(subnet, found["rangeStart"], found["rangeEnd"], found["gateway"])


def masquerades(conflist: Conflist, pod_prefixes: Sequence[Network]) -> Iterator[Fault]:
    """Whose pods reach those of other nodes under the address of their node."""
    if not any(truth(plugin.config.get("ipMasq", False)) for plugin in conflist.plugins):
        return
    for one in ranges_of(conflist):
        for prefix in pod_prefixes:
            if prefix.version == one.subnet.version and prefix != one.subnet and _within(one.subnet, prefix):
                exempt = f"{one.subnet} and {MULTICAST[prefix.version]}"
                yield Fault(
                    "masquerades_cluster_prefix",
                    f"ipMasq hides the sender from every destination but {exempt}, so pods of other nodes in {prefix}"
                    " see the address of the node",
                    f"Set ipMasq to false, and masquerade only what leaves {prefix}.",
                )


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.network_address in outer and inner.broadcast_address in outer


def prefix_faults(
    conflist: Conflist, pod_prefixes: Sequence[Network], service_prefixes: Sequence[Network]
) -> Iterator[Fault]:
    for one in ranges_of(conflist):
        for prefix in service_prefixes:
            if prefix.overlaps(one.subnet):
                yield Fault("overlaps", f"its range {one.subnet} overlaps the service prefix {prefix}")
        same = [prefix for prefix in pod_prefixes if prefix.version == one.subnet.version]
        if same and not any(_within(one.subnet, prefix) for prefix in same):
            listed = " and ".join(map(str, same))
            yield Fault(
                "outside_pod_prefix", f"its range {one.subnet} is not within {listed}, where pods are looked for"
            )
