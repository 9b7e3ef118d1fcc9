# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how an emptied node is switched off and deleted, and what is put away after it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.plan import MakeDirectory, Run, Step, TextWait
from ...model.cluster.cluster import MEMBERS, Member
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.guest import NODES
from ...model.leaving.membership import (
    AUTHORIZED_KEYS,
    DEAD,
    DRAIN,
    KEPT,
    KNOWN_HOSTS,
    RETIRE,
    SEPARATE,
    DesiredMembership,
    ObservedMembership,
    quorum_of,
)
from .qdevice import qdevice_of, qdevice_steps

_OFF_DEADLINE = 300
#: Of a machine that is off already: long enough for one more look.
_STILL_OFF = 5
#: A line of authorized_keys with the key that Proxmox VE made for root of a node.
_OWNER = r"\sroot@{}(\.\S+)?\s*$"
_NO_QUORUM = r"cluster not ready - no quorum\?"


def vote_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    """A cluster that stands still because the node is off already: nothing can be written before this. Where a quorum
    device stood in for that node, it stands still without it, too."""
    if desired.mode == DRAIN or observed.member(desired.node) is None:
        return []
    steps = [] if observed.quorate else _expect(desired, observed)
    steps += qdevice_steps(observed)
    return [*steps, *(_expect(desired, observed) if _leans_on_device(observed) else ())]


def _leans_on_device(observed: ObservedMembership) -> bool:
    online = sum(one.votes for one in observed.cluster.members if one.online)
    return qdevice_of(observed) is not None and online < quorum_of(observed.votes)


def _expect(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    present = observed.present_without(desired.node)
    tell = Run(("pvecm", "expected", str(present)), timeout=60)
    why = f"tell corosync to expect {present} of {observed.votes} votes, so that the rest has quorum"
    wait = TextWait(("cat", MEMBERS), r'"quorate":\s*1', timeout=60)
    return [Step(why, tell), Step("wait until the cluster has quorum", wait)]


def leave_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    member = observed.member(desired.node)
    if member is None or (desired.mode == SEPARATE and not desired.standalone):
        return []
    steps = list(_switch_off(member)) if desired.mode == RETIRE and member.online else []
    if desired.mode in (RETIRE, DEAD):
        steps.append(_silence(desired, member))
    told = not observed.quorate or _leans_on_device(observed)
    if not told and observed.present_without(member.name) < quorum_of(observed.votes):
        steps += _expect(desired, observed)
    return [*steps, _delete(desired, member)]


def _switch_off(member: Member) -> Iterator[Step]:
    name = member.name
    action = Run(("pvesh", "create", f"/nodes/{name}/status", "--command", "shutdown"), timeout=120)
    yield Step(f"power off {name}", action, destructive=True)
    offline = rf'"{re.escape(name)}":\s*\{{[^}}]*"online":\s*0'
    yield Step(f"wait until {name} is offline in the cluster", TextWait(("cat", MEMBERS), offline, _OFF_DEADLINE))


def _silence(desired: DesiredMembership, member: Member) -> Step:
    """Right before it is deleted: hours of moving data may lie between the plan and this, and somebody may switch on
    what was dead."""
    addresses = [address for address in member.addresses if address]
    addresses += sorted((desired.addresses or frozenset()) - set(addresses))
    return Step(
        f"wait until {member.name} answers on no address",
        TextWait(
            ("ssh-keyscan", "-T", "2", *addresses), r"\A\Z", _STILL_OFF if desired.mode == DEAD else _OFF_DEADLINE
        ),
        hint="It must be off before it is deleted, and must not boot again in this network as it is.",
    )


def _delete(desired: DesiredMembership, member: Member) -> Step:
    """delnode has a lock of its own, and says that it could not kill a node that is off."""
    action = Run(("pvecm", "delnode", member.name), timeout=120, retry_on=(*LOCK_BUSY, _NO_QUORUM))
    return Step(f"delete {member.name} from the cluster", action, destructive=True)


def clean_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    """What delnode leaves behind. The directory goes last: in it are the host keys by which others' lines are found."""
    if desired.mode == SEPARATE and not desired.standalone and observed.member(desired.node) is not None:
        return []
    node = desired.node
    return [
        *_settle(node, observed),
        *_forget_keys(node, observed),
        *_put_away(node, observed),
        *_recount(node, observed),
    ]


def _settle(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """Deleted in an earlier run that did not see what came of it."""
    if not observed.quorate and observed.member(node) is None:
        yield Step("wait until the cluster has quorum", TextWait(("cat", MEMBERS), r'"quorate":\s*1', timeout=60))


def _recount(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """The member that deletes a node tells corosync so a second later, for all members (pve-cluster, dcdb.c). Without
    power in that second it does not, and they go on counting the votes of a node that is gone."""
    member = observed.member(node)
    left = observed.votes - (member.votes if member else 0)
    if member is None:
        if observed.expected is None or observed.expected <= left:
            return
        why = f"let corosync read its configuration again: it expects {observed.expected} votes, and there are {left}"
        yield Step(why, Run(("corosync-cfgtool", "-R"), timeout=60))
    numbers = "|".join(str(number) for number in range(1, left + 1))
    wait = TextWait(("corosync-quorumtool", "-s"), rf"^Expected votes:\s+({numbers})\s*$", timeout=60)
    yield Step(f"wait until corosync expects {left} {'vote' if left == 1 else 'votes'}, or fewer", wait)


def _put_away(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """The copy is named after the version of the configuration without the node, so no later one overwrites it.

    What an earlier run had copied is copied once more, as it may have been cut short in the middle of a file.
    """
    if not observed.leftovers.directory or observed.cluster.config is None:
        return
    changes = 0 if observed.member(node) is None else 1 if qdevice_of(observed) is None else 2
    version = observed.cluster.config.version + changes
    source, copy = f"{NODES}/{node}", f"{KEPT}/{node}.v{version}"
    yield Step(f"make {KEPT}", MakeDirectory(KEPT, mode=0o700))
    words = ("cp", "--recursive", "--no-target-directory", source, copy)
    yield Step(f"keep a copy of {source} in {copy}", Run(words, timeout=120))
    yield Step(f"remove {source}", Run(("rm", "--recursive", source), timeout=120), destructive=True)


def _forget_keys(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """Line by line when it is done: hours may lie between this plan and that moment, and others may add keys."""
    left = observed.leftovers
    if without_root_of(node, left.keys) != left.keys:
        why = f"take the key of root@{node} out of {AUTHORIZED_KEYS}"
        yield Step(why, delete_lines(AUTHORIZED_KEYS, _OWNER.format(re.escape(node))))
    if without_host(node, left.host_keys, left.hosts) != left.hosts:
        patterns = [rf"^([^#@ ]*,)?{re.escape(node)}(,[^ ]*)? "]
        patterns += [rf"^[^#@ ]+ {re.escape(key)}( |$)" for key in sorted(left.host_keys)]
        yield Step(f"take the host keys of {node} out of {KNOWN_HOSTS}", delete_lines(KNOWN_HOSTS, *patterns))


def delete_lines(path: str, *patterns: str) -> Run:
    """sed(1) with extended regular expressions; the delimiter is one that no key and no name contains."""
    return Run(("sed", "-i", "-E", *(word for one in patterns for word in ("-e", rf"\%{one}%d")), path), timeout=60)


def without_root_of(node: str, text: str) -> str:
    """authorized_keys without the node's own key, which Proxmox VE makes with the comment root@NODE."""
    owner = re.compile(_OWNER.format(re.escape(node)))
    kept = [line for line in text.splitlines(keepends=True) if not owner.search(line)]
    return "".join(kept) if any(line.strip() and not line.startswith("#") for line in kept) else text


def without_host(node: str, keys: frozenset[str], text: str) -> str:
    """known_hosts without lines of this name or with the keys of its host."""

    def is_of_node(line: str) -> bool:
        words = line.split()
        if len(words) < 3 or words[0].startswith(("#", "@")):
            return False
        return node in words[0].split(",") or " ".join(words[1:3]) in keys

    return "".join(line for line in text.splitlines(keepends=True) if not is_of_node(line))
