# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a container runtime by the socket of its CRI what it has loaded, and what runs.

    cri_ask SOCKET      prints JSON: answered, name, load, networks, sandboxes

The CRI is spoken over gRPC, that is HTTP/2 with messages of protobuf. Two questions without parameters that matter need
little of either: headers are sent as plain literals, and of an answer only its messages are read, by their lengths.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any, Union

PATIENCE = 10.0
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
LARGEST = 2**31 - 1
#: Newer runtimes know the first only, older ones the second.
SERVICES = ("runtime.v1.RuntimeService", "runtime.v1alpha2.RuntimeService")
VERBOSE = b"\x08\x01"
Value = Union[int, bytes]


class Silent(Exception):
    """Nobody answers there, or not to this question."""


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def literal(name: str, value: str) -> bytes:
    """A header without compression, which need not be remembered."""
    parts = [part.encode() for part in (name, value)]
    return b"\x00" + b"".join(_length(len(part)) + part for part in parts)


def _length(size: int) -> bytes:
    """An integer with a prefix of seven bits."""
    return bytes([size]) if size < 127 else bytes([127, size - 127])


def ask(path: str, method: str, message: bytes) -> bytes:
    """One connection for each question: the answer ends where the stream does."""
    headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": method,
        ":authority": "localhost",
        "content-type": "application/grpc",
        "te": "trailers",
    }
    block = b"".join(literal(name, value) for name, value in headers.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.settimeout(PATIENCE)
        try:
            stream.connect(path)
            window = struct.pack("!I", LARGEST - 65535)
            stream.sendall(PREFACE + frame(SETTINGS, 0, 0, struct.pack("!HI", 4, LARGEST)))
            stream.sendall(frame(WINDOW, 0, 0, window) + frame(HEADERS, END_HEADERS, 1, block))
            body = b"\x00" + struct.pack("!I", len(message)) + message
            stream.sendall(frame(DATA, END_STREAM, 1, body))
            received = _received(stream)
        except OSError as error:
            raise Silent(f"{path}: {error}") from error
    if len(received) < 5 or received[0] != 0:
        raise Silent(f"{path} does not answer {method}")
    size = struct.unpack("!I", received[1:5])[0]
    if len(received) - 5 < size:  # whoever is missing in half a list would be taken for dead
        raise Silent(f"{path} has cut its answer to {method} short")
    return received[5 : 5 + size]


def _received(stream: socket.socket) -> bytes:
    found = b""
    while True:
        head = _exactly(stream, 9)
        size, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        payload = _exactly(stream, size)
        if kind == DATA:
            found += payload
        elif kind == SETTINGS and not flags & ACK:
            stream.sendall(frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            stream.sendall(frame(PING, ACK, 0, payload))
        if kind in (RESET, GOAWAY) or (kind in (DATA, HEADERS) and flags & END_STREAM):
            return found


def _exactly(stream: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = stream.recv(size - len(found))
        if not piece:
            raise ConnectionError("it hung up")
        found += piece
    return found


def fields(message: bytes) -> Iterator[tuple[int, Value]]:
    """Number and value of each field of a protobuf message."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        if tag & 7 == 0:
            value, place = _varint(message, place)
            yield tag >> 3, value
            continue
        size, place = _varint(message, place) if tag & 7 == 2 else ({1: 8, 5: 4}[tag & 7], place)
        yield tag >> 3, message[place : place + size]
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, place


def text(message: bytes, number: int) -> str:
    found = [value for key, value in fields(message) if key == number and isinstance(value, bytes)]
    return found[-1].decode(errors="replace") if found else ""


def parts(message: bytes, number: int) -> list[bytes]:
    return [value for key, value in fields(message) if key == number and isinstance(value, bytes)]


def asked(path: str, method: str, message: bytes) -> bytes:
    try:
        return ask(path, f"/{SERVICES[0]}/{method}", message)
    except Silent:
        return ask(path, f"/{SERVICES[1]}/{method}", message)


def network_names(info: dict[str, str]) -> Any:
    """containerd tells its lists in the field cniconfig; the loopback that it adds itself is not from a file."""
    try:
        listed = json.loads(info["cniconfig"])["Networks"]
        names = [one["Config"]["Name"] for one in listed or ()]
    except (KeyError, TypeError, ValueError):
        return None
    return [name for name in names if name != "cni-loopback"]


def main(path: str) -> int:
    try:
        name = text(asked(path, "Version", b""), 2)
        status = asked(path, "Status", VERBOSE)
        info = {text(pair, 1): text(pair, 2) for pair in parts(status, 2)}
        conditions = [one for entry in parts(status, 1) for one in parts(entry, 1) if text(one, 1) == "NetworkReady"]
        said = [word for one in conditions for word in (text(one, 3), text(one, 4)) if word]
        sandboxes = [text(one, 1) for one in parts(asked(path, "ListPodSandbox", b""), 1)]
    except Silent as silent:
        sys.stdout.write(json.dumps({"answered": False, "why": str(silent)}))
        return 0
    load = info.get("lastCNILoadStatus", "") or " ".join(said)
    told = {"answered": True, "name": name, "load": load, "networks": network_names(info), "sandboxes": sandboxes}
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
