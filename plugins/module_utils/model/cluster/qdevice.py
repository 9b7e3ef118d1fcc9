# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A vote from outside of the cluster: corosync-qnetd on another host, corosync-qdevice on every node.

Upstream: corosync-qdevice(8), corosync-qdevice-net-certutil(8), corosync-qnetd-certutil(8), and "Corosync External Vote
Support" in pvecm(1). Requests and certificates are binary; they are held in base64 here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Optional

from .cluster import CorosyncConfig

NODE_PACKAGE = "corosync-qdevice"
NODE_SERVICE = "corosync-qdevice.service"
_NET = "/etc/corosync/qdevice/net"
DATABASE = f"{_NET}/nssdb"
#: Copies of what the node was given, to know it again.
CA = f"{_NET}/qnetd-cacert.crt"
CERTIFICATE = f"{_NET}/cluster.crt"
REQUEST = f"{DATABASE}/qdevice-net-node.crq"
BUNDLE = f"{DATABASE}/qdevice-net-node.p12"
#: Where the other nodes find certificate and key during the set-up; only root reads there.
SHARED_BUNDLE = "/etc/pve/priv/qdevice-net-node.p12"
ENABLED = f"/etc/systemd/system/multi-user.target.wants/{NODE_SERVICE}"

SERVER_PACKAGE = "corosync-qnetd"
SERVER_SERVICE = "corosync-qnetd.service"
SERVER_DATABASE = "/etc/corosync/qnetd/nssdb"
SERVER_CA = f"{SERVER_DATABASE}/qnetd-cacert.crt"

#: How far a node is with it; each but the last one needs the one before.
State = Literal["prepared", "requested", "certified", "voting", "absent"]
PREPARED: State = "prepared"
REQUESTED: State = "requested"
CERTIFIED: State = "certified"
VOTING: State = "voting"
ABSENT: State = "absent"


def server_request(cluster: str) -> str:
    return f"{SERVER_DATABASE}/cluster-{cluster}.crq"


def server_certificate(cluster: str) -> str:
    """Where corosync-qnetd-certutil puts what it has signed."""
    return f"{SERVER_DATABASE}/cluster-{cluster}.crt"


@dataclass(frozen=True)
class DesiredQDeviceNode:
    """Desired state of a node: how far to set it up. ``lead``: the node that asks for the cluster's certificate."""

    state: State = VOTING
    host: Optional[str] = None
    lead: bool = False
    ca: Optional[str] = None
    certificate: Optional[str] = None


def serves(config: Optional[CorosyncConfig], wanted: DesiredQDeviceNode) -> bool:
    """Whether the configuration names the wanted device."""
    return config is not None and config.qdevice is not None and wanted.host in (None, config.qdevice.host)


@dataclass(frozen=True)
class ObservedQDeviceNode:
    """What a node has; from ``installed`` to ``bundle`` a node whose device votes is not asked.

    voting: corosync counts the device's vote, and the node's connection to it is alive.
    certified: the database of keys holds the cluster's certificate.  request: one that was made here, in base64.
    """

    name: str
    config: Optional[CorosyncConfig] = None
    voting: bool = False
    enabled: bool = False
    installed: bool = False
    active: bool = False
    database: bool = False
    ca: Optional[str] = None
    certified: bool = False
    certificate: Optional[str] = None
    request: Optional[str] = None
    bundle: bool = False
    shared_bundle: bool = False


@dataclass(frozen=True)
class DesiredQnetd:
    """Desired state of the host outside of the cluster; ``request`` is the one to sign for ``cluster``."""

    cluster: Optional[str] = None
    request: Optional[str] = None


@dataclass(frozen=True)
class ObservedQnetd:
    """What that host has. request, certificate: those of the cluster that was asked for, in base64."""

    name: str
    installed: bool = False
    active: bool = False
    ca: Optional[str] = None
    request: Optional[str] = None
    certificate: Optional[str] = None
    member_of: Optional[str] = None
