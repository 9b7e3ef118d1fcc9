"""A cable that delays and loses frames, on any kernel: a process passes the frames on, where tc's netem may be missing.

    node ── cable ── [bridge CABLE-slow] ── tap CABLE-near ── this process ── tap CABLE-far ── [bridge of the link]

Both ends are tap devices, so the kernel completes checksums and cuts oversized segments before a frame comes here.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import random
import select
import struct
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Optional

from . import cgroup, network, process
from .namespace import inside
from .settings import Lab
from .shell import wait_until

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
FRAME_BYTES = 65536


class Line:
    """Frames under way. All take the same time, so they arrive in the order they were sent. Pure."""

    def __init__(self, delay: float, loss: float, chance: random.Random) -> None:
        self._delay = delay
        self._loss = loss
        self._chance = chance
        self._under_way: deque[tuple[float, int, bytes]] = deque()

    def send(self, now: float, target: int, frame: bytes) -> None:
        """Take a frame for `target`, or lose it."""
        if self._chance.random() >= self._loss:
            self._under_way.append((now + self._delay, target, frame))

    def arrived(self, now: float) -> list[tuple[int, bytes]]:
        """The frames that are due, with their targets."""
        due = []
        while self._under_way and self._under_way[0][0] <= now:
            _, target, frame = self._under_way.popleft()
            due.append((target, frame))
        return due

    def pause(self, now: float) -> Optional[float]:
        """Seconds until the next frame is due; None when none is under way."""
        return max(0.0, self._under_way[0][0] - now) if self._under_way else None


def start(lab: Lab, cable: str, bridge: str, delay: int, loss: float) -> None:
    """Put the process into the cable; `delay` in milliseconds, `loss` in percent."""
    argv = [sys.executable, "-m", "labtool.slow_link", "--namespace", lab.namespace, "--cable", cable]
    argv += ["--delay", str(delay), "--loss", str(loss)]
    relay = process.start(argv, lab.state / f"slow-{cable}.log", _group(lab, cable))

    def ready() -> bool:
        process.check(relay, lab.state / f"slow-{cable}.log")
        return all(network.has_link(lab.namespace, name) for name in _taps(cable))

    wait_until(ready, 15, f"the slow end of {cable}")
    near, far = _taps(cable)
    network.batch(
        lab.namespace,
        [
            f"link add {cable}-slow type bridge",
            f"link set {cable}-slow up",
            f"link set {near} master {cable}-slow up",
            f"link set {far} master {bridge} up",
            f"link set {cable} master {cable}-slow",
        ],
    )


def stop(lab: Lab, cable: str, bridge: str) -> None:
    """Take the process out of the cable again; its tap devices end with it."""
    cgroup.kill(_group(lab, cable))
    wait_until(lambda: not cgroup.processes(_group(lab, cable)), 10, f"the slow end of {cable} to end")
    cgroup.remove(_group(lab, cable))
    network.batch(lab.namespace, [f"link set {cable} master {bridge}"])
    if network.has_link(lab.namespace, f"{cable}-slow"):
        network.batch(lab.namespace, [f"link delete {cable}-slow"])


def _group(lab: Lab, cable: str) -> Path:
    return cgroup.group(lab.namespace, f"slow-{cable}")


def _taps(cable: str) -> tuple[str, str]:
    return f"{cable}-near", f"{cable}-far"


def _tap(name: str) -> int:
    """A tap device in the calling thread's network namespace, gone when this process ends."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


def _pass_on(near: int, far: int, line: Line) -> None:
    other = {near: far, far: near}
    while True:
        readable, _, _ = select.select([near, far], [], [], line.pause(time.monotonic()))
        for source in readable:
            line.send(time.monotonic(), other[source], os.read(source, FRAME_BYTES))
        for target, frame in line.arrived(time.monotonic()):
            with suppress(OSError):  # the other end is down: a frame into a dead cable is lost
                os.write(target, frame)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--cable", required=True)
    parser.add_argument("--delay", type=int, required=True)
    parser.add_argument("--loss", type=float, required=True)
    options = parser.parse_args()
    with inside(options.namespace):
        near, far = (_tap(name) for name in _taps(options.cable))
    _pass_on(near, far, Line(options.delay / 1000, options.loss / 100, random.Random()))


if __name__ == "__main__":
    main()
