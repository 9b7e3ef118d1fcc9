# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which entries of apt's sources are added, switched on, switched off or moved, so that one declaration holds.

Nothing is deleted that came with a package or that somebody else wrote: it is switched off where it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Optional

from ...model.debian.apt_sources import Source, SourcesFile, make_source, switched, with_suites, with_uris
from ...model.debian.archive import gives_security, is_debian, is_security
from ...model.debian.release import ENTERPRISE, Release
from ...model.debian.repositories import (
    DEBIAN_KEYRING,
    MIRROR_KEYRING,
    SOURCES_DIRECTORY,
    SOURCES_LIST,
    DesiredRepositories,
    ObservedRepositories,
    Wanted,
    enterprise_entry,
    enterprise_path,
    is_ceph,
    is_enterprise,
    is_pve,
    own_paths,
    targets,
    wanted_entries,
)

_ARCHITECTURES = re.compile(r"^architectures\s*:|[\[\s]arch[+-]?=", re.MULTILINE | re.IGNORECASE)


def edited(desired: DesiredRepositories, observed: ObservedRepositories, release: Release) -> tuple[SourcesFile, ...]:
    """All files as they should be, new ones at the end."""
    task = _Task(desired, observed, release, wanted_entries(desired, release))
    files = tuple(_retired(task, file) for file in observed.files)
    files = _single(task, _mirrored(task, files))
    for entry in task.wanted:
        files = _provided(task, files, entry)
    return _forestalled(task, files)


def moved_to(release: Release, observed: ObservedRepositories) -> ObservedRepositories:
    """The node as if it ran this release, with Debian's own entries for it; the entries of Proxmox follow from that.

    What the package brought that is installed now has another name there, so that of the next one is forestalled.
    """
    if release.codename == observed.codename:
        return observed
    old = observed.codename

    def change(deb822: bool, source: Source) -> Source:
        if not source.enabled or not is_debian(source):
            return source
        suites = [
            suite.replace(old, release.codename, 1) if suite.startswith(old) else suite for suite in source.suites
        ]
        return with_suites(source, deb822, tuple(suites))

    files = tuple(file.map(partial(change, file.deb822)) for file in observed.files)
    return replace(observed, codename=release.codename, files=files, shipped=False)


@dataclass(frozen=True)
class _Task:
    desired: DesiredRepositories
    observed: ObservedRepositories
    release: Release
    wanted: tuple[Wanted, ...]

    def fits(self, file: SourcesFile, source: Source) -> bool:
        """The entry is wanted, in this release's format, and apt can verify what comes from there."""
        keys = {target: entry.source.signed_by for entry in self.wanted for target in targets(entry.source)}
        return (
            targets(source) <= keys.keys()
            and (file.deb822 or not self.release.deb822)
            and all(self._verifiable(source.signed_by, keys[target]) for target in targets(source))
        )

    def _verifiable(self, key: str, wanted: str) -> bool:
        """Before deb822, the key's package makes apt trust it everywhere. A key that a user named stays as it is."""
        if not key:
            return wanted == self.release.keyring_path and self.observed.shipped and not self.release.deb822
        return key == wanted or key not in (self.release.keyring_path, MIRROR_KEYRING)


def _retired(task: _Task, file: SourcesFile) -> SourcesFile:
    """Entries of Proxmox that do not fit: dropped from the files for our own entries, else switched off."""

    def change(source: Source) -> Optional[Source]:
        if not source.enabled or not _ours_to_judge(task.desired, source) or task.fits(file, source):
            return source
        if file.path in own_paths(task.release) and not is_enterprise(source):
            return None
        return switched(source, file.deb822, enabled=False)

    return file.map(change)


def _ours_to_judge(desired: DesiredRepositories, source: Source) -> bool:
    """Without a declared Ceph release, only Ceph's enterprise entries matter (they break every update)."""
    if is_ceph(source) and desired.ceph_release is None:
        return is_enterprise(source) and desired.channel != ENTERPRISE
    return is_pve(source) or is_ceph(source)


def _mirrored(task: _Task, files: tuple[SourcesFile, ...]) -> tuple[SourcesFile, ...]:
    """Debian's own entries with the URL of the mirror, if one is declared, and the security suite in any case."""
    desired = task.desired
    if desired.debian_url is None:
        return files

    def change(deb822: bool, source: Source) -> Source:
        security = {is_security(suite) for suite in source.suites}
        if not source.enabled or not is_debian(source) or len(security) > 1:
            return source  # decide warns of an entry that has both kinds of suites
        url = desired.debian_security_url if True in security else desired.debian_url
        if url is None or tuple(uri.rstrip("/") for uri in source.uris) == (url,):
            return source
        return with_uris(source, deb822, (url,))

    return tuple(file.map(partial(change, file.deb822)) for file in _secured(task, files))


def _secured(task: _Task, files: tuple[SourcesFile, ...]) -> tuple[SourcesFile, ...]:
    """Debian's security suite: where it is already, else switched on where it is off, else beside Debian's entries."""
    suite = task.release.security_suite
    debian = [(file, source) for file in files for source in file.sources if is_debian(source)]
    if any(source.enabled and gives_security(source, task.release) for _file, source in debian):
        return files
    off = next((source for _file, source in debian if source.suites == (suite,) and "deb" in source.types), None)
    if off is not None:
        return tuple(_switched_on(file, off) for file in files)
    base = next(((file, source) for file, source in debian if source.enabled and "deb" in source.types), None)
    deb822 = task.release.deb822
    path = base[0].path if base else f"{SOURCES_DIRECTORY}/debian.sources" if deb822 else SOURCES_LIST
    components = " ".join(base[1].components) if base else "main"
    key = base[1].signed_by if base else DEBIAN_KEYRING
    return _added(files, path, make_source(path, task.desired.debian_security_url or "", suite, components, key))


def _single(task: _Task, files: tuple[SourcesFile, ...]) -> tuple[SourcesFile, ...]:
    """Entries that others make superfluous: dropped from our own files, else switched off.

    Entries for certain architectures are not compared, and Debian's own ones only when this declaration moves them.
    """
    mirror = task.desired.debian_url is not None

    def judged(source: Source) -> bool:
        known = _ours_to_judge(task.desired, source) or (mirror and is_debian(source))
        return source.enabled and known and _ARCHITECTURES.search(source.text) is None

    entries = [(file, source) for file in files for source in file.sources if judged(source)]
    # Of two entries for the same target, the one that somebody else wrote stays: ours is no longer needed.
    for file, source in sorted(entries, key=lambda entry: entry[0].path not in own_paths(task.release)):
        others = {part for _file, other in entries if other is not source for part in _typed_targets(other)}
        if _typed_targets(source) <= others:
            entries = [entry for entry in entries if entry[1] is not source]
            files = tuple(_without(task, each, source) if each.path == file.path else each for each in files)
    return files


def _typed_targets(source: Source) -> frozenset[tuple[str, tuple[str, str, str]]]:
    return frozenset((kind, target) for kind in source.types for target in targets(source))


def _without(task: _Task, file: SourcesFile, unwanted: Source) -> SourcesFile:
    if file.path in own_paths(task.release) and not is_enterprise(unwanted):
        return file.map(lambda source: None if source is unwanted else source)
    return file.map(lambda source: switched(source, file.deb822, enabled=False) if source is unwanted else source)


def _provided(task: _Task, files: tuple[SourcesFile, ...], entry: Wanted) -> tuple[SourcesFile, ...]:
    """The entry in force: where it is already, else switched on where it is off, else added to its own file."""
    needed = targets(entry.source)
    present = [
        (file, source)
        for file in files
        for source in file.sources
        if "deb" in source.types and needed <= targets(source)
    ]
    if any(source.enabled for _file, source in present):
        return files
    off = next((source for file, source in present if targets(source) == needed and task.fits(file, source)), None)
    if off is not None:
        return tuple(_switched_on(file, off) for file in files)
    return _added(files, entry.path, entry.source)


def _switched_on(file: SourcesFile, off: Source) -> SourcesFile:
    return file.map(lambda source: switched(source, file.deb822, enabled=True) if source is off else source)


def _added(files: tuple[SourcesFile, ...], path: str, source: Source) -> tuple[SourcesFile, ...]:
    if all(file.path != path for file in files):
        files += (SourcesFile(path),)
    return tuple(file.appended(source) if file.path == path else file for file in files)


def _forestalled(task: _Task, files: tuple[SourcesFile, ...]) -> tuple[SourcesFile, ...]:
    """Before pve-manager is installed, its enterprise entry is written, switched off.

    The package brings it as a configuration file, switched on; dpkg keeps one that is there already. So there is
    no moment in which an update would fail for want of a subscription.
    """
    path = enterprise_path(task.release)
    if task.desired.channel == ENTERPRISE or task.observed.shipped or any(file.path == path for file in files):
        return files
    file = SourcesFile(path)
    off = switched(enterprise_entry(task.desired, task.release), file.deb822, enabled=False)
    return (*files, file.appended(off))
