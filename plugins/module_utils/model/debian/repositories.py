# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which package repositories a node of Proxmox VE has, and how to tell whose an entry is.

An entry is known by its URI's path, suite and component, never by the name of the file it stands in.
Upstream: pve-docs pve-package-repos.adoc; proxmox-apt, which tells standard repositories by the same marks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ...engine.digest import limited_by
from .apt_lists import list_name
from .apt_sources import Source, SourcesFile, make_source
from .archive import codenames_of, is_debian
from .release import ENTERPRISE, RELEASES, Channel, Release, release_of

SOURCES_LIST = "/etc/apt/sources.list"
SOURCES_DIRECTORY = "/etc/apt/sources.list.d"
DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
#: The key of a mirror that signs with its own; no package ever puts another one in its place.
MIRROR_KEYRING = "/usr/share/keyrings/proxmox-mirror.gpg"
PROXY_FILE = "/etc/apt/apt.conf.d/80baremetal-virt-proxy"
PROXMOX_URL = "http://download.proxmox.com"
ENTERPRISE_URL = "https://enterprise.proxmox.com"

_PVE_COMPONENTS = frozenset(name for release in RELEASES for name in release.components.values())
_PVE_PATH = re.compile(r".*/debian(/pve)?")
_CEPH_COMPONENTS = frozenset(name for release in RELEASES for name in release.ceph_components.values())
_CEPH_PATH = re.compile(r".*/debian/ceph-[a-z]+")


@dataclass(frozen=True)
class DesiredRepositories:
    """Desired state.

    ``ceph_release`` None: no opinion about Ceph. ``ceph_url`` None: where Proxmox VE comes from.
    ``debian_url`` None: Debian's own entries stay as they are. ``lists_max_age``: days; None for any age.
    ``upgrade_to``: the release whose packages the node gets next, if it is not its own.
    """

    channel: Channel
    ceph_channel: Channel
    ceph_release: Optional[str] = None
    proxmox_url: str = PROXMOX_URL
    ceph_url: Optional[str] = None
    enterprise_url: str = ENTERPRISE_URL
    debian_url: Optional[str] = None
    debian_security_url: Optional[str] = None
    proxy: Optional[str] = None
    keyring_url: Optional[str] = None
    keyring_sha256: Optional[str] = None
    lists_max_age: Optional[int] = None
    upgrade_to: Optional[Release] = None

    def release_for(self, codename: str) -> Optional[Release]:
        """Whose repositories a node of this codename gets."""
        return self.upgrade_to or release_of(codename)


@dataclass(frozen=True)
class ObservedRepositories:
    """``lists``: names of the files in which apt keeps what it read from repositories (empty indexes included).

    ``lists_age``: whole days since apt read something new from them, None when it never did.
    ``keyrings``: path → SHA-256 of the key files there. ``keyring_owned``: a package owns upstream's, and answers for
    its content. ``shipped``: pve-manager is installed, so its own entry has been there.
    """

    codename: str
    files: tuple[SourcesFile, ...]
    lists: frozenset[str]
    lists_age: Optional[int] = field(metadata=limited_by("repositories_lists_max_age"))
    keyrings: Mapping[str, str]
    keyring_owned: bool
    shipped: bool
    proxy: Optional[str]


@dataclass(frozen=True)
class Wanted:
    """An entry that must be there; written to ``path`` if it is nowhere."""

    path: str
    source: Source


def enterprise_path(release: Release) -> str:
    """The file that pve-manager ships."""
    return f"{SOURCES_DIRECTORY}/pve-enterprise.{release.sources_suffix}"


def signing_key(desired: DesiredRepositories, release: Release, base: str) -> str:
    """The key file for what comes from this base URL: upstream's, or that of a mirror that signs with its own."""
    own = has_own_key(desired, release) and base != ENTERPRISE_URL
    return MIRROR_KEYRING if own else release.keyring_path


def has_own_key(desired: DesiredRepositories, release: Release) -> bool:
    """The declared key is another one than upstream's."""
    return desired.keyring_sha256 not in (None, release.keyring_sha256)


def key_url(desired: DesiredRepositories, release: Release, path: str) -> str:
    """Where the content of a key file comes from: beside what it signs, if not declared otherwise."""
    if has_own_key(desired, release) and path != MIRROR_KEYRING:
        return f"{ENTERPRISE_URL}/debian/{release.keyring_name}"
    base = desired.enterprise_url if desired.proxmox_url == PROXMOX_URL else desired.proxmox_url
    return desired.keyring_url or f"{base}/debian/{release.keyring_name}"


def enterprise_entry(desired: DesiredRepositories, release: Release) -> Source:
    """The entry that pve-manager ships; here it always names its key, which before deb822 the package does not."""
    base = desired.enterprise_url
    key, component = signing_key(desired, release, base), release.components[ENTERPRISE]
    return make_source(enterprise_path(release), f"{base}/debian/pve", release.codename, component, key)


def proxmox_path(release: Release) -> str:
    return f"{SOURCES_DIRECTORY}/proxmox.{release.sources_suffix}"


def ceph_path(release: Release) -> str:
    """The file that `pveceph install` writes."""
    return f"{SOURCES_DIRECTORY}/ceph.{release.sources_suffix}"


def own_paths(release: Release) -> frozenset[str]:
    """The files for our own entries, in both formats: a node that was upgraded has those of its last release."""
    names = ("proxmox", "ceph")
    suffixes = ("list", "sources") if release.deb822 else ("list",)
    return frozenset(f"{SOURCES_DIRECTORY}/{name}.{suffix}" for name in names for suffix in suffixes)


def wanted_entries(desired: DesiredRepositories, release: Release) -> tuple[Wanted, ...]:
    """The entries of this declaration; a Ceph release or channel that is not offered gives none."""
    wanted = [_wanted_pve(desired, release)]
    if desired.ceph_release in release.ceph and desired.ceph_channel in release.ceph_components:
        free_base = desired.ceph_url or desired.proxmox_url
        base = desired.enterprise_url if desired.ceph_channel == ENTERPRISE else free_base
        uri = f"{base}/debian/ceph-{desired.ceph_release}"
        path, key = ceph_path(release), signing_key(desired, release, base)
        component = release.ceph_components[desired.ceph_channel]
        wanted.append(Wanted(path, make_source(path, uri, release.codename, component, key)))
    return tuple(wanted)


def _wanted_pve(desired: DesiredRepositories, release: Release) -> Wanted:
    if desired.channel == ENTERPRISE:
        return Wanted(enterprise_path(release), enterprise_entry(desired, release))
    path, base = proxmox_path(release), desired.proxmox_url
    component = release.components[desired.channel]
    key = signing_key(desired, release, base)
    return Wanted(path, make_source(path, f"{base}/debian/pve", release.codename, component, key))


def is_pve(source: Source) -> bool:
    return bool(_PVE_COMPONENTS.intersection(source.components)) and _all_match(_PVE_PATH, source)


def is_ceph(source: Source) -> bool:
    """Proxmox's build of Ceph; Ceph's own packages live under other paths."""
    return bool(_CEPH_COMPONENTS.intersection(source.components)) and _all_match(_CEPH_PATH, source)


def is_enterprise(source: Source) -> bool:
    """Only for subscribers: everybody else is answered with 401."""
    names = ("pve-enterprise",) if is_pve(source) else ("enterprise",) if is_ceph(source) else ()
    return any(name in source.components for name in names)


def kind(source: Source) -> str:
    """Whose packages these are, in a word."""
    if is_pve(source):
        return "pve"
    if is_ceph(source):
        return "ceph"
    return "debian" if is_debian(source) else "other"


def foreign_suites(source: Source, codename: str) -> tuple[str, ...]:
    """Suites of another Debian release than the node's, in an entry of Debian or Proxmox."""
    if not (is_pve(source) or is_ceph(source) or is_debian(source)):
        return ()
    return tuple(suite for suite in source.suites if codenames_of(source, suite) - {codename})


def targets(source: Source) -> frozenset[tuple[str, str, str]]:
    """What an entry stands for: every (URI, suite, component)."""
    return frozenset(
        (uri.rstrip("/"), suite.rstrip("/"), component)
        for uri in source.uris
        for suite in source.suites
        for component in source.components
    )


def index_names(source: Source) -> dict[str, str]:
    """Names of the package lists of an entry → how the name of the Release file begins that vouches for them."""
    return {
        list_name(uri, suite, f"{component}/binary-amd64/Packages"): list_name(uri, suite, "")
        for uri, suite, component in targets(source)
    }


def _all_match(pattern: re.Pattern[str], source: Source) -> bool:
    return all(pattern.fullmatch(path) for path in source.paths)
