"""Packets between pods: `flow.py echo ADDRESS` answers, `flow.py send ADDRESS ADDRESS` sends fifty a second until it
gets a signal, waits for what is still on its way, and prints how many were sent and how many came back."""

from __future__ import annotations

import select
import signal
import socket
import sys
import time

PORT = 7007
PAUSE = 0.02
LATE = 2.0


def main(role: str, own: str, other: str = "") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        bound.bind((own, PORT if role == "echo" else 0))
        going = [True]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *given: going.clear() if role == "send" else sys.exit())
        print("ready", flush=True)
        if role == "echo":
            while True:
                bound.sendto(*bound.recvfrom(64))
        print(*_send(bound, (other, PORT), going))


def _send(bound: socket.socket, target: tuple[str, int], going: list[bool]) -> tuple[int, int]:
    sent, back, following = 0, set[bytes](), time.monotonic()
    until = 0.0
    while going or time.monotonic() < until:
        if going and time.monotonic() >= following:
            following += PAUSE
            sent += 1
            try:
                bound.sendto(b"%d" % sent, target)
            except OSError:
                continue  # no route: it is sent, and does not come back
        if not going and not until:
            until = time.monotonic() + LATE
        ready, _writable, _failed = select.select([bound], [], [], max(0.0, min(PAUSE, following - time.monotonic())))
        if ready:
            try:
                back.add(bound.recv(64))
            except OSError:
                continue  # a router says that there is no way: the same
        if not going and len(back) == sent:
            break
    return sent, len(back)


if __name__ == "__main__":
    main(*sys.argv[1:])
