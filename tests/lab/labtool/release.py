"""One row per Proxmox VE release the lab can stand up: everything that differs between them, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """Facts about one Proxmox VE major release and the Debian and Ceph releases below it."""

    pve: int
    codename: str
    deb822: bool
    debian_components: str
    keyring_file: str
    """Name of the repository key on the download server."""
    pve_components: tuple[str, ...]
    ceph: Mapping[str, str]
    """Ceph releases offered -> the version the lab's packages carry: Proxmox's number on Debian's code."""
    ceph_components: tuple[str, ...]

    lost_sources: tuple[str, ...] = ()
    """Source packages of the security suite that its index lists and Debian's mirrors no longer have."""

    @property
    def security_suite(self) -> str:
        return f"{self.codename}-security"


RELEASES: dict[int, Release] = {
    9: Release(
        pve=9,
        codename="trixie",
        deb822=True,
        debian_components="main contrib non-free-firmware",
        keyring_file="proxmox-archive-keyring-trixie.gpg",
        pve_components=("pve-no-subscription", "pve-test"),
        ceph={"squid": "19.2.3-pve1+standin1"},
        ceph_components=("no-subscription", "test"),
    ),
    8: Release(
        pve=8,
        codename="bookworm",
        deb822=False,
        debian_components="main contrib non-free-firmware",
        keyring_file="proxmox-release-bookworm.gpg",
        pve_components=("pve-no-subscription", "pvetest"),
        ceph={
            "quincy": "17.2.8-pve2+standin1",
            "reef": "18.2.4-pve3+standin1",
            "squid": "19.2.1-pve3+standin1",
        },
        ceph_components=("no-subscription", "test"),
    ),
    7: Release(
        pve=7,
        codename="bullseye",
        deb822=False,
        debian_components="main contrib non-free",
        keyring_file="proxmox-release-bullseye.gpg",
        pve_components=("pve-no-subscription", "pvetest"),
        ceph={
            "octopus": "15.2.17-pve1+standin1",
            "pacific": "16.2.15-pve1+standin1",
            "quincy": "17.2.6-pve1+standin1",
        },
        ceph_components=("main", "test"),
        lost_sources=("corosync",),
    ),
}
