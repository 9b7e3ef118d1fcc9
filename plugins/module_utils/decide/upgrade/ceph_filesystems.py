# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how a CephFS gets through the restart of its metadata servers: with one that is active, and no follower.

What it had before is kept by Ceph itself, under a key of this collection, until it is given back: whoever finishes an
upgrade that was cut short finds it there.
"""

from __future__ import annotations

import json

from ...engine.condition import EVERY, Condition
from ...engine.plan import Run, Step, Wait
from ...model.ceph.conditions import CEPH, asked, filesystem_is_served
from ...model.upgrade.ceph_state import REMEMBERED, CephFilesystem, CephRun

#: Seconds. Ranks end one after the other, each once its clients have been handed over.
_ALONE = 1800
_MAX, _REPLAY = "max_mds", "allow_standby_replay"


def make_alone(one: CephFilesystem, run: CephRun) -> list[Step]:
    """What it takes until one server is active and nobody follows it."""
    if one.is_alone:
        return []
    steps = []
    if one.name not in run.remembered:
        value = json.dumps({_MAX: one.max_mds, _REPLAY: one.replays}, sort_keys=True)
        keep = Run((*CEPH, "config-key", "set", _key(one.name), value), timeout=60)
        why = f"note that CephFS {one.name} has {_MAX} {one.max_mds}" + (f" and {_REPLAY}" if one.replays else "")
        steps.append(Step(why, keep, f"fs.remember:{one.name}", "daemon"))
    if one.replays:
        steps.append(_set(one.name, _REPLAY, False))
    if one.max_mds != 1:
        steps.append(_set(one.name, _MAX, 1))
    states = ("mdsmap", "info", EVERY, "state")
    until = (
        Condition(asked("fs", "get", one.name), ("mdsmap", "in"), "is", [0]),
        Condition(asked("fs", "get", one.name), states, "has", "up:active"),
        Condition(asked("fs", "get", one.name), states, "lacks", "up:standby-replay"),
    )
    why = f"wait until CephFS {one.name} is served by one metadata server"
    return [*steps, Step(why, Wait(until, _ALONE), f"fs.wait-alone:{one.name}", "daemon")]


def give_back(name: str, run: CephRun) -> list[Step]:
    """Its settings of before, and then the note of them goes."""
    had = run.remembered[name]
    found = [one for one in run.filesystems if one.name == name]
    steps = []
    for one in found:
        if had[_MAX] != one.max_mds:
            steps.append(_set(name, _MAX, had[_MAX]))
        if had[_REPLAY] != one.replays:
            steps.append(_set(name, _REPLAY, had[_REPLAY]))
        why = f"wait until CephFS {name} is served"
        steps.append(Step(why, Wait((filesystem_is_served(name),), _ALONE), f"fs.wait-served:{name}", "daemon"))
    forget = Run((*CEPH, "config-key", "rm", _key(name)), timeout=60)
    return [*steps, Step(f"forget what CephFS {name} had before", forget, f"fs.forget:{name}", "daemon")]


def _key(name: str) -> str:
    return f"{REMEMBERED}/fs/{name}"


def _set(name: str, option: str, value: object) -> Step:
    """Newer monitors want to be asked twice while Ceph is not healthy, as it is not in the middle of an upgrade."""
    text = str(value).lower()
    action = Run((*CEPH, "fs", "set", name, option, text, "--yes-i-really-mean-it"), timeout=60)
    return Step(
        f"set {option} of CephFS {name} to {text}", action, f"fs.set-{option.replace('_', '-')}:{name}", "daemon"
    )
