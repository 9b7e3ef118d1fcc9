# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One node's API as a place to send requests to: proxmoxer, with the certificate pinned.

The certificate is the one that the node has told through ssh. Who signed it and which names it bears prove less than
that, so nothing else is asked; and no proxy or setting of the environment comes in between.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable, Mapping
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.plan import Value
from ..causes import causes
from .credential import Credential
from .failure import ApiFailure

try:
    import requests  # before proxmoxer, which ends the process where this one is missing
    from proxmoxer.backends.https import ProxmoxHttpSession
    from proxmoxer.core import ProxmoxResource, ResourceException
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPSConnection
    from urllib3.connectionpool import HTTPSConnectionPool
    from urllib3.exceptions import HTTPError, NewConnectionError
except ImportError as error:  # told to whoever wants to use it; this file can be read without them
    MISSING: Optional[str] = str(error)
    # For mypy these are the classes that were not found; here something that classes below can be derived from.
    HTTPAdapter = HTTPSConnection = HTTPSConnectionPool = NewConnectionError = object  # type: ignore[misc,assignment]
else:
    MISSING = None

_CONNECT_SECONDS = 5.0
#: pveproxy itself gives the daemon behind it 30 seconds.
_ANSWER_SECONDS = 60.0


class NotConnected(NewConnectionError):
    """There is no connection, so nothing was sent."""


class _InOnePiece(HTTPSConnection):
    """Sends head and body together.

    pveproxy may break off a connection on which they come one after the other, when the caller shows a ticket.
    """

    _held: Optional[bytes] = None

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError) as error:
            raise NotConnected(self, str(error)) from error

    def request(self, *arguments: Any, **options: Any) -> None:
        self._held = b""
        try:
            super().request(*arguments, **options)
        finally:
            whole, self._held = self._held, None
        self.send(whole)

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held += data


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _InOnePiece


class _Pinned(HTTPAdapter):
    """Speaks to whoever has the key of this one certificate, and to nobody else."""

    def __init__(self, fingerprint: str, connections: int) -> None:
        self._fingerprint = fingerprint
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, assert_fingerprint=self._fingerprint, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}


class _Caller:
    """What proxmoxer's session asks its ``auth`` for. The fingerprint verifies, not an authority."""

    verify_ssl = False
    timeout = (_CONNECT_SECONDS, _ANSWER_SECONDS)

    def __init__(self, credential: Callable[[], Credential]) -> None:
        self._credential = credential

    def get_cookies(self) -> dict[str, str]:
        return {}

    def __call__(self, request: Any) -> Any:
        request.headers.update(self._credential().headers(request.method))
        return request


class _Answers:
    """What proxmoxer makes of an answer: the data, or the ``whole``; of a refusal, all that was said about it."""

    def __init__(self, whole: bool) -> None:
        self._whole = whole

    def loads(self, response: Any) -> Any:
        try:
            answer = response.json()
            return answer if self._whole and "data" in answer else answer["data"]
        except (ValueError, LookupError, TypeError) as error:
            raise ApiFailure(f"What answers is not the API: {response.text[:200]!r}.") from error

    def loads_errors(self, response: Any) -> str:
        try:
            told = response.json()
            lines = [*told["message"].split("\n"), *(f"{name}: {why}" for name, why in told.get("errors", {}).items())]
        except (ValueError, LookupError, TypeError, AttributeError):  # 401 and 596 have no document
            lines = [response.reason]
        return "; ".join(line.strip() for line in lines if line.strip())


class Wire:
    """Requests to the API at one address. Several threads may read at once, over as many connections as are allowed."""

    def __init__(self, url: str, fingerprint: str, credential: Callable[[], Credential], connections: int) -> None:
        if MISSING is not None:
            raise Unreadable(
                f"The API cannot be asked from this controller: {MISSING}.",
                f"Install what it needs there: {sys.executable} -m pip install proxmoxer requests",
            )
        self._url, self._fingerprint, self._credential = url, fingerprint, credential
        self._reading = self._session(connections)

    def read(self, path: str, query: Mapping[str, Value], whole: bool = False) -> Any:
        return self._exchange(self._reading, "get", path, query, whole)

    def change(self, method: str, path: str, parameters: Mapping[str, Value]) -> Any:
        """Over a connection of its own: one that has been idle may be broken off with the request on its way."""
        with self._session(1) as session:
            return self._exchange(session, method.lower(), path, parameters)

    def _session(self, connections: int) -> Any:
        session = ProxmoxHttpSession()
        session.trust_env = False
        session.auth = _Caller(self._credential)
        session.adapters.clear()
        session.mount("https://", _Pinned(self._fingerprint, connections))
        return session

    def _exchange(
        self, session: Any, method: str, path: str, parameters: Mapping[str, Value], whole: bool = False
    ) -> Any:
        resource = ProxmoxResource(base_url=f"{self._url}/api2/json", session=session, serializer=_Answers(whole))
        sent = {name: _sent(value) for name, value in parameters.items()}
        try:
            return getattr(resource(path.strip("/")), method)(**sent)
        except ResourceException as error:
            raise ApiFailure(error.errors, error.status_code) from None
        except requests.RequestException as error:
            raise _silence(error) from None


def _sent(value: Value) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, bool) else value


def _silence(error: BaseException) -> ApiFailure:
    """Why there was no answer, by the innermost cause, as the outer ones quote the request."""
    known = list(causes(error))
    last = known[-1]
    sent = not any(isinstance(cause, NotConnected) for cause in known)
    if "ingerprint" in str(last):
        return ApiFailure("it shows another certificate than /etc/pve has for it", sent=sent)
    if isinstance(last, ConnectionRefusedError):
        return ApiFailure("connection refused", sent=sent, cut=True)
    if isinstance(last, (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return ApiFailure("connection broken off", sent=sent, cut=True)
    if isinstance(error, requests.Timeout):
        return ApiFailure(f"no {'answer' if sent else 'connection'} in time", sent=sent, reached=sent)
    return ApiFailure(getattr(last, "strerror", None) or str(last), sent=sent, reached=sent)
