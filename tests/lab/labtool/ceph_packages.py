"""Debian's Ceph under Proxmox's version numbers.

Only the control stanza of each package is rewritten: version, the versions of its siblings it depends on, and a
description that says so. The programs are Debian's.
"""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import aptrepo
from .debian_archive import DebianArchive
from .debian_control import Fields, rewrite
from .locks import locked
from .release import Release
from .settings import CACHE
from .signing import Signer

ROOTS = ("ceph", "ceph-common", "ceph-fuse", "ceph-mds", "ceph-volume")
"""What `pveceph install` asks for; the rest follows by dependency."""

RELATIONS = ("Pre-Depends", "Depends", "Breaks", "Replaces", "Conflicts", "Recommends", "Suggests", "Provides")


def ensure(archive: DebianArchive, release: Release, name: str, signer: Signer) -> Path:
    """The signed repository of one Ceph release's rewritten packages, made if it is not in the cache."""
    version = release.ceph[name]
    folder = CACHE / "ceph" / f"{archive.codename}-{version}"
    with locked(CACHE / ".ceph.lock"):
        if not folder.exists():
            partial = folder.with_name(f"{folder.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            debs = _rewrite_all(archive, version, partial / "packages")
            identity = aptrepo.Identity("Proxmox", "Ceph (lab: Debian's, renumbered)", "stable", release.codename)
            aptrepo.write(partial, identity, dict.fromkeys(release.ceph_components, debs), signer)
            partial.replace(folder)
    return folder


def _rewrite_all(archive: DebianArchive, version: str, folder: Path) -> list[Path]:
    folder.mkdir(parents=True)

    def one(package: Fields) -> Path:
        target = folder / f"{package['Package']}_{version}_{package['Architecture']}.deb"
        rewrite(archive.deb(package), target, renumbered(_control_only(package), version))
        return target

    with ThreadPoolExecutor() as workers:
        return list(workers.map(one, closure(archive.built_from("ceph"), ROOTS)))


def _control_only(package: Fields) -> Fields:
    """A Packages entry without what describes the file instead of the package."""
    index_only = ("Filename", "Size", "MD5sum", "SHA1", "SHA256", "Description-md5")
    return {name: value for name, value in package.items() if name not in index_only}


def closure(packages: list[Fields], roots: tuple[str, ...]) -> list[Fields]:
    """The roots and the siblings they depend on, directly or not."""
    by_name = {package["Package"]: package for package in packages}
    wanted: dict[str, Fields] = {}
    ahead = [name for name in roots if name in by_name]
    while ahead:
        name = ahead.pop()
        if name not in wanted:
            wanted[name] = by_name[name]
            ahead += [needed for needed in dependencies(by_name[name]) if needed in by_name]
    return [wanted[name] for name in sorted(wanted)]


def dependencies(package: Fields) -> list[str]:
    """Names in Depends and Pre-Depends, alternatives included."""
    text = ",".join(package.get(field, "") for field in ("Pre-Depends", "Depends"))
    return [name for name in (re.split(r"[\s:(\[]", part.strip())[0] for part in re.split(r"[,|]", text)) if name]


def renumbered(package: Fields, version: str) -> Fields:
    """The control stanza with the new version, here and wherever a sibling is tied to this one's ("= V", "< V.1~")."""
    source_version = re.sub(r"\+b\d+$", "", package["Version"])
    siblings = re.compile(rf"(?<=\s){re.escape(source_version)}(?:\+b\d+)?(?=\)|\.1~\))")
    result = dict(package)
    for field in RELATIONS:
        if field in result:
            result[field] = siblings.sub(version, result[field])
    result["Version"] = version
    result["Source"] = f"ceph ({version})"
    summary, _, rest = package["Description"].partition("\n")
    note = f" This is Debian's {package['Package']} {package['Version']} under a version number of Proxmox's (lab)."
    result["Description"] = "\n".join(part for part in (summary, note, " .", rest) if part)
    return result
