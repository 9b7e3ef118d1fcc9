# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HA and what guests keep their data on: it starts a guest wherever it may, whether or not the data is there."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.plan import Refusal
from ...model.datacenter.ha import DesiredHa, ObservedHa, Placed, Resource, Things, allowed


def refuse_places(desired: DesiredHa, observed: ObservedHa, wanted: Things) -> Iterator[Refusal]:
    nodes = frozenset(observed.votes)
    for sid, guest in sorted(observed.placed.items()):
        thing = wanted.get(("resource", sid))
        if not isinstance(thing, Resource) or thing.state == "ignored":
            continue
        may = allowed(sid, wanted, nodes)
        lacks = {node: _lacking(observed, sid, guest, node) for node in sorted(may)}
        able = [node for node, words in lacks.items() if not words]
        if len(able) < 2:
            yield _nowhere(sid, guest, able, lacks)
        elif len(able) < len(may):
            told = "; ".join(f"{node} lacks {', '.join(words)}" for node, words in lacks.items() if words)
            hint = (
                f"Tie it to {', '.join(able)} by a strict rule (on 8: restricted group), or give them what they lack."
            )
            yield Refusal(f"HA could start {sid} ({guest.name}) where it cannot run: {told}.", hint)
    if desired.policy == "migrate" and observed.policy != "migrate":
        yield from _refuse_handing_over(observed)


def _nowhere(sid: str, guest: Placed, able: list[str], lacks: dict[str, list[str]]) -> Refusal:
    told = "; ".join(f"{node} lacks {', '.join(words)}" for node, words in lacks.items() if words)
    where = f"on {able[0]} alone" if able else "nowhere"
    reason = f"HA could start {sid} ({guest.name}) {where}{f': {told}' if told else ', by its rules'}."
    return Refusal(reason, "Move its volumes to a shared storage, replicate them, or allow it more nodes.")


def _lacking(observed: ObservedHa, sid: str, guest: Placed, node: str) -> list[str]:
    """What of the guest is not on that node, in the words of a sentence."""
    words = [] if node == guest.node else [f"the device {name} of {guest.node}" for name in guest.devices]
    vmid = int(sid.partition(":")[2])
    copied = node == guest.node or any(
        job.guest == vmid and job.target == node and not job.removing for job in observed.jobs
    )
    for slot, name in sorted(guest.volumes.items()):
        storage = observed.storages.get(name)
        if storage is None or storage.disabled:
            words.append(f"the storage {name} of {slot}, which is {'disabled' if storage else 'not defined'}")
        elif not storage.is_on(node):
            words.append(f"the storage {name} of {slot}")
        elif not storage.shared and not copied:
            words.append(f"a replica of {slot} ({name})")
    return words


def _refuse_handing_over(observed: ObservedHa) -> Iterator[Refusal]:
    """A node that is to hand over what cannot move never ends its shutdown."""
    stuck = sorted(sid for sid, guest in observed.placed.items() if guest.devices)
    if stuck:
        reason = f"{', '.join(stuck)} have devices of their node, which would never shut down with migrate."
        yield Refusal(reason, "Choose conditional, or give them mapped devices.")


def warn_of_places(observed: ObservedHa, wanted: Things) -> Iterator[str]:
    for sid, guest in sorted(observed.placed.items()):
        local = [slot for slot, name in sorted(guest.volumes.items()) if _is_local(observed, name)]
        if local and ("resource", sid) in wanted:
            yield (
                f"{sid} ({guest.name}) is on local storage: when HA starts it elsewhere, what {', '.join(local)} got"
                " since the last replication is lost."
            )


def _is_local(observed: ObservedHa, name: str) -> bool:
    storage = observed.storages.get(name)
    return storage is not None and not storage.shared
