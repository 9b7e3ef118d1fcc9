# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read Ceph on this node: packages, configuration and daemons; then, once for all nodes, what the monitors say.

The node's part takes one process beyond what other subjects ask anyway. The cluster's part takes one too, the program
``ask_ceph``, which ends after ten seconds when no monitor answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable, Optional, TypeVar

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, NODE, Reader, Scope, program
from ...model.ceph.conf import parse_conf
from ...model.ceph.state import (
    CLIENT_PACKAGE,
    CONF,
    KINDS,
    LINK,
    RELEASES,
    SERVER_PACKAGES,
    STATE,
    CephNode,
    ObservedCeph,
    unit,
)
from ..debian.packages import installed_packages
from ..node import host
from .answers import parse_cluster

Answer = TypeVar("Answer")
#: What every run asks.
ASK = program("ask_ceph", "cluster", scope=CLUSTER)


def observe(reader: Reader, desired: object = None) -> ObservedCeph:
    """Everything but the disks. ``desired`` is taken for the sake of the observers' common form and not looked at."""
    node = observe_node(reader)
    if not node.expects_monitors or CLIENT_PACKAGE not in installed_packages(reader):
        return ObservedCeph(node)
    cluster, silence = ask(reader, parse_cluster, *ASK.argument[1:], scope=CLUSTER)
    return ObservedCeph(node, cluster, silence or None)


def ask(
    reader: Reader, parse: Callable[[Mapping[str, Any]], Answer], *words: str, scope: Scope = NODE
) -> tuple[Optional[Answer], str]:
    """What the program ``ask_ceph`` finds, understood by ``parse``; None, and its last words, when nobody answers."""
    done = reader.program("ask_ceph", *words, scope=scope)
    if done.rc != 0:
        return None, (done.stderr.strip().splitlines() or ["no answer"])[-1]
    try:
        return parse(json.loads(done.stdout)), ""
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"Ceph answered in an unknown form: {error!r}.", stdout=done.stdout[:2000]) from error


def observe_node(reader: Reader, desired: object = None) -> CephNode:
    """What this node itself knows; no monitor is asked."""
    packages = installed_packages(reader)
    daemons = {kind: _daemons(reader, kind) for kind in KINDS}
    running, enabled = _units(reader, daemons)
    link = reader.entry(LINK)
    conf = reader.read(CONF)
    return CephNode(
        name=host.observe(reader).name,
        release=installed_release(packages),
        complete=all(package in packages for package in SERVER_PACKAGES),
        conf=None if conf is None else parse_conf(conf),
        linked=link is not None and link.target == CONF,
        daemons=daemons,
        running=running,
        enabled=enabled,
    )


def installed_release(packages: Mapping[str, str]) -> Optional[str]:
    """The release of the server packages; the highest one when an installation was interrupted between two."""
    majors = [int(major) for major in (_major(packages.get(name, "")) for name in SERVER_PACKAGES) if major]
    return RELEASES.get(max(majors), f"version {max(majors)}") if majors else None


def _major(version: str) -> str:
    """``1:19.2.3-pve1`` → ``19``."""
    return version.rpartition(":")[2].partition(".")[0]


def _daemons(reader: Reader, kind: str) -> tuple[str, ...]:
    """The directories are named after the cluster, which is always called ceph, and the daemon."""
    names = reader.names(f"{STATE}/{kind}")
    return tuple(name[len("ceph-") :] for name in names if name.startswith("ceph-"))


def _units(reader: Reader, daemons: Mapping[str, tuple[str, ...]]) -> tuple[frozenset[str], frozenset[str]]:
    """The units of these daemons that run, and those that are started at boot."""
    units = sorted(unit(kind, daemon) for kind, names in daemons.items() for daemon in names)
    if not units:
        return frozenset(), frozenset()
    done = reader.run("systemctl", "show", "--property=Id,ActiveState,UnitFileState", *units)
    blocks = [
        dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in done.stdout.split("\n\n")
    ]
    running = frozenset(block["Id"] for block in blocks if block.get("ActiveState") == "active")
    enabled = frozenset(block["Id"] for block in blocks if block.get("UnitFileState", "").startswith("enabled"))
    return running, enabled
