"""Keeping the trees of all nodes equal: ordered updates, and a state transfer whenever the membership changes.

After a membership change the lowest member asks for a synchronisation; everyone tells version, time and digest of its
tree; the newest one (then the lowest member) is the leader and, if any tree differs, sends its whole tree. Updates
that arrive in between wait. Everything here is driven by the totally ordered stream of messages, so all members reach
the same decisions; nothing here knows corosync.
"""

from __future__ import annotations

import errno
import json
import threading
import uuid
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Callable

from pve_standin.pmxcfs.corosync import Member
from pve_standin.pmxcfs.operation import Operation, decode
from pve_standin.pmxcfs.store import Row, State, Store

SYNC_START = b"S"
STATE = b"T"
SNAPSHOT = b"F"
UPDATE = b"U"


@dataclass
class Pending:
    """A local change on its way around the ring; `wait` gives its errno."""

    change: Operation
    dropped: bool = False
    result: int = errno.EACCES
    done: threading.Event = field(default_factory=threading.Event)

    def finish(self, result: int) -> None:
        self.result = result
        self.done.set()


@dataclass(frozen=True)
class Hooks:
    """What the owner does when the tree changed or the trees became equal."""

    send: Callable[[bytes], None]
    changed: Callable[[str, bool], None]
    synced: Callable[[], None]


class Replicator:
    """The protocol's state on one node. All methods are called from one thread."""

    def __init__(self, store: Store, hooks: Hooks) -> None:
        self._store = store
        self._hooks = hooks
        self._me: Member = (0, 0)
        self._members: list[Member] = []
        self._sync_id: str | None = None
        self._states: dict[Member, State] = {}
        self._queue: list[tuple[Member, int, Operation]] = []
        self._pending: dict[int, Pending] = {}
        self._sequence = 0
        self.synced = False

    def start(self, me: Member) -> None:
        """A new connection to corosync."""
        self._me = me
        self.stop()

    def stop(self) -> None:
        """The connection is gone: whoever waits is told that the file system is read-only."""
        self.synced = False
        self._members = []
        self._queue = []
        for pending in self._pending.values():
            pending.finish(errno.EACCES)
        self._pending = {}

    def submit(self, pending: Pending) -> None:
        """Send a local change to everyone, ourselves included."""
        self._sequence += 1
        self._pending[self._sequence] = pending
        self._send_update(self._sequence, pending)

    def on_membership(self, members: list[Member]) -> None:
        self.synced = False
        self._members = sorted(members)
        self._sync_id = None
        for member, sequence, _ in self._queue:
            if member == self._me and sequence in self._pending:
                self._pending[sequence].dropped = True
        self._queue = []
        if self._members and self._members[0] == self._me:
            self._hooks.send(SYNC_START + uuid.uuid4().hex.encode())

    def on_message(self, sender: Member, message: bytes) -> None:
        kind, body = message[:1], message[1:]
        if kind == SYNC_START:
            self._on_sync_start(body.decode())
        elif kind == STATE:
            self._on_state(sender, json.loads(body))
        elif kind == SNAPSHOT:
            self._on_snapshot(body)
        elif kind == UPDATE:
            head, _, raw = body.partition(b" ")
            self._on_update(sender, int(head), decode(raw))

    def _on_sync_start(self, sync_id: str) -> None:
        self.synced = False
        self._sync_id = sync_id
        self._states = {}
        state = self._store.state()
        content = {"id": sync_id, "version": state.version, "mtime": state.mtime, "digest": state.digest}
        self._hooks.send(STATE + json.dumps(content).encode())

    def _on_state(self, sender: Member, content: dict[str, object]) -> None:
        if self.synced or content["id"] != self._sync_id:
            return
        self._states[sender] = State(int(str(content["version"])), int(str(content["mtime"])), str(content["digest"]))
        if not set(self._members) <= set(self._states):
            return
        if len({state.digest for state in self._states.values()}) == 1:
            self._finish_sync()
        elif self._leader() == self._me:
            self._hooks.send(SNAPSHOT + encode_snapshot(str(self._sync_id), list(self._store.rows())))

    def _leader(self) -> Member:
        """The newest tree leads; among equals the lowest member."""
        return min(self._members, key=lambda one: (-self._states[one].version, -self._states[one].mtime, one))

    def _on_snapshot(self, body: bytes) -> None:
        sync_id, rows = decode_snapshot(body)
        if self.synced or sync_id != self._sync_id:
            return
        if self._leader() != self._me:
            self._store.replace_all(rows)
        self._finish_sync()

    def _finish_sync(self) -> None:
        self.synced = True
        queue, self._queue = self._queue, []
        self._hooks.synced()
        for sender, sequence, change in queue:
            self._on_update(sender, sequence, change)
        for sequence, pending in list(self._pending.items()):
            if pending.dropped:
                pending.dropped = False
                self._send_update(sequence, pending)

    def _on_update(self, sender: Member, sequence: int, change: Operation) -> None:
        if not self.synced:
            self._queue.append((sender, sequence, change))
            return
        result = self._store.apply(change, sender[0])
        mine = sender == self._me
        if result == 0:
            self._hooks.changed(change.target or change.path, mine)
        pending = self._pending.pop(sequence, None) if mine else None
        if pending is not None:
            pending.finish(result)

    def _send_update(self, sequence: int, pending: Pending) -> None:
        self._hooks.send(UPDATE + str(sequence).encode() + b" " + pending.change.encode())


def encode_snapshot(sync_id: str, rows: list[Row]) -> bytes:
    plain = [[*row[:7], None if row[7] is None else b64encode(row[7]).decode()] for row in rows]
    return zlib.compress(json.dumps({"id": sync_id, "rows": plain}).encode())


def decode_snapshot(body: bytes) -> tuple[str, list[Row]]:
    content = json.loads(zlib.decompress(body))
    rows: list[Row] = []
    for row in content["rows"]:
        data = None if row[7] is None else b64decode(row[7])
        rows.append((row[0], row[1], row[2], row[3], row[4], row[5], row[6], data))
    return str(content["id"]), rows
