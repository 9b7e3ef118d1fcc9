"""A server that is told beforehand what it will answer, list by list and watch by watch; it notes what it was asked.

A line of the script is an exchange: ``verb`` list or watch; ``status`` and ``body``, or ``events`` and how the stream
ends: ``close``, or ``hang`` until nobody waits any more. ``refused``: nobody listens. ``pause``: seconds before an end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.informer.delta_fifo import Told
from ansible_collections.baremetal.virt.plugins.module_utils.informer.errors import ListWatchFailure
from ansible_collections.baremetal.virt.plugins.module_utils.informer.processor import ResourceEventHandler
from ansible_collections.baremetal.virt.plugins.module_utils.informer.store import DeletedFinalStateUnknown, Object

Exchange = Mapping[str, Any]


def thing(name: str, version: int | str, uid: str = "", **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "resourceVersion": str(version), "uid": uid or f"uid-{name}"}
    return {"kind": "Thing", "metadata": found, **more}


def listed(version: int | str, *items: Mapping[str, Any], following: str = "") -> Exchange:
    metadata = {"resourceVersion": str(version), **({"continue": following} if following else {})}
    return {"verb": "list", "status": 200, "body": {"kind": "ThingList", "metadata": metadata, "items": list(items)}}


def watched(*events: tuple[str, Mapping[str, Any]], end: str = "hang", pause: float = 0.0) -> Exchange:
    told = [{"type": kind, "object": obj} for kind, obj in events]
    return {"verb": "watch", "status": 200, "events": told, "end": end, "pause": pause}


def failed(verb: str, status: int, message: str = "no") -> Exchange:
    return {"verb": verb, "status": status, "body": {"message": message}}


def status(code: int, message: str = "too old") -> tuple[str, Mapping[str, Any]]:
    """An error in the stream."""
    return ("ERROR", {"kind": "Status", "code": code, "message": message})


class Script:
    """A ListerWatcher. What comes after the last exchange is silence."""

    def __init__(self, *exchanges: Exchange) -> None:
        self.left = list(exchanges)
        self.asked: list[str] = []

    async def list(self, version: str, limit: int, continue_token: str) -> Mapping[str, Any]:
        paging = f" limit={limit}" if limit else ""
        self.asked.append(f"list continue={continue_token}" if continue_token else f"list rv={version}{paging}")
        exchange = await self._next("list")
        body: Mapping[str, Any] = exchange["body"]
        return body

    async def watch(self, version: str, seconds: float) -> AsyncGenerator[Sequence[Mapping[str, Any]], None]:
        self.asked.append(f"watch rv={version}")
        exchange = await self._next("watch")
        if exchange["events"]:
            yield exchange["events"]
        await asyncio.sleep(exchange.get("pause", 0.0))
        if exchange["end"] == "hang":
            await asyncio.Event().wait()

    async def _next(self, verb: str) -> Exchange:
        if not self.left:
            await asyncio.Event().wait()
        exchange = self.left.pop(0)
        if exchange["verb"] != verb:
            raise AssertionError(f"asked for {verb}, and the script says {exchange}")
        if exchange.get("refused"):
            raise ListWatchFailure("connection refused", refused=True)
        if exchange["status"] != 200:
            raise ListWatchFailure(str(exchange["body"].get("message")), exchange["status"])
        return exchange


class Log(ResourceEventHandler):
    """Writes down what it is told: ``add leaf1 90``, ``update leaf1 90 -> 145``."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.initial: list[str] = []

    async def on_add(self, obj: Object, is_in_initial_list: bool) -> None:
        self.told.append(f"add {_name(obj)} {_version(obj)}")
        if is_in_initial_list:
            self.initial.append(_name(obj))

    async def on_update(self, old: Object, new: Object) -> None:
        self.told.append(f"update {_name(new)} {_version(old)} -> {_version(new)}")

    async def on_replace(self, old: Object, new: Object) -> None:
        uids = f"{old['metadata']['uid']}/{_version(old)} -> {new['metadata']['uid']}/{_version(new)}"
        self.told.append(f"replace {_name(new)} {uids}")

    async def on_delete(self, obj: Told) -> None:
        if isinstance(obj, DeletedFinalStateUnknown):
            self.told.append(f"delete {obj.key} unknown, last {_version(obj.obj)}")
        else:
            self.told.append(f"delete {_name(obj)} {_version(obj)}")


def _name(obj: Object) -> str:
    return str(obj["metadata"]["name"])


def _version(obj: Object) -> str:
    return str(obj["metadata"]["resourceVersion"])
