# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which repositories apt knows on this node, and what it has already fetched from them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.debian.apt_lists import LISTS, UPDATE_STAMP, list_name
from ...model.debian.apt_sources import Fetched, Source, SourcesFile, parse
from ...model.debian.archive import may_be_debian
from ...model.debian.release import Release, release_of
from ...model.debian.repositories import (
    MIRROR_KEYRING,
    PROXY_FILE,
    SOURCES_DIRECTORY,
    SOURCES_LIST,
    DesiredRepositories,
    ObservedRepositories,
    index_names,
    is_ceph,
    is_pve,
)
from ..node.host import observe as observe_host
from .packages import installed_packages

#: apt leaves out of its directory what has other letters in its name, or a name like that of a hidden file.
_NAME = re.compile(r"[A-Za-z0-9_:-][A-Za-z0-9_.:-]*\.(?:list|sources)")
_SAYS = ("grep", "--max-count=2", "--extended-regexp", "^(Origin|Codename): ")
_EMPTY_INDEX = re.compile(r"^\s*[0-9a-f]{64}\s+0\s+(\S+/binary-amd64/Packages)\s*$", re.MULTILINE)


@recorded
def observe(reader: Reader, desired: Optional[DesiredRepositories] = None) -> ObservedRepositories:
    """Everything here follows from the node itself; ``desired`` is taken for the observers' common form."""
    codename = observe_host(reader).codename
    release = release_of(codename) if desired is None else desired.release_for(codename)
    files = tuple(file.map(lambda source: _with_fetched(reader, source)) for file in sources_files(reader))
    return ObservedRepositories(
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
    """All files that apt reads for entries."""
    names = filter(_NAME.fullmatch, reader.names(SOURCES_DIRECTORY))
    paths = [SOURCES_LIST, *(f"{SOURCES_DIRECTORY}/{name}" for name in names)]
    texts = ((path, reader.read(path)) for path in paths)
    return tuple(parse(path, text) for path, text in texts if text is not None)


def _with_fetched(reader: Reader, source: Source) -> Source:
    """The entry with what apt has fetched for it, where its own words leave open whose it is."""
    if not (source.enabled and may_be_debian(source)):
        return source
    asked = [(uri, suite) for uri in source.uris for suite in source.suites]
    said = {(uri, suite): _said(reader, list_name(uri, suite, "")) for uri, suite in asked}
    return replace(source, fetched={where: found for where, found in said.items() if found is not None})


def _said(reader: Reader, prefix: str) -> Optional[Fetched]:
    for name in (f"{prefix}InRelease", f"{prefix}Release"):
        rows = dict(line.split(": ", 1) for line in reader.run(*_SAYS, f"{LISTS}/{name}").stdout.splitlines())
        if rows:
            return Fetched(rows.get("Origin", ""), rows.get("Codename", ""))
    return None


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
