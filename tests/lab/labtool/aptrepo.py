"""Writing a signed apt repository: pool, Packages, Release, InRelease."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from .debian_control import read_control, render
from .signing import Signer

ARCHITECTURES = ("amd64",)


@dataclass(frozen=True)
class Identity:
    """What a Release file says about its repository."""

    origin: str
    label: str
    suite: str
    codename: str


def write(root: Path, identity: Identity, components: Mapping[str, Iterable[Path]], signer: Signer) -> None:
    """Fill an empty folder with a repository; one .deb may be in several components."""
    contents = {component: sorted(debs) for component, debs in components.items()}
    debs = {deb for listed in contents.values() for deb in listed}
    pool = root / "pool"
    pool.mkdir(parents=True)
    for deb in debs:
        (pool / deb.name).symlink_to(os.path.relpath(deb, pool))
    with ThreadPoolExecutor() as workers:
        stanzas = dict(zip(sorted(debs), workers.map(stanza, sorted(debs))))
    suite = root / "dists" / identity.codename
    indexes: dict[str, bytes] = {}
    for component, listed in contents.items():
        packages = "\n".join(stanzas[deb] for deb in listed).encode()
        for architecture in ARCHITECTURES:
            base = f"{component}/binary-{architecture}/Packages"
            indexes[base] = packages
            indexes[f"{base}.gz"] = gzip.compress(packages, mtime=0)
    for name, content in indexes.items():
        target = suite / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    release = suite / "Release"
    release.write_text(release_text(identity, list(contents), indexes))
    signer.sign(release)


def stanza(deb: Path) -> str:
    """The Packages entry of a .deb."""
    content = deb.read_bytes()
    place = {
        "Filename": f"pool/{deb.name}",
        "Size": str(len(content)),
        "MD5sum": hashlib.md5(content).hexdigest(),
        "SHA256": hashlib.sha256(content).hexdigest(),
    }
    return render({**read_control(deb), **place})


def release_text(identity: Identity, components: list[str], indexes: Mapping[str, bytes]) -> str:
    head = {
        "Origin": identity.origin,
        "Label": identity.label,
        "Suite": identity.suite,
        "Codename": identity.codename,
        "Date": formatdate(usegmt=True),
        "Architectures": " ".join(ARCHITECTURES),
        "Components": " ".join(components),
        "Description": "lab repository of stand-ins",
        "SHA256": "".join(
            f"\n {hashlib.sha256(content).hexdigest()} {len(content)} {name}" for name, content in indexes.items()
        ),
    }
    return "".join(f"{name}:{value}\n" if value[:1] == "\n" else f"{name}: {value}\n" for name, value in head.items())
