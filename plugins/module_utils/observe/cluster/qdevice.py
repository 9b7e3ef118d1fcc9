# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read how far the quorum device is, on a node of the cluster and on the host outside of it.

A node without a device is asked for one file, one whose device votes for a single command.
"""

from __future__ import annotations

import re
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.cluster import qdevice
from ...model.cluster.cluster import CONFIG
from ...model.cluster.corosync_conf import parse_corosync_conf
from ...model.cluster.qdevice import (
    ABSENT,
    DesiredQDeviceNode,
    DesiredQnetd,
    ObservedQDeviceNode,
    ObservedQnetd,
    serves,
)
from ..node import host

_VOTES = ("corosync-quorumtool", "-l")
#: This node's line: number, votes, flags (Alive, Vote, MasterWins; N.. for not), name.
_OWN = re.compile(r"^\s*\d+\s+\d+\s+A,V,\S+\s+\S+ \(local\)$", re.MULTILINE)
_DEVICE = re.compile(r"^\s*0\s+[1-9]\d*\s+Qdevice\s*$", re.MULTILINE)
_PROGRAM = "/usr/sbin/corosync-qdevice"
_SERVER_PROGRAM = "/usr/bin/corosync-qnetd"


@recorded
def observe_node(reader: Reader, desired: Optional[DesiredQDeviceNode] = None) -> ObservedQDeviceNode:
    """A node whose cluster has no device, and is to have none, is not looked at any closer."""
    this = host.observe(reader)
    text = reader.read(CONFIG)
    config = None if text is None else parse_corosync_conf(text)
    named = config is not None and config.qdevice is not None
    enabled = reader.entry(qdevice.ENABLED) is not None
    if not named and (desired is None or (desired.state == ABSENT and not enabled)):
        return ObservedQDeviceNode(this.name, config)
    voting = named and parse_voting(reader.run(*_VOTES).stdout)
    shared = reader.entry(qdevice.SHARED_BUNDLE) is not None
    if voting and enabled and (desired is None or serves(config, desired)):
        return ObservedQDeviceNode(this.name, config, voting=True, enabled=True, shared_bundle=shared)
    installed = reader.entry(_PROGRAM) is not None
    database = reader.entry(f"{qdevice.DATABASE}/cert9.db") is not None
    return ObservedQDeviceNode(
        name=this.name,
        config=config,
        voting=voting,
        enabled=enabled,
        installed=installed,
        active=installed and _active(reader, qdevice.NODE_SERVICE),
        database=database,
        ca=reader.read(qdevice.CA),
        certified=database and reader.run("certutil", "-L", "-d", qdevice.DATABASE, "-n", "Cluster Cert").rc == 0,
        certificate=_base64(reader, qdevice.CERTIFICATE),
        request=_base64(reader, qdevice.REQUEST),
        bundle=reader.entry(qdevice.BUNDLE) is not None,
        shared_bundle=shared,
    )


def parse_voting(text: str) -> bool:
    """``corosync-quorumtool -l``: does the device have a vote, and this node a connection to it that counts?"""
    return bool(_OWN.search(text) and _DEVICE.search(text))


def observe_server(reader: Reader, desired: Optional[DesiredQnetd] = None) -> ObservedQnetd:
    cluster = desired.cluster if desired is not None else None
    text = reader.read(CONFIG)
    installed = reader.entry(_SERVER_PROGRAM) is not None
    return ObservedQnetd(
        name=host.observe(reader).name,
        installed=installed,
        active=installed and _active(reader, qdevice.SERVER_SERVICE),
        ca=reader.read(qdevice.SERVER_CA),
        request=_base64(reader, qdevice.server_request(cluster)) if cluster else None,
        certificate=_base64(reader, qdevice.server_certificate(cluster)) if cluster else None,
        member_of=None if text is None else parse_corosync_conf(text).name,
    )


def _active(reader: Reader, unit: str) -> bool:
    return reader.run("systemctl", "is-active", unit).stdout.strip() == "active"


def _base64(reader: Reader, path: str) -> Optional[str]:
    """A binary file; None when it is missing or empty (what corosync's tools leave after a failure)."""
    if reader.entry(path) is None:
        return None
    return reader.run("base64", "--wrap=0", path).stdout.strip() or None
