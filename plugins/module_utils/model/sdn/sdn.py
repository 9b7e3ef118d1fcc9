# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Software-defined networks of a cluster: zones, vnets, subnets, controllers, fabrics and where addresses are kept.

Each exists twice: as it runs, and as it is staged until somebody applies it. Applying takes along whatever is staged,
by whomever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from .options import CONTROLLERS, FABRIC_NODE, FABRICS, IPAMS, SUBNET, VNET, ZONES, Meaning, Option

Kind = Literal["ipam", "fabric", "fabric node", "controller", "zone", "vnet", "subnet"]
#: Kind and id. Of a subnet that is VNET/NETWORK, of a fabric's node FABRIC/NODE.
Key = tuple[Kind, str]
#: What is not staged but holds at once.
AT_ONCE: tuple[Kind, ...] = ("ipam",)
Staged = Literal["new", "changed", "deleted"]
#: An option of a kind → what it names.
NAMED: tuple[tuple[Kind, str, Kind], ...] = (
    ("vnet", "zone", "zone"),
    ("zone", "controller", "controller"),
    ("zone", "ipam", "ipam"),
    ("zone", "fabric", "fabric"),
    ("controller", "fabric", "fabric"),
)
#: What has the name of another thing in its id.
WITHIN: tuple[tuple[Kind, Kind], ...] = (("subnet", "vnet"), ("fabric node", "fabric"))
#: Kind → the parameter that lists such things, and which of their words make the id. They stand in the order in which
#: they can be made, as each may name those before it.
LISTED: Mapping[Kind, tuple[str, tuple[str, ...]]] = {
    "ipam": ("ipams", ("ipam",)),
    "fabric": ("fabrics", ("fabric",)),
    "fabric node": ("fabric_nodes", ("fabric", "node")),
    "controller": ("controllers", ("controller",)),
    "zone": ("zones", ("zone",)),
    "vnet": ("vnets", ("vnet",)),
    "subnet": ("subnets", ("vnet", "subnet")),
}
KINDS: tuple[Kind, ...] = tuple(LISTED)
#: What says of which type it is; a fabric's node is of the type of its fabric.
TYPED: tuple[Kind, ...] = ("ipam", "fabric", "controller", "zone")
#: What can be exclusive: everything of a kind, or vnets of one zone and subnets of one vnet.
SCOPES: Mapping[str, Kind] = {plural: kind for kind, (plural, dummy) in LISTED.items() if kind not in AT_ONCE}
#: What a node says of a zone that it has.
AVAILABLE = "available"
#: The API of two things came with these releases.
LOCK_SINCE = (9, 0)
DRY_RUN_SINCE = (9, 1)
Release = tuple[int, int]


def options_of(kind: Kind, type_: str) -> Mapping[str, Option]:
    """What can be said of it; nothing of a type that is not known here."""
    if kind == "vnet":
        return VNET
    if kind == "subnet":
        return SUBNET
    if kind == "fabric node":
        return FABRIC_NODE
    tables = {"zone": ZONES, "controller": CONTROLLERS, "ipam": IPAMS, "fabric": FABRICS}
    return tables[kind].get(type_, {})


@dataclass(frozen=True)
class Thing:
    """``options``: what is said of it, by meaning, without defaults. ``called``: its id in the API, if that differs."""

    type: str
    options: Mapping[str, Meaning] = field(default_factory=dict, hash=False)
    called: str = field(default="", compare=False)

    def words(self, name: str) -> tuple[str, ...]:
        """A set of words; empty where it is not said."""
        value = self.options.get(name, ())
        return value if isinstance(value, tuple) else (str(value),)

    def text(self, name: str) -> str:
        return str(self.options.get(name, ""))


Things = Mapping[Key, Thing]


@dataclass(frozen=True)
class Wish:
    """``options``: what is said; what is not said stays. ``unset``: what is not to be said."""

    type: str = ""
    absent: bool = False
    options: Mapping[str, Meaning] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DesiredSdn:
    """``reflectors``: of an evpn controller, peers that are route reflectors and no nodes.

    ``exclusive``: (kind, the zone or vnet that it is limited to, or nothing). ``lock_file``: where the token of the
    lock is kept, on the controller. ``break_lock``: somebody's lock may be taken away.
    """

    wishes: Mapping[Key, Wish] = field(default_factory=dict)
    exclusive: frozenset[tuple[Kind, str]] = frozenset()
    reflectors: frozenset[str] = frozenset()
    caller: str = ""
    lock_file: str = ""
    break_lock: bool = False

    @property
    def idle(self) -> bool:
        return not self.wishes and not self.exclusive


@dataclass(frozen=True)
class ObservedNode:
    """``shows``: zone → what the node says of it, of those that it says anything of.

    ``vnets``: vnet → why it is not as it should be. ``staged``: its own network has changes that an apply would
    activate. ``differs``: files that are not those that belong to the configuration.
    """

    addresses: frozenset[str] = frozenset()
    interfaces: frozenset[str] = frozenset()
    shows: Mapping[str, str] = field(default_factory=dict)
    vnets: Mapping[str, str] = field(default_factory=dict)
    staged: bool = False
    differs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObservedSdn:
    """``release``: None where nobody serves the API yet. ``nodes``: None for one that is off.

    ``pending``: what is staged and does not run yet. ``guests``: vnet → who uses it, of those that may go.
    ``unread``: guests whose configuration nobody could read, when that had to be known. ``held``: subnet → addresses
    that are given in it. ``locked``: an earlier run has left the token of its lock. ``lacking``: what the caller is
    not allowed.
    """

    release: Optional[Release]
    running: Things = field(default_factory=dict)
    staged: Things = field(default_factory=dict)
    pending: Mapping[Key, Staged] = field(default_factory=dict)
    nodes: Mapping[str, Optional[ObservedNode]] = field(default_factory=dict)
    guests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    locked: bool = False
    lacking: tuple[str, ...] = ()
