# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether OSDs may be taken away: for a while (stopped), or for good (destroyed). Shared by all who take some away.

Redundancy is given up only for OSDs that are named for it, and data never: as long as a placement group cannot be
read, one of its last replicas may lie on the very OSD in question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.ceph.safety import Movement, OsdSafety
from ...model.ceph.state import CephCluster, Osd, Pool
from .places import places

DESTROY, STOP, CLEAN = "destroy", "stop", "clean"


def pending(until: str, safety: OsdSafety, give_up: Collection[int] = ()) -> list[Refusal]:
    """What is in the way of stopping or destroying these OSDs, or of all data being where it belongs."""
    if until == STOP:
        return refuse_stop(safety)
    if until == DESTROY:
        return refuse_destroy(safety, give_up)
    moving = safety.movement.pgs - safety.movement.clean
    return [Refusal(f"{moving} placement groups are not active and clean.")] if moving else []


def refuse_stop(safety: OsdSafety) -> list[Refusal]:
    """Stopping must leave every placement group readable and writable."""
    if safety.ok_to_stop:
        return []
    if not safety.stops:
        text = f"Ceph does not know {safety.unknown} placement groups, which may need {names(safety.osds)}."
        return [Refusal(text, "Wait until its OSDs have reported them: ceph -s.")]
    return [
        Refusal(
            f"Without {names(safety.osds)} {safety.stops} placement groups could not be read or written.",
            "Wait until Ceph has recovered, add OSDs, or stop fewer at once.",
        )
    ]


def refuse_destroy(safety: OsdSafety, give_up: Collection[int] = ()) -> list[Refusal]:
    """Destroying must not lose redundancy; for OSDs in ``give_up`` it may, as long as all data can be read."""
    unsafe = [number for number in safety.osds if number not in safety.safe]
    refusals = [_holds_data(number, safety) for number in unsafe if number not in give_up]
    refusals += _refuse_copying(safety, [number for number in safety.osds if number not in {*unsafe, *give_up}])
    lost = safety.movement.pgs - safety.movement.active
    if unsafe and (lost or safety.movement.unfound):
        text = f"{lost} placement groups cannot be read now, and {safety.movement.unfound} objects are not found:"
        hint = "Bring all other OSDs up first; then this may be asked again."
        refusals.append(Refusal(f"{text} {names(unsafe)} may hold the last replica of some data.", hint))
    return refusals


def _refuse_copying(safety: OsdSafety, empty: list[int]) -> list[Refusal]:
    """Ceph calls an OSD that is out safe as soon as no placement group counts on it. What was written lately is then
    still being copied, perhaps from that very OSD, which has given its place away at once."""
    left = safety.movement.degraded + safety.movement.misplaced
    if not left or not empty:
        return []
    text = f"{left} objects do not have all their copies yet, and {names(empty)} may have what they are made from."
    return [Refusal(text, "Wait until Ceph has made them (ceph -s); or name the OSD in give_up.")]


def _holds_data(number: int, safety: OsdSafety) -> Refusal:
    hint = (
        "Take it out and wait until its data lies elsewhere. Where that is impossible, name it in give_up: its data"
        " is then made again from the other replicas."
    )
    if number in safety.active:
        return Refusal(f"osd.{number} holds placement groups.", hint)
    if number in safety.stored:
        return Refusal(f"osd.{number} still has data that is not complete elsewhere.", hint)
    return Refusal(f"osd.{number} does not say what it holds, and not all data is complete elsewhere.", hint)


def refuse_drain(cluster: CephCluster, safety: OsdSafety) -> list[Refusal]:
    """Where the data of these OSDs could not go: too few places, or too little space."""
    leaving = set(safety.osds)
    staying = [osd for osd in cluster.osds if osd.is_in and osd.up and osd.id not in leaving]
    nowhere = [refusal for pool in cluster.pools for refusal in [_no_place(pool, cluster, staying)] if refusal]
    return nowhere or _no_space(cluster, safety, staying)


def _no_place(pool: Pool, cluster: CephCluster, staying: Collection[Osd]) -> Optional[Refusal]:
    left = places(pool, cluster, staying)
    if left is None or left.count >= pool.size:
        return None
    return Refusal(
        f"Pool {pool.name} keeps {pool.size} replicas on different {left.domain}s, and only {left.count} would be"
        " left: its data can go nowhere.",
        "Add a place for it first, or name the OSD in give_up: the data is then made again after the replacement.",
    )


def _no_space(cluster: CephCluster, safety: OsdSafety, staying: Collection[Osd]) -> list[Refusal]:
    use = {entry.id: entry for entry in safety.use}
    untold = cluster.untold({number: one.size for number, one in use.items()})
    if untold:
        reason = f"How full {names(untold)} is, Ceph's manager does not know yet."
        return [Refusal(reason, "One that has just started is told within seconds: see ceph osd df.")]
    refusals = []
    for scope, stay, leave in _scopes(cluster, safety.osds, staying):
        space = sum(use[number].size for number in stay if number in use)
        used = sum(use[number].used for number in stay | leave if number in use)
        if space and used / space > cluster.nearfull:
            text = f"{scope} would be {used / space:.0%} full without {names(sorted(leave))}"
            refusals.append(Refusal(f"{text} (at most {cluster.nearfull:.0%}).", "Add OSDs or delete data first."))
    return refusals


def _scopes(
    cluster: CephCluster, leaving: Iterable[int], staying: Collection[Osd]
) -> Iterator[tuple[str, set[int], set[int]]]:
    """Where data may go, from which OSDs: anywhere, but only within its host when every host must keep a replica."""
    yield "Ceph", {osd.id for osd in staying}, set(leaving)
    if len({osd.host for osd in staying}) > max((pool.size for pool in cluster.pools), default=0):
        return
    going = [osd for osd in cluster.osds if osd.id in set(leaving) and osd.host]
    for host in sorted({str(osd.host) for osd in going}):
        stay = {osd.id for osd in staying if osd.host == host}
        yield host, stay, {osd.id for osd in going if osd.host == host}


def progress(movement: Movement) -> str:
    """How far the movement of data has come, in one line."""
    words = [f"{movement.clean} of {movement.pgs} placement groups active and clean"]
    for count, what in ((movement.degraded, "missing"), (movement.misplaced, "not yet where they belong")):
        if count and movement.copies:
            words.append(f"{count / movement.copies:.1%} of all copies {what}")
    if movement.bytes_per_second:
        words.append(f"{movement.bytes_per_second / 10**6:.1f} MB/s")
    return ", ".join(words)


def names(osds: Iterable[int]) -> str:
    return ", ".join(f"osd.{number}" for number in osds)
