# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which nodes are reset by their watchdog once they have no quorum: those whose local resource manager is armed.

Not those with HA guests that run: one stopped HA guest keeps a node armed. The master of the CRM is not reset for being
it. With a node that is reset all its guests stop, HA or not. Upstream: ha-manager(1), LRM.pm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Optional

from .division import Division, divisions
from .reading import HaReading, NodeReading, Reading
from .things import Thing
from .words import phrase

#: lrm_status.state in which the lock is held, and the watchdog updated.
_ARMED = ("active", "lost_agent_lock")
_IDLE = ("wait_for_agent_lock", "restart")
#: The LRM writes its status every ten seconds; a number of an older day says nothing.
_FRESH = 120.0


def armed(node: NodeReading, ha: Optional[HaReading], now: float) -> Optional[bool]:
    """None when nobody knows."""
    lrm = node.lrm.value
    if ha is not None and ha.disarmed:
        return False
    if lrm is None or (lrm.timestamp is not None and abs(now - lrm.timestamp) > _FRESH):
        return None
    if lrm.state in _ARMED:
        return True
    if lrm.state == "maintenance":
        return None if ha is None else any(place == node.name for place, dummy in ha.manager.services.values())
    return False if lrm.state in _IDLE else None


@dataclass(frozen=True)
class Aftermath:
    """Which nodes are down soon after a loss.

    lost: with the thing. reset: for certain; maybe: those that may be. going: those that go on. start: nodes on which
    the HA manager starts guests again; None when it is not known whether there is a majority.
    """

    lost: frozenset[str]
    reset: frozenset[str]
    maybe: frozenset[str]
    going: frozenset[str]
    start: Optional[frozenset[str]]
    divided: tuple[frozenset[str], ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def down(self) -> frozenset[str]:
        return self.lost | self.reset


def aftermath(thing: Thing, reading: Reading) -> Aftermath:
    nodes = frozenset(node.name for node in reading.nodes)
    if not (thing.nodes or thing.links or thing.device):
        return Aftermath(frozenset(), frozenset(), frozenset(), nodes, nodes)
    left = nodes - thing.nodes
    if reading.clustered.value is False:
        return Aftermath(thing.nodes, frozenset(), frozenset(), left, frozenset())
    found = divisions(thing, reading)
    if not found:
        maybe = frozenset(name for name in left if _armed(name, reading) is not False)
        return Aftermath(
            thing.nodes, frozenset(), maybe, left - maybe, None, (), (phrase("who has quorum is not known"),)
        )
    reset = frozenset(name for name in left if _armed(name, reading) and all(name in one.without for one in found))
    maybe = frozenset(name for name in left - reset if _may_be_reset(name, found, reading))
    doubts = [phrase("whether {name} is reset is not known", name=name) for name in sorted(maybe)]
    ways = {(one.quorate | (one.undecided if not one.certain else frozenset()), one.parts) for one in found}
    if len(ways) > 1:
        doubts.append(phrase("who has quorum then is not known"))
        return Aftermath(thing.nodes, reset, maybe, left - reset - maybe, None, (), tuple(doubts))
    quorate, parts = ways.pop()
    start, divided = quorate - reset, parts if len(parts) > 1 else ()
    return Aftermath(thing.nodes, reset, maybe, left - reset - maybe, start, divided, tuple(doubts))


def spread(thing: Thing, reading: Reading) -> tuple[Thing, Thing]:
    """The same loss with the nodes that are reset after it, and with those that may be: what runs there is away until
    they have booted."""
    after = aftermath(thing, reading)
    certain = replace(thing, nodes=thing.nodes | after.reset)
    return certain, replace(certain, nodes=certain.nodes | after.maybe)


def _armed(name: str, reading: Reading) -> Optional[bool]:
    node = reading.node(name)
    return None if node is None else armed(node, reading.ha.value, reading.at)


def _may_be_reset(name: str, found: tuple[Division, ...], reading: Reading) -> bool:
    endangered = any(name in one.without | one.undecided for one in found)
    return endangered and _armed(name, reading) is not False
