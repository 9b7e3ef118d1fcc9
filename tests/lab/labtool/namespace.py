"""Sockets inside another network namespace, for a process that stays in its own.

The lab's server must be reachable inside the lab and must itself reach the Debian mirror outside: a socket belongs
to the namespace it was created in, whatever its process does afterwards.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = Path("/run/netns")
CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """The calling thread is in the named namespace for the length of the block."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(there)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(there)
        os.close(home)


def connect(namespace: str, address: str, port: int, timeout: float) -> socket.socket:
    """A TCP connection made from inside the namespace."""
    with inside(namespace):
        return socket.create_connection((address, port), timeout=timeout)


def banner(namespace: str, address: str, port: int) -> bytes:
    """The first bytes a service says, or nothing when it does not answer within a second."""
    try:
        with connect(namespace, address, port, timeout=1.0) as connection:
            return connection.recv(64)
    except OSError:
        return b""


def within(namespace: str, *argv: str) -> list[str]:
    """The command line that runs argv inside the namespace."""
    return ["nsenter", f"--net={NAMESPACES / namespace}", *argv]
