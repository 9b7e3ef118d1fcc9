"""The queue, row by row as client-go's tests and sources have it; what differs by version is said at the row."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.informer.delta_fifo import Delta, DeltaFIFO
from ansible_collections.baremetal.virt.plugins.module_utils.informer.errors import ErrRequeue, FIFOClosed
from ansible_collections.baremetal.virt.plugins.module_utils.informer.store import DeletedFinalStateUnknown, Indexer

from ...doubles.kube_script import thing


def queue(*known: dict[str, Any]) -> DeltaFIFO:
    indexer = Indexer()
    for obj in known:
        indexer.update(obj)
    return DeltaFIFO(indexer)


def short(deltas: list[Delta]) -> list[str]:
    """``Added 1``, ``Deleted ?7`` for what nobody saw the end of."""

    def version(told: Any) -> str:
        unknown = isinstance(told, DeletedFinalStateUnknown)
        obj = told.obj if unknown else told
        return f"{'?' if unknown else ''}{obj['metadata']['resourceVersion']}"

    return [f"{delta.type} {version(delta.object)}" for delta in deltas]


a1, a2, a3, b1 = thing("a", 1), thing("a", 2), thing("a", 3), thing("b", 1)
GONE = DeletedFinalStateUnknown("a", a1)

#: What is known, what is done, and then the deltas of the key a.
ROWS: dict[str, tuple[tuple[dict[str, Any], ...], list[tuple[Any, ...]], list[str]]] = {
    "4 what is known changes": ((a1,), [("update", a2)], ["Updated 2"]),
    "5 a change of what is unknown": ((), [("update", a2)], ["Updated 2"]),
    "6 added again": ((a1,), [("add", a1)], ["Added 1"]),
    "7 deleted": ((a1,), [("delete", a1)], ["Deleted 1"]),
    "8 of what nobody knows nothing is told": ((), [("delete", a1)], []),
    "9 added and deleted": ((), [("add", a1), ("delete", a2)], ["Added 1", "Deleted 2"]),
    "10 deleted twice": ((a1,), [("delete", a1), ("delete", a1)], ["Deleted 1"]),
    "11 what was really seen is kept": ((a1,), [("delete", a2), ("delete", GONE)], ["Deleted 2"]),
    "11 in the other order as well": ((a1,), [("delete", GONE), ("delete", a2)], ["Deleted 2"]),
    "12 deleted and made anew": ((a1,), [("delete", a1), ("add", a2)], ["Deleted 1", "Added 2"]),
    "13 deleted and listed": ((a1,), [("delete", a1), ("replace", [a2])], ["Deleted 1", "Replaced 2"]),
    "14 updates are not joined": ((a1,), [("update", a2), ("update", a3)], ["Updated 2", "Updated 3"]),
    "16 a list without it": ((a1, b1), [("replace", [b1])], ["Deleted ?1"]),
    "17 a list with another version": ((a1,), [("replace", [a2])], ["Replaced 2"]),
    "18 the last known is what was processed": ((a1,), [("add", a2), ("replace", [])], ["Added 2", "Deleted ?1"]),
    # 0.23 lets it stand for ever
    "19 only the queue knew it (0.27)": ((), [("add", a1), ("replace", [])], ["Added 1", "Deleted ?1"]),
    "19 twice": ((), [("add", a1), ("replace", []), ("replace", [])], ["Added 1", "Deleted ?1"]),
    "20 told again": ((a1,), [("resync",)], ["Sync 1"]),
    "21 something newer is on its way": ((a1,), [("update", a2), ("resync",)], ["Updated 2"]),
    "22 so is its end": ((a1,), [("delete", a1), ("resync",)], ["Deleted 1"]),
    "35 listed twice, the last one stays": ((), [("replace", [a1, a2])], ["Replaced 1", "Replaced 2"]),
}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    known, calls, expected = ROWS[row]
    fifo = queue(*known)
    for name, *given in calls:
        getattr(fifo, name)(*given)
    assert short(fifo.deltas("a")) == expected
    assert len(fifo) == len({key for key in "ab" if fifo.deltas(key)}), "a key is in the queue exactly once"


def test_rows_1_to_3_whether_all_of_the_first_list_has_come() -> None:
    fifo = queue()
    assert not fifo.has_synced
    fifo.replace([a1, b1])
    popped = []
    for synced in (False, True):
        assert not fifo.has_synced
        asyncio.run(fifo.pop(lambda key, deltas, initial: popped.append((key, initial))))
        assert fifo.has_synced is synced
    assert popped == [("a", True), ("b", True)]
    empty = queue()
    empty.replace([])
    assert empty.has_synced, "nothing is all of nothing"
    first = queue()
    first.add(a1)
    assert first.has_synced, "somebody added before there was any list"


def test_row_15_keys_come_in_the_order_of_their_first_event() -> None:
    fifo = queue()
    for name, version in (("foo", 10), ("bar", 1), ("foo", 11), ("foo", 13), ("zab", 30)):
        fifo.add(thing(name, version))
    popped: list[tuple[str, int]] = []

    async def pop() -> None:
        await fifo.pop(lambda key, deltas, initial: popped.append((key, len(deltas))))

    asyncio.run(pop())
    fifo.add(thing("foo", 14))
    while len(fifo):
        asyncio.run(pop())
    assert popped == [("foo", 3), ("bar", 1), ("zab", 1), ("foo", 1)]


def test_row_23_what_has_vanished_is_not_told_again() -> None:
    fifo = queue(a1)
    fifo.known.get = lambda key: None  # type: ignore[method-assign]
    fifo.resync()
    assert len(fifo) == 0


@pytest.mark.parametrize("newer", [False, True])
def test_row_33_what_is_handed_back_comes_again_unless_there_is_something_newer(newer: bool) -> None:
    fifo = queue()
    fifo.add(a1)
    fifo.add(b1)
    cause = ValueError("not now")

    def hand_back(key: str, deltas: list[Delta], initial: bool) -> None:
        if newer:
            fifo.update(a2)
        raise ErrRequeue(cause)

    with pytest.raises(ValueError, match="not now"):
        asyncio.run(fifo.pop(hand_back))
    assert short(fifo.deltas("a")) == (["Updated 2"] if newer else ["Added 1"])
    popped: list[str] = []
    while len(fifo):
        asyncio.run(fifo.pop(lambda key, deltas, initial: popped.append(key)))
    assert popped == ["b", "a"]


def test_row_34_a_closed_queue_is_emptied_and_then_says_so_to_everybody_who_waits() -> None:
    async def play() -> list[object]:
        fifo = queue()
        popped: list[str] = []

        async def take() -> None:
            while True:
                await fifo.pop(lambda key, deltas, initial: popped.append(key))

        waiting = [asyncio.ensure_future(take()) for dummy in range(5)]
        await asyncio.sleep(0)
        fifo.add(a1)
        fifo.add(b1)
        fifo.close()
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert sorted(popped) == ["a", "b"]
        return list(ended)

    assert [type(error) for error in asyncio.run(play())] == [FIFOClosed] * 5
