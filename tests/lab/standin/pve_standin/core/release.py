"""The one table of what differs between the releases of Proxmox VE, as far as the API schema does not say it.

Which methods and parameters a release lacks is in schema/api.json (`in_pve`, `lacks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

OS_RELEASE = Path("/etc/os-release")


@dataclass(frozen=True)
class Release:
    """One major release. `ceph`: releases of Ceph it offers, oldest first; `ceph_components`: choice -> component."""

    pve: str
    codename: str
    deb822: bool
    keyring: str
    ceph: Mapping[str, str] = field(hash=False)
    ceph_default: str
    ceph_components: Mapping[str, str] = field(hash=False)
    ceph_manual: bool
    """`pveceph install` can be told to leave the configured repositories alone."""
    ha_groups: bool
    pinned_host_keys: bool
    """Every node has its own file of host keys; before, there was only one for all."""

    @property
    def ceph_sources(self) -> Path:
        return Path("/etc/apt/sources.list.d/ceph.sources" if self.deb822 else "/etc/apt/sources.list.d/ceph.list")


RELEASES = (
    Release(
        pve="7",
        codename="bullseye",
        deb822=False,
        keyring="/etc/apt/trusted.gpg.d/proxmox-release-bullseye.gpg",
        ceph={"octopus": "15.2", "pacific": "16.2", "quincy": "17.2"},
        ceph_default="pacific",
        ceph_components={"main": "main", "test": "test"},
        ceph_manual=False,
        ha_groups=True,
        pinned_host_keys=False,
    ),
    Release(
        pve="8",
        codename="bookworm",
        deb822=False,
        keyring="/etc/apt/trusted.gpg.d/proxmox-release-bookworm.gpg",
        ceph={"quincy": "17.2", "reef": "18.2", "squid": "19.2"},
        ceph_default="quincy",
        ceph_components={"enterprise": "enterprise", "no-subscription": "no-subscription", "test": "test"},
        ceph_manual=False,
        ha_groups=True,
        pinned_host_keys=True,
    ),
    Release(
        pve="9",
        codename="trixie",
        deb822=True,
        keyring="/usr/share/keyrings/proxmox-archive-keyring.gpg",
        ceph={"squid": "19.2", "tentacle": "20.2"},
        ceph_default="tentacle",
        ceph_components={"enterprise": "enterprise", "no-subscription": "no-subscription", "test": "test"},
        ceph_manual=True,
        ha_groups=False,
        pinned_host_keys=True,
    ),
)


@lru_cache(maxsize=1)
def current() -> Release:
    """The release that belongs to the Debian this node runs."""
    lines = OS_RELEASE.read_text(encoding="utf-8").splitlines()
    codename = next(line.partition("=")[2].strip('"') for line in lines if line.startswith("VERSION_CODENAME="))
    return of(codename)


def of(codename: str) -> Release:
    for release in RELEASES:
        if release.codename == codename:
            return release
    raise LookupError(f"no release of Proxmox VE belongs to Debian {codename!r}")
