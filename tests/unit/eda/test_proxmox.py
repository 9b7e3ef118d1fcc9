"""The source of events as ansible-rulebook runs it, against the lab's stand-in for the API, over HTTPS."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.informer import reflector

from ...doubles.api_server import PATIENT, ApiServer
from ..informer.play import hasty

pytestmark = pytest.mark.slow

COLLECTION = Path(__file__).resolve().parents[3] / ".ansible/collections/ansible_collections/baremetal/virt"
MAIN: Any = runpy.run_path(str(COLLECTION / "extensions/eda/plugins/event_source/proxmox.py"))["main"]
SHARED = {"storage": "iso", "type": "dir", "path": "/srv/iso", "content": "iso"}

Play = Callable[["asyncio.Queue[Any]"], Awaitable[None]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    server = ApiServer(tmp_path_factory.mktemp("node"))
    yield server
    server.stop()


@pytest.fixture
def args(server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setattr(reflector, "Backoff", hasty)
    name = "/access/users/root@pam/token/eda"
    made = server.api(pauses=PATIENT).change("POST", name, {"privsep": False}, repeatable=False)
    (tmp_path / "token").write_text(made["value"] + "\n")
    yield {
        "host": "127.0.0.1",
        "port": server.port,
        "fingerprint": server.fingerprint,
        "token_id": "root@pam!eda",
        "token_file": str(tmp_path / "token"),
        "busy": 0.1,
        "idle": 0.2,
        "watch": [{"part": "storages"}, {"part": "pools"}, {"part": "nodes"}, {"part": "guests"}],
    }
    server.api(pauses=PATIENT).change("DELETE", name, {}, repeatable=True)


def played(args: dict[str, Any], play: Play) -> None:
    async def run() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        task = asyncio.ensure_future(MAIN(queue, args))
        try:
            await asyncio.sleep(1.5)
            playing = asyncio.ensure_future(play(queue))
            await asyncio.wait({playing, task}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
            assert not task.done() or task.result()
            playing.cancel()
            await playing
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())


async def told(queue: asyncio.Queue[Any]) -> str:
    event = await queue.get()
    if "notice" in event:
        return str(event["notice"]["text"])
    drift = event["drift"]
    fields = drift["fields"] if drift["change"] == "update" else []
    return " ".join([drift["change"], drift["object"], *fields])


def test_each_change_by_hand_is_noticed_once(server: ApiServer, args: dict[str, Any]) -> None:
    api = server.api(pauses=PATIENT)

    async def play(queue: asyncio.Queue[Any]) -> None:
        changes: list[tuple[str, str, dict[str, Any], str]] = [
            ("POST", "/storage", SHARED, "add iso"),
            ("PUT", "/storage/iso", {"content": "iso,vztmpl"}, "update iso spec.content"),
            ("POST", "/pools", {"poolid": "class"}, "add class"),
            ("PUT", "/pools", {"poolid": "class", "comment": "2027"}, "update class spec.comment"),
            ("DELETE", "/pools", {"poolid": "class"}, "delete class"),
            ("DELETE", "/storage/iso", {}, "delete iso"),
        ]
        for method, path, given, expected in changes:
            await asyncio.to_thread(api.change, method, path, given, False)
            assert await told(queue) == expected
        await asyncio.sleep(0.5)
        assert queue.empty()

    played(args, play)


def test_another_certificate_is_said_and_nobody_gets_the_token(args: dict[str, Any]) -> None:
    args.update(fingerprint="00" * 32, watch=[{"part": "storages"}])

    async def play(queue: asyncio.Queue[Any]) -> None:
        assert "another certificate" in await told(queue)

    played(args, play)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"watch": [{"part": "things"}]}, "no part things"),
        ({"idle": 600}, "0 < busy <= idle <= 60"),
        ({"token_file": "/nowhere/token"}, "gives no token"),
        ({"token_id": "eda"}, "names no API token"),
        ({"host": ""}, "host is missing"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anybody_is_asked(
    args: dict[str, Any], changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        asyncio.run(MAIN(asyncio.Queue(), {**args, **changed}))
