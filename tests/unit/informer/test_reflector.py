"""Lists and watches, row by row: what is asked of the server, and what handlers are told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer

from ...doubles.kube_script import Exchange, Log, Script, failed, listed, status, thing, watched
from .play import Played, hasty, settled

a1, a2, b1, c1 = thing("a", 1), thing("a", 2), thing("b", 1), thing("c", 1)
BOOKMARK = ("BOOKMARK", {"kind": "Thing", "metadata": {"resourceVersion": "50", "creationTimestamp": None}})
REFUSED: Exchange = {"verb": "watch", "refused": True}

#: What is answered; what is asked; what handlers are told.
ROWS: dict[str, tuple[tuple[Exchange, ...], list[str], list[str]]] = {
    "24 a bookmark moves on and tells nothing": (
        (listed(5, a1), watched(BOOKMARK, end="close"), watched()),
        ["list rv=0 limit=500", "watch rv=5", "watch rv=50"],
        ["add a 1"],
    ),
    "25 the version has expired in the stream": (
        (listed(5, a1), watched(status(410)), listed(9, a2), watched()),
        ["list rv=0 limit=500", "watch rv=5", "list rv=5", "watch rv=9"],
        ["add a 1", "update a 1 -> 2"],
    ),
    "26 the version has expired in the list": (
        (listed(5, a1), watched(status(410)), failed("list", 410), listed(9, a2), watched()),
        ["list rv=0 limit=500", "watch rv=5", "list rv=5", "list rv= limit=500", "watch rv=9"],
        ["add a 1", "update a 1 -> 2"],
    ),
    "26 the server is not so far yet": (
        (failed("list", 504, "Too large resource version: 5"), listed(4, a1), watched()),
        ["list rv=0 limit=500", "list rv= limit=500", "watch rv=4"],
        ["add a 1"],
    ),
    "27 closed after events": (
        (listed(5, a1), watched(("MODIFIED", a2), end="close"), watched()),
        ["list rv=0 limit=500", "watch rv=5", "watch rv=2"],
        ["add a 1", "update a 1 -> 2"],
    ),
    "28 closed at once": (
        (listed(5, a1), watched(end="close"), listed(6, a2), watched()),
        ["list rv=0 limit=500", "watch rv=5", "list rv=5", "watch rv=6"],
        ["add a 1", "update a 1 -> 2"],
    ),
    "29 what was missed is found by the list": (
        (listed(5, a1, b1), watched(status(500, "gone")), listed(9, a2, b1, c1), watched()),
        ["list rv=0 limit=500", "watch rv=5", "list rv=5", "watch rv=9"],
        ["add a 1", "add b 1", "update a 1 -> 2", "update b 1 -> 1", "add c 1"],
    ),
    "36 an object of another kind": (
        (
            listed(5, a1),
            watched(("ADDED", {"kind": "Other", "metadata": {"name": "x"}}), ("MODIFIED", a2)),
        ),
        ["list rv=0 limit=500", "watch rv=5"],
        ["add a 1", "update a 1 -> 2"],
    ),
    "an event of an unknown type": (
        (listed(5, a1), watched(("NEWLY", thing("a", 7)), end="close"), watched()),
        ["list rv=0 limit=500", "watch rv=5", "watch rv=7"],
        ["add a 1"],
    ),
    "what is no event": (
        (listed(5, a1), {**watched(), "events": [{"kind": "Status", "code": 403}]}, listed(6, a2), watched()),
        ["list rv=0 limit=500", "watch rv=5", "list rv=5", "watch rv=6"],
        ["add a 1", "update a 1 -> 2"],
    ),
    "too many requests, in the stream and before it": (
        (listed(5, a1), watched(status(429)), failed("watch", 429), REFUSED, watched(("MODIFIED", a2))),
        ["list rv=0 limit=500"] + ["watch rv=5"] * 4,
        ["add a 1", "update a 1 -> 2"],
    ),
    "a watch that is not opened": (
        (listed(5, a1), failed("watch", 403), listed(6, a1), watched()),
        ["list rv=0 limit=500", "watch rv=5", "list rv=5", "watch rv=6"],
        ["add a 1", "update a 1 -> 1"],
    ),
    "pages": (
        (listed(5, a1, following="x"), listed(5, b1), watched(status(410)), listed(6, a1, b1), watched()),
        ["list rv=0 limit=500", "list continue=x", "watch rv=5", "list rv=5 limit=500", "watch rv=6"],
        ["add a 1", "add b 1", "update a 1 -> 1", "update b 1 -> 1"],
    ),
    "the rest of a list has expired": (
        (listed(5, a1, following="x"), failed("list", 410), listed(7, a2, b1), watched()),
        ["list rv=0 limit=500", "list continue=x", "list rv=0", "watch rv=7"],
        ["add a 2", "add b 1"],
    ),
    "a list that breaks off": (
        (listed(5, a1, following="x"), failed("list", 500), listed(7, b1), watched()),
        ["list rv=0 limit=500", "list continue=x", "list rv=0 limit=500", "watch rv=7"],
        ["add b 1"],
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    exchanges, asked, told = ROWS[row]
    played = Played(*exchanges, kind="Thing")
    assert played.script.asked[: len(asked)] == asked
    assert played.told == told


@pytest.mark.parametrize(("code", "told"), [(410, 0), (429, 1), (500, 1)])
def test_what_has_expired_is_no_error(code: int, told: int) -> None:
    after = [] if code == 429 else [listed(9, a1)]
    assert len(Played(listed(5, a1), watched(status(code)), *after, watched()).errors) == told


def test_who_says_nothing_is_left_and_asked_again_from_where_it_was() -> None:
    played = Played(listed(5, a1), watched(), watched(("MODIFIED", a2)), silence=0.02)
    assert played.script.asked[:3] == ["list rv=0 limit=500", "watch rv=5", "watch rv=5"]
    assert played.told == ["add a 1", "update a 1 -> 2"]
    assert played.informer.metrics()["silences"] >= 1


def test_what_is_as_it_was_is_kept_once() -> None:
    """A new list brings equal objects, which are not held beside those of the cache."""

    async def play() -> None:
        again = {**a1, "metadata": dict(a1["metadata"])}
        script = Script(listed(5, a1), watched(status(410), end="close"), listed(6, again), watched())
        informer = SharedIndexInformer(script, backoff=hasty())
        running = asyncio.ensure_future(informer.run())
        await settled(informer, script)
        assert informer.indexer.get("a") is a1
        await informer.stop()
        await running

    asyncio.run(play())


def test_objects_are_trimmed_before_they_are_kept() -> None:
    def without_status(obj: Any) -> Any:
        return {name: part for name, part in obj.items() if name != "status"}

    played = Played(
        listed(5, thing("a", 1, status=1)),
        watched(("MODIFIED", thing("a", 2, status=2)), ("ADDED", thing("b", 3, status=1))),
        transform=without_status,
    )
    assert [sorted(obj) for obj in played.informer.indexer.objects()] == [["kind", "metadata"]] * 2


def test_null_is_an_empty_list_and_a_bookmark_has_no_name() -> None:
    nothing: dict[str, Any] = {
        "verb": "list",
        "status": 200,
        "body": {"kind": "ThingList", "metadata": {"resourceVersion": "100"}},
    }
    for body in (nothing["body"], {**nothing["body"], "items": None}):
        played = Played({**nothing, "body": body}, watched(BOOKMARK, end="close"), watched())
        assert played.told == [] and played.errors == [] and played.informer.has_synced


def test_what_is_no_object_ends_the_informer_with_an_error() -> None:
    async def play() -> None:
        informer = SharedIndexInformer(Script(listed(5, {"kind": "Thing", "metadata": {}})), backoff=hasty())
        informer.add_event_handler(Log())
        await informer.run()

    with pytest.raises(KeyError, match="name"):
        asyncio.run(play())
