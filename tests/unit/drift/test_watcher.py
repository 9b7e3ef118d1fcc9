"""From a watch to the runs that follow: none is missing, and none is too many."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.drift.judge import OWN_MANAGER, Mode, Watch
from ansible_collections.baremetal.virt.plugins.module_utils.drift.key_queue import KeyQueue
from ansible_collections.baremetal.virt.plugins.module_utils.drift.watcher import Watcher
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer

from ...doubles.kube_script import Script, listed, thing, watched
from ..informer.play import hasty


def mesh(on: bool, version: int, by: str = "kubectl") -> dict[str, Any]:
    made = thing("default", version, spec={"mesh": on})
    made["metadata"]["managedFields"] = [{"manager": by, "time": f"{version:05}"}]
    return made


def labelled(version: int) -> dict[str, Any]:
    made = thing("node3", version)
    made["metadata"]["labels"] = {"rack": str(version)}
    return made


class Runs:
    """Turns that the test ends. ``looked``: the version that the cache had when a run began."""

    def __init__(self) -> None:
        self.outcomes: dict[str, asyncio.Future[bool]] = {}
        self.others: dict[str, asyncio.Future[bool]] = {}
        self.looked: list[tuple[str, str]] = []
        self.events: list[Mapping[str, Any]] = []

    def ask(self, key: str) -> bool:
        if key in self.others:
            self.outcomes[key] = self.others.pop(key)
            return False
        self.outcomes[key] = asyncio.get_running_loop().create_future()
        return True

    async def ended(self, key: str) -> bool:
        return await self.outcomes[key]

    async def put(self, event: Mapping[str, Any]) -> None:
        self.events.append(event)
        obj = self.informer.indexer.get(event["drift"]["object"])
        self.looked.append((event["drift"]["object"], "" if obj is None else obj["metadata"]["resourceVersion"]))

    informer: SharedIndexInformer


class Site:
    """A watcher of one kind; what happens is handed to its queue by hand."""

    def __init__(self, mode: Mode, key: str = "") -> None:
        self.runs = Runs()
        self.script = Script(listed(9, mesh(False, 9), labelled(1)), watched())
        self.informer = self.runs.informer = SharedIndexInformer(self.script, backoff=hasty())
        self.watcher = Watcher(self.runs.put, self.runs, KeyQueue(first=0.02))
        self.watcher.watch(Watch("things", mode, key), self.informer)

    async def __aenter__(self) -> Site:
        self.tasks = [asyncio.ensure_future(self.informer.run()), asyncio.ensure_future(self.watcher.run())]
        await self.informer.wait_for_cache_sync()
        await self.pause()
        return self

    async def __aexit__(self, *given: object) -> None:
        await self.informer.stop()
        self.tasks[1].cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def pause(self) -> None:
        await asyncio.sleep(0.01)

    async def happens(self, *objects: Mapping[str, Any]) -> None:
        for obj in objects:
            self.informer.fifo.update(obj)
            await self.pause()

    async def end(self, key: str, succeeded: bool = True) -> None:
        self.runs.outcomes[key].set_result(succeeded)
        await self.pause()


def test_the_end_of_a_storm_is_always_followed_by_a_run() -> None:
    async def play() -> None:
        async with Site("repair") as site:
            await site.happens(mesh(True, 10))
            await site.happens(mesh(False, 11, by=OWN_MANAGER))
            await site.end("things/default")
            await site.happens(mesh(True, 12), labelled(20))
            assert [name for name, dummy in site.runs.looked] == ["default", "default", "node3"]
            assert site.runs.looked[:2] == [("default", "10"), ("default", "12")]

    asyncio.run(play())


def test_a_storm_during_a_run_is_one_more_run() -> None:
    async def play() -> None:
        async with Site("repair") as site:
            await site.happens(*(mesh(version % 2 == 0, version) for version in range(10, 30)))
            assert len(site.runs.looked) == 1
            await site.end("things/default")
            assert site.runs.looked[1:] == [("default", "29")]
            await site.end("things/default")
            assert len(site.runs.looked) == 2

    asyncio.run(play())


def test_what_a_run_has_left_is_known_to_be_right() -> None:
    async def play() -> None:
        async with Site("repair") as site:
            await site.happens(mesh(True, 10))
            await site.end("things/default")
            await site.happens(mesh(False, 11), mesh(True, 12))
            await site.end("things/default")
            assert [version for dummy, version in site.runs.looked] == ["10", "11"]

    asyncio.run(play())


def test_a_run_that_failed_is_begun_again() -> None:
    async def play() -> None:
        async with Site("propose") as site:
            await site.happens(mesh(True, 10))
            await site.end("things/default", succeeded=False)
            await asyncio.sleep(0.05)
            assert len(site.runs.looked) == 2

    asyncio.run(play())


def test_a_run_that_began_before_the_change_is_followed_by_another() -> None:
    """Such as one that was at work when the source began anew."""

    async def play() -> None:
        async with Site("repair") as site:
            site.runs.others["things/default"] = asyncio.get_running_loop().create_future()
            await site.happens(mesh(True, 10))
            assert site.runs.looked == []
            await site.end("things/default")
            assert site.runs.looked == [("default", "10")]

    asyncio.run(play())


def test_a_plan_proves_nothing() -> None:
    """Each plan is made of the last state, also when the plan before was made of the same."""

    async def play() -> None:
        async with Site("propose") as site:
            await site.happens(mesh(True, 10))
            await site.end("things/default")
            await site.happens(mesh(False, 11), mesh(True, 12))
            await site.end("things/default")
            assert [version for dummy, version in site.runs.looked] == ["10", "11", "12"]

    asyncio.run(play())


def test_a_run_whose_end_nobody_can_tell_is_begun_again() -> None:
    async def play() -> None:
        async with Site("repair") as site:
            await site.happens(mesh(True, 10))
            site.runs.outcomes["things/default"].set_exception(Unreadable("the folder is gone"))
            await asyncio.sleep(0.05)
            assert len(site.runs.looked) == 2

    asyncio.run(play())


def test_objects_with_one_key_have_one_run() -> None:
    async def play() -> None:
        async with Site("repair", key="all") as site:
            await site.happens(mesh(True, 10), labelled(20))
            assert len(site.runs.events) == 1
            await site.end("all")
            assert [event["drift"]["key"] for event in site.runs.events] == ["all", "all"]

    asyncio.run(play())


def test_who_only_wants_to_know_is_told_of_each_change_at_once() -> None:
    async def play() -> None:
        async with Site("notify") as site:
            await site.happens(mesh(True, 10), mesh(False, 11))
            site.informer.fifo.delete(mesh(False, 12))
            await site.pause()
            told = [event["drift"]["change"] for event in site.runs.events]
            assert told == ["update", "update", "delete"] and site.runs.outcomes == {}

    asyncio.run(play())
