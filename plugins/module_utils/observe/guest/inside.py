# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the agents of machines that run what these are known by from inside."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.guest.desired import parts_of
from ...model.guest.inside import HOST_KEY, MACHINE_ID, Inside, key_of
from ...model.guest.observed import ObservedGuest, ObservedGuests
from ...model.guest.properties import truth
from .tell import tell

_NO_FILE = "No such file"


def observe_inside(reader: Reader, observed: ObservedGuests) -> dict[int, Inside]:
    """Of the machines that run. One without an agent, or whose agent does not tell, is not known."""
    running = [guest for dummy, guest in sorted(observed.seen.items()) if guest.running and guest.listed.kind == "qemu"]
    found = {guest.listed.vmid: Inside(silence="it has no agent") for guest in running if not _has_agent(guest)}
    asked = [guest.listed for guest in running if _has_agent(guest)]
    files = (MACHINE_ID, HOST_KEY)
    paths = [f"{one.path}/agent/file-read?file={quote(name, safe='')}" for one in asked for name in files]
    answers = iter(tell(reader, paths))
    for one, machine_id, host_key in zip(asked, answers, answers):
        found[one.vmid] = _inside(machine_id, host_key)
    return found


def _has_agent(guest: ObservedGuest) -> bool:
    return truth(parts_of("qemu", "agent", guest.config.get("agent", "")).get("enabled"))


def _inside(machine_id: object, host_key: object) -> Inside:
    told = []
    for answer in (machine_id, host_key):
        if isinstance(answer, Unreadable):
            if _NO_FILE not in answer.message:
                return Inside(silence=answer.message)
            told.append("")
        elif isinstance(answer, Mapping):
            told.append(str(answer.get("content", "")).strip())
    return Inside(told[0], key_of(told[1]))
