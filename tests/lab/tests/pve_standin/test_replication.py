"""Several nodes on an ordered bus: they agree after every change of membership, the newest tree wins."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from pve_standin.pmxcfs import operation as op
from pve_standin.pmxcfs.cluster_thread import Assembler, split_fragments
from pve_standin.pmxcfs.corosync import Member
from pve_standin.pmxcfs.operation import Operation
from pve_standin.pmxcfs.replication import Hooks, Pending, Replicator, decode_snapshot, encode_snapshot
from pve_standin.pmxcfs.store import Store


class Node:
    """A replicator with its own tree, attached to a bus."""

    def __init__(self, number: int, folder: Path) -> None:
        self.member: Member = (number, 100 + number)
        self.store = Store(folder / f"{number}.db")
        self.bus: Bus | None = None
        self.changed: list[tuple[str, bool]] = []
        hooks = Hooks(self._send, lambda path, mine: self.changed.append((path, mine)), lambda: None)
        self.replicator = Replicator(self.store, hooks)
        self.replicator.start(self.member)

    def _send(self, message: bytes) -> None:
        assert self.bus is not None
        self.bus.queue.append((self.member, message))

    def submit(self, kind: str, path: str, **fields: object) -> Pending:
        pending = Pending(Operation(kind, path, mtime=1, **fields))  # type: ignore[arg-type]
        self.replicator.submit(pending)
        return pending


class Bus:
    """Delivers every message to all members in one order, as corosync's agreed delivery does."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.queue: deque[tuple[Member, bytes]] = deque()

    def connect(self, *nodes: Node) -> None:
        self.nodes = list(nodes)
        for node in nodes:
            node.bus = self
        for node in nodes:
            node.replicator.on_membership([one.member for one in nodes])

    def run(self, steps: int = 1000) -> None:
        for _ in range(steps):
            if not self.queue:
                return
            sender, message = self.queue.popleft()
            for node in self.nodes:
                node.replicator.on_message(sender, message)


@pytest.fixture
def nodes(tmp_path: Path) -> list[Node]:
    return [Node(number, tmp_path) for number in (1, 2, 3)]


def equal(nodes: list[Node]) -> bool:
    return len({node.store.state() for node in nodes}) == 1


def test_a_change_reaches_every_node(nodes: list[Node]) -> None:
    bus = Bus()
    bus.connect(*nodes)
    bus.run()
    pending = nodes[1].submit(op.CREATE, "f")
    bus.run()
    assert pending.done.is_set()
    assert pending.result == 0
    assert equal(nodes)
    assert [node.changed for node in nodes] == [[("f", False)], [("f", True)], [("f", False)]]


def test_the_newest_tree_wins_when_nodes_meet(nodes: list[Node]) -> None:
    apart = Bus()
    apart.connect(nodes[2])
    apart.run()
    for name in ("a", "b", "c"):
        nodes[2].submit(op.CREATE, name)
    apart.run()
    together = Bus()
    together.connect(*nodes)
    together.run()
    assert equal(nodes)
    assert nodes[0].store.names("") == ["a", "b", "c"]


def test_a_change_during_synchronisation_waits_and_is_applied_after_it(nodes: list[Node]) -> None:
    bus = Bus()
    bus.connect(*nodes[:2])
    pending = nodes[0].submit(op.CREATE, "early")
    assert not pending.done.is_set()
    bus.run()
    assert pending.result == 0
    assert equal(nodes[:2])


def test_a_change_queued_when_the_membership_changes_is_sent_again(nodes: list[Node]) -> None:
    bus = Bus()
    bus.connect(*nodes[:2])
    pending = nodes[1].submit(op.CREATE, "once")
    while bus.queue:
        sender, message = bus.queue.popleft()
        for node in nodes[:2]:
            if message[:1] in (b"U", b"S"):
                node.replicator.on_message(sender, message)
        if not any(kind[:1] in (b"U", b"S") for _, kind in bus.queue):
            break
    bus.queue.clear()
    bus.connect(*nodes)
    bus.run()
    assert pending.result == 0
    assert [node.store.names("") for node in nodes] == [["once"]] * 3
    assert nodes[0].store.version == 1


def test_a_synchronisation_only_delays_writers(nodes: list[Node]) -> None:
    bus = Bus()
    bus.connect(nodes[0])
    bus.run()
    bus.connect(*nodes)
    assert not nodes[0].replicator.synced
    early = nodes[1].submit(op.CREATE, "early")
    bus.run()
    assert (early.result, [node.store.names("") for node in nodes]) == (0, [["early"]] * 3)


def test_what_a_joiner_wrote_into_its_empty_tree_gives_way_to_the_clusters(nodes: list[Node]) -> None:
    """It is alone in its group, in step with itself, until pmxcfs of a member is there."""
    bus = Bus()
    bus.connect(nodes[0])
    bus.run()
    for name in ("pve-root-ca.pem", "storage.cfg"):
        nodes[0].submit(op.CREATE, name)
    bus.run()
    alone = Bus()
    alone.connect(nodes[1])
    alone.run()
    second = nodes[1].submit(op.CREATE, "second-authority")
    alone.run()
    assert second.result == 0, "it takes changes before it has the cluster's data"
    bus.connect(nodes[0], nodes[1])
    bus.run()
    assert [node.store.names("") for node in nodes[:2]] == [["pve-root-ca.pem", "storage.cfg"]] * 2


def test_losing_corosync_refuses_what_waits(nodes: list[Node]) -> None:
    bus = Bus()
    bus.connect(nodes[0])
    pending = nodes[0].submit(op.CREATE, "f")
    nodes[0].replicator.stop()
    assert pending.done.is_set()
    assert pending.result != 0
    assert not nodes[0].replicator.synced


def test_a_late_request_of_an_old_synchronisation_does_no_harm(nodes: list[Node]) -> None:
    bus = Bus()
    bus.connect(*nodes[:2])
    stale = list(bus.queue)
    bus.connect(*nodes)
    bus.queue.extendleft(reversed(stale))
    bus.run()
    assert all(node.replicator.synced for node in nodes)
    assert equal(nodes)


def test_snapshots_survive_the_wire(nodes: list[Node]) -> None:
    store = nodes[0].store
    store.apply(Operation(op.CREATE, "f"))
    store.apply(Operation(op.WRITE, "f", data=bytes(range(256))))
    rows = list(store.rows())
    assert decode_snapshot(encode_snapshot("id", rows)) == ("id", rows)


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 30])
def test_long_messages_are_put_together_again(size: int) -> None:
    message = bytes(range(size))
    assembler = Assembler()
    answers = [assembler.add((1, 1), piece) for piece in split_fragments(message, 10)]
    assert answers[-1] == message
    assert set(answers[:-1]) <= {None}
