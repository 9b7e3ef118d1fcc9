# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how pools are made, and how existing ones become what is wanted without losing redundancy or data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ...engine.plan import Plan, Refusal, Run, Step
from ...model.ceph.conditions import CEPH
from ...model.ceph.pg import AUTOSCALE, Choice, choose, moved_part
from ...model.ceph.pool import AUTOSCALE_MODES, DesiredPool, DesiredPools
from ...model.ceph.state import CephCluster, CrushRule, ObservedCeph, Pool
from ...model.cluster.locks import LOCK_BUSY
from .pg_ledger import PgLedger
from .pool_refusals import no_room, refuse_change, refuse_hosts, refuse_profile, refuse_rule, refuse_silence, warnings

#: pveceph pool create and set exit 0 even when the monitors refused.
_POOL_FAILED = (r"mon_command failed", r"Could not set:")
_TIMEOUT = 120
#: What pveceph cannot set: our name → the words of ``ceph osd pool`` before and after the pool's name.
_BY_CEPH = {
    "allow_ec_overwrites": ("set", "allow_ec_overwrites"),
    "bulk": ("set", "bulk"),
    "quota_bytes": ("set-quota", "max_bytes"),
    "quota_objects": ("set-quota", "max_objects"),
}


def decide(desired: DesiredPools, observed: ObservedCeph) -> Plan:
    if observed.silence is not None and desired.pools:
        return Plan(refusals=(refuse_silence(observed.silence),))
    ledger = PgLedger(observed.cluster, desired.planned_osds)
    parts = [_decide_pool(pool, desired, observed, ledger) for pool in desired.pools]
    return Plan(
        steps=tuple(step for part in parts for step in part.steps),
        refusals=tuple(refusal for part in parts for refusal in part.refusals),
        warnings=tuple(warning for pool in desired.pools for warning in warnings(pool, desired, observed.cluster)),
        before={part.name: part.before for part in parts if part.before is not None},
        after={part.name: part.after for part in parts},
    )


@dataclass(frozen=True)
class _Part:
    """What is decided for one pool. ``before`` and ``after``: its settings as pveceph names them."""

    name: str
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    before: Optional[Mapping[str, Any]] = None
    after: Optional[Mapping[str, Any]] = None


def _decide_pool(wanted: DesiredPool, desired: DesiredPools, observed: ObservedCeph, ledger: PgLedger) -> _Part:
    cluster = observed.cluster
    found = None if cluster is None else cluster.pool(wanted.name)
    rule = _rule(wanted, found, cluster)
    refusals = [*refuse_rule(wanted, desired, cluster, rule), *refuse_hosts(wanted, desired, ledger, rule)]
    refusals += refuse_profile(wanted, cluster) if found is None else refuse_change(wanted, found, cluster)
    room = ledger.room(rule, but=[wanted.name])
    # pveceph makes a pool with Ceph's default size and sets the wanted one afterwards; later runs count the same way.
    default = 0 if observed.node.conf is None else observed.node.conf.default_size
    at_first = default if wanted.erasure is None else wanted.size
    choice = choose(wanted.pg_mode, room, wanted.size, wanted.share, wanted.pg_num_min, at_first)
    pg_num = max(choice.pg_num, found.pg_num) if found is not None else choice.pg_num
    if pg_num == 0 or found is not None and found.size < wanted.size and pg_num > room.fits(wanted.size):
        refusals.append(no_room(wanted, choice, room.osds))
    ledger.book(wanted.name, pg_num, wanted.size, rule)
    before = None if found is None else _settings_of(found, cluster)
    after = {**(before or {}), **_settings(wanted, found, pg_num)}
    return _Part(
        name=wanted.name,
        steps=tuple(_steps(wanted, before, after, choice, cluster)),
        refusals=tuple(refusals),
        before=before,
        after=after,
    )


def _rule(wanted: DesiredPool, found: Optional[Pool], cluster: Optional[CephCluster]) -> Optional[CrushRule]:
    """The rule that places the pool; of an erasure coded one that does not exist yet only what its profile says."""
    if cluster is None:
        return None
    if found is not None and wanted.crush_rule is None:
        return next((rule for rule in cluster.rules if rule.id == found.crush_rule), None)
    default = cluster.rule(wanted.crush_rule)
    if wanted.erasure is None or default is None:
        return default
    code = wanted.erasure
    return CrushRule(-1, wanted.name, frozenset(("default",)), code.device_class, code.failure_domain)


def _settings(wanted: DesiredPool, found: Optional[Pool], pg_num: int) -> dict[str, Any]:
    """What the pool shall have, in the order in which it is set; pg_num only where no autoscaler rules it."""
    settings: dict[str, Any] = {} if wanted.erasure is not None else {"size": wanted.size}
    settings["min_size"] = wanted.min_size
    if found is None or wanted.application not in found.applications:
        settings["application"] = wanted.application
    optional = {
        "crush_rule": wanted.crush_rule,
        "pg_num_min": wanted.pg_num_min,
        "target_size_ratio": wanted.target_size_ratio,
        "pg_autoscale_mode": AUTOSCALE_MODES[wanted.pg_mode],
        "pg_num": pg_num if found is None or wanted.pg_mode != AUTOSCALE else None,
        "allow_ec_overwrites": True if wanted.overwritten else None,
        "bulk": wanted.bulk,
        "quota_bytes": wanted.quota_bytes,
        "quota_objects": wanted.quota_objects,
    }
    return {**settings, **{key: value for key, value in optional.items() if value is not None}}


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
        "allow_ec_overwrites": pool.overwrites,
        "bulk": pool.bulk,
        "quota_bytes": pool.quota_bytes,
        "quota_objects": pool.quota_objects,
    }


def _steps(
    wanted: DesiredPool,
    before: Optional[Mapping[str, Any]],
    after: Mapping[str, Any],
    choice: Choice,
    cluster: Optional[CephCluster],
) -> list[Step]:
    changes = {key: value for key, value in after.items() if not _same(value, (before or {}).get(key))}
    by_ceph = {key: changes.pop(key) for key in _BY_CEPH if key in changes}
    steps = []
    verb = "create" if before is None else "set"
    if before is None and wanted.erasure is not None:
        steps += _create_coded(wanted, changes.pop("pg_num"), choice, cluster)
        verb = "set"
    if changes:
        options = [word for key, value in changes.items() for word in (f"--{key}", str(value))]
        if before is not None and "size" in changes:
            options += ["--min_size", str(after["min_size"])] if "min_size" not in changes else []
        argv = ("pveceph", "pool", verb, wanted.name, *options)
        action = Run(argv, timeout=_TIMEOUT, retry_on=LOCK_BUSY, fail_on=_POOL_FAILED)
        why = f"{verb} pool {wanted.name}: {_changes(before, changes, choice)}"
        steps.append(Step(why, action, f"pool.{verb}:{wanted.name}", "data"))
    steps += [_set_by_ceph(wanted, key, value) for key, value in by_ceph.items() if value or before is not None]
    return steps


def _create_coded(wanted: DesiredPool, pg_num: int, choice: Choice, cluster: Optional[CephCluster]) -> list[Step]:
    """pveceph would make two pools with names of its own; here every pool is one that somebody has named."""
    settings = {} if wanted.erasure is None else wanted.erasure.settings
    words = tuple(f"{key}={value}" for key, value in settings.items())
    steps = []
    if cluster is None or wanted.profile not in cluster.profiles:
        argv = (*CEPH, "osd", "erasure-code-profile", "set", wanted.profile, *words)
        why = f"make the erasure code profile {wanted.profile}: {', '.join(words)}"
        steps.append(Step(why, Run(argv, timeout=_TIMEOUT), f"profile.create:{wanted.profile}", "data"))
    argv = (*CEPH, "osd", "pool", "create", wanted.name, str(pg_num), str(pg_num), "erasure", wanted.profile)
    why = f"create pool {wanted.name}: size {wanted.size} (k+m), pg_num {pg_num} ({choice.reason})"
    return [*steps, Step(why, Run(argv, timeout=_TIMEOUT), f"pool.create:{wanted.name}", "data")]


def _set_by_ceph(wanted: DesiredPool, key: str, value: Any) -> Step:
    verb, variable = _BY_CEPH[key]
    text = str(value).lower()
    action = Run((*CEPH, "osd", "pool", verb, wanted.name, variable, text), timeout=_TIMEOUT)
    return Step(
        f"set pool {wanted.name}: {key} {text}", action, f"pool.set-{key.replace('_', '-')}:{wanted.name}", "data"
    )


def _same(wanted: Any, found: Any) -> bool:
    """The monitors keep ratios as floating point numbers of their own making."""
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return abs(wanted - found) < 1e-6
    return bool(wanted == found)


def _changes(before: Optional[Mapping[str, Any]], changes: Mapping[str, Any], choice: Choice) -> str:
    def change(key: str, value: Any) -> str:
        old = None if before is None or before.get(key) in (None, "") else before[key]
        reasons = [choice.reason] if key == "pg_num" else []
        reasons += [] if old is None else _movement(key, old, value)
        notes = f" ({'; '.join(reasons)})" if reasons else ""
        return f"{key} {'' if old is None else f'{old} → '}{value}{notes}"

    return ", ".join(change(key, value) for key, value in changes.items())


def _movement(key: str, old: Any, new: Any) -> list[str]:
    """How much of the pool's data a change moves between OSDs."""
    if key == "pg_num":
        return [f"moves about {moved_part(old, new):.0%} of its data"]
    if key == "size" and new > old:
        return [f"writes {new - old} more replicas of all its data"]
    return ["moves up to all of its data"] if key == "crush_rule" else []
