# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide whether upstream's script is called, by what it would change; what it says of its success is not asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ...engine.plan import Plan, Refusal, Run, Step
from ...model.upgrade.release_migration import Migration, ObservedMigration, script

_WHY: Mapping[Migration, str] = {
    "rbd-keyring": "name the keys of external RBD storages in their configuration",
    "lvm-autoactivation": "let nodes activate volumes of guests only when they need them",
}
#: The script asks on a terminal only, and takes silence for no.
_WORDS: Mapping[Migration, tuple[str, ...]] = {"rbd-keyring": (), "lvm-autoactivation": ("--assume-yes",)}
_SHOWN = 5


def desired_from(params: Mapping[str, Any]) -> Migration:
    return cast(Migration, params["name"])


def decide(migration: Migration, observed: ObservedMigration) -> Plan:
    if not observed.left:
        return Plan()
    path = script(migration)
    if not observed.shipped:
        return Plan(refusals=(Refusal(f"{path} is not there.", "The last minor release of pve-manager has it."),))
    more = f", and {len(observed.left) - _SHOWN} more" if len(observed.left) > _SHOWN else ""
    why = f"{_WHY[migration]}: {', '.join(observed.left[:_SHOWN])}{more}"
    action = Run((path, *_WORDS[migration]), timeout=3600)
    hint = f"Run {path} by hand and read what it says."
    step = Step(why, action, f"release.migrate:{migration}", "storage", hint=hint)
    return Plan((step,), before={"left": list(observed.left)}, after={"left": []})
