"""The lab's repositories, laid out as download.proxmox.com lays out its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import aptrepo, ceph_packages, packages
from .addresses import SERVER
from .debian_archive import DebianArchive
from .locks import locked
from .mirror import Mirror, debian_upstreams
from .settings import CACHE, Lab
from .signing import Signer

LAB_ORIGIN = "baremetal-virt-lab"


class LabSources:
    """Answers a manifest's @ sources."""

    def __init__(self, archive: DebianArchive, pve: int, keyring: bytes) -> None:
        self._archive = archive
        self.pve = pve
        self.codename = archive.codename
        self.keyring = keyring

    def debian_file(self, package: str, path: str) -> bytes:
        return self._archive.file_of(package, path)


def archive_of(lab: Lab) -> DebianArchive:
    return DebianArchive(Mirror(debian_upstreams()["debian"], CACHE / "mirror" / "debian"), lab.release.codename)


def current(lab: Lab) -> Path:
    """The folder the package server reads; a link, so that a new set appears at once and whole."""
    return lab.state / "repository"


def apt_lists(lab: Lab) -> dict[str, bytes]:
    """The lab's own repository as apt keeps an index it has read: a node knows it before its first `apt-get update`."""
    dists = current(lab) / "lab" / "debian" / "dists" / lab.release.codename
    names = ("InRelease", "main/binary-amd64/Packages")
    prefix = f"{SERVER}_lab_debian_dists_{lab.release.codename}_"
    return {f"var/lib/apt/lists/{prefix}{name.replace('/', '_')}": (dists / name).read_bytes() for name in names}


def publish(lab: Lab, signer: Signer) -> None:
    """Build what has changed and put the repositories in place."""
    with locked(lab.state / ".publish.lock"):
        old = [path for path in lab.state.glob("repository-*") if path.is_dir()]
        number = max((int(path.name.rpartition("-")[2]) for path in old), default=0) + 1
        fresh = lab.state / f"repository-{number}"
        _write(lab, signer, fresh)
        link = lab.state / "repository.next"
        link.unlink(missing_ok=True)
        link.symlink_to(fresh.name)
        link.replace(current(lab))
        for path in old:
            shutil.rmtree(path)


def _write(lab: Lab, signer: Signer, root: Path) -> None:
    release = lab.release
    archive = archive_of(lab)
    built = packages.build_all(LabSources(archive, lab.pve, signer.keyring))
    pve = [item.deb for item in built if item.repository == "proxmox"]
    # where the kernel has an NFS server, Debian's package is the right one
    own = [] if lab.own_kernel else [item.deb for item in built if item.repository == "lab"]
    debian = root / "proxmox" / "debian"
    codename = release.codename
    aptrepo.write(
        debian / "pve",
        aptrepo.Identity("Proxmox", "Proxmox VE (lab stand-in)", "stable", codename),
        dict.fromkeys(release.pve_components, pve),
        signer,
    )
    for name in release.ceph:
        (debian / f"ceph-{name}").symlink_to(ceph_packages.ensure(archive, release, name, signer))
    aptrepo.write(
        root / "lab" / "debian",
        aptrepo.Identity(LAB_ORIGIN, LAB_ORIGIN, "stable", codename),
        {"main": own},
        signer,
    )
    (debian / release.keyring_file).write_bytes(signer.keyring)
