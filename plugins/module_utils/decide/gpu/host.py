# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what a node does with its GPUs to what is wanted of it: files for its boots, and virtual functions at once.

A boot is never made here. That one is needed is noted, so that the node is drained and booted as for an upgrade.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ...engine.plan import Plan, RemoveFile, Run, Step, WriteFile
from ...model.gpu.host import (
    HELPER,
    KNOWN,
    MODPROBE,
    MODULES,
    PUT_DOWN,
    UNIT,
    UNIT_FILE,
    WANTS_BOOT,
    DesiredGpuHost,
    ObservedGpuHost,
)
from . import command_line
from .host_desired import Wanted, wanted
from .host_files import by_helper, digest, texts
from .host_refusals import in_the_way, refuse, refuse_change
from .iommu import ON, Parameters, parameters

#: What a boot can mend.
_AT_BOOT = ("iommu_off", "driver", "companion_unbound")


def decide(desired: DesiredGpuHost, observed: ObservedGpuHost) -> Plan:
    cards = wanted(desired, observed.gpus)
    steps = tuple(_steps(observed, cards)) if observed.boot.way != "container" else ()
    refusals = (*refuse(desired, observed, cards), *(refuse_change(desired, observed, cards) if steps else ()))
    files = texts(cards, observed)
    reasons = _boot_reasons(observed, cards, _new_digest(observed, cards) is not None)
    return Plan(
        steps=steps,
        refusals=refusals,
        warnings=tuple(_warnings(observed, cards)),
        before={path: observed.files.get(path) for path in files},
        after=files,
        tells={"reboot": reasons, "gpus": [_told(one, observed) for one in cards]},
    )


def _told(one: Wanted, observed: ObservedGpuHost) -> dict[str, Any]:
    left = [reason.text for reason in in_the_way(one, observed)]
    return {"address": one.card.address, "id": one.card.gpu.id, "workload": one.workload, "in_the_way": left}


def _steps(observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Iterator[Step]:
    found = texts(cards, observed)
    for path in (MODULES, MODPROBE):
        yield from _file(path, found[path], observed.files)
    change = _parameters(observed, cards)
    new = _new_digest(observed, cards)
    anew = new is not None
    if anew:
        argv = ("update-initramfs", "-u", "-k", "all")
        yield Step("make the initial RAM disks anew", Run(argv, timeout=1800), "initramfs.update", "file")
    yield from command_line.steps(observed, change, anew)
    if anew:
        text = json.dumps({"digest": new, "boot": observed.boot_id}) + "\n"
        yield Step("note in which boot that was put down", WriteFile(PUT_DOWN, text), f"file.write:{PUT_DOWN}", "file")
    yield from _functions(observed, cards, found[UNIT_FILE])
    yield from _known(observed)
    reasons = _boot_reasons(observed, cards, anew)
    yield from _file(WANTS_BOOT, "".join(f"{reason}\n" for reason in reasons) or None, observed.files)


def _new_digest(observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Optional[str]:
    """Of what has to be put down for boots; None where that is done, or nothing is to be."""
    found, change = texts(cards, observed), _parameters(observed, cards)
    new = digest(found, _said(observed, change))
    needed = bool(observed.put_down[0] or any(found.values()) or change != Parameters())
    return new if needed and new != observed.put_down[0] else None


def _file(path: str, text: Optional[str], files: Mapping[str, str]) -> Iterator[Step]:
    if text is not None and files.get(path) != text:
        yield Step(f"write {path}", WriteFile(path, text), f"file.write:{path}", "file")
    elif text is None and path in files:
        yield Step(f"remove {path}", RemoveFile(path), f"file.remove:{path}", "file")


def _parameters(observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Parameters:
    given = [one for one in cards if one.workload != "container"]
    grouped = all(one.card.gpu.group is not None for one in given)
    return parameters(observed.gpus.iommu, grouped) if given else Parameters()


def _said(observed: ObservedGpuHost, change: Parameters) -> list[str]:
    """Words of the command line that are ours: they stay once they have come into effect."""
    there = any(ON in line.split() for line in observed.lines)
    return sorted({*change.add, *((ON,) if there else ())})


def _functions(observed: ObservedGpuHost, cards: Sequence[Wanted], unit: Optional[str]) -> Iterator[Step]:
    """At each boot, and now, where the driver that can make them has the card."""
    if unit is None and observed.enabled:
        yield _systemctl(f"disable {UNIT}", f"service.disable:{UNIT}", "disable", UNIT)
    yield from _file(UNIT_FILE, unit, observed.files)
    late = [one.card.address for one in cards if _lacks(one, observed)]
    if unit is not None and (late or not observed.enabled):
        yield _systemctl("have systemd read its units", "systemd.reload", "daemon-reload")
    if unit is not None and not observed.enabled:
        yield _systemctl(f"enable {UNIT}", f"service.enable:{UNIT}", "enable", UNIT)
    if observed.helper is False and any(by_helper(one, observed.helper) for one in cards):
        yield _systemctl(f"enable {HELPER}", f"service.enable:{HELPER}", "enable", "--now", HELPER)
    if late:
        yield _systemctl(f"make the virtual functions of {', '.join(late)}", f"service.restart:{UNIT}", "restart", UNIT)


def _systemctl(why: str, id_: str, *words: str) -> Step:
    return Step(why, Run(("systemctl", *words)), id_, "service")


def _lacks(one: Wanted, observed: ObservedGpuHost) -> bool:
    ours = bool(one.functions) and not by_helper(one, observed.helper)
    possible = not any(reason.code in _AT_BOOT for reason in in_the_way(one, observed))
    return ours and possible and one.card.gpu.made != one.functions


def _known(observed: ObservedGpuHost) -> Iterator[Step]:
    """What stands where, for the look after the next boot."""
    functions = {one.address: one.identity for card in observed.gpus.cards for one in card.physical}
    found = {**observed.gpus.strangers, **functions}
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if found or KNOWN in observed.files:
        yield from _file(KNOWN, text, observed.files)


def _boot_reasons(observed: ObservedGpuHost, cards: Sequence[Wanted], anew: bool) -> list[str]:
    """Only if what was put down has not been booted yet: a boot that did not help would not help again."""
    if not anew and observed.put_down[1] != observed.boot_id:
        return []
    found = [reason.text for one in cards for reason in in_the_way(one, observed) if reason.code in _AT_BOOT]
    return list(dict.fromkeys(found))


def _warnings(observed: ObservedGpuHost, cards: Sequence[Wanted]) -> Iterator[str]:
    """A boot has come, and it is not as it was to be."""
    if not observed.put_down[0] or observed.put_down[1] == observed.boot_id:
        return
    for one in cards:
        for reason in in_the_way(one, observed):
            yield f"Also after a boot: {reason.text}."
