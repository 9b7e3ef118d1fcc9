# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how trust for one join over SSH is made, and how every trace of it is removed.

pvecm(1) with ``--use_ssh`` logs in to the lead as root: it needs a key that may, and host keys that are known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, RemoveFile, Run, Step, WriteFile
from ...model.cluster.trust import (
    CLIENT_CONFIG,
    JOINER,
    KEY,
    KNOWN_HOSTS,
    LEAD,
    PUBLIC_KEY,
    DesiredTrust,
    ObservedTrust,
    made_for_join,
    without_joins,
)

_NEEDED = {JOINER: ("lead", "host_keys"), LEAD: ("key", "addresses")}


def desired_from(params: Mapping[str, Any]) -> DesiredTrust:
    side, present = params["side"], params["state"] == "present"
    missing = [name for name in _NEEDED[side] if present and not params[name]]
    if missing:
        raise Invalid(f"side={side} needs {' and '.join(missing)}.")
    return DesiredTrust(
        side=side,
        node=params["node"],
        present=present,
        lead=params["lead"] or "",
        host_keys=tuple(params["host_keys"] or ()),
        key=params["key"] or "",
        addresses=tuple(params["addresses"] or ()),
    )


def decide(desired: DesiredTrust, observed: ObservedTrust) -> Plan:
    if desired.side == LEAD:
        return Plan(steps=_admit(desired, observed))
    return Plan(steps=_make(desired, observed) if desired.present else remove_files(observed.files))


def _make(desired: DesiredTrust, observed: ObservedTrust) -> tuple[Step, ...]:
    steps: list[Step] = []
    if not {KEY, PUBLIC_KEY} <= set(observed.files):
        if KEY in observed.files:
            steps.append(Step(f"remove {KEY}, half of a pair of keys", RemoveFile(KEY), f"file.remove:{KEY}", "access"))
        make = Run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", desired.comment, "-f", KEY))
        steps.append(Step(f"make a key for the join of {desired.node}", make, f"key.make:{KEY}", "access"))
    if observed.known_hosts != desired.known_hosts:
        write = WriteFile(KNOWN_HOSTS, desired.known_hosts, 0o600)
        why = f"pin the host keys of {desired.lead} for it"
        steps.append(Step(why, write, f"file.write:{KNOWN_HOSTS}", "access"))
    if observed.client_config != desired.client_config:
        write = WriteFile(CLIENT_CONFIG, desired.client_config, 0o644)
        why = f"use both for logins to {desired.lead}"
        steps.append(Step(why, write, f"file.write:{CLIENT_CONFIG}", "access"))
    return tuple(steps)


def remove_files(paths: Sequence[str]) -> tuple[Step, ...]:
    return tuple(
        Step(f"remove {path}, made for a join over SSH", RemoveFile(path), f"file.remove:{path}", "access")
        for path in paths
    )


def forget_keys(observed: ObservedTrust, node: str = "") -> tuple[Step, ...]:
    """No key made for a join (of this node, or of any) may log in any more."""
    if not any(made_for_join(line, node) for line in observed.authorized_keys.splitlines()):
        return ()
    return (forget_step(observed, node),)


def forget_step(observed: ObservedTrust, node: str = "") -> Step:
    write = WriteFile(observed.authorized_path, without_joins(observed.authorized_keys, node), 0o600)
    why = f"remove the key made for the join of {node or 'a node'} from authorized_keys"
    return Step(why, write, f"authorized_keys.forget:{node or 'joins'}", "access")


def _admit(desired: DesiredTrust, observed: ObservedTrust) -> tuple[Step, ...]:
    if not desired.present:
        return forget_keys(observed, desired.node)
    if desired.authorized_line in observed.authorized_keys.splitlines(keepends=True):
        return ()
    text = without_joins(observed.authorized_keys, desired.node) + desired.authorized_line
    why = f"let the key made for the join of {desired.node} log in from {', '.join(desired.addresses)}"
    write = WriteFile(observed.authorized_path, text, 0o600)
    return (Step(why, write, f"authorized_keys.admit:{desired.node}", "access"),)
