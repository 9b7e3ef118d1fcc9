"""The Ceph releases that the node's Proxmox VE release can install."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pve_standin.core import release


@dataclass(frozen=True)
class CephRelease:
    """One selectable release."""

    codename: str
    version: str

    @property
    def title(self) -> str:
        return f"{self.version} {self.codename.capitalize()}"


def selectable() -> list[CephRelease]:
    return [CephRelease(codename, version) for codename, version in release.current().ceph.items()]


def by_codename(codename: str) -> CephRelease:
    return next(found for found in selectable() if found.codename == codename)


def listing() -> list[dict[str, Any]]:
    return [
        {
            "release": found.codename,
            "version": found.version,
            "available": 1,
            "is-default": 1 if found.codename == release.current().ceph_default else 0,
            "unsupported": 0,
        }
        for found in selectable()
    ]
