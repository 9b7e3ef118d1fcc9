# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a wish for a pool, given the cluster: existing pools may hold data, and never become less safe."""

from __future__ import annotations

from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.pg import Choice
from ...model.ceph.pool import DesiredPool, DesiredPools
from ...model.ceph.state import CephCluster, CrushRule, Pool
from .pg_ledger import PgLedger


def refuse_silence(silence: str) -> Refusal:
    return Refusal(
        f"The monitors of this Ceph cluster do not answer: {silence}.",
        "Bring them back first (`systemctl status ceph-mon@NAME` on their nodes).",
    )


def refuse_rule(
    wanted: DesiredPool, desired: DesiredPools, cluster: Optional[CephCluster], rule: Optional[CrushRule]
) -> list[Refusal]:
    if cluster is None or wanted.crush_rule is None or rule is not None:
        return []
    if wanted.crush_rule in desired.planned_crush_rules:
        return []
    known = ", ".join(sorted(found.name for found in cluster.rules))
    return [Refusal(f"Pool {wanted.name}: there is no CRUSH rule {wanted.crush_rule}.", f"There are: {known}.")]


def refuse_hosts(
    wanted: DesiredPool, desired: DesiredPools, ledger: PgLedger, rule: Optional[CrushRule]
) -> list[Refusal]:
    """With fewer hosts than replicas the pool could never be clean, because no host may hold two of them."""
    domain = "host" if rule is None else rule.failure_domain
    domain = domain if wanted.erasure is None else wanted.erasure.failure_domain
    reached = ledger.reached(rule)
    if domain == "host":
        planned = desired.planned_osd_hosts if rule is None or rule.device_class is None else frozenset()
        count, units = len({osd.host for osd in reached if osd.host} | planned), "hosts with OSDs"
    elif domain == "osd":
        count, units = max(len(reached), desired.planned_osds), "OSDs"
    else:
        return []
    if not count or wanted.size <= count:
        return []
    parts = "replicas" if wanted.erasure is None else "parts of every object"
    less = f"set size to {count}" if wanted.erasure is None else f"make k+m at most {count}"
    return [
        Refusal(
            f"Pool {wanted.name} would keep {wanted.size} {parts} on different {domain}s, but the number of"
            f" {units} is {count}.",
            f"Add OSDs on more hosts, or {less}.",
        )
    ]


def refuse_change(wanted: DesiredPool, found: Pool, cluster: Optional[CephCluster]) -> list[Refusal]:
    """Existing pools may hold data: nothing is changed here that makes it less safe."""
    if found.erasure_coded != (wanted.erasure is not None):
        kind = "erasure coded" if found.erasure_coded else "replicated"
        text = f"Pool {wanted.name} is {kind}, and a pool can never change its kind."
        return [Refusal(text, "Choose another name, or leave this pool out.")]
    refusals = _refuse_other_code(wanted, found.profile, cluster)
    sizes = [("min_size", wanted.min_size, found.min_size)]
    if wanted.erasure is None:
        sizes.insert(0, ("size", wanted.size, found.size))
    for key, value, has in sizes:
        if value < has:
            text = f"Pool {wanted.name} has {key} {has}; {value} would make its data less safe."
            hint = f"Set {key} to {has}, or lower it by hand: ceph osd pool set {wanted.name} {key} {value}."
            refusals.append(Refusal(text, hint))
    if found.applications and wanted.application not in found.applications:
        text = f"Pool {wanted.name} is used by {', '.join(found.applications)}, not by {wanted.application}."
        refusals.append(Refusal(text, "Choose another name for the new pool."))
    return refusals


def refuse_profile(wanted: DesiredPool, cluster: Optional[CephCluster]) -> list[Refusal]:
    """A profile that was left by an earlier pool of this name must say the same."""
    return _refuse_other_code(wanted, wanted.profile, cluster)


def _refuse_other_code(wanted: DesiredPool, profile: str, cluster: Optional[CephCluster]) -> list[Refusal]:
    has = None if cluster is None else cluster.profiles.get(profile)
    if wanted.erasure is None or has is None:
        return []
    wishes = {"crush-device-class": "", **wanted.erasure.settings}
    others = {key: has.get(key, "") for key, value in wishes.items() if has.get(key, "") != value}
    if not others:
        return []
    is_, should = (", ".join(f"{key}={source[key]}" for key in others) for source in (others, wishes))
    text = f"Pool {wanted.name}: the erasure code profile {profile} says {is_}, but {should} is wanted."
    return [Refusal(text, "How a pool is coded can never change: choose another name for the new pool.")]


def no_room(wanted: DesiredPool, choice: Choice, osds: int) -> Refusal:
    if not osds:
        return Refusal(
            f"Pool {wanted.name}: there is no OSD that could hold it, and none is planned.",
            "Create OSDs first (for a plan that is made before they exist, say how many in planned_osds).",
        )
    return Refusal(
        f"Pool {wanted.name}: {choice.reason}, which is not enough for size {wanted.size}.",
        "Add OSDs, or make fewer pools.",
    )


def warnings(wanted: DesiredPool, desired: DesiredPools, cluster: Optional[CephCluster]) -> list[str]:
    name, least = wanted.name, wanted.min_size
    found = _perhaps_renamed(wanted, desired, cluster)
    if wanted.erasure is not None and least == wanted.erasure.k:
        found.append(f"Pool {name}: with min_size {least} (k) a write is confirmed without any redundancy.")
    if wanted.erasure is None and least == 1:
        text = "a write is confirmed with a single replica; one more failure loses it."
        found.append(f"Pool {name}: with min_size 1 {text}")
    return found


def _perhaps_renamed(wanted: DesiredPool, desired: DesiredPools, cluster: Optional[CephCluster]) -> list[str]:
    """A pool under another name is another pool: empty, while the storage that follows the name looks into it."""
    if cluster is None or cluster.pool(wanted.name) is not None:
        return []
    listed = {pool.name for pool in desired.pools}
    alike = [pool.name for pool in cluster.pools if pool.name not in listed and wanted.application in pool.applications]
    if not alike:
        return []
    others = f"{', '.join(alike)} {'is' if len(alike) == 1 else 'are'} there and not listed"
    return [
        f"Pool {wanted.name} is new and will be empty, while {others}. Pools are never renamed here: if one of those is"
        " meant, list it by the name it has."
    ]
