"""The Ceph releases that the lab's Proxmox VE release can install."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CephRelease:
    """One selectable release."""

    codename: str
    version: str

    @property
    def title(self) -> str:
        return f"{self.version} {self.codename.capitalize()}"


RELEASES = (CephRelease("squid", "19.2"), CephRelease("tentacle", "20.2"))
DEFAULT = "tentacle"


def by_codename(codename: str) -> CephRelease:
    return next(release for release in RELEASES if release.codename == codename)


def listing() -> list[dict[str, Any]]:
    return [
        {
            "release": release.codename,
            "version": release.version,
            "available": 1,
            "is-default": 1 if release.codename == DEFAULT else 0,
            "unsupported": 0,
        }
        for release in RELEASES
    ]
