# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what tells whether Ceph is installed and initialized on this node."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ...engine.reader import Reader, recorded
from ...model.ceph.cluster import ObservedCephCluster
from ...model.debian.apt_sources import SourcesFile
from ..debian import repositories
from ..node import host
from . import state
from .state import observe_node


@recorded
def observe(reader: Reader, desired: object = None) -> ObservedCephCluster:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    sources = repositories.observe(reader)
    found = ObservedCephCluster(host.observe(reader), observe_node(reader), offered_releases(sources.files))
    if found.node.conf is None or found.node.conf.public_network:
        return found
    ceph = state.observe(reader)
    return replace(found, cluster=ceph.cluster, silence=ceph.silence)


def offered_releases(files: Iterable[SourcesFile]) -> frozenset[str]:
    """The releases of Ceph in APT's sources: its repositories are called ``ceph-<release>``, on every mirror."""
    enabled = (source for file in files for source in file.sources if source.enabled and "deb" in source.types)
    names = (re.fullmatch(r".*/ceph-([a-z]+)", path) for source in enabled for path in source.paths)
    return frozenset(name[1] for name in names if name)
