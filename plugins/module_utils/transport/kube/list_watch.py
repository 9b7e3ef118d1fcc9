# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One kind of object in Kubernetes' API, listed and watched for an informer: aiohttp, with whom the kubeconfig says."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Optional

from ...engine.errors import CollectionError, Unreadable
from ...informer.errors import ListWatchFailure
from ..causes import causes
from .wire import authorization, settings_of

try:
    import aiohttp
except ImportError as error:  # told to whoever wants to use it; this file can be read without it
    MISSING: Optional[str] = str(error)
else:
    MISSING = None

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 60.0
#: Bytes that are asked of a connection at once.
_CHUNK = 1 << 18


class KubeListWatch:
    """``path``: of the kind, such as /apis/crd.projectcalico.org/v1/bgppeers.

    Who asks is read anew from the kubeconfig when the server does not know them any more.
    """

    def __init__(
        self, kubeconfig: str, context: str, fingerprint: str, path: str, selectors: Optional[Mapping[str, str]] = None
    ) -> None:
        if MISSING is not None:
            raise Unreadable(
                f"Kubernetes' API cannot be watched from this controller: {MISSING}.",
                f"Install what it needs there: {sys.executable} -m pip install aiohttp",
            )
        self._given = (kubeconfig, context, fingerprint)
        self._fingerprint, self._path, self._selectors = fingerprint, path, dict(selectors or {})
        self._settings = settings_of(*self._given)
        self._session: Any = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def list(self, version: str, limit: int, continue_token: str) -> Mapping[str, Any]:
        query = {**self._selectors}
        query.update({"resourceVersion": version} if version else {})
        query.update({"limit": str(limit)} if limit else {})
        query.update({"continue": continue_token} if continue_token else {})
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS, sock_read=_ANSWER_SECONDS)
        try:
            async with self._request(query, timeout) as answer:
                text = await answer.read()
                await self._refuse(answer.status, answer.headers, text)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise _silence(error) from None
        found = _parsed(text)
        kind = str(found.get("kind") or "")
        if not kind.endswith("List"):
            raise ListWatchFailure(f"what answers is no list: {text[:200]!r}")
        for item in found.get("items") or ():  # what each is, is told once, by the list
            item.setdefault("kind", kind[: -len("List")])
            item.setdefault("apiVersion", found.get("apiVersion"))
        return found

    async def watch(self, version: str, seconds: float) -> AsyncGenerator[Sequence[Mapping[str, Any]], None]:
        asked = {"watch": "1", "allowWatchBookmarks": "true", "timeoutSeconds": str(int(seconds))}
        query = {**self._selectors, **asked, "resourceVersion": version}
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS)
        opened = False
        try:
            async with self._request(query, timeout) as answer:
                if answer.status != 200:
                    await self._refuse(answer.status, answer.headers, await answer.read())
                opened, rest = True, b""
                async for chunk in answer.content.iter_any():
                    *lines, rest = (rest + chunk).split(b"\n")
                    events = [_parsed(line) for line in lines if line]
                    if events:
                        yield events
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            if not opened:
                raise _silence(error) from None

    def _request(self, query: Mapping[str, str], timeout: Any) -> Any:
        if self._session is None:
            self._session = self._new_session()
        headers = {"Accept": "application/json", **authorization(self._settings)}
        url = f"{str(self._settings.host).rstrip('/')}{self._path}"
        return self._session.get(url, params=query, headers=headers, timeout=timeout, allow_redirects=False)

    def _new_session(self) -> Any:
        settings = self._settings
        context = ssl.create_default_context(cafile=settings.ssl_ca_cert if settings.verify_ssl else None)
        if self._fingerprint:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.sslobject_class = _pinned(self._fingerprint.replace(":", "").lower())
        if settings.cert_file:
            context.load_cert_chain(settings.cert_file, settings.key_file)
        connector = aiohttp.TCPConnector(ssl=context)
        return aiohttp.ClientSession(connector=connector, read_bufsize=_CHUNK, trust_env=False)

    async def _refuse(self, status: int, headers: Mapping[str, str], text: bytes) -> None:
        if status == 200:
            return
        if status == 401:  # the token of then; whatever renews it has renewed it in the kubeconfig
            await self.close()
            try:
                self._settings = settings_of(*self._given)
            except CollectionError as error:  # such as while it is being written; the next list reads it again
                raise ListWatchFailure(str(error), status) from error
        try:
            told = json.loads(text)
            message, reason = str(told["message"]), str(told.get("reason") or "")
        except (ValueError, LookupError, TypeError):
            message, reason = text[:200].decode("utf-8", "replace"), ""
        wait = headers.get("Retry-After", "")
        raise ListWatchFailure(message, status, reason, retry_after=float(wait) if wait.isdigit() else 0.0)


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ListWatchFailure(f"what answers is not Kubernetes' API: {text[:200]!r}")
    return found


def _pinned(fingerprint: str) -> type[ssl.SSLObject]:
    """aiohttp's own Fingerprint takes the place of the whole context, and so of the client's certificate."""

    class Pinned(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            if hashlib.sha256(self.getpeercert(True) or b"").hexdigest() != fingerprint:
                raise ssl.SSLCertVerificationError("it shows another certificate than the one that was given")

    return Pinned


def _silence(error: BaseException) -> ListWatchFailure:
    *dummy, last = causes(error)
    refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes(error))
    return ListWatchFailure(getattr(last, "strerror", None) or str(last) or "no answer in time", refused=refused)
