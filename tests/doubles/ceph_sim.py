"""Ceph in memory, with placement groups that lose copies and get them back: a test double for what moves data.

It keeps what the real one keeps: copies that lack the latest writes, the acting set as it is served (where an OSD that
is out goes on serving until others have all of it, or at least some), and the answers of ``ok-to-stop`` as
DaemonServer.cc computes them. ``safe-to-destroy`` is as careless as Ceph 18 was seen to be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Optional

NONE = 2147483647
FSID = "016d18af-7947-4265-a0b6-476a0253f419"


@dataclass
class SimOsd:
    """``node``: the machine. ``bucket``: the host in the CRUSH map, below ``root``."""

    id: int
    node: str
    bucket: str
    root: str = "default"
    up: bool = True
    is_in: bool = True
    noout: bool = False
    destroyed: bool = False


@dataclass
class SimPool:
    """``pieces``: of how many parts data has to be put together; more than 1 where it is cut."""

    id: int
    size: int
    min_size: int
    pieces: int = 1
    domain: str = "host"
    root: str = "default"
    groups: int = 4

    @property
    def coded(self) -> bool:
        return self.pieces > 1


@dataclass
class SimGroup:
    """``copies``: (OSD, part) → whether it is whole; also on OSDs that are down, or that it is to leave."""

    id: str
    pool: SimPool
    copies: dict[tuple[int, int], bool] = field(default_factory=dict)


class SimCeph:
    def __init__(self, osds: Collection[SimOsd], pools: Collection[SimPool]) -> None:
        self.osds = {osd.id: osd for osd in osds}
        self.pools = list(pools)
        self.groups = [SimGroup(f"{pool.id}.{number:x}", pool) for pool in pools for number in range(pool.groups)]
        for group in self.groups:
            group.copies = {(osd, piece): True for piece, osd in self._placed(group) if osd is not None}

    # Where data is.

    def target(self, group: SimGroup, without: Collection[int] = ()) -> list[Optional[int]]:
        """The OSDs that CRUSH gives it, in order; None where it finds none."""
        pool = group.pool
        there = [osd for osd in self.osds.values() if osd.is_in and osd.root == pool.root and osd.id not in without]
        units: dict[str, list[SimOsd]] = {}
        for osd in there:
            units.setdefault(osd.bucket if pool.domain == "host" else str(osd.id), []).append(osd)
        chosen = sorted(units, key=lambda unit: _draw(group.id, unit))[: pool.size]
        found: list[Optional[int]] = [min(units[unit], key=lambda osd: _draw(group.id, osd.id)).id for unit in chosen]
        return found + [None] * (pool.size - len(found))

    def _placed(self, group: SimGroup) -> Iterator[tuple[int, Optional[int]]]:
        """(part, OSD) of the target; copies that are not cut all have the part 0."""
        for position, osd in enumerate(self.target(group)):
            yield position if group.pool.coded else 0, osd

    def acting(self, group: SimGroup) -> list[tuple[int, int]]:
        """The copies that serve it: where they belong if they are there, else wherever one is whole."""
        there = {copy: whole for copy, whole in group.copies.items() if self.osds[copy[0]].up}
        wanted = [(osd, piece) for piece, osd in self._placed(group) if osd is not None]
        serving = [copy for copy in wanted if copy in there]
        for copy in sorted(copy for copy, whole in there.items() if whole and copy not in serving):
            free = not group.pool.coded or copy[1] not in {piece for dummy, piece in serving}
            if free and len(serving) < group.pool.size:
                serving.append(copy)
        return serving

    def online(self, group: SimGroup) -> int:
        """Whole copies on OSDs that are up; of cut data, different parts."""
        return self._count(group, [copy for copy, whole in group.copies.items() if whole and self.osds[copy[0]].up])

    def stored(self, group: SimGroup) -> int:
        """The same, on OSDs that are down as well."""
        return self._count(group, [copy for copy, whole in group.copies.items() if whole])

    @staticmethod
    def _count(group: SimGroup, copies: Collection[tuple[int, int]]) -> int:
        return len({piece for dummy, piece in copies}) if group.pool.coded else len(copies)

    def state(self, group: SimGroup) -> str:
        pool, acting = group.pool, self.acting(group)
        if not acting:
            return "stale+active+clean"  # nobody is left to say otherwise
        whole = self._count(group, [copy for copy in acting if group.copies[copy]])
        served = self._count(group, acting)
        if served < pool.min_size:
            return "undersized+degraded+peered" if self.online(group) >= pool.pieces else "down"
        words = ["active"] + ["undersized"] * (served < pool.size)
        words += ["degraded"] * (served < pool.size or whole < served)
        if self.online(group) < pool.pieces:
            return "+".join([*words, "recovery_wait"])  # objects are unfound, and it goes on all the same
        wanted = {(osd, piece) for piece, osd in self._placed(group) if osd is not None}
        if wanted - set(acting) and self._mends(group):
            words += ["remapped", "backfilling"]
        elif whole < served:
            words.append("recovering")
        return "+".join(words) if len(words) > 1 else "active+clean"

    # What happens to it.

    def _mends(self, group: SimGroup) -> list[tuple[int, int]]:
        """Copies that are to be made, on OSDs that are up."""
        wanted = [(osd, piece) for piece, osd in self._placed(group) if osd is not None and self.osds[osd].up]
        return [copy for copy in wanted if not group.copies.get(copy)]

    def peer(self, random: Random) -> None:
        """Whoever is new to a group may serve it at once, and lacks objects that are still to be copied."""
        for group in self.groups:
            if self.online(group) >= group.pool.pieces and random.random() < 0.5:
                group.copies.update({copy: False for copy in self._mends(group) if copy not in group.copies})

    def recover(self, random: Random, times: int = 1) -> None:
        """Make copies where they are missing; what all copies have replaced is given up."""
        for _time in range(times):
            restless = [one for one in self.groups if self._mends(one) and self.online(one) >= one.pool.pieces]
            if restless:
                group = random.choice(restless)
                group.copies[random.choice(self._mends(group))] = True
        for group in self.groups:
            wanted = [(osd, piece) for piece, osd in self._placed(group) if osd is not None]
            if len(wanted) == group.pool.size and all(group.copies.get(copy) for copy in wanted):
                for copy in [copy for copy in group.copies if copy not in wanted and self.osds[copy[0]].up]:
                    del group.copies[copy]

    def write(self) -> None:
        """New objects reach the copies that serve, and no others."""
        for group in self.groups:
            acting = self.acting(group)
            if self.state(group).startswith("active") and self.online(group) >= group.pool.pieces:
                for copy in group.copies:
                    group.copies[copy] = group.copies[copy] and copy in acting

    def forget(self, number: int) -> None:
        """The OSD is gone, with all that lay on it."""
        for group in self.groups:
            group.copies = {copy: whole for copy, whole in group.copies.items() if copy[0] != number}

    # What it answers.

    def ok_to_stop(self, numbers: Collection[int]) -> tuple[int, dict[str, Any]]:
        bad: list[str] = []
        good: list[str] = []
        for group in self.groups:
            state, acting = self.state(group), self.acting(group)
            counted = [copy for copy in acting if group.copies[copy]] if "degraded" in state else acting
            if any(copy[0] in numbers for copy in counted):
                left = self._count(group, [copy for copy in counted if copy[0] not in numbers])
                (bad if "active" not in state or left < group.pool.min_size else good).append(group.id)
        answer = {"ok_to_stop": not bad, "num_not_ok_pgs": len(bad), "num_ok_pgs": len(good), "unknown_pgs": []}
        return (16 if bad else 0), answer

    def safe_to_destroy(self, numbers: Collection[int]) -> tuple[int, dict[str, Any]]:
        """What only lies on an OSD, and is counted on nowhere, does not keep Ceph from calling it safe."""
        safe, active, silent = [], [], []
        clean = all(self.state(group) == "active+clean" for group in self.groups)
        counted = {osd for group in self.groups for osd, dummy in self.acting(group)}
        counted |= {osd for group in self.groups for osd in self.target(group) if osd is not None and self.osds[osd].up}
        for number in numbers:
            if number in self.osds and number in counted:
                active.append(number)
            elif number in self.osds and not clean and not self.osds[number].up:
                silent.append(number)
            else:
                safe.append(number)
        answer = {"safe_to_destroy": safe, "active": active, "stored_pgs": [], "missing_stats": silent}
        return (0 if len(safe) == len(numbers) else 16), answer

    def placed(self, without: Collection[int]) -> dict[str, list[int]]:
        return {group.id: [osd for osd in self.target(group, without) if osd is not None] for group in self.groups}

    def told_groups(self) -> list[dict[str, Any]]:
        return [self._told(group) for group in self.groups]

    def _told(self, group: SimGroup) -> dict[str, Any]:
        acting, state = self.acting(group), self.state(group)
        members = acting or sorted(group.copies)[: group.pool.size]  # as it was when the last one still served
        listed = [osd for osd, dummy in members]
        if group.pool.coded:
            by_piece = {piece: osd for osd, piece in members}
            listed = [by_piece.get(piece, NONE) for piece in range(group.pool.size)]
        whole = [copy for copy in acting if group.copies[copy]]
        missing = len(self._mends(group)) * 10
        unfound = state.startswith("active") and self.online(group) < group.pool.pieces
        return {
            "pgid": group.id,
            "state": state,
            "acting": listed,
            "avail_no_missing": [_member(group, *copy) for copy in whole] if "degraded" in state else [],
            "stat_sum": {
                "num_objects": 10,
                "num_bytes": 10 << 20,
                "num_objects_degraded": missing if "degraded" in state else 0,
                "num_objects_misplaced": missing if "remapped" in state else 0,
                "num_objects_unfound": int(unfound),
            },
        }

    def tree(self) -> dict[str, Any]:
        roots = sorted({osd.root for osd in self.osds.values()} | {pool.root for pool in self.pools})
        hosts = sorted({(osd.root, osd.bucket) for osd in self.osds.values()})
        numbers = {host: -100 - number for number, host in enumerate(hosts)}
        nodes: list[dict[str, Any]] = []
        for number, root in enumerate(roots):
            children = [numbers[host] for host in hosts if host[0] == root]
            nodes.append({"id": -1 - number, "name": root, "type": "root", "children": children})
        for host in hosts:
            children = [osd.id for osd in self.osds.values() if (osd.root, osd.bucket) == host]
            nodes.append({"id": numbers[host], "name": host[1], "type": "host", "children": children})
        return {"nodes": nodes + [{"id": osd, "name": f"osd.{osd}", "type": "osd"} for osd in self.osds]}

    def answers(self, mons: tuple[str, ...]) -> dict[str, Any]:
        """What ``ask_ceph data`` prints."""
        rules = sorted({(pool.root, pool.domain) for pool in self.pools})
        homes: dict[str, list[int]] = {}
        for osd in self.osds.values():
            if not osd.destroyed:
                homes.setdefault(osd.node, []).append(osd.id)
        return {
            "status": {"fsid": FSID, "health": {"status": "HEALTH_OK", "checks": self.checks()}, "quorum_names": mons},
            "osd dump": {
                "osds": [_told_osd(osd) for osd in self.osds.values()],
                "pools": [_told_pool(pool, rules.index((pool.root, pool.domain))) for pool in self.pools],
                "erasure_code_profiles": {f"k{pool.pieces}": {"k": str(pool.pieces)} for pool in self.pools},
            },
            "osd tree": self.tree(),
            "osd crush rule dump": [_told_rule(number, *rule) for number, rule in enumerate(rules)],
            "fs dump": {"standbys": [], "filesystems": []},
            "node ls": {"mon": {name: [name] for name in mons}, "mgr": {"pve1": ["pve1"]}, "osd": homes},
            "config dump": [],
            "mon dump": {"mons": [{"name": name, "addr": f"10.10.2.1{name[3:]}:6789/0"} for name in mons]},
            "entities": [],
            "pg dump": {"ready": True, "epoch": 0, "pgs": self.told_groups()},
            "osd df": {"nodes": [{"id": osd, "kb": 100 << 20, "kb_used": 1 << 20, "pgs": 1} for osd in self.osds]},
        }

    def checks(self) -> dict[str, Any]:
        states = [self.state(group) for group in self.groups]
        raised = {
            "OSD_DOWN": any(osd.is_in and not osd.up for osd in self.osds.values()),
            "PG_DEGRADED": any("degraded" in state for state in states),
            "PG_AVAILABILITY": any("active" not in state or "stale" in state for state in states),
            "OBJECT_UNFOUND": any(group["stat_sum"]["num_objects_unfound"] for group in self.told_groups()),
            "OSD_FLAGS": any(osd.noout for osd in self.osds.values()),
        }
        check = {"severity": "HEALTH_WARN", "summary": {"message": "x"}}
        return {code: check for code, is_raised in raised.items() if is_raised}


def _member(group: SimGroup, osd: int, piece: int) -> str:
    return f"{osd}({piece})" if group.pool.coded else str(osd)


def _draw(*words: object) -> str:
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


def _told_osd(osd: SimOsd) -> dict[str, Any]:
    state = ["exists"] + ["up"] * osd.up + ["noout"] * osd.noout + ["destroyed"] * osd.destroyed
    return {"osd": osd.id, "uuid": f"uuid-{osd.id}", "up": int(osd.up), "in": int(osd.is_in), "state": state}


def _told_pool(pool: SimPool, rule: int) -> dict[str, Any]:
    return {
        "pool": pool.id,
        "pool_name": f"pool{pool.id}",
        "type": 3 if pool.coded else 1,
        "erasure_code_profile": f"k{pool.pieces}" if pool.coded else "",
        "size": pool.size,
        "min_size": pool.min_size,
        "pg_num_target": pool.groups,
        "pg_autoscale_mode": "off",
        "crush_rule": rule,
        "application_metadata": {},
        "flags_names": "hashpspool",
        "options": {},
    }


def _told_rule(number: int, root: str, domain: str) -> dict[str, Any]:
    steps = [{"op": "take", "item_name": root}, {"op": "chooseleaf_firstn", "num": 0, "type": domain}, {"op": "emit"}]
    return {"rule_id": number, "rule_name": f"rule{number}", "steps": steps}
