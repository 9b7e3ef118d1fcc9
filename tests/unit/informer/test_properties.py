"""Whatever happens, and wherever the watch breaks: the cache is the server's list, and handlers could have made it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.informer.delta_fifo import Told
from ansible_collections.baremetal.virt.plugins.module_utils.informer.errors import ListWatchFailure
from ansible_collections.baremetal.virt.plugins.module_utils.informer.processor import ResourceEventHandler
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer
from ansible_collections.baremetal.virt.plugins.module_utils.informer.store import (
    DeletedFinalStateUnknown,
    Object,
    meta_namespace_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ...doubles.examples import examples
from ...doubles.kube_script import thing
from .play import hasty

NAMES = "abc"
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(NAMES)),
        st.tuples(st.just("delete"), st.sampled_from(NAMES)),
        st.tuples(st.sampled_from(["break", "expire", "throttle", "breathe", "bookmark", "resync"]), st.just("")),
    ),
    max_size=30,
)


class Server:
    """Objects with one version for all, watches that can be cut, and a history that can be forgotten."""

    def __init__(self) -> None:
        self.version, self.forgotten, self.objects = 1, 0, {}  # type: int, int, dict[str, dict[str, Any]]
        self.history: list[tuple[int, str, dict[str, Any]]] = []
        self.changed = asyncio.Event()
        self.ends: list[ListWatchFailure | None] = []

    def write(self, name: str) -> None:
        self.version += 1
        old = self.objects.get(name)
        uid = old["metadata"]["uid"] if old else f"{name}{self.version}"
        self.objects[name] = thing(name, self.version, uid=uid)
        self._note("MODIFIED" if old else "ADDED", self.objects[name])

    def delete(self, name: str) -> None:
        old = self.objects.pop(name, None)
        if old is not None:
            self.version += 1
            self._note("DELETED", thing(name, self.version, uid=old["metadata"]["uid"]))

    def _note(self, kind: str, obj: dict[str, Any]) -> None:
        self.history.append((self.version, kind, obj))
        self.changed.set()

    async def list(self, version: str, limit: int, continue_token: str) -> Mapping[str, Any]:
        items = [self.objects[name] for name in sorted(self.objects)]
        return {"kind": "ThingList", "metadata": {"resourceVersion": str(self.version)}, "items": items}

    async def watch(self, version: str, seconds: float) -> AsyncGenerator[Sequence[Mapping[str, Any]], None]:
        seen = int(version)
        if seen < self.forgotten:
            yield [{"type": "ERROR", "object": {"code": 410, "message": "too old"}}]
            return
        while True:
            self.changed.clear()
            for number, kind, obj in [event for event in self.history if event[0] > seen]:
                seen = number
                yield [{"type": kind, "object": obj}]
            if self.ends:
                end = self.ends.pop()
                if end is not None:
                    raise end
                return
            await self.changed.wait()


class Mirror(ResourceEventHandler):
    """Believes nothing but what it is told, and says so when that cannot be."""

    def __init__(self, slow: bool) -> None:
        self.slow = slow
        self.objects: dict[str, Object] = {}
        self.wrong: list[str] = []

    async def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        await self._wait()
        if meta_namespace_key(obj) in self.objects:
            self.wrong.append(f"added what is there: {obj}")
        self.objects[meta_namespace_key(obj)] = obj

    async def on_update(self, old: Object, new: Object) -> None:
        await self._wait()
        if self.objects.get(meta_namespace_key(new)) != old:
            self.wrong.append(f"not the last known: {old}")
        self.objects[meta_namespace_key(new)] = new

    async def on_delete(self, obj: Told) -> None:
        await self._wait()
        key = obj.key if isinstance(obj, DeletedFinalStateUnknown) else meta_namespace_key(obj)
        if self.objects.pop(key, None) is None:
            self.wrong.append(f"deleted what was unknown: {key}")

    async def _wait(self) -> None:
        if self.slow:
            await asyncio.sleep(0.0005)


async def take(step: str, name: str, server: Server, informer: SharedIndexInformer) -> None:
    if step == "write":
        server.write(name)
    elif step == "delete":
        server.delete(name)
    elif step == "breathe":
        await asyncio.sleep(0.002)
    elif step == "resync":
        informer.fifo.resync()
    elif step == "bookmark":
        server._note("BOOKMARK", {"kind": "Thing", "metadata": {"resourceVersion": str(server.version)}})
    else:
        server.forgotten = server.version if step == "expire" else server.forgotten
        server.ends.append(ListWatchFailure("slowly", 429) if step == "throttle" else None)
        server.changed.set()


def alike(informer: SharedIndexInformer, server: Server) -> bool:
    cached = {str(obj["metadata"]["name"]): obj for obj in informer.indexer.objects()}
    waiting = len(informer.fifo) + sum(map(len, informer.processor.listeners))
    return cached == server.objects and not waiting


async def play(steps: list[tuple[str, str]]) -> None:
    server = Server()
    server.write("a")
    informer = SharedIndexInformer(server, backoff=hasty(), buffer=2)
    mirrors = [Mirror(slow=False), Mirror(slow=True)]
    for mirror in mirrors:
        informer.add_event_handler(mirror)
    running = asyncio.ensure_future(informer.run())
    await informer.wait_for_cache_sync()
    for step, name in steps:
        await take(step, name, server, informer)
    deadline = asyncio.get_running_loop().time() + 5
    while not alike(informer, server) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.001)
    await informer.stop()
    await running
    assert alike(informer, server)
    for mirror in mirrors:
        assert mirror.objects == server.objects and mirror.wrong == []


@settings(max_examples=examples(60))
@given(STEPS)
def test_nothing_is_lost(steps: list[tuple[str, str]]) -> None:
    asyncio.run(play(steps))
