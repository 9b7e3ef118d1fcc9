# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read Ceph on this node: packages, configuration and daemons; then, once for all nodes, what the monitors say.

The node's part takes one process beyond what other subjects ask anyway. The cluster's part takes one process too:
a short program that asks all its questions over one connection with Ceph's own library, at a fraction of what as
many calls of ``ceph`` cost. It ends after ten seconds when no monitor answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import CLUSTER, Reader
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

QUESTIONS = ("status", "osd dump", "osd tree", "osd crush rule dump", "fs dump", "node ls", "config dump")
_PROGRAM = f"""
import json, rados, sys
patience = {{"client_mount_timeout": "10", "rados_mon_op_timeout": "10"}}
cluster = rados.Rados(conffile="{CONF}", conf=patience)
try:
    cluster.connect()
    answers = {{}}
    for question in {QUESTIONS!r}:
        code, answer, problem = cluster.mon_command(json.dumps({{"prefix": question, "format": "json"}}), b"")
        if code:
            sys.exit(f"{{question}}: {{problem}} ({{code}})")
        answers[question] = json.loads(answer)
except rados.Error as error:
    sys.exit(str(error))
finally:
    cluster.shutdown()
print(json.dumps(answers))
"""
ASK_MONITORS = ("/usr/bin/python3", "-I", "-c", _PROGRAM)


def observe(reader: Reader, desired: object = None) -> ObservedCeph:
    """Everything but the disks. ``desired`` is taken for the sake of the observers' common form and not looked at."""
    node = observe_node(reader)
    if not node.expects_monitors or CLIENT_PACKAGE not in installed_packages(reader):
        return ObservedCeph(node)
    return ask_monitors(reader, node)


def ask_monitors(reader: Reader, node: CephNode) -> ObservedCeph:
    """What the monitors say, wherever Ceph's library finds them: in the configuration, or in DNS."""
    done = reader.run(*ASK_MONITORS, scope=CLUSTER)
    if done.rc != 0:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return ObservedCeph(node, silence=last)
    try:
        return ObservedCeph(node, parse_cluster(json.loads(done.stdout)))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(
            f"Ceph's monitors answered in an unknown form: {error!r}.", stdout=done.stdout[:2000]
        ) from error


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
