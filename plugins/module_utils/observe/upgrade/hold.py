# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read, on a member that stays, what there is to know of a node that is to be held for its upgrade, or released."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.ceph.conditions import asked
from ...model.ceph.safety import OsdSafety
from ...model.guest.guest import NODES
from ...model.guest.ha import FOLDER as HA_FOLDER
from ...model.leaving.membership import DRAIN, DesiredMembership, ObservedMembership
from ...model.upgrade.hold import FOLDER, Crash, DesiredHold, Flags, Marker, ObservedHold, marked_node, parse_marker
from ..ceph.safety import parse_gates
from ..ceph.state import ask
from ..guest import ha
from ..guest.overview import DATACENTER, parse_affinities, parse_lrm
from ..guest.text import parse_guest
from ..leaving import membership

_ADDRESS = re.compile(r"\bip6?=([0-9a-fA-F.:]+)")
#: In datacenter.cfg: the HA manager moves guests by itself, when load asks for it or when one starts.
_REBALANCE = re.compile(r"(?m)^crs:.*\bha-auto-rebalance=(?:1|yes|on|true)")


def observe(reader: Reader, desired: DesiredHold) -> ObservedHold:
    seen = membership.observe(reader, DesiredMembership(desired.node, DRAIN))
    texts = {guest.vmid: reader.read(guest.file(desired.node)) or "" for guest in seen.guests}
    return ObservedHold(
        membership=seen,
        markers={marker.node: marker for marker in _markers(reader)},
        tags={vmid: frozenset(re.split(r"[;, ]+", parse_guest(text).get("tags", ""))) for vmid, text in texts.items()},
        rules=tuple(parse_affinities(reader.read(f"{HA_FOLDER}/rules.cfg") or "")),
        lrm=parse_lrm(reader.read(f"{NODES}/{desired.node}/lrm_status")),
        addresses={vmid: frozenset(_ADDRESS.findall(text)) for vmid, text in texts.items()},
        safety=_safety(reader, seen),
        flags=_flags(reader) if seen.ceph is not None and seen.ceph.data is not None else Flags(),
        movers=tuple(_movers(reader)),
        arriving=tuple(_arriving(reader, desired.node)),
        crashes=tuple(_crashes(reader, seen)),
    )


def _markers(reader: Reader) -> Iterator[Marker]:
    for name in reader.names(FOLDER):
        if marked_node(name) is not None:
            yield parse_marker(reader.read(f"{FOLDER}/{name}") or "")


def _safety(reader: Reader, seen: ObservedMembership) -> Optional[OsdSafety]:
    """All OSDs of the node in one question: one after the other each may go, and all together not."""
    up = tuple(osd.id for osd in seen.ceph.here if osd.up) if seen.ceph is not None else ()
    if not up:
        return None
    safety, silence = ask(reader, lambda answers: parse_gates(answers, up), "gates", *map(str, up))
    if safety is None:
        raise Unreadable(f"Ceph does not say whether OSDs may be stopped: {silence}.")
    return safety


def _flags(reader: Reader) -> Flags:
    told = reader.run_json(*asked("osd", "dump").argument)
    if told is None:
        raise Unreadable("Ceph does not say which flags are set (ceph osd dump).")
    return Flags(
        everywhere="noout" in str(told.get("flags", "")).split(","),
        buckets=tuple(sorted(name for name, flags in told.get("crush_node_flags", {}).items() if "noout" in flags)),
        classes=tuple(sorted(name for name, flags in told.get("device_class_flags", {}).items() if "noout" in flags)),
        osds=tuple(sorted(one["osd"] for one in told.get("osds", ()) if "noout" in one.get("state", ()))),
    )


def _arriving(reader: Reader, node: str) -> Iterator[str]:
    for sid, found in sorted(ha.manager_status(reader).get("service_status", {}).items()):
        if found.get("target") == node and found.get("node") != node:
            yield sid


def _crashes(reader: Reader, seen: ObservedMembership) -> Iterator[Crash]:
    data = None if seen.ceph is None else seen.ceph.data
    if data is None or not any(check.code == "RECENT_CRASH" for check in data.cluster.checks):
        return
    told = reader.run_json(*asked("crash", "ls-new").argument)
    if told is None:
        raise Unreadable("Ceph does not say which daemons crashed (ceph crash ls-new).")
    for one in told:
        yield Crash(str(one["entity_name"]), str(one["timestamp"]))


def _movers(reader: Reader) -> Iterator[str]:
    if _REBALANCE.search(reader.read(DATACENTER) or ""):
        yield "the HA manager itself (crs: ha-auto-rebalance in datacenter.cfg)"
