# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which repositories apt knows on this node, and what it has already fetched from them."""

from __future__ import annotations

import re
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.debian.apt import LISTS, UPDATE_STAMP
from ...model.debian.apt_sources import SourcesFile, parse
from ...model.debian.release import Release, release_of
from ...model.debian.repositories import (
    MIRROR_KEYRING,
    PROXY_FILE,
    SOURCES_DIRECTORY,
    SOURCES_LIST,
    Repositories,
    RepositoriesObserved,
    index_names,
    is_ceph,
    is_pve,
)
from ..node.host import observe as observe_host
from .packages import installed_packages

_EMPTY_INDEX = re.compile(r"^\s*[0-9a-f]{64}\s+0\s+(\S+/binary-amd64/Packages)\s*$", re.MULTILINE)


@recorded
def observe(reader: Reader, desired: Optional[Repositories] = None) -> RepositoriesObserved:
    """Everything here follows from the node itself; ``desired`` is taken for the observers' common form."""
    codename = observe_host(reader).codename
    release = release_of(codename)
    files = sources_files(reader)
    return RepositoriesObserved(
        codename=codename,
        files=files,
        lists=_lists(reader, files),
        lists_age=_age(reader),
        keyrings=_keyrings(reader, release) if release else {},
        keyring_owned=release is not None and _owned(reader, release),
        shipped="pve-manager" in installed_packages(reader),
        proxy=reader.read(PROXY_FILE),
    )


def sources_files(reader: Reader) -> tuple[SourcesFile, ...]:
    """All files of apt that hold entries."""
    names = (name for name in reader.names(SOURCES_DIRECTORY) if name.endswith((".list", ".sources")))
    paths = [SOURCES_LIST, *(f"{SOURCES_DIRECTORY}/{name}" for name in names)]
    texts = ((path, reader.read(path)) for path in paths)
    return tuple(parse(path, text) for path, text in texts if text is not None)


def _lists(reader: Reader, files: tuple[SourcesFile, ...]) -> frozenset[str]:
    """What apt has fetched. It never stores an empty index: one that its Release file calls empty counts as fetched."""
    fetched = set(reader.names(LISTS))
    sources = (source for file in files for source in file.sources if source.enabled)
    for source in sources:
        if not (is_pve(source) or is_ceph(source)):
            continue
        for index, release_prefix in index_names(source).items():
            if not any(name.startswith(index) for name in fetched):
                fetched.update(_empty_indexes(reader, fetched, release_prefix))
    return frozenset(fetched)


def _age(reader: Reader) -> Optional[int]:
    """An update that found nothing new makes the stamp, too; any update changes the directory."""
    ages = (reader.age(path) for path in (UPDATE_STAMP, LISTS))
    return min((age for age in ages if age is not None), default=None)


def _keyrings(reader: Reader, release: Release) -> dict[str, str]:
    found = ((path, reader.digest(path)) for path in (release.keyring_path, MIRROR_KEYRING))
    return {path: digest for path, digest in found if digest is not None}


def _empty_indexes(reader: Reader, fetched: set[str], release_prefix: str) -> set[str]:
    for name in (f"{release_prefix}InRelease", f"{release_prefix}Release"):
        if name in fetched:
            text = reader.read(f"{LISTS}/{name}") or ""
            return {release_prefix + index.replace("/", "_") for index in _EMPTY_INDEX.findall(text)}
    return set()


def _owned(reader: Reader, release: Release) -> bool:
    owned = reader.read(f"/var/lib/dpkg/info/{release.keyring_package}.list") or ""
    return release.keyring_path in owned.splitlines()
