# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The change of the firewall, in steps of which each is a phase of all nodes together.

guard: every node starts the timer that takes the change back. write: the lead writes the cluster's file, and each node
its own. confirm: when all nodes have shown over new connections that this rule set is in force and all ways are open,
each stops its timer. One that is not confirmed puts the old files back, for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.plan import Plan, Program, Refusal, Step
from ...model.firewall.files import CLUSTER_FILE, RuleSet, host_file
from ...model.firewall.firewall import KEPT, SERVICES, UNITS, DesiredFirewall, ObservedFirewall
from .differences import differences
from .refusals import refuse
from .target import target, unasked

_PLACES = (KEPT, UNITS)
_HINT = "See `journalctl -u baremetal-virt-firewall` on the node."
#: File → what is there, and what is to be.
Files = Mapping[str, tuple[RuleSet, RuleSet]]


def decide(desired: DesiredFirewall, observed: ObservedFirewall) -> Plan:
    if desired.idle:
        return Plan(tells={"enabled": observed.cluster.enabled})
    wanted = target(desired, observed.cluster, observed.host, observed.concerned)
    files = {CLUSTER_FILE: (observed.cluster, wanted.cluster), host_file(observed.node): (observed.host, wanted.host)}
    if desired.phase in ("write", "confirm"):
        return _go_on(desired, observed, files)
    refusals = tuple(refuse(desired, observed, wanted))
    tells = {"enabled": wanted.cluster.enabled and wanted.host.options.get("enable", "1") == "1"}
    begins = observed.guard != "none" or any(before != after for before, after in files.values())
    if not begins:
        return Plan(refusals=(*refusals, *_refuse_unloaded(observed)), tells=tells)
    refusals = (*refusals, *_refuse_unasked(desired, observed))
    steps = (_guard(desired, files), _write(desired, files), _CONFIRM)
    told = steps[:1] if desired.phase == "guard" else steps
    return Plan(told, refusals, before=_lines(files, 0), after=_lines(files, 1), tells=tells)


def _go_on(desired: DesiredFirewall, observed: ObservedFirewall, files: Files) -> Plan:
    """A node writes its own files only, and confirms all of them: any other node may have taken one back."""
    paths = files if desired.phase == "confirm" else _mine(desired, files)
    differing = [path for path in paths if files[path][0] != files[path][1]]
    if desired.phase == "write":
        if observed.guard == "armed":
            return Plan((_write(desired, files),))
        return Plan(refusals=(_taken_back(observed),) if differing else ())
    if observed.guard == "pending" and not differing:
        return Plan((_CONFIRM,))
    return Plan(refusals=(_taken_back(observed),) if observed.guard != "none" or differing else ())


def _taken_back(observed: ObservedFirewall) -> Refusal:
    return Refusal(f"{observed.node} has taken the change of the firewall back, or takes it back now.", _HINT)


def _refuse_unasked(desired: DesiredFirewall, observed: ObservedFirewall) -> Iterator[Refusal]:
    """What is not known is not known to stay open, and a node takes no confirmation over it either."""
    missing = unasked(desired, observed.concerned)
    if observed.node in missing:
        yield Refusal(
            f"Over which connection {observed.node} is asked, sshd does not tell there: nothing could be confirmed.",
            "Run from a controller that logs in by ssh.",
        )
    others = [node for node in missing if node != observed.node]
    if others:
        yield Refusal(
            f"The file of the cluster holds for all nodes, and this run has not asked {', '.join(others)} by ssh: what"
            " is in use there could be shut.",
            "Run on all nodes at once (no --limit). A node that is gone for good has to leave the cluster first.",
        )


def _refuse_unloaded(observed: ObservedFirewall) -> Iterator[Refusal]:
    if observed.loaded is False:
        yield Refusal(
            f"The firewall is on, and the kernel of {observed.node} has none of its chains: the node is open.",
            "See `journalctl -u pve-firewall` there; a set that the kernel refuses keeps all of it from being applied.",
        )


def _mine(desired: DesiredFirewall, files: Files) -> list[str]:
    """Its own file, and of the lead also that of the cluster."""
    return [path for path in files if path != CLUSTER_FILE or desired.lead]


def _guard(desired: DesiredFirewall, files: Files) -> Step:
    mine = _mine(desired, files)
    document = {
        "files": [
            {"path": path, "text": after.text or None, "mine": path in mine} for path, (dummy, after) in _changed(files)
        ],
        "services": SERVICES,
        "seconds": desired.seconds,
    }
    why = f"Start the timer that takes a change of the firewall back after {desired.seconds} seconds"
    program = Program("firewall_guard", ("arm", *_PLACES), stdin=json.dumps(document))
    return Step(why, program, "firewall.guard", "network", hint=_HINT, unseen=True)


def _changed(files: Files) -> list[tuple[str, tuple[RuleSet, RuleSet]]]:
    """All of them where none seems to differ, as an earlier change is taken back first."""
    found = [(path, pair) for path, pair in files.items() if pair[0] != pair[1]]
    return sorted(found or files.items(), key=lambda one: one[0] == CLUSTER_FILE)


def _write(desired: DesiredFirewall, files: Files) -> Step:
    mine = _mine(desired, files)
    told = [f"{path} ({'; '.join(differences(*files[path]))})" for path in mine if files[path][0] != files[path][1]]
    why = f"Write {' and '.join(told)}" if told else "Take part in the change of the firewall"
    return Step(why, Program("firewall_guard", ("write", *_PLACES)), "firewall.write", "network", hint=_HINT)


_CONFIRM = Step(
    "Confirm the change of the firewall over a new connection",
    Program("firewall_guard", ("confirm", *_PLACES)),
    "firewall.confirm",
    "network",
    hint=_HINT,
)


def _lines(files: Files, which: int) -> dict[str, Any]:
    return {path: pair[which].text.splitlines() for path, pair in files.items()}
