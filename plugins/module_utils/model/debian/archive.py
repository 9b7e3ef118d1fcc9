# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an entry is Debian's own, or of a mirror of it, and of which release its suites are.

What apt has fetched says it: the Release file of a suite names its origin and its codename. Where nothing has been
fetched yet, the entry's own words have to do. Upstream: Debian's repository format and the names of its releases.
"""

from __future__ import annotations

import re
from typing import Optional

from .apt_sources import Source
from .release import RELEASES, Release

_CODENAMES = (
    "buzz rex bo hamm slink potato woody sarge etch lenny squeeze wheezy jessie stretch buster bullseye bookworm trixie"
    " forky duke"
).split()
#: Names that move on with each release of Debian: the distance to the newest release that this collection knows.
_MOVING = {"oldoldstable": -2, "oldstable": -1, "stable": 0, "testing": 1}
#: What is never released.
_UNRELEASED = frozenset(("sid", "unstable", "experimental", "rc-buggy"))
_COMPONENTS = frozenset(("main", "contrib", "non-free", "non-free-firmware"))
_PATH = re.compile(r"(.*/debian(-security)?)?")
#: Proxmox's own repositories, some of which name components and suites like Debian does.
_PROXMOX_PATH = re.compile(r".*/debian/(?:pve|pbs|pmg|pdm|devel|ceph-[a-z]+|corosync-\d+)(?:/.*)?")
_SUITE = re.compile(r"(?P<name>[a-z]+)(?P<part>(?:[-/][a-z-]+)?)/?")
_PARTS = frozenset(
    ("", "-updates", "-security", "/updates", "-backports", "-backports-sloppy", "-proposed-updates", "-lts")
)
_ORIGIN = "Debian"


def is_debian(source: Source) -> bool:
    """Debian's own entry (or of a mirror of it), and not one of somebody who names components like Debian does."""
    own_key = not source.signed_by or "debian-archive" in source.signed_by
    if not (own_key and source.components and _COMPONENTS.issuperset(source.components)):
        return False
    if source.fetched:
        return all(one.origin == _ORIGIN for one in source.fetched.values())
    return has_path_of_debian(source) or _speaks_like_debian(source)


def has_path_of_debian(source: Source) -> bool:
    return all(_PATH.fullmatch(path) for path in source.paths)


def _speaks_like_debian(source: Source) -> bool:
    """Only suites of Debian, and something besides that only Debian has: providers name their mirrors as they like."""
    if any(map(_PROXMOX_PATH.fullmatch, source.paths)):
        return False
    suites = [_SUITE.fullmatch(suite) for suite in source.suites]
    if not all(suite and suite["part"] in _PARTS and _release_named(suite["name"]) for suite in suites):
        return False
    named = all("debian" in uri.lower() for uri in source.uris)
    return named or source.components != ("main",) or any(suite and suite["part"] for suite in suites)


def may_be_debian(source: Source) -> bool:
    """Whether it is worth the question what apt has fetched: the entry's own words leave that open."""
    moving = any(_first(suite) in _MOVING for suite in source.suites)
    return is_debian(source) and (moving or not has_path_of_debian(source))


def codenames_of(source: Source, suite: str) -> frozenset[str]:
    """The release that a suite of this entry is of, at all its URIs; nothing for a name that is not Debian's."""
    fetched = {one.codename for (dummy, name), one in source.fetched.items() if name == suite and one.origin == _ORIGIN}
    named = _release_named(_first(suite))
    return frozenset(map(_first, filter(None, fetched))) or frozenset((named,) if named else ())


def _first(suite: str) -> str:
    return re.split("[-/]", suite)[0]


def _release_named(name: str) -> Optional[str]:
    if name in _MOVING:
        return _CODENAMES[_CODENAMES.index(RELEASES[-1].codename) + _MOVING[name]]
    return name if name in _CODENAMES or name in _UNRELEASED else None


def is_security(suite: str) -> bool:
    return suite.rstrip("/").endswith(("-security", "/updates"))


def gives_security(source: Source, release: Release) -> bool:
    """Whether Debian's security updates for this release come from this entry."""
    return any(is_security(suite) and codenames_of(source, suite) == {release.codename} for suite in source.suites)
