# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kubernetes' API as a place to send requests to: the ``kubernetes`` library, with whoever the kubeconfig says.

The library reads the kubeconfig, with its tokens, certificates and programs that give these, and makes the
connections. Who answers has to show a certificate that the kubeconfig's authority has signed, or a given one.
"""

from __future__ import annotations

import json
import ssl
import sys
from typing import Any, Optional

from ...engine.errors import Invalid, Unreadable
from ..causes import causes
from .failure import KubeFailure

try:
    from kubernetes import client, config
    from kubernetes.config import ConfigException
    from urllib3 import Timeout
    from urllib3.exceptions import HTTPError
    from yaml import YAMLError
except ImportError as error:  # told to whoever wants to use it; this file can be read without it
    MISSING: Optional[str] = str(error)
else:
    MISSING = None

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
#: By the first word of it servers note who has changed an object.
_AGENT = "baremetal-virt"
_MERGE = "application/merge-patch+json"
#: Of secrets nothing is asked but which there are.
_NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def settings_of(kubeconfig: str, context: str, fingerprint: str) -> Any:
    """What the library makes of a kubeconfig; raises Invalid for one with which anybody could answer."""
    if MISSING is not None:
        raise Unreadable(
            f"Kubernetes' API cannot be asked from this controller: {MISSING}.",
            f"Install what it needs there: {sys.executable} -m pip install kubernetes",
        )
    settings = client.Configuration()
    load: Any = config.load_kube_config
    try:
        load(kubeconfig, context or None, settings, persist_config=False)
    except (ConfigException, YAMLError, OSError) as error:
        raise Invalid(f"{kubeconfig} is no kubeconfig that can be used: {error}") from error
    if not settings.host.startswith("https://"):
        raise Invalid(f"{kubeconfig}: {settings.host} is not spoken to by HTTPS.")
    if not settings.verify_ssl and not fingerprint:
        raise Invalid(
            f"{kubeconfig} says insecure-skip-tls-verify: anybody could answer.",
            "Name the authority in the kubeconfig, or the SHA-256 of the server's certificate as fingerprint.",
        )
    return settings


def authorization(settings: Any) -> dict[str, str]:
    """Headers, anew for each request, as a token may run out."""
    said: Any = settings.auth_settings().values()
    return {one["key"]: one["value"] for one in said if one["in"] == "header" and one["value"]}


class Wire:
    """Several threads may use it at once."""

    def __init__(self, kubeconfig: str, context: str, fingerprint: str, connections: int) -> None:
        settings = settings_of(kubeconfig, context, fingerprint)
        settings.connection_pool_maxsize = connections
        self.url = str(settings.host).rstrip("/")
        self._settings = settings
        self._pool = client.ApiClient(settings).rest_client.pool_manager
        if fingerprint:
            self._pool.connection_pool_kw["assert_fingerprint"] = fingerprint.replace(":", "").lower()

    def exchange(self, method: str, path: str, document: str = "") -> Any:
        """What is answered; raises KubeFailure."""
        accepted = _NAMES_ONLY if _of_secrets(path) else "application/json"
        headers = {"Accept": accepted, "User-Agent": _AGENT, **authorization(self._settings)}
        if document:
            headers["Content-Type"] = _MERGE if method == "PATCH" else "application/json"
        try:
            answer = self._pool.request(
                method,
                f"{self.url}{path}",
                body=document.encode() or None,
                headers=headers,
                timeout=Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS),
                retries=False,
                redirect=False,
            )
        except HTTPError as error:
            raise _silence(error) from None
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 300:
            raise KubeFailure(_told(text) or str(answer.reason), answer.status)
        try:
            return json.loads(text)
        except ValueError:
            raise KubeFailure(f"What answers is not Kubernetes' API: {text[:200]!r}", answer.status) from None


def _of_secrets(path: str) -> bool:
    return path.partition("?")[0].endswith("/secrets")


def _told(text: str) -> str:
    """The message of a Status."""
    try:
        return str(json.loads(text)["message"])
    except (ValueError, LookupError, TypeError):
        return ""


def _silence(error: Any) -> KubeFailure:
    *dummy, last = causes(error)
    if "ingerprint" in str(last):
        return KubeFailure("it shows another certificate than the one that was given", lasting=True)
    unverified = isinstance(last, ssl.SSLCertVerificationError)
    return KubeFailure(getattr(last, "strerror", None) or str(last), lasting=unverified)
