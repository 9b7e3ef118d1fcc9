# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether OSDs may be taken away: for a while (stopped), or for good (destroyed). Shared by all who take some away.

Redundancy is given up only for OSDs that are named for it, and data never: as long as a placement group cannot be
read, one of its last replicas may lie on the very OSD in question. Ceph's own answers are a gate that nothing here
opens; what is counted beside them, group by group, can only close it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from ...engine.plan import Refusal
from ...model.ceph.placement_group import Outcome
from ...model.ceph.safety import CephData, ObservedSafety

Until = Literal["destroy", "stop", "clean"]

_UNKNOWN: tuple[Outcome, ...] = ("unknown",)
#: What a placement group must not come to by a daemon that is stopped on purpose.
_WORSE: tuple[Outcome, ...] = ("stops", "newest only there", "no whole copy")
#: What may be in the way of giving up a copy.
_LAST: tuple[Outcome, ...] = ("newest only there", "no whole copy", "unknown")


def refuse_until(until: Until, observed: ObservedSafety, give_up: Collection[int] = ()) -> list[Refusal]:
    """What is in the way of stopping or destroying these OSDs, or of all data being where it belongs."""
    if until == "stop":
        return refuse_stop(observed)
    if until == "destroy":
        return refuse_destroy(observed, give_up)
    return list(_refuse_unclean(observed.data))


def refuse_silent_manager(data: CephData) -> Iterator[Refusal]:
    """Without a manager that answers now, the numbers are those of an unknown time."""
    if data.groups is None:
        reason = f"Ceph does not say in what state its data is: {data.silence}."
        yield Refusal(
            reason, "A manager must run, and all OSDs must have reported to it. See `ceph mgr stat` and `ceph -s`."
        )


def _refuse_unclean(data: CephData) -> Iterator[Refusal]:
    yield from refuse_silent_manager(data)
    moving = [group for group in data.groups or () if not group.clean]
    if moving:
        yield Refusal(f"{len(moving)} placement groups are not active and clean.")


def refuse_stop(observed: ObservedSafety) -> list[Refusal]:
    """Stopping must leave every placement group readable and writable, with its newest objects."""
    data, osds = observed.data, observed.osds
    refusals = [*refuse_silent_manager(data), *_refuse_pools_without_spare(data, osds.osds)]
    if refusals:
        return refusals
    worse = _groups(data, osds.osds, _WORSE)
    if worse or osds.stops:
        text = f"nobody could read or write {max(len(worse), osds.stops)} placement groups"
        hint = "Wait until Ceph has recovered, add OSDs, or stop fewer of them at once."
        return [Refusal(f"Without {names(osds.osds)} {text}.", hint)]
    unknown = max(len(_groups(data, osds.osds, _UNKNOWN)), osds.unknown)
    if unknown:
        text = f"Ceph does not know the state of {unknown} placement groups yet, and they may need {names(osds.osds)}."
        return [Refusal(text, "Wait until the OSDs have reported them. `ceph -s` shows that.")]
    thin = [group.id for group in data.groups or () if group.is_thin(osds.osds, data.pool_of(group))]
    if thin:
        text = f"{len(thin)} placement groups have too few whole copies ({', '.join(thin[:3])})"
        return [
            Refusal(f"{text}, and Ceph may be making others from {names(osds.osds)}.", "Wait until Ceph has recovered.")
        ]
    return []


def _refuse_pools_without_spare(data: CephData, osds: Collection[int]) -> Iterator[Refusal]:
    """Pools that have not a single copy to spare, however whole they are."""
    pools = {one.name: one for one in data.cluster.pools}
    for pool, outcomes in sorted(data.without(osds).items()):
        found = pools[pool]
        if found.size - 1 < found.min_size and any(outcomes.get(outcome) for outcome in _WORSE):
            yield Refusal(
                f"Pool {pool} needs {found.min_size} of its {found.size} copies (min_size). Parts of it stop as soon as"
                f" {names(osds)} {'stops' if len(osds) == 1 else 'stop'}, and waiting does not change that.",
                f"Give the pool one more copy (`ceph osd pool set {pool} size {found.min_size + 1}`), or remove it.",
            )


def _groups(data: CephData, osds: Collection[int], wanted: Collection[Outcome]) -> list[str]:
    pools = data.without(osds).values()
    return [group for outcomes in pools for outcome in wanted for group in outcomes.get(outcome, ())]


def refuse_destroy(observed: ObservedSafety, give_up: Collection[int] = ()) -> list[Refusal]:
    """Destroying must not lose redundancy; for OSDs in ``give_up`` it may, as long as all data can be read."""
    data, safety = observed.data, observed.osds
    silent = list(refuse_silent_manager(data))
    if silent:
        return silent
    unsafe = [number for number in safety.osds if number not in safety.safe]
    refusals = [_holds_data(number, observed) for number in unsafe if number not in give_up]
    refusals += _refuse_copying(data, [number for number in safety.osds if number not in {*unsafe, *give_up}])
    costly = [number for number in safety.osds if number in {*unsafe, *give_up}]
    return [*refusals, *(_refuse_last_copy(data, costly) if costly else ())]


def _refuse_last_copy(data: CephData, costly: list[int]) -> Iterator[Refusal]:
    lost = [group for group in data.groups or () if not group.active]
    unfound = sum(group.unfound for group in data.groups or ())
    hint = "Bring all other OSDs up first, then run this again."
    if lost or unfound:
        text = f"Ceph cannot read {len(lost)} placement groups now, and does not find {unfound} objects."
        yield Refusal(f"{text} The last copy of some data may be on {names(costly)}.", hint)
    elif last := _groups(data, costly, _LAST):
        text = f"{names(costly)} may hold the last whole copy of {len(last)} placement groups"
        yield Refusal(
            f"{text} ({', '.join(last[:3])}).", "Wait until Ceph has made other copies. `ceph -s` shows that."
        )


def _refuse_copying(data: CephData, empty: list[int]) -> Iterator[Refusal]:
    """Ceph calls an OSD that is out safe as soon as no placement group counts on it. What was written lately is then
    still being copied, perhaps from that very OSD, which has given its place away at once."""
    left = [group for group in data.groups or () if not group.clean and (group.objects or not group.active)]
    if left and empty:
        objects = sum(group.degraded + group.misplaced for group in left)
        what = f"{objects} objects" if objects else f"{len(left)} placement groups"
        text = f"{what} do not have all their copies yet, and Ceph may be making them from {names(empty)}."
        yield Refusal(text, "Wait until Ceph has made them (`ceph -s` shows that), or name the OSD in give_up.")


def _holds_data(number: int, observed: ObservedSafety) -> Refusal:
    hint = (
        "Take the OSD out and wait until its data is on other OSDs. Where that is impossible, name it in give_up. Ceph"
        " then makes its data again from the other copies."
    )
    if number in observed.osds.active:
        return Refusal(f"osd.{number} holds placement groups.", hint)
    if number in observed.osds.stored:
        return Refusal(f"osd.{number} still has data that is not complete on other OSDs.", hint)
    return Refusal(f"osd.{number} does not say what it holds, and not all data is complete on other OSDs.", hint)


def progress(data: CephData) -> str:
    """How far the movement of data has come, in one line."""
    movement = data.movement
    if movement is None:
        return f"Ceph does not say how far it is: {data.silence}"
    words = [f"{movement.clean} of {movement.pgs} placement groups active and clean"]
    for count, what in ((movement.degraded, "missing"), (movement.misplaced, "not yet where they belong")):
        if count and movement.copies:
            words.append(f"{count / movement.copies:.1%} of all copies {what}")
    if movement.bytes_per_second:
        words.append(f"{movement.bytes_per_second / 10**6:.1f} MB/s")
    return ", ".join(words)


def names(osds: Iterable[int]) -> str:
    return ", ".join(f"osd.{number}" for number in osds)
