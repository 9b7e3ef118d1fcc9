"""Cache and handlers, row by row as client-go has it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.informer.errors import InformerStopped
from ansible_collections.baremetal.virt.plugins.module_utils.informer.factory import SharedInformerFactory
from ansible_collections.baremetal.virt.plugins.module_utils.informer.processor import ProcessorListener
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer
from ansible_collections.baremetal.virt.plugins.module_utils.informer.store import Indexer, Object

from ...doubles.kube_script import Log, Script, failed, listed, status, thing, watched
from .play import Played, hasty, settled

a1, a2, b1 = thing("a", 1), thing("a", 2), thing("b", 1)


def test_row_1_everybody_is_told_of_the_first_list() -> None:
    played = Played(listed(5, a1, b1), watched(), resync=60)
    assert played.log.told == played.resyncing.told == ["add a 1", "add b 1"]
    assert played.log.initial == ["a", "b"]


def test_rows_16_and_20_who_never_left_the_set_of_syncing_is_told_after_each_list() -> None:
    """Without any period the first check never comes, and the unchanged is told to everybody."""
    played = Played(listed(5, a1, b1), watched(status(410)), listed(6, a1), watched())
    assert played.told == ["add a 1", "add b 1", "update a 1 -> 1", "delete b unknown, last 1"]


def test_rows_16_17_and_20_after_a_check_only_those_whose_time_it_is_are_told_of_the_unchanged() -> None:
    async def play() -> tuple[list[str], list[str]]:
        script = Script(listed(5, a1, b1), watched())
        informer, plain, due = SharedIndexInformer(script, backoff=hasty()), Log(), Log()
        informer.add_event_handler(plain)
        listener = informer.add_event_handler(due, 60)
        running = asyncio.ensure_future(informer.run())
        await settled(informer, script)
        listener.next_resync = 0
        assert informer.processor.should_resync()
        informer.fifo.resync()
        await settled(informer, script)
        informer.fifo.replace([a2, b1])
        await settled(informer, script)
        await informer.stop()
        await running
        return plain.told[2:], due.told[2:]

    plain, due = asyncio.run(play())
    assert plain == ["update a 1 -> 2"]
    assert due == ["update a 1 -> 1", "update b 1 -> 1", "update a 1 -> 2", "update b 1 -> 1"]


def test_row_12_made_anew_before_it_was_processed() -> None:
    played = Played(listed(5, a1), watched(("DELETED", a1), ("ADDED", thing("a", 7, uid="other")), ("MODIFIED", b1)))
    assert played.told == ["add a 1", "delete a 1", "add a 7", "add b 1"]


def test_another_object_under_the_same_name_is_told_as_such() -> None:
    played = Played(
        listed(100, thing("leaf1", 90, uid="aaaa")),
        watched(status(410), end="close"),
        listed(150, thing("leaf1", 145, uid="bbbb")),
        watched(("DELETED", thing("leaf1", 151, uid="bbbb")), ("ADDED", thing("leaf1", 152, uid="dddd"))),
    )
    assert played.told == [
        "add leaf1 90",
        "replace leaf1 aaaa/90 -> bbbb/145",
        "delete leaf1 151",
        "add leaf1 152",
    ]
    assert played.cache == {"leaf1": "152"}


def test_row_30_a_handler_that_comes_late_is_told_of_all_there_is_before_anything_newer() -> None:
    async def play() -> tuple[Log, Log]:
        script = Script(listed(5, a1, b1), watched())
        informer, first, late = SharedIndexInformer(script, backoff=hasty()), Log(), Log()
        informer.add_event_handler(first)
        running = asyncio.ensure_future(informer.run())
        await settled(informer, script)
        informer.fifo.update(a2)
        listener = informer.add_event_handler(late)
        assert not listener.has_been_told_all
        await settled(informer, script)
        assert listener.has_been_told_all
        informer.remove_event_handler(listener)
        informer.fifo.delete(a2)
        await settled(informer, script)
        await informer.stop()
        await running
        return first, late

    first, late = asyncio.run(play())
    assert first.told == ["add a 1", "add b 1", "update a 1 -> 2", "delete a 2"]
    assert late.told == ["add a 1", "add b 1", "update a 1 -> 2"] and late.initial == ["a", "b"]


async def settled_but_for(informer: SharedIndexInformer, slow: ProcessorListener) -> None:
    others = [listener for listener in informer.processor.listeners if listener is not slow]
    while len(informer.fifo) or any(map(len, others)):
        await asyncio.sleep(0)


class Blocked(Log):
    """Until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        await self.go.wait()
        await super().on_add(obj, is_in_initial_list)


def test_row_31_who_is_slow_disturbs_nobody_and_is_told_the_last_of_each() -> None:
    async def play() -> tuple[Log, Blocked, int]:
        script = Script(listed(5, a1, b1), watched())
        informer, quick, slow = SharedIndexInformer(script, backoff=hasty(), buffer=8), Log(), Blocked()
        informer.add_event_handler(quick)
        listener = informer.add_event_handler(slow)
        running = asyncio.ensure_future(informer.run())
        while not informer.has_synced:
            await asyncio.sleep(0.001)
        for version in range(2, 10_001):
            informer.fifo.update(thing("a", version))
            if version % 4 == 0:
                await settled_but_for(informer, listener)
        longest = len(listener)
        slow.go.set()
        await settled(informer, script)
        await informer.stop()
        await running
        return quick, slow, longest

    quick, slow, longest = asyncio.run(play())
    assert len(quick.told) == 2 + 9999 and quick.told[-1] == "update a 9999 -> 10000"
    assert longest <= 8 and slow.told[-1].endswith("-> 10000")


class Failing(Log):
    """At one of them."""

    async def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        if obj["metadata"]["name"] == "a":
            raise RuntimeError("a handler of somebody")
        await super().on_add(obj, is_in_initial_list)


def test_row_32_who_fails_misses_one_and_goes_on_after_a_pause() -> None:
    async def play() -> tuple[Log, Log, Mapping[str, Any]]:
        script = Script(listed(5, a1, b1), watched())
        informer, sound, failing = SharedIndexInformer(script, backoff=hasty()), Log(), Failing()
        informer.add_event_handler(sound)
        informer.add_event_handler(failing)._pause = 0.01
        running = asyncio.ensure_future(informer.run())
        await settled(informer, script)
        await asyncio.sleep(0.05)
        await informer.stop()
        await running
        return sound, failing, informer.metrics()["listeners"][1]

    sound, failing, metrics = asyncio.run(play())
    assert sound.told == ["add a 1", "add b 1"] and failing.told == ["add b 1"]
    assert (metrics["failed"], metrics["delivered"]) == (1, 1)


def test_row_37_who_was_stopped_takes_nobody_more_and_told_what_was_left() -> None:
    async def play() -> Log:
        script, log = Script(listed(5, a1), watched()), Log()
        informer = SharedIndexInformer(script, backoff=hasty())
        informer.add_event_handler(log)
        running = asyncio.ensure_future(informer.run())
        await settled(informer, script)
        for version in range(2, 40):
            informer.fifo.update(thing("a", version))
        await informer.stop()
        await running
        with pytest.raises(InformerStopped, match="has been stopped"):
            informer.add_event_handler(log)
        with pytest.raises(InformerStopped, match="runs once"):
            await informer.run()
        assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing is left behind"
        return log

    assert asyncio.run(play()).told[-1] == "update a 38 -> 39"


def test_row_38_an_index_follows_what_it_is_of() -> None:
    indexer = Indexer({"rack": lambda obj: [(obj["metadata"].get("labels") or {}).get("rack", "none")]})

    def in_rack(name: str, rack: str | None) -> Object:
        return {"metadata": {"name": name, "labels": None if rack is None else {"rack": rack}}}

    indexer.update(in_rack("a", "r1"))
    indexer.update(in_rack("b", None))
    assert indexer.index_values("rack") == ["none", "r1"]
    indexer.update(in_rack("a", "r2"))
    assert indexer.by_index("rack", "r1") == [] and indexer.index_values("rack") == ["none", "r2"]
    indexer.delete("b")
    assert indexer.index_values("rack") == ["r2"]
    indexer.add_indexers({"name": lambda obj: [obj["metadata"]["name"]]})
    assert [obj["metadata"]["name"] for obj in indexer.by_index("name", "a")] == ["a"]
    with pytest.raises(ValueError, match="already is an index name"):
        indexer.add_indexers({"name": lambda obj: []})
    with pytest.raises(KeyError, match="no index color"):
        indexer.by_index("color", "red")


def test_row_39_what_a_list_does_not_hold_any_more_is_told_last() -> None:
    played = Played(listed(5, a1, b1), watched(status(410)), listed(6, thing("b", 2), thing("c", 1)), watched())
    assert played.told[2:] == ["update b 1 -> 2", "add c 1", "delete a unknown, last 1"]


@pytest.mark.parametrize(
    ("wanted", "running", "period"),
    [(0.2, False, 1.0), (30.0, False, 30.0), (5.0, True, 10.0), (30.0, True, 30.0), (0.0, True, 0.0)],
)
def test_a_period_is_at_least_a_second_and_once_running_at_least_that_of_the_checks(
    wanted: float, running: bool, period: float
) -> None:
    async def play() -> float:
        informer = SharedIndexInformer(Script(), resync_period=10.0)
        informer._started = running
        return informer._period(wanted)

    assert asyncio.run(play()) == period


def test_a_period_that_comes_late_is_the_first_one() -> None:
    async def play() -> Log:
        script, log = Script(listed(5, a1), watched()), Log()
        informer = SharedIndexInformer(script, backoff=hasty())
        running = asyncio.ensure_future(informer.run())
        await settled(informer, script)
        informer.add_event_handler(log, 1.0)
        await asyncio.sleep(1.1)
        await informer.stop()
        await running
        return log

    assert asyncio.run(play()).told == ["add a 1", "update a 1 -> 1"]


def test_all_who_ask_for_a_kind_share_one_informer_and_read_from_its_cache() -> None:
    scripts = {
        "/things": Script(
            listed(5, thing("a", 1), {"metadata": {"name": "n", "namespace": "x", "labels": {"l": "1"}}})
        ),
        "/others": Script(listed(5, thing("o", 1))),
    }

    async def play() -> None:
        factory = SharedInformerFactory(lambda path: SharedIndexInformer(scripts[path], backoff=hasty()))
        assert factory.for_resource("/things") is factory.for_resource("/things")
        things, others = factory.lister("/things"), factory.lister("/others")
        factory.start()
        factory.start()
        await factory.wait_for_cache_sync()
        assert [obj["metadata"]["name"] for obj in things.list()] == ["a", "n"]
        assert [obj["metadata"]["name"] for obj in things.list(namespace="x")] == ["n"]
        assert [obj["metadata"]["name"] for obj in things.list(labels={"l": "1"})] == ["n"]
        assert things.list(labels={"l": "2"}) == []
        assert things.get("n", "x") is not None and things.get("n") is None
        assert others.get("o") is not None
        await factory.shutdown()
        await factory.wait()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())


def test_a_server_that_is_away_at_first_is_asked_until_it_answers() -> None:
    played = Played(failed("list", 503), failed("list", 401), listed(5, a1), watched())
    assert played.told == ["add a 1"] and len(played.errors) == 2
