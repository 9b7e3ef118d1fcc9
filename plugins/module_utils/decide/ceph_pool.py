# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how pools are made, and how existing ones become what is wanted without losing redundancy or data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..errors import Invalid
from ..model.ceph import CephCluster, CephObserved, CrushRule, Pool
from ..model.ceph_pool import AUTOSCALE_MODES, CephPoolWanted, PoolWanted
from ..model.pg import AUTOSCALE, Choice, choose
from ..model.plan import LOCK_BUSY, Plan, Refusal, Run, Step
from .pg_ledger import PgLedger

#: pveceph pool create and set exit 0 even when the monitors refused.
_POOL_FAILED = (r"mon_command failed", r"Could not set:")
_TIMEOUT = 120


def desired_from(params: Mapping[str, Any]) -> CephPoolWanted:
    """Module parameters → desired state."""
    names = [pool["name"] for pool in params["pools"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Invalid(f"The pool {', '.join(twice)} is listed twice.", "List every pool once.")
    pools = tuple(_pool_from(pool, len(names)) for pool in params["pools"])
    return CephPoolWanted(pools, params["planned_osd_hosts"], params["planned_osds"])


def _pool_from(pool: Mapping[str, Any], count: int) -> PoolWanted:
    name, mode = pool["name"], pool["pg_mode"]
    if not re.fullmatch(r"[^:/\s]+", name):
        raise Invalid(f"{name!r} cannot name a pool.", "Colons, slashes and white space are not allowed.")
    if not 1 <= pool["min_size"] <= pool["size"] <= 7:
        sizes = f"size {pool['size']}, min_size {pool['min_size']}"
        raise Invalid(f"Pool {name}: {sizes}.", "It must be 1 <= min_size <= size <= 7.")
    for option in ("target_size_ratio", "pg_num_min", "bulk"):
        if pool[option] is not None and mode != AUTOSCALE:
            raise Invalid(f"Pool {name}: {option} is for the autoscaler, but pg_mode is {mode}.", "Remove one.")
    if pool["share"] is not None and mode == AUTOSCALE:
        raise Invalid(f"Pool {name}: share is for the other modes; the autoscaler takes target_size_ratio.")
    least = pool["pg_num_min"]
    if least is not None and (least < 1 or least & (least - 1)):
        raise Invalid(f"Pool {name}: pg_num_min {least} is not a power of two.", "Ceph warns about such pools.")
    share = 1 / count if pool["share"] is None else pool["share"]
    if not 0 < share <= 1:
        raise Invalid(f"Pool {name}: share {share} is not a part of the whole.", "Give a number above 0, up to 1.")
    ratio = 1.0 if pool["target_size_ratio"] is None and mode == AUTOSCALE else pool["target_size_ratio"]
    return PoolWanted(
        name=name,
        size=pool["size"],
        min_size=pool["min_size"],
        application=pool["application"],
        pg_mode=mode,
        share=share,
        target_size_ratio=ratio,
        pg_num_min=least,
        bulk=pool["bulk"],
        crush_rule=pool["crush_rule"],
    )


def decide(desired: CephPoolWanted, observed: CephObserved) -> Plan:
    if observed.silence is not None and desired.pools:
        return Plan(refusals=(silent_monitors(observed.silence),))
    ledger = PgLedger(observed.cluster, desired.planned_osds)
    parts = [_decide_pool(pool, desired, observed, ledger) for pool in desired.pools]
    return Plan(
        steps=tuple(step for part in parts for step in part.steps),
        refusals=tuple(refusal for part in parts for refusal in part.refusals),
        warnings=tuple(warning for part in parts for warning in part.warnings),
        before={part.name: part.before for part in parts if part.before is not None},
        after={part.name: part.after for part in parts},
    )


def silent_monitors(silence: str) -> Refusal:
    return Refusal(
        f"The monitors of this Ceph cluster do not answer: {silence}.",
        "Bring them back first (`systemctl status ceph-mon@NAME` on their nodes).",
    )


@dataclass(frozen=True)
class _Part:
    """What is decided for one pool. ``before`` and ``after``: its settings as pveceph names them."""

    name: str
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    before: Optional[Mapping[str, Any]] = None
    after: Optional[Mapping[str, Any]] = None


def _decide_pool(wanted: PoolWanted, desired: CephPoolWanted, observed: CephObserved, ledger: PgLedger) -> _Part:
    cluster = observed.cluster
    found = None if cluster is None else cluster.pool(wanted.name)
    rule = _rule(wanted, found, cluster)
    refusals = [*_refuse_rule(wanted, cluster, rule), *_refuse_hosts(wanted, desired, ledger, rule)]
    if found is not None:
        refusals += _refuse_change(wanted, found)
    room = ledger.room(rule, but=[wanted.name])
    # pveceph makes a pool with Ceph's default size and sets the wanted one afterwards; later runs count the same way.
    at_first = 0 if observed.node.conf is None else observed.node.conf.default_size
    choice = choose(wanted.pg_mode, room, wanted.size, wanted.share, wanted.pg_num_min, at_first)
    pg_num = max(choice.pg_num, found.pg_num) if found is not None else choice.pg_num
    if pg_num == 0 or found is not None and found.size < wanted.size and pg_num > room.fits(wanted.size):
        refusals.append(_no_room(wanted, choice, room.osds))
    ledger.book(wanted.name, pg_num, wanted.size, rule)
    before = None if found is None else _settings_of(found, cluster)
    after = {**(before or {}), **_settings(wanted, found, pg_num)}
    return _Part(
        name=wanted.name,
        steps=_steps(wanted, before, after, choice),
        refusals=tuple(refusals),
        warnings=_warnings(wanted),
        before=before,
        after=after,
    )


def _rule(wanted: PoolWanted, found: Optional[Pool], cluster: Optional[CephCluster]) -> Optional[CrushRule]:
    if cluster is None:
        return None
    if found is not None and wanted.crush_rule is None:
        return next((rule for rule in cluster.rules if rule.id == found.crush_rule), None)
    return cluster.rule(wanted.crush_rule)


def _settings(wanted: PoolWanted, found: Optional[Pool], pg_num: int) -> dict[str, Any]:
    """What the pool shall have, in the order in which it is set; pg_num only where no autoscaler rules it."""
    settings: dict[str, Any] = {"size": wanted.size, "min_size": wanted.min_size}
    if found is None or wanted.application not in found.applications:
        settings["application"] = wanted.application
    optional = {
        "crush_rule": wanted.crush_rule,
        "pg_num_min": wanted.pg_num_min,
        "target_size_ratio": wanted.target_size_ratio,
    }
    settings.update((key, value) for key, value in optional.items() if value is not None)
    settings["pg_autoscale_mode"] = AUTOSCALE_MODES[wanted.pg_mode]
    if found is None or wanted.pg_mode != AUTOSCALE:
        settings["pg_num"] = pg_num
    if wanted.bulk is not None:
        settings["bulk"] = wanted.bulk
    return settings


def _settings_of(pool: Pool, cluster: Optional[CephCluster]) -> dict[str, Any]:
    rules = {} if cluster is None else {rule.id: rule.name for rule in cluster.rules}
    ratio = pool.options.get("target_size_ratio")
    return {
        "size": pool.size,
        "min_size": pool.min_size,
        "application": ",".join(pool.applications),
        "crush_rule": rules.get(pool.crush_rule),
        "pg_num_min": pool.options.get("pg_num_min"),
        "target_size_ratio": None if ratio is None else float(ratio),
        "pg_autoscale_mode": pool.pg_autoscale_mode,
        "pg_num": pool.pg_num,
        "bulk": pool.bulk,
    }


def _steps(
    wanted: PoolWanted, before: Optional[Mapping[str, Any]], after: Mapping[str, Any], choice: Choice
) -> tuple[Step, ...]:
    changes = {key: value for key, value in after.items() if not _same(value, (before or {}).get(key))}
    bulk = changes.pop("bulk", None)
    steps = []
    if changes:
        options = [word for key, value in changes.items() for word in (f"--{key}", str(value))]
        verb = "create" if before is None else "set"
        if before is not None and "size" in changes:
            options += ["--min_size", str(after["min_size"])] if "min_size" not in changes else []
        action = Run(
            ("pveceph", "pool", verb, wanted.name, *options),
            timeout=_TIMEOUT,
            retry_on=LOCK_BUSY,
            fail_on=_POOL_FAILED,
        )
        steps.append(Step(f"{verb} pool {wanted.name}: {_changes(before, changes, choice)}", action))
    if bulk is not None and (bulk or before is not None):
        action = Run(("ceph", "--connect-timeout", "10", "osd", "pool", "set", wanted.name, "bulk", str(bulk).lower()))
        steps.append(Step(f"set pool {wanted.name}: bulk {str(bulk).lower()}", action))
    return tuple(steps)


def _same(wanted: Any, found: Any) -> bool:
    """The monitors keep ratios as floating point numbers of their own making."""
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return abs(wanted - found) < 1e-6
    return bool(wanted == found)


def _changes(before: Optional[Mapping[str, Any]], changes: Mapping[str, Any], choice: Choice) -> str:
    def change(key: str, value: Any) -> str:
        old = "" if before is None or before.get(key) in (None, "") else f"{before[key]} → "
        reason = f" ({choice.reason})" if key == "pg_num" else ""
        return f"{key} {old}{value}{reason}"

    return ", ".join(change(key, value) for key, value in changes.items())


def _refuse_rule(wanted: PoolWanted, cluster: Optional[CephCluster], rule: Optional[CrushRule]) -> list[Refusal]:
    if cluster is None or wanted.crush_rule is None or rule is not None:
        return []
    known = ", ".join(sorted(found.name for found in cluster.rules))
    return [Refusal(f"Pool {wanted.name}: there is no CRUSH rule {wanted.crush_rule}.", f"There are: {known}.")]


def _refuse_hosts(
    wanted: PoolWanted, desired: CephPoolWanted, ledger: PgLedger, rule: Optional[CrushRule]
) -> list[Refusal]:
    """With fewer hosts than replicas the pool could never be clean, because no host may hold two of them."""
    domain = "host" if rule is None else rule.failure_domain
    reached = ledger.reached(rule)
    if domain == "host":
        count, units = len({osd.host for osd in reached if osd.host}), "hosts with OSDs"
        count = max(count, desired.planned_osd_hosts if rule is None or rule.device_class is None else 0)
    elif domain == "osd":
        count, units = max(len(reached), desired.planned_osds), "OSDs"
    else:
        return []
    if not count or wanted.size <= count:
        return []
    return [
        Refusal(
            f"Pool {wanted.name} would keep {wanted.size} replicas on different {domain}s, but there are only"
            f" {count} {units}.",
            f"Add OSDs on more hosts, or set size to {count}.",
        )
    ]


def _refuse_change(wanted: PoolWanted, found: Pool) -> list[Refusal]:
    """Existing pools may hold data: nothing is changed here that makes it less safe."""
    refusals = []
    if found.erasure_coded:
        text = f"Pool {wanted.name} is erasure coded, and a pool can never change its kind."
        return [Refusal(text, "Choose another name, or leave this pool out.")]
    for key, value, has in (("size", wanted.size, found.size), ("min_size", wanted.min_size, found.min_size)):
        if value < has:
            text = f"Pool {wanted.name} has {key} {has}; {value} would make its data less safe."
            hint = f"Set {key} to {has}, or lower it by hand: ceph osd pool set {wanted.name} {key} {value}."
            refusals.append(Refusal(text, hint))
    if found.applications and wanted.application not in found.applications:
        text = f"Pool {wanted.name} is used by {', '.join(found.applications)}, not by {wanted.application}."
        refusals.append(Refusal(text, "Choose another name for the new pool."))
    return refusals


def _no_room(wanted: PoolWanted, choice: Choice, osds: int) -> Refusal:
    if not osds:
        return Refusal(
            f"Pool {wanted.name}: there is no OSD that could hold it, and none is planned.",
            "Create OSDs first (for a plan that is made before they exist, say how many in planned_osds).",
        )
    return Refusal(
        f"Pool {wanted.name}: {choice.reason}, which is not enough for size {wanted.size}.",
        "Add OSDs, or make fewer pools.",
    )


def _warnings(wanted: PoolWanted) -> tuple[str, ...]:
    if wanted.min_size > 1:
        return ()
    return (
        f"Pool {wanted.name}: with min_size 1 a write is confirmed with a single replica; one more failure loses it.",
    )
