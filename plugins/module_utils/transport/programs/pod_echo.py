# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answer in namespaces of pods, and ask from them: whether packets come through, whole, and from whom they seem to be.

    pod_echo start SECONDS PORT NETNS ...    answer for so long, in a unit of its own
    pod_echo answer SECONDS PORT NETNS ...   what that unit runs
    pod_echo serve SECONDS PORT              answer in the namespace that this process is in
    pod_echo ask NETNS TRIALS                TRIALS is JSON; NETNS is the path of a namespace, or - for the node's own
    pod_echo try TRIALS                      the same in the namespace that this process is in

Over TCP an answer is the address that is seen, over UDP the number of bytes. Prints JSON, an object for each trial.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import sys
from collections.abc import Coroutine
from typing import Any, Callable

Document = dict[str, Any]
UNIT, PYTHON = "baremetal-virt-pods", "/usr/bin/python3"
PATIENCE = 3.0
#: ip(7) and ipv6(7): never cut a packet into pieces.
DISCOVER = {socket.AF_INET: (socket.IPPROTO_IP, 10, 2), socket.AF_INET6: (socket.IPPROTO_IPV6, 23, 2)}
#: Headers of IP and UDP.
HEADERS = {socket.AF_INET: 28, socket.AF_INET6: 48}
A = 1


def plain(address: str) -> str:
    """A socket for both families tells addresses of IPv4 within those of IPv6."""
    return address[7:] if address.startswith("::ffff:") else address


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.transport.sendto(str(len(data)).encode(), addr)


async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(plain(writer.get_extra_info("peername")[0]).encode())
    await writer.drain()
    writer.close()


async def serve(seconds: str, port: str) -> int:
    loop = asyncio.get_running_loop()
    for kind, family in ((socket.SOCK_STREAM, socket.AF_INET6), (socket.SOCK_DGRAM, socket.AF_INET6)):
        one = socket.socket(family, kind)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(("::", int(port)))
        one.setblocking(False)
        if kind == socket.SOCK_STREAM:
            await asyncio.start_server(told, sock=one)
        else:
            await loop.create_datagram_endpoint(Echo, sock=one)
    await asyncio.sleep(float(seconds))
    return 0


async def ended(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL)
    return await process.wait()


async def answer(seconds: str, port: str, *namespaces: str) -> int:
    """A process in each: a namespace belongs to one."""
    own = (PYTHON, "-I", "-c", own_source(), "serve", seconds, port)
    codes = await asyncio.gather(*(ended("nsenter", f"--net={path}", "--", *own) for path in namespaces))
    return max(codes, default=0)


async def start(seconds: str, port: str, *namespaces: str) -> int:
    """One that an earlier run has left ends."""
    words = (PYTHON, "-I", "-c", own_source(), "answer", seconds, port, *namespaces)
    options = ("--unit", UNIT, "--collect", "--quiet", "--description", "Answer in namespaces of pods")
    await ended("systemctl", "stop", "--quiet", UNIT)
    return await ended("systemd-run", *options, "--", *words)


async def ask(netns: str, trials: str) -> int:
    if netns == "-":
        return await attempt(trials)
    return await ended("nsenter", f"--net={netns}", "--", PYTHON, "-I", "-c", own_source(), "try", trials)


async def attempt(trials: str) -> int:
    loop = asyncio.get_running_loop()
    kinds = {"connect": connect, "whole": whole, "name": look_up}
    jobs = [loop.run_in_executor(None, tried, kinds[one["kind"]], one) for one in json.loads(trials)]
    sys.stdout.write(json.dumps(await asyncio.gather(*jobs)))
    return 0


def tried(kind: Any, trial: Document) -> Document:
    try:
        found: Document = kind(trial)
    except OSError as error:
        words = "nobody answers" if isinstance(error, socket.timeout) else os.strerror(error.errno or 0)
        return {"answered": False, "why": words}
    return {"answered": True, **found}


def family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def connect(trial: Document) -> Document:
    """Who is seen at the other end, if that says so."""
    with socket.create_connection((trial["address"], trial["port"]), timeout=PATIENCE) as stream:
        return {"seen": stream.recv(100).decode(errors="replace")} if trial["tells"] else {}


def whole(trial: Document) -> Document:
    """A packet of full size is sent twice: what is too large for the way is often known only after the first."""
    kind = family(trial["address"])
    with socket.socket(kind, socket.SOCK_DGRAM) as one:
        one.setsockopt(*DISCOVER[kind])
        one.settimeout(PATIENCE / 2)
        one.connect((trial["address"], trial["port"]))
        data = bytes(trial["size"] - HEADERS[kind])
        for last in (False, True):
            one.send(data)
            try:
                return {"bytes": int(one.recv(100))}
            except socket.timeout:
                if last:
                    raise
    return {}


def look_up(trial: Document) -> Document:
    """DNS, RFC 1035: how many records the server has for the name."""
    labels = (part.encode() for part in trial["name"].rstrip(".").split("."))
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    question = os.urandom(2) + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + name + struct.pack("!HH", A, 1)
    with socket.socket(family(trial["address"]), socket.SOCK_DGRAM) as one:
        one.settimeout(PATIENCE)
        one.connect((trial["address"], trial["port"]))
        one.send(question)
        flags, dummy, records = struct.unpack("!HHH", one.recv(4096)[2:8])
    return {"code": flags & 15, "records": records}


def own_source() -> str:
    """A file, or a word of the command that runs it."""
    if "__file__" in globals():
        with open(__file__, encoding="utf-8") as stream:
            return stream.read()
    with open("/proc/self/cmdline", encoding="utf-8") as stream:
        words = stream.read().split("\0")
    return words[words.index("-c") + 1]


def main(mode: str, *words: str) -> int:
    modes: dict[str, Callable[..., Coroutine[Any, Any, int]]] = {
        "start": start,
        "answer": answer,
        "serve": serve,
        "ask": ask,
        "try": attempt,
    }
    return asyncio.run(modes[mode](*words))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
