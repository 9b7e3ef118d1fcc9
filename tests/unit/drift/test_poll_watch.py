"""Polls as a watch: what cannot be asked has not happened, and both its begin and its end are said."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.drift.poll_watch import PollWatch
from ansible_collections.baremetal.virt.plugins.module_utils.drift.proxmox import PARTS
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.informer.errors import ListWatchFailure
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer

from ...doubles.kube_script import Log
from ..informer.play import hasty

STORAGES = PARTS["storages"]


class Api:
    """Storages by their names; ``status``: what every request is refused with, 0 for none."""

    def __init__(self) -> None:
        self.storages: dict[str, dict[str, Any]] = {"local": {"storage": "local", "type": "dir"}}
        self.status = 0
        self.calls = 0

    def get(self, path: str) -> Any:
        self.calls += 1
        if self.status:
            raise Unreadable("the API does not tell it: No route to host.", status=self.status)
        if path == STORAGES.path:
            return list(self.storages.values())
        assert path.startswith("/access/permissions?path=/storage/"), path
        return {path.partition("=")[2]: {"Datastore.Audit": 1}}


async def until(met: Any) -> None:
    while not met():
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("status", [595, 401, 0])
def test_nothing_is_lost_while_the_api_does_not_answer(status: int) -> None:
    async def play() -> None:
        api, said, log = Api(), [], Log()  # type: Api, list[str], Log
        informer = SharedIndexInformer(PollWatch(api.get, STORAGES, said.append, 0.01, 0.02), backoff=hasty())
        informer.add_event_handler(log)
        running = asyncio.ensure_future(informer.run())
        await until(lambda: len(log.told) == 1)
        api.status = status
        await until(lambda: not status or said)
        api.storages = {"nfs": {"storage": "nfs", "type": "nfs"}}
        await asyncio.sleep(0.05)
        api.status = 0
        await until(lambda: len(log.told) == 3)
        await informer.stop()
        await running
        assert sorted(one.split()[:2] for one in log.told[1:]) == [["add", "nfs"], ["delete", "local"]]
        assert [one.partition(": ")[2][:24] for one in said] == (
            ["the API gives no list: t", "the API answers again"] if status else []
        )

    asyncio.run(asyncio.wait_for(play(), 10))


def test_a_server_that_is_away_at_first_is_asked_again() -> None:
    async def play() -> None:
        api, said = Api(), []  # type: Api, list[str]
        api.status = 595
        watch = PollWatch(api.get, STORAGES, said.append)
        while len(said) < 1 or api.calls < 2:
            with pytest.raises(ListWatchFailure, match="No route to host"):
                await watch.list("", 0, "")
        assert len(said) == 1, "it is said when it begins"

    asyncio.run(play())


def test_when_nothing_happens_it_asks_seldom() -> None:
    async def play() -> int:
        api = Api()
        watch = PollWatch(api.get, STORAGES, lambda text: None, busy=0.01, idle=0.08)
        await watch.list("", 0, "")
        stream = watch.watch("", 0)
        while api.calls < 5:
            assert await stream.__anext__() == []
        started = asyncio.get_running_loop().time()
        assert await stream.__anext__() == []
        seldom = asyncio.get_running_loop().time() - started
        api.storages["nfs"] = {"storage": "nfs"}
        assert len(await stream.__anext__()) == 1
        await stream.aclose()
        assert seldom >= 0.07
        return api.calls

    assert asyncio.run(play()) == 7, "one call for each poll"
