# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what tells whether Ceph is installed and initialized on this node."""

from __future__ import annotations

import re

from ..model.apt_sources import parse
from ..model.ceph_cluster import CephClusterObserved
from . import host
from .ceph import observe_node
from .reader import Reader

_SOURCES = ("/etc/apt/sources.list.d/ceph.sources", "/etc/apt/sources.list.d/ceph.list")


def observe(reader: Reader, desired: object = None) -> CephClusterObserved:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    texts = {path: reader.read(path) for path in _SOURCES}
    releases = (release for path, text in texts.items() if text for release in releases_in(path, text))
    return CephClusterObserved(host.observe(reader), observe_node(reader), frozenset(releases))


def releases_in(path: str, text: str) -> frozenset[str]:
    """The releases of Ceph that an APT sources file offers: repositories are called ``ceph-<release>`` everywhere."""
    enabled = [source for source in parse(path, text).sources if source.enabled and "deb" in source.types]
    names = [re.fullmatch(r".*/ceph-([a-z]+)", uri) for source in enabled for uri in source.paths]
    return frozenset(name[1] for name in names if name)
