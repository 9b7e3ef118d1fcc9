# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node that is held for its upgrade: empty, kept free, its data not moved; and the marker that says what was set.

The marker lies where the cluster keeps it when the node is dead, and only root can read it. What it names is what this
collection has set; whatever else is found there is somebody else's, and stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Optional

from ...engine.errors import Unreadable
from ..ceph.safety import OsdSafety
from ..guest.guest import Guest
from ..guest.overview import Lrm, ResourceAffinity
from ..leaving.membership import ObservedMembership

#: What becomes of a guest that runs there and can go nowhere. refuse: nothing is begun. leave: it goes on, and the node
#: is not rebooted. stop: it is shut down, and started again at the end.
Policy = Literal["refuse", "leave", "stop"]
POLICIES: tuple[Policy, ...] = ("refuse", "leave", "stop")
HELD, RELEASED = "held", "released"

FOLDER = "/etc/pve/priv"
_PREFIX, _SUFFIX = "upgrade-of-", ".json"


def marker_path(node: str) -> str:
    return f"{FOLDER}/{_PREFIX}{node}{_SUFFIX}"


def marked_node(name: str) -> Optional[str]:
    """The node that a file in ``FOLDER`` is the marker of."""
    return name[len(_PREFIX) : -len(_SUFFIX)] if name.startswith(_PREFIX) and name.endswith(_SUFFIX) else None


@dataclass(frozen=True)
class Marker:
    """What was set for the upgrade of ``node``, and by whom.

    maintenance: the HA manager was told to keep it free. noout: OSDs that were marked. stopped: guests (sid) that were
    stopped. states: HA resource → the state that it was to have.
    """

    node: str
    by: str = ""
    since: str = ""
    maintenance: bool = False
    noout: tuple[int, ...] = ()
    stopped: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """In words."""
        return f"begun {self.since or 'some time ago'} by {self.by or 'somebody'}"

    def text(self) -> str:
        return json.dumps({**vars(self), "states": dict(self.states)}, indent=1, sort_keys=True) + "\n"


def parse_marker(text: str) -> Marker:
    try:
        told: dict[str, Any] = json.loads(text)
        return Marker(
            node=str(told["node"]),
            by=str(told.get("by", "")),
            since=str(told.get("since", "")),
            maintenance=bool(told.get("maintenance")),
            noout=tuple(map(int, told.get("noout", ()))),
            stopped=tuple(map(str, told.get("stopped", ()))),
            states={str(sid): str(state) for sid, state in told.get("states", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"A marker in {FOLDER} cannot be read: {error}.") from error


@dataclass(frozen=True)
class DesiredHold:
    """``policies``: VMID or tag → what becomes of such a guest if it can go nowhere.

    reboot: the node will be booted anew; without that its guests stay where they are. by: for the marker. since: when
    the run was begun, in UTC. done: ids of steps that this run has done already.
    """

    node: str
    state: str
    policies: Mapping[str, Policy] = field(default_factory=dict)
    reboot: bool = True
    by: str = ""
    since: str = ""
    local_disks: bool = False
    tolerated: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Flags:
    """Where noout stands: for all OSDs, for CRUSH buckets and device classes by name, and for OSDs themselves."""

    everywhere: bool = False
    buckets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    osds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Crash:
    """``at``: as ISO 8601 has it, in UTC."""

    daemon: str
    at: str

    def is_before(self, moment: str) -> bool:
        """``moment``: such as ``2026-11-30 22:00``; without one, every crash is earlier."""
        return not moment or self.at.replace(" ", "T")[: len(moment)] < moment.replace(" ", "T")


@dataclass(frozen=True)
class ObservedHold:
    """``membership``: what a member that stays sees. markers: node → its marker, of all nodes.

    tags: VMID → its tags. rules: HA rules that keep resources together or apart. lrm: of the node. addresses: VMID →
    addresses that its configuration gives it. safety: what Ceph says about stopping the node's OSDs; None where none
    of them is up. movers: what moves guests by itself. arriving: services that HA is bringing to the node.
    crashes: of daemons of Ceph, whose it was and when; asked for where Ceph warns of them.
    """

    membership: ObservedMembership
    markers: Mapping[str, Marker] = field(default_factory=dict)
    tags: Mapping[int, frozenset[str]] = field(default_factory=dict)
    rules: tuple[ResourceAffinity, ...] = ()
    lrm: Optional[Lrm] = None
    addresses: Mapping[int, frozenset[str]] = field(default_factory=dict)
    safety: Optional[OsdSafety] = None
    flags: Flags = Flags()
    movers: tuple[str, ...] = ()
    arriving: tuple[str, ...] = ()
    crashes: tuple[Crash, ...] = ()

    def policy(self, guest: Guest, desired: DesiredHold) -> Policy:
        """Its own number says more than a tag; of several tags the strictest counts."""
        own = desired.policies.get(str(guest.vmid))
        if own is not None:
            return own
        by_tag = {desired.policies[tag] for tag in self.tags.get(guest.vmid, ()) if tag in desired.policies}
        return next((policy for policy in POLICIES if policy in by_tag), "refuse")
