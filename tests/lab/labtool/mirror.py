"""A pass-through cache of a package mirror: every file is fetched from upstream once, by one process at a time."""

from __future__ import annotations

import filecmp
import hashlib
import http.client
import os
import shutil
import time
import urllib.error
import urllib.request
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from .locks import locked
from .settings import LabError
from .shell import run

REVALIDATE_SECONDS = 6 * 3600
"""An index file younger than this is not asked for again: a second run within hours works without any network."""

UPSTREAM_VARIABLES: dict[str, str] = {"debian": "LAB_DEBIAN_MIRROR", "debian-security": "LAB_SECURITY_MIRROR"}


class NotOnMirror(Exception):
    """Upstream answered that there is no such file."""


class UpstreamUnreachable(Exception):
    """Upstream did not answer and no copy is cached."""


def debian_upstreams() -> dict[str, str]:
    """Base URL of /debian and /debian-security: from the environment, else from this host's own apt configuration."""
    configured = run(["apt-get", "indextargets", "--no-release-info", "--format", "$(REPO_URI)"]).split()
    found = {}
    for name, variable in UPSTREAM_VARIABLES.items():
        matching = (uri for uri in configured if urlsplit(uri).path.rstrip("/").endswith(f"/{name}"))
        base = os.environ.get(variable) or next(matching, None)
        if base is None:
            raise LabError(f"this host's apt knows no mirror that ends in /{name}: set {variable}=<its URL>")
        found[name] = base.rstrip("/")
    return found


def is_immutable(path: str) -> bool:
    """Pool files and by-hash indexes never change under their name."""
    return path.startswith("pool/") or "/by-hash/" in path


class Mirror:
    """One upstream base URL and the folder its files are kept in."""

    def __init__(self, base: str, folder: Path) -> None:
        self.base = base
        self.folder = folder

    def fetch(self, path: str) -> Path:
        """The local copy of a path below the base, current enough; downloads it when it must."""
        local = self.folder / path
        if not self._is_fresh(path, local):
            with locked(self._lock(path)):
                if not self._is_fresh(path, local):
                    self._download(path, local)
        return local

    @staticmethod
    def _is_fresh(path: str, local: Path) -> bool:
        if not local.is_file():
            return False
        return is_immutable(path) or time.time() - _marker(local).stat().st_mtime < REVALIDATE_SECONDS

    def _lock(self, path: str) -> Path:
        return self.folder / ".locks" / hashlib.sha256(path.encode()).hexdigest()[:32]

    def _download(self, path: str, local: Path) -> None:
        request = urllib.request.Request(f"{self.base}/{quote(path)}")
        if local.is_file():
            request.add_header("If-Modified-Since", formatdate(local.stat().st_mtime, usegmt=True))
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                _store(answer, local)
        except urllib.error.HTTPError as error:
            if error.code == 304:
                _marker(local).touch()
            elif error.code in (403, 404, 410):
                raise NotOnMirror(path) from error
            elif not local.is_file():
                raise UpstreamUnreachable(f"{self.base}/{path}: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            if not local.is_file():
                raise UpstreamUnreachable(f"{self.base}/{path}: {error}") from error


def _marker(local: Path) -> Path:
    """The file whose time stamp says when upstream was last asked about this one."""
    return local.with_name(f".{local.name}.checked")


def _store(answer: BinaryIO, local: Path) -> None:
    """Keep what upstream sent; an unchanged file keeps its time stamp, so that nodes need not read it again."""
    local.parent.mkdir(parents=True, exist_ok=True)
    partial = local.with_name(f".{local.name}.partial")
    with partial.open("wb") as target:
        shutil.copyfileobj(answer, target)
    _marker(local).touch()
    if local.is_file() and filecmp.cmp(partial, local, shallow=False):
        partial.unlink()
    else:
        partial.replace(local)
