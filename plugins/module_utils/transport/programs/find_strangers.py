# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask on the wire whether another machine has an address of this node, too: ARP (RFC 5227), and ND (RFC 4862).

    find_strangers ADDRESS@INTERFACE ...

The questions are those that a host asks before it takes an address: they come from no address, so nobody's tables learn
anything from them, and only the owner answers. This node's own kernel does not hear them. Prints JSON: ``strangers``, a
list of address, interface and the hardware address that answered, and ``unknown``, why an interface could not be asked.
Interfaces on which there is nobody to ask (loopback, tunnels) are left out.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import fcntl
import ipaddress
import json
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Optional, Union

#: Seconds after which a question is asked again, and after which nobody has answered.
AGAIN, PATIENCE = 0.15, 0.5
ARP, IPV6 = 0x0806, 0x86DD
ARP_REQUEST = 1
ICMPV6, SOLICITATION, ADVERTISEMENT = 58, 135, 136
GET_FLAGS, GET_HARDWARE = 0x8913, 0x8927
LOOPBACK, NO_ARP = 0x8, 0x80
ETHERNET = 1

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
#: What was asked about which address, on which interface, by the socket that hears the answers.
Asked = dict[socket.socket, tuple[Address, str, bytes]]


def question(address: Address, hardware: bytes) -> bytes:
    """The frame that asks who has this address."""
    if isinstance(address, ipaddress.IPv4Address):
        head = struct.pack("!6s6sH", b"\xff" * 6, hardware, ARP)
        asked = struct.pack("!HHBBH", 1, 0x0800, 6, 4, ARP_REQUEST)
        return head + asked + hardware + bytes(4) + bytes(6) + address.packed
    group = ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + address.packed[13:]
    body = struct.pack("!BBHI", SOLICITATION, 0, 0, 0) + address.packed
    pseudo = bytes(16) + group + struct.pack("!II", len(body), ICMPV6)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    ip = struct.pack("!IHBB", 6 << 28, len(body), ICMPV6, 255) + bytes(16) + group
    return struct.pack("!6s6sH", b"\x33\x33" + group[12:], hardware, IPV6) + ip + body


def checksum(data: bytes) -> int:
    """Of the Internet protocols, for an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def claimed(frame: bytes) -> Optional[tuple[Address, bytes]]:
    """The address that the sender of this frame says is its own, and its hardware address."""
    kind = frame[12:14]
    if kind == struct.pack("!H", ARP) and len(frame) >= 42 and frame[14:20] == struct.pack("!HHBB", 1, 0x0800, 6, 4):
        return ipaddress.IPv4Address(frame[28:32]), frame[22:28]
    advertised = len(frame) >= 78 and frame[20] == ICMPV6 and frame[54] == ADVERTISEMENT
    if kind == struct.pack("!H", IPV6) and advertised:
        return ipaddress.IPv6Address(frame[62:78]), frame[6:12]
    return None


def hardware_of(interface: str) -> Optional[bytes]:
    """Its hardware address; None where nobody can be asked."""
    (flags,) = struct.unpack_from("=H", _of_interface(interface, GET_FLAGS))
    kind, hardware = struct.unpack_from("=H6s", _of_interface(interface, GET_HARDWARE))
    return hardware if kind == ETHERNET and not flags & (LOOPBACK | NO_ARP) else None


def own_hardware() -> set[bytes]:
    """Of all interfaces: where an address stands on two ports, the other one may answer."""
    return {hardware for dummy, name in socket.if_nameindex() for hardware in [hardware_of(name)] if hardware}


def _of_interface(name: str, what: int) -> bytes:
    """What netdevice(7) says of an interface, behind its name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        return fcntl.ioctl(opened, what, struct.pack("16s24x", name.encode()))[16:]


def ask(address: Address, interface: str, frame: bytes) -> socket.socket:
    """Ask once. Nothing is heard before the socket knows its interface, or it would be of another network."""
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    opened.bind((interface, ARP if address.version == 4 else IPV6))
    opened.send(frame)
    return opened


def find(wanted: list[tuple[Address, str]]) -> dict[str, list[list[str]]]:
    unknown, asked = [], {}
    for address, interface in wanted:
        try:
            hardware = hardware_of(interface)
            if hardware is not None:
                frame = question(address, hardware)
                asked[ask(address, interface, frame)] = (address, interface, frame)
        except OSError as error:
            unknown.append([str(address), interface, str(error)])
    strangers = hear(asked, own_hardware()) if asked else {}
    return {
        "strangers": [[str(address), where, who] for (address, where), who in strangers.items()],
        "unknown": unknown,
    }


def hear(asked: Asked, own: set[bytes]) -> dict[tuple[Address, str], str]:
    """Ask again, and listen to the end: who answers late is a stranger, too."""
    early = dict(answers(asked, own, AGAIN))
    for opened, asking in asked.items():
        opened.send(asking[2])
    return {**early, **dict(answers(asked, own, PATIENCE - AGAIN))}


def answers(asked: Asked, own: set[bytes], seconds: float) -> Iterator[tuple[tuple[Address, str], str]]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for opened in select.select(list(asked), [], [], max(0.0, deadline - time.monotonic()))[0]:
            address, interface, dummy = asked[opened]
            claim = claimed(opened.recv(2048))
            if claim is not None and claim[0] == address and claim[1] not in own:
                yield (address, interface), ":".join(f"{byte:02x}" for byte in claim[1])


def main(*words: str) -> int:
    pairs = [word.partition("@") for word in words]
    wanted = [(ipaddress.ip_address(address), interface) for address, dummy, interface in pairs]
    sys.stdout.write(json.dumps(find(wanted)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
