# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read all that is known of Ceph's data, and what Ceph says about taking OSDs away.

Asked only where OSDs are about to be taken away: these answers change by the second and are never kept for a run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.ceph.placement_group import Copy, PlacementGroup
from ...model.ceph.safety import CephData, Monitors, ObservedSafety, OsdSafety, OsdUse
from ...model.ceph.state import CephCluster
from .answers import parse_cluster
from .state import ask

#: No OSD, in a list of them.
_NONE = 2147483647
#: An OSD, and which part of an object it has: ``3`` or ``3(1)``.
_MEMBER = re.compile(r"(\d+)(?:\((\d+)\))?")
_HINT = "Its monitors and a manager must run (`ceph status`)."


def observe(reader: Reader, osds: Iterable[int], moving: bool = False) -> ObservedSafety:
    """Ceph calls an OSD that does not exist safe to destroy, so ask for known ones. ``moving``: their data is to be
    moved, so where it would go is asked as well."""
    numbers = tuple(sorted(set(osds)))
    data = observe_data(reader)
    told = numbers and data.groups is not None
    safety = _gates(reader, numbers) if told else OsdSafety(numbers, unknown=1 if numbers else 0)
    return ObservedSafety(data, replace(safety, placed=observe_placed(reader, numbers)) if moving else safety)


def observe_data(reader: Reader) -> CephData:
    data, silence = ask(reader, parse_data, "data")
    if data is None:
        raise Unreadable(f"Ceph does not answer: {silence}.", _HINT)
    return data


def _gates(reader: Reader, numbers: tuple[int, ...]) -> OsdSafety:
    words = tuple(map(str, numbers))
    safety, silence = ask(reader, lambda answers: parse_gates(answers, numbers), "gates", *words)
    if safety is None:
        raise Unreadable(f"Ceph does not say whether OSDs may go: {silence}.", _HINT)
    return safety


def observe_placed(reader: Reader, numbers: tuple[int, ...]) -> Optional[Mapping[str, tuple[int, ...]]]:
    """Where CRUSH puts every placement group once these OSDs are out; None where its tool is missing."""
    placed, silence = ask(reader, _placed, "placed", *map(str, numbers))
    if silence:
        raise Unreadable(f"This node cannot tell where Ceph would put the data of OSDs that go: {silence}.", _HINT)
    return placed


def _placed(answer: Optional[Mapping[str, list[int]]]) -> Optional[Mapping[str, tuple[int, ...]]]:
    return None if answer is None else {group: tuple(members) for group, members in answer.items()}


def parse_gates(answers: Mapping[str, Any], numbers: tuple[int, ...]) -> OsdSafety:
    """A manager that does not know all placement groups yet, as after a start, names none of these OSDs as safe."""
    destroy, stop = answers["osd safe-to-destroy"], answers["osd ok-to-stop"]
    everything = {"yes": {"safe_to_destroy": numbers}, "no": {"active": numbers}, "unknown": {"missing_stats": numbers}}
    destroy = everything[destroy["said"]] if "said" in destroy else destroy
    said = stop.get("said", "yes")
    return OsdSafety(
        osds=numbers,
        safe=frozenset(destroy.get("safe_to_destroy", ())),
        active=frozenset(destroy.get("active", ())),
        stored=frozenset(destroy.get("stored_pgs", ())),
        silent=frozenset(destroy.get("missing_stats", ())),
        stops=stop.get("num_not_ok_pgs", int(said == "no")),
        unknown=len(stop.get("unknown_pgs", ())) + int(said == "unknown"),
    )


def parse_data(answers: Mapping[str, Any]) -> CephData:
    cluster = parse_cluster(answers)
    groups, silence = _groups(answers, cluster)
    recovery = answers["status"].get("pgmap", {}) if groups is not None else {}
    return CephData(
        cluster=cluster,
        monitors=Monitors({mon["name"]: _addresses(mon) for mon in answers["mon dump"]["mons"]}, cluster.quorum),
        groups=groups,
        silence=silence,
        use={node["id"]: parse_use(node) for node in answers.get("osd df", {}).get("nodes", ())},
        flags=frozenset(answers["osd dump"].get("flags", "").split(",")) - {""},
        entities=frozenset(answers["entities"]),
        buckets=tuple(sorted(node["name"] for node in answers["osd tree"]["nodes"] if node["type"] == "host")),
        upmaps={entry["pgid"]: _pairs(entry) for entry in answers["osd dump"].get("pg_upmap_items", ())},
        reporters=_reporters(answers["config dump"]),
        bytes_per_second=recovery.get("recovering_bytes_per_sec", 0),
        objects_per_second=recovery.get("recovering_objects_per_sec", 0),
    )


def _groups(answers: Mapping[str, Any], cluster: CephCluster) -> tuple[Optional[tuple[PlacementGroup, ...]], str]:
    """The placement groups, or why they are not known."""
    dump = answers.get("pg dump")
    if dump is None:
        return None, answers.get("silent manager", "no manager is active")
    if not dump["ready"]:
        return None, "its manager has not heard from all OSDs yet"
    wanted = answers["osd dump"].get("epoch", 0)
    if dump["epoch"] and dump["epoch"] < wanted:
        return None, f"its manager knows the map of OSDs {dump['epoch']}, and the monitors are at {wanted}"
    return tuple(parse_groups(dump["pgs"], cluster)), ""


def parse_groups(entries: Iterable[Mapping[str, Any]], cluster: CephCluster) -> Iterator[PlacementGroup]:
    """Entries of ``pg dump`` or ``pg ls``; a pool that is gone by now has no groups."""
    pools = {pool.id: pool for pool in cluster.pools}
    up = {osd.id for osd in cluster.osds if osd.up}
    for entry in entries:
        pool = pools.get(int(entry["pgid"].partition(".")[0]))
        if pool is not None:
            yield _group(entry, pool.id, pool.erasure_coded, up)


def _group(entry: Mapping[str, Any], pool: int, coded: bool, up: Collection[int]) -> PlacementGroup:
    states, numbers = frozenset(entry["state"].split("+")), entry.get("stat_sum", {})
    acting = frozenset(
        Copy(osd, piece if coded else 0) for piece, osd in enumerate(entry["acting"]) if osd not in (_NONE, -1)
    )
    return PlacementGroup(
        id=entry["pgid"],
        pool=pool,
        states=states,
        acting=acting,
        whole=_whole(entry, states, acting),
        late="stale" not in states and any(copy.osd not in up for copy in acting),
        objects=numbers.get("num_objects", 0),
        bytes=numbers.get("num_bytes", 0),
        unfound=numbers.get("num_objects_unfound", 0),
        degraded=numbers.get("num_objects_degraded", 0),
        misplaced=numbers.get("num_objects_misplaced", 0),
    )


def _whole(entry: Mapping[str, Any], states: Collection[str], acting: frozenset[Copy]) -> Optional[frozenset[Copy]]:
    """Ceph lists whole copies only of a group that is degraded; of another one that is served, all are."""
    if not {"active", "peered"} & set(states):
        return None
    if "degraded" not in states:
        return acting
    if "avail_no_missing" not in entry:
        return None
    found = (_MEMBER.fullmatch(member) for member in entry["avail_no_missing"])
    return frozenset(Copy(int(member[1]), int(member[2] or 0)) for member in found if member)


def _reporters(overrides: Iterable[Mapping[str, Any]]) -> int:
    """``config dump`` lists only what was changed, with the narrower section last."""
    changed = [entry["value"] for entry in overrides if entry["name"] == "mon_osd_min_down_reporters"]
    return int(changed[-1]) if changed else CephData.reporters


def _pairs(entry: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((pair["from"], pair["to"]) for pair in entry["mappings"])


def parse_use(node: Mapping[str, Any]) -> OsdUse:
    """An entry of ``osd df``."""
    return OsdUse(node["kb_used"] * 1024, node["kb"] * 1024, node.get("pgs", 0))


def _addresses(mon: Mapping[str, Any]) -> tuple[str, ...]:
    """``10.10.2.11:6789/0`` and ``[fd00::1]:6789/0`` without port and nonce."""
    texts = [entry["addr"] for entry in mon.get("public_addrs", {}).get("addrvec", ())] or [mon.get("addr", "")]
    hosts = (text.partition("/")[0].rpartition(":")[0].strip("[]") for text in texts)
    return tuple(dict.fromkeys(host for host in hosts if host))
