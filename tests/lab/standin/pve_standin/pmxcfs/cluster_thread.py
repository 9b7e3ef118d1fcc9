"""The thread that talks to corosync: connects, dispatches, reconnects, and is the only one to touch its libraries."""

from __future__ import annotations

import json
import logging
import os
import queue
import select
import threading
import time
from contextlib import suppress

from pve_standin.core import lab_faults
from pve_standin.pmxcfs import conf_sync
from pve_standin.pmxcfs.corosync import CorosyncError, Member, ProcessGroup, ProcessGroupEvents, Quorum
from pve_standin.pmxcfs.operation import Operation
from pve_standin.pmxcfs.replication import Hooks, Pending, Replicator
from pve_standin.pmxcfs.status import Status
from pve_standin.pmxcfs.store import Store

logger = logging.getLogger("dcdb")

GROUP = "pve_dcdb_v1"
FRAGMENT_SIZE = 256 * 1024
RETRY_SECONDS = 0.5
LATE_SECONDS = 6.0
"""Upstream looks for corosync again only after more than five seconds; the lab does so when it is asked to."""
LATE = "pmxcfs-late"
VALUE = b"V"
LOG = b"L"


def split_fragments(message: bytes, size: int = FRAGMENT_SIZE) -> list[bytes]:
    """corosync limits a message's size: the first byte of each piece says whether more follows."""
    pieces = [message[start : start + size] for start in range(0, len(message), size)] or [b""]
    return [b"+" + piece for piece in pieces[:-1]] + [b"." + pieces[-1]]


class Assembler:
    """Puts fragments together again; pieces of one sender arrive in order."""

    def __init__(self) -> None:
        self._parts: dict[Member, list[bytes]] = {}

    def add(self, sender: Member, fragment: bytes) -> bytes | None:
        parts = self._parts.setdefault(sender, [])
        parts.append(fragment[1:])
        if fragment[:1] == b"+":
            return None
        del self._parts[sender]
        return b"".join(parts)

    def keep_only(self, members: list[Member]) -> None:
        self._parts = {sender: parts for sender, parts in self._parts.items() if sender in members}


class ClusterThread(threading.Thread):
    """Replicates the store and the published values while corosync runs; read-only while that has no quorum.

    Upstream's flag is corosync's alone: a node that has just joined takes changes before it has the cluster's data.
    """

    def __init__(self, store: Store, status: Status) -> None:
        super().__init__(name="cluster", daemon=True)
        self._store = store
        self._status = status
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._inbox: queue.Queue[tuple[str, object]] = queue.Queue()
        self._group: ProcessGroup | None = None
        self._assembler = Assembler()
        self._replicator = Replicator(store, Hooks(self._send, self._on_changed, self._on_synced))

    # called from other threads

    def apply(self, change: Operation) -> int:
        """Replicate one change and wait until it came back; the answer is an errno."""
        pending = Pending(change)
        self._post("change", pending)
        pending.done.wait()
        return pending.result

    def publish(self, key: str, value: str) -> None:
        self._status.set_value(self._status.node, key, value)
        self._post("message", self._value_message(key, value))

    def publish_log(self, entry: dict[str, object]) -> None:
        self._post("message", LOG + json.dumps(entry).encode())

    def _post(self, kind: str, content: object) -> None:
        self._inbox.put((kind, content))
        with suppress(BlockingIOError):  # the pipe may be full of wake-ups already
            os.write(self._wake_write, b".")

    # the thread

    def run(self) -> None:
        last_error = ""
        while True:
            try:
                self._serve_connection()
            except (CorosyncError, OSError) as error:
                if str(error) != last_error:
                    logger.error("no cluster connection: %s", error)
                last_error = str(error)
            self._disconnected()
            self._refuse_waiting(LATE_SECONDS if lab_faults.take(LATE) else RETRY_SECONDS)

    def _serve_connection(self) -> None:
        quorum = Quorum(self._on_quorum)
        try:
            group = ProcessGroup(GROUP, ProcessGroupEvents(self._on_fragment, self._on_membership))
            self._group = group
            self._replicator.start((group.node_id, os.getpid()))
            poll = select.poll()
            for descriptor in (quorum.descriptor, group.descriptor, self._wake_read):
                poll.register(descriptor, select.POLLIN)
            while True:
                ready = {descriptor for descriptor, _ in poll.poll()}
                if quorum.descriptor in ready:
                    quorum.dispatch()
                if group.descriptor in ready:
                    group.dispatch()
                if self._wake_read in ready:
                    os.read(self._wake_read, 4096)
                    self._drain_inbox()
        finally:
            quorum.close()
            if self._group is not None:
                self._group.close()
                self._group = None

    def _drain_inbox(self) -> None:
        while True:
            try:
                kind, content = self._inbox.get_nowait()
            except queue.Empty:
                return
            if isinstance(content, Pending):
                self._replicator.submit(content)
            elif isinstance(content, bytes):
                self._send(content)

    def _disconnected(self) -> None:
        self._replicator.stop()
        self._assembler = Assembler()
        self._status.set_quorate(False)

    def _refuse_waiting(self, seconds: float) -> None:
        """While corosync is away changes fail at once; other messages are repeated after the next connection."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                _, content = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return
            if isinstance(content, Pending):
                content.finish(content.result)

    # events from corosync

    def _on_quorum(self, quorate: bool) -> None:
        self._status.set_quorate(quorate)

    def _on_membership(self, members: list[Member], joined: list[Member]) -> None:
        self._status.set_online({node for node, _ in members})
        self._assembler.keep_only(members)
        self._replicator.on_membership(members)
        if joined:
            for key, value in self._status.own_values().items():
                self._send(self._value_message(key, value))

    def _on_fragment(self, sender: Member, fragment: bytes) -> None:
        message = self._assembler.add(sender, fragment)
        if message is None:
            return
        if message[:1] == VALUE:
            content = json.loads(message[1:])
            self._status.set_value(content["node"], content["key"], content["value"])
        elif message[:1] == LOG:
            self._status.add_log(json.loads(message[1:]))
        else:
            self._replicator.on_message(sender, message)

    # events from the replicator

    def _send(self, message: bytes) -> None:
        if self._group is not None:
            for fragment in split_fragments(message):
                self._group.send(fragment)

    def _on_changed(self, path: str, mine: bool) -> None:
        if path.strip("/") == "corosync.conf":
            self._take_conf(reload=mine)

    def _on_synced(self) -> None:
        logger.info("all data is up to date")
        self._take_conf(reload=False)

    def _take_conf(self, *, reload: bool) -> None:
        data = self._store.read("corosync.conf")
        if data is not None:
            text = data.decode("utf-8", "replace")
            self._status.load_conf(text)
            conf_sync.copy_to_local(text, reload=reload)

    def _value_message(self, key: str, value: str) -> bytes:
        return VALUE + json.dumps({"node": self._status.node, "key": key, "value": value}).encode()
