# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Send frames with the tags of VLANs from node to node and back: whether what is between them lets the tags through.

    vlan_echo start SECONDS PORT ...      answer for so long what others ask, in a unit of its own
    vlan_echo answer SECONDS PORT ...     what that unit runs
    vlan_echo ask SECONDS PORT@TAG ...    ask in each VLAN, and print JSON: PORT@TAG -> names of the nodes that answered

The frames are of an ethertype that IEEE leaves to experiments, and go out by a port of a bridge as a guest's would; no
address is needed in a VLAN. A kernel takes the tag off a frame before a socket hears it, and tells it beside the frame.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Optional

UNIT, PYTHON = "baremetal-virt-vlans", "/usr/bin/python3"
ALL, TAGGED, EXPERIMENT = 0x0003, 0x8100, 0x88B5
EVERYBODY = b"\xff" * 6
#: packet(7): the option of a socket that adds struct tpacket_auxdata, and its flag for a tag that is one.
SOL_PACKET, AUXDATA, HAS_TAG = 263, 8, 0x10
AUX = struct.Struct("=IIIHHHH")
OUTGOING = 4
#: "ldh [12]; jeq #EXPERIMENT; ret #-1; ret #0": nothing else of a busy port comes here.
FILTER = ((0x28, 0, 0, 12), (0x15, 0, 1, EXPERIMENT), (0x06, 0, 0, 0xFFFFFFFF), (0x06, 0, 0, 0))
SO_ATTACH_FILTER = 26
MARK = b"baremetal.virt"
#: Behind the ethertype: the mark, whether it asks or answers, of which question it is, and how long a name follows.
BODY = struct.Struct(f"!{len(MARK)}s1s8sB")
ASKS, ANSWERS = b"?", b"!"
#: Seconds after which a question is asked again.
AGAIN = 0.3


class Heard(NamedTuple):
    sender: bytes
    tag: int
    kind: bytes
    nonce: bytes
    name: str


def opened(port: str) -> socket.socket:
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in FILTER))
    found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    program = struct.pack("@HP", len(FILTER), ctypes.addressof(code))
    found.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    found.setsockopt(SOL_PACKET, AUXDATA, 1)
    found.bind((port, ALL))
    return found


def frame(to: bytes, sender: bytes, tag: int, kind: bytes, nonce: bytes) -> bytes:
    name = os.uname().nodename.partition(".")[0].encode()[:63]
    head = struct.pack("!6s6sHHH", to, sender, TAGGED, tag, EXPERIMENT)
    return (head + BODY.pack(MARK, kind, nonce, len(name)) + name).ljust(64, b"\0")


def hear(port: socket.socket) -> Optional[Heard]:
    """One frame; None if it is not of this program, or has no tag."""
    data, more, dummy, address = port.recvmsg(2048, socket.CMSG_SPACE(AUX.size))
    if address[2] == OUTGOING or len(data) < 14 + BODY.size:
        return None
    mark, kind, nonce, length = BODY.unpack_from(data, 14)
    for level, option, aux in more:
        if (level, option, mark) == (SOL_PACKET, AUXDATA, MARK):
            told = AUX.unpack_from(aux)
            name = data[14 + BODY.size :][:length].decode(errors="replace")
            return Heard(data[6:12], told[5] & 0xFFF, kind, nonce, name) if told[0] & HAS_TAG else None
    return None


def heard(ports: Mapping[socket.socket, str], deadline: float) -> Iterator[tuple[socket.socket, Heard]]:
    while time.monotonic() < deadline:
        for port in select.select(list(ports), [], [], max(0.0, deadline - time.monotonic()))[0]:
            found = hear(port)
            if found is not None:
                yield port, found


def answer(seconds: str, *names: str) -> int:
    ports = {opened(name): name for name in names}
    for port, asked in heard(ports, time.monotonic() + float(seconds)):
        if asked.kind == ASKS:
            port.send(frame(asked.sender, port.getsockname()[4], asked.tag, ANSWERS, asked.nonce))
    return 0


def ask(seconds: str, *trips: str) -> int:
    nonce, deadline = os.urandom(8), time.monotonic() + float(seconds)
    wanted = [(name, int(tag)) for trip in trips for name, dummy, tag in [trip.rpartition("@")]]
    ports = {opened(name): name for name in dict.fromkeys(name for name, tag in wanted)}
    sockets = {name: port for port, name in ports.items()}
    told: dict[str, set[str]] = {trip: set() for trip in trips}
    while time.monotonic() < deadline:
        for name, tag in wanted:
            port = sockets[name]
            port.send(frame(EVERYBODY, port.getsockname()[4], tag, ASKS, nonce))
        for port, found in heard(ports, min(deadline, time.monotonic() + AGAIN)):
            trip = f"{ports[port]}@{found.tag}"
            if (found.kind, found.nonce) == (ANSWERS, nonce) and trip in told:
                told[trip].add(found.name)
    sys.stdout.write(json.dumps({trip: sorted(names) for trip, names in told.items()}))
    return 0


def start(seconds: str, *names: str) -> int:
    """One that an earlier run has left, with other ports, ends."""
    words = (PYTHON, "-I", "-c", own_source(), "answer", seconds, *names)
    options = ("--unit", UNIT, "--collect", "--quiet", "--description", "Answer in the VLANs of bridges for a minute")
    asyncio.run(_ended("systemctl", "stop", "--quiet", UNIT))
    return asyncio.run(_ended("systemd-run", *options, "--", *words))


async def _ended(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    return await process.wait()


def own_source() -> str:
    """A file, or a word of the command that runs it."""
    if "__file__" in globals():
        with open(__file__, encoding="utf-8") as stream:
            return stream.read()
    with open("/proc/self/cmdline", encoding="utf-8") as stream:
        words = stream.read().split("\0")
    return words[words.index("-c") + 1]


def main(mode: str, seconds: str, *words: str) -> int:
    return {"start": start, "answer": answer, "ask": ask}[mode](seconds, *words)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
