"""The address plan: which node has which name, address and cable. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MAX_NODES = 7
SERVER = "10.10.1.1"
PREFIX_LENGTH = 24
ENTERPRISE = "enterprise.proxmox.com"
"""Named by a file pve-manager installs; in a lab it answers as it does to everybody without a subscription."""


@dataclass(frozen=True)
class Link:
    """One network of the lab: a bridge in the lab's namespace and one interface in every node."""

    number: int
    bridge: str
    interface: str
    network: str

    def address(self, node: int) -> str:
        return f"{self.network}.{10 + node}"

    def cable(self, node: int) -> str:
        """The lab's end of the node's cable."""
        return f"{node_name(node)}-{self.number}"

    @property
    def tap(self) -> str:
        """Through which a node with a kernel of its own has the packets of the cable."""
        return f"tap{self.number}"


LINKS: tuple[Link, ...] = (
    Link(number=0, bridge="management", interface="eno1", network="10.10.1"),
    Link(number=1, bridge="cluster", interface="eno2", network="10.10.2"),
)
FOR_GUESTS: tuple[Link, ...] = (
    Link(number=2, bridge="guests", interface="eno3", network="10.10.3"),
    Link(number=3, bridge="guests", interface="eno4", network="10.10.3"),
)
"""Two more cables of nodes that look after their network themselves; nobody has an address there yet."""


def node_name(node: int) -> str:
    return f"pve{node}"


def node_number(name: str) -> int:
    """The number in a node's name; ValueError says what a name looks like."""
    digits = name[3:]
    if not name.startswith("pve") or not digits.isdigit() or not 1 <= int(digits) <= MAX_NODES:
        raise ValueError(f"no such node: {name!r} (a node is pve1 to pve{MAX_NODES})")
    return int(digits)


def management_address(node: int) -> str:
    return LINKS[0].address(node)


def hosts_file() -> str:
    """/etc/hosts of every node: all names a lab can have, each on its real address, and who stands for Proxmox."""
    nodes = (f"{management_address(n)} {node_name(n)}.lab.test {node_name(n)}" for n in range(1, MAX_NODES + 1))
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", *nodes, f"{SERVER} {ENTERPRISE}"]
    return "".join(f"{line}\n" for line in lines)


def interfaces_file(node: int, gateway: bool = False) -> str:
    """/etc/network/interfaces: the node's own program sets it, or the lab has already set it from outside."""
    stanzas = ["auto lo\niface lo inet loopback"]
    for link in LINKS:
        stanzas.append(
            f"auto {link.interface}\niface {link.interface} inet static\n\taddress {link.address(node)}/{PREFIX_LENGTH}"
        )
        if gateway and link is LINKS[0]:
            stanzas[-1] += f"\n\tgateway {SERVER}"
    return "\n\n".join(stanzas) + "\n"
