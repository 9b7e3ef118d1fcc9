# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why the packages of a node are not upgraded as apt would do it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...engine.plan import Refusal
from ...model.upgrade.packages import DISARMED, Packages, is_ours, is_vital

#: Among the packages that may go: every one, but for those without which a node is none.
ANY = "*"


def refuse_packages(packages: Packages, removals: Collection[str]) -> Iterator[Refusal]:
    if packages.disarmed:
        yield Refusal(f"{DISARMED} is there: apt may remove Proxmox VE.", "Remove that file.")
    if packages.failure and not packages.unfinished:
        yield Refusal(f"apt cannot say what it would do: {packages.failure}.", "Mend that first: apt-get check.")
    if packages.lists_age is None:
        yield Refusal("apt has never fetched its lists here.", "Run apt-get update on the node.")
    manager = packages.policies.get("pve-manager")
    if manager is not None and not any(row.offered for row in manager.table):
        yield Refusal(
            "No list that apt has fetched holds pve-manager: nothing of Proxmox VE would be upgraded.",
            "Declare a repository that this node may use (module repositories), or give it its subscription.",
        )
    yield from _refuse_kept(packages)
    yield from _refuse_taken(packages, removals)


def _refuse_kept(packages: Packages) -> Iterator[Refusal]:
    """What stays as it is while the rest goes on is a mixture that nobody has tested."""
    held = [name for name in packages.held if is_ours(name)]
    if held:
        yield Refusal(f"Held by somebody: {', '.join(held)}.", f"Release them: apt-mark unhold {' '.join(held)}.")
    simulation = packages.simulation
    kept = [name for name in (simulation.kept_back if simulation else ()) if is_ours(name) and name not in held]
    if kept:
        yield Refusal(
            f"apt would not upgrade {', '.join(kept)}.",
            "apt-get dist-upgrade --simulate, with -o Debug::pkgProblemResolver=1, says why.",
        )
    for name, policy in sorted(packages.policies.items()):
        newer = policy.passed_over
        if newer is not None and name not in held:
            yield Refusal(
                f"Somebody's preferences keep {name} at {policy.candidate or 'nothing'}, while {newer} is offered.",
                f"Take the pin out of /etc/apt/preferences or preferences.d (apt-cache policy {name}).",
            )


def _refuse_taken(packages: Packages, removals: Collection[str]) -> Iterator[Refusal]:
    simulation = packages.simulation
    if simulation is None:
        return
    vital = [name for name in simulation.removed if is_vital(name)]
    gone = [name for name in simulation.removed if name not in removals and ANY not in removals]
    if vital:
        yield Refusal(
            f"apt would remove {', '.join(vital)}, without which this is no node.",
            "Look at its repositories: a list is missing, or of another release.",
        )
    elif gone:
        yield Refusal(
            f"apt would remove {', '.join(gone)}.", "If that is right, name them in upgrade_removals; else see why."
        )
    if simulation.downgraded:
        yield Refusal(
            f"apt would take {', '.join(simulation.downgraded)} back to an older version.",
            "A pin of a priority above 1000 does that: take it out.",
        )
