"""The source of events as ansible-rulebook runs it: by its path alone, against a server over HTTPS."""

from __future__ import annotations

import asyncio
import hashlib
import runpy
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.informer import reflector

from ...doubles.kube_server import PATH, TOKENS, KubeServer
from ..informer.play import hasty

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / ".ansible/collections/ansible_collections/baremetal/virt/extensions/eda/plugins/event_source"
MAIN: Any = runpy.run_path(str(SOURCES / "kubernetes.py"))["main"]

Play = Callable[[KubeServer, "asyncio.Queue[Any]"], Awaitable[None]]


@pytest.fixture(autouse=True)
def nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "Backoff", hasty)


def played(folder: Path, play: Play, **args: Any) -> None:
    async def run() -> None:
        server = KubeServer(folder)
        for name in "abcde":
            await server.write(name, spec={"v": 0})
        await server.start()
        queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        watch = [{"path": PATH}]
        task = asyncio.ensure_future(MAIN(queue, {"kubeconfig": server.kubeconfig(), "watch": watch, **args}))
        try:
            while "watch" not in server.asked:
                assert not task.done() or task.result()
                await asyncio.sleep(0.01)
            await asyncio.wait_for(play(server, queue), 20)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await server.stop()

    asyncio.run(run())


async def told(queue: asyncio.Queue[Any], count: int) -> list[str]:
    found = [(await queue.get())["drift"] for dummy in range(count)]
    return sorted(f"{one['change']} {one['object']} {','.join(one['fields'])}".strip() for one in found)


def test_changes_are_told_and_what_was_there_at_first_is_not(tmp_path: Path) -> None:
    async def play(server: KubeServer, queue: asyncio.Queue[Any]) -> None:
        assert server.asked[:3] == ["list"] * 3, "in pages"
        await server.write("a", spec={"v": 1})
        await server.write("f", spec={"v": 1})
        await server.delete("b")
        assert await told(queue, 3) == ["add f spec.v", "delete b", "update a spec.v"]

    played(tmp_path, play)


def test_nothing_that_happens_while_the_server_is_away_is_lost(tmp_path: Path) -> None:
    """Once it still knows what has happened since, and once it has forgotten it."""

    async def play(server: KubeServer, queue: asyncio.Queue[Any]) -> None:
        for round_, forget in enumerate((False, True), 1):
            await server.stop()
            await server.write("a", spec={"v": round_})
            await server.write("c", spec={"v": round_})
            await server.write(f"new{round_}", spec={"v": 1})
            await server.delete("bd"[round_ - 1])
            server.forgotten = server.version if forget else 0
            await asyncio.sleep(0.05)
            await server.start()
            expected = [f"add new{round_} spec.v", f"delete {'bd'[round_ - 1]}", "update a spec.v", "update c spec.v"]
            assert await told(queue, 4) == expected

    played(tmp_path, play)


def test_a_token_that_was_renewed_is_read_anew(tmp_path: Path) -> None:
    async def play(server: KubeServer, queue: asyncio.Queue[Any]) -> None:
        server.token = TOKENS[1]
        await server.stop()
        await server.write("a", spec={"v": 1})
        await server.start()
        await asyncio.sleep(0.1)
        (server.folder / "kubeconfig").write_text("")  # whoever renews it is about to write it
        await asyncio.sleep(0.1)
        assert queue.empty()
        server.kubeconfig(TOKENS[1])
        assert await told(queue, 1) == ["update a spec.v"]

    played(tmp_path, play)


def test_an_object_that_is_longer_than_any_buffer(tmp_path: Path) -> None:
    async def play(server: KubeServer, queue: asyncio.Queue[Any]) -> None:
        await server.write("a", data={"v": "x" * 900_000})
        assert await told(queue, 1) == ["update a data.v,spec.v"]

    played(tmp_path, play)


def test_with_the_fingerprint_of_another_nobody_is_spoken_to(tmp_path: Path) -> None:
    async def run() -> list[str]:
        server = KubeServer(tmp_path)
        await server.start()
        right = hashlib.sha256(ssl.PEM_cert_to_DER_cert(server.certificate.read_text())).hexdigest()
        asked = []
        for fingerprint in ("00" * 32, right):
            args = {"kubeconfig": server.kubeconfig(), "fingerprint": fingerprint, "watch": [{"path": PATH}]}
            task = asyncio.ensure_future(MAIN(asyncio.Queue(), args))
            await asyncio.sleep(0.5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            asked.append(" ".join(server.asked))
        await server.stop()
        return asked

    assert asyncio.run(run()) == ["", "list watch"]


@pytest.mark.parametrize("pinned", [True, False])
def test_whoever_has_a_certificate_shows_it(tmp_path: Path, pinned: bool) -> None:
    async def run() -> None:
        server = KubeServer(tmp_path)
        await server.start()
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(server.certificate.read_text())).hexdigest()
        args = {"kubeconfig": server.kubeconfig(token=""), "watch": [{"path": PATH}]}
        args.update({"fingerprint": ":".join(digest[at : at + 2] for at in range(0, 64, 2)).upper()} if pinned else {})
        task = asyncio.ensure_future(MAIN(asyncio.Queue(), args))
        for _dummy in range(100):
            if "watch" in server.asked:
                break
            await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.stop()
        assert server.asked == ["list", "watch"], "nobody was refused"

    asyncio.run(run())


def test_what_cannot_be_meant_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    for args, words in (({"watch": [{"path": PATH}]}, "kubeconfig is missing"), ({"resources": []}, "no option")):
        with pytest.raises(Invalid, match=words):
            asyncio.run(MAIN(asyncio.Queue(), args))
