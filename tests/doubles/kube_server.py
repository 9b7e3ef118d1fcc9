"""Kubernetes' API for one kind over HTTPS, in the loop of the test: pages, streams, what is forgotten, breaks."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from .kube_script import thing

TOKENS = ("a-token-that-nobody-sees", "the-next-token")
PATH = "/apis/x/v1/things"


class KubeServer:
    """``page``: objects of one page at most.  ``token``: the one that it knows now."""

    def __init__(self, folder: Path, page: int = 2) -> None:
        self.folder, self.page, self.token = folder, page, TOKENS[0]
        self.version, self.forgotten, self.port = 1, 0, 0
        self.objects: dict[str, dict[str, Any]] = {}
        self.history: list[tuple[int, str, dict[str, Any]]] = []
        self.asked: list[str] = []
        self._changed = asyncio.Condition()
        self._streams: set[asyncio.Task[Any]] = set()
        self.certificate, self._key = folder / "cert.pem", folder / "key.pem"
        names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        made = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(self._key), "-out", str(self.certificate), "-days", "2"]
        subprocess.run(["openssl", "req", "-x509", *made, *names], check=True, capture_output=True)

    async def start(self) -> None:
        """On the port that it had, if it had one."""
        app = web.Application()
        app.router.add_get(PATH, self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self._key)
        context.load_verify_locations(self.certificate)
        context.verify_mode = ssl.CERT_OPTIONAL
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=context, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        for stream in list(self._streams):
            stream.cancel()
        await self._runner.cleanup()

    def kubeconfig(self, token: str = TOKENS[0]) -> str:
        """Without a token it shows a certificate."""
        said = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": str(self.certificate)}
        shown = {"client-certificate": str(self.certificate), "client-key": str(self._key)}
        path = self.folder / "kubeconfig"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "x",
            "clusters": [{"name": "c", "cluster": said}],
            "users": [{"name": "u", "user": {"token": token} if token else shown}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        }
        path.write_text(yaml.safe_dump(document))
        return str(path)

    async def write(self, name: str, **more: Any) -> None:
        kind = "MODIFIED" if name in self.objects else "ADDED"
        self.version += 1
        self.objects[name] = thing(name, self.version, **more)
        await self._note(kind, self.objects[name])

    async def delete(self, name: str) -> None:
        self.version += 1
        gone = self.objects.pop(name)
        await self._note("DELETED", {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self.version)}})

    async def _note(self, kind: str, obj: dict[str, Any]) -> None:
        self.history.append((self.version, kind, obj))
        async with self._changed:
            self._changed.notify_all()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        self.asked.append("watch" if "watch" in query else "list")
        shown = request.transport.get_extra_info("peercert") if request.transport is not None else None
        if request.headers.get("Authorization") != f"Bearer {self.token}" and not shown:
            return web.json_response({"message": "Unauthorized"}, status=401)
        if "watch" in query:
            return await self._stream(request, int(query["resourceVersion"]))
        names = sorted(self.objects)
        begin = int(query.get("continue") or 0)
        end = begin + self.page if "limit" in query else len(names)
        items = [{key: part for key, part in self.objects[name].items() if key != "kind"} for name in names[begin:end]]
        following = {"continue": str(end)} if end < len(names) else {}
        metadata = {"resourceVersion": str(self.version), **following}
        return web.json_response({"kind": "ThingList", "apiVersion": "x/v1", "metadata": metadata, "items": items})

    async def _stream(self, request: web.Request, seen: int) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        task = asyncio.current_task()
        assert task is not None
        self._streams.add(task)
        try:
            if seen < self.forgotten:
                await _send(response, "ERROR", {"kind": "Status", "code": 410, "message": "too old"})
                return response
            while True:
                for number, kind, obj in [event for event in self.history if event[0] > seen]:
                    seen = number
                    await _send(response, kind, obj)
                async with self._changed:
                    while self.version <= seen:
                        await self._changed.wait()
        finally:
            self._streams.discard(task)


async def _send(response: web.StreamResponse, kind: str, obj: dict[str, Any]) -> None:
    """In two pieces: what arrives at once need not be a line."""
    line = json.dumps({"type": kind, "object": obj}).encode() + b"\n"
    await response.write(line[:20])
    await asyncio.sleep(0)
    await response.write(line[20:])
