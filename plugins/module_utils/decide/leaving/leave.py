# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how an emptied node is switched off and deleted, and what is put away after it."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.condition import Condition
from ...engine.plan import EditFile, MakeDirectory, Run, Step, Wait
from ...engine.reader import Question, command
from ...model.cluster.cluster import MEMBERS, Member
from ...model.cluster.conditions import QUORATE
from ...model.cluster.locks import LOCK_BUSY
from ...model.guest.guest import NODES
from ...model.guest.ha import MANAGER_DEADLINE, freed_of_request
from ...model.leaving.keys import AUTHORIZED_KEYS, KNOWN_HOSTS, WithoutHosts, WithoutRootOf
from ...model.leaving.membership import (
    DEAD,
    DRAIN,
    KEPT,
    KEYSCAN,
    RETIRE,
    SEPARATE,
    DesiredMembership,
    ObservedMembership,
    quorum_of,
)
from .guests import freezes
from .qdevice import qdevice_of, qdevice_steps
from .resume import end_maintenance

_OFF_DEADLINE = 300
#: Of a machine that is off already: long enough for one more look.
_STILL_OFF = 5
_NO_QUORUM = r"cluster not ready - no quorum\?"
_GOING_DOWN = (
    (
        "Connection (refused|reset|closed)|No route to host|timed out",
        "It may be on its way down already: run this again once it is off, or switch it off by hand.",
    ),
)


def vote_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    """A cluster that stands still because the node is off already: nothing can be written before this. Where a quorum
    device stood in for that node, it stands still without it, too."""
    if desired.mode == DRAIN or observed.member(desired.node) is None:
        return []
    steps = [] if observed.quorate else _expect(desired, observed)
    steps += qdevice_steps(observed)
    return [*steps, *(_expect(desired, observed, again=not observed.quorate) if _leans_on_device(observed) else ())]


def _leans_on_device(observed: ObservedMembership) -> bool:
    online = sum(one.votes for one in observed.cluster.members if one.online)
    return qdevice_of(observed) is not None and online < quorum_of(observed.votes)


def _expect(desired: DesiredMembership, observed: ObservedMembership, again: bool = False) -> list[Step]:
    """A new version of the configuration makes corosync forget what it was told: then it is told once more."""
    present = observed.present_without(desired.node)
    tell = Run(("pvecm", "expected", str(present)), timeout=60)
    more = " again" if again else ""
    why = f"tell corosync{more} to expect {present} of {observed.votes} votes, so that the remaining nodes have quorum"
    step = Step(why, tell, f"votes.expect{'-again' if again else ''}:{present}", "quorum")
    return [step, _wait_for_quorum("quorum.return" if again else "quorum.wait")]


def _wait_for_quorum(identity: str = "quorum.wait") -> Step:
    return Step("wait until the cluster has quorum", Wait((QUORATE,), timeout=60), identity, "quorum")


def leave_steps(desired: DesiredMembership, observed: ObservedMembership) -> list[Step]:
    member = observed.member(desired.node)
    if member is None or (desired.mode == SEPARATE and not desired.standalone):
        return []
    steps = list(_switch_off(desired, member)) if desired.mode == RETIRE and member.online else []
    if desired.mode in (RETIRE, DEAD):
        steps.append(_silence(desired, member))
    told = not observed.quorate or _leans_on_device(observed)
    if not told and observed.present_without(member.name) < quorum_of(observed.votes):
        steps += _expect(desired, observed)
    return [*steps, *_forget_maintenance(desired, observed), _delete(desired, member)]


def _switch_off(desired: DesiredMembership, member: Member) -> Iterator[Step]:
    """A node that is on its way down takes no second order: its sshd, through which that would go, ends first."""
    name = member.name
    begin = f"node.power-off:{name}"
    if begin not in desired.done:
        words = ("pvesh", "create", f"/nodes/{name}/status", "--command", "shutdown")
        yield Step(f"power off {name}", Run(words, timeout=120, cures=_GOING_DOWN), begin, "power")
    online = Question("read", (MEMBERS,))
    offline = Condition(online, ("nodelist", name, "online"), "is", 0, f"{name} to be offline")
    why = f"wait until {name} is offline in the cluster"
    yield Step(why, Wait((offline,), _OFF_DEADLINE), f"node.offline:{name}", "power")


def _silence(desired: DesiredMembership, member: Member) -> Step:
    """Right before it is deleted: hours of moving data may lie between the plan and this, and somebody may switch on
    what was dead."""
    addresses = [address for address in member.addresses if address]
    addresses += sorted((desired.addresses or frozenset()) - set(addresses))
    says = f"{member.name} to answer on none of {', '.join(addresses)}"
    silent = Condition(command("ssh-keyscan", "-T", "2", *addresses), (), "matches", r"\A\Z", says)
    able = Condition(Question("entry", (KEYSCAN,)), ("kind",), "one of", ("file", "link"), f"{KEYSCAN} to be installed")
    return Step(
        f"wait until {member.name} answers on no address",
        Wait((able, silent), _STILL_OFF if desired.mode == DEAD else _OFF_DEADLINE),
        f"node.silent:{member.name}",
        "power",
        hint="It must be off before it is deleted, and must not boot again in this network as it is.",
    )


def _forget_maintenance(desired: DesiredMembership, observed: ObservedMembership) -> Iterator[Step]:
    """The HA manager would keep free the next machine of this name, too; and it takes no word about a node that is no
    member. The one that is off gets no guests by this."""
    node = desired.node
    if node in observed.references.ha.asked_free or freezes(desired, observed):
        yield end_maintenance(node, f"end the maintenance mode of {node}, so that it is not the next machine's")
        yield Step(
            f"wait until the HA manager has forgotten the maintenance mode of {node}",
            Wait((freed_of_request(node),), MANAGER_DEADLINE),
            f"maintenance.forget:{node}",
            "guest",
            hint="Does the CRM work? See ha-manager status.",
        )


def _delete(desired: DesiredMembership, member: Member) -> Step:
    """delnode has a lock of its own, and says that it could not kill a node that is off."""
    action = Run(("pvecm", "delnode", member.name), timeout=120, retry_on=(*LOCK_BUSY, _NO_QUORUM))
    why = f"delete {member.name} from the cluster"
    return Step(why, action, f"node.delete:{member.name}", "cluster", destructive=True)


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
        yield _wait_for_quorum()


def _recount(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """The member that deletes a node tells corosync so a second later, for all members (pve-cluster, dcdb.c). Without
    power in that second it does not, and they go on counting the votes of a node that is gone."""
    member = observed.member(node)
    left = observed.votes - (member.votes if member else 0)
    if member is None:
        if observed.expected is None or observed.expected <= left:
            return
        why = f"let corosync read its configuration again: it expects {observed.expected} votes, and there are {left}"
        yield Step(why, Run(("corosync-cfgtool", "-R"), timeout=60), "corosync.reload", "quorum")
    numbers = "|".join(str(number) for number in range(1, left + 1))
    votes = f"{left} {'vote' if left == 1 else 'votes'}, or fewer"
    expected = rf"^Expected votes:\s+({numbers})\s*$"
    counted = Condition(command("corosync-quorumtool", "-s"), (), "matches", expected, f"corosync to expect {votes}")
    yield Step(f"wait until corosync expects {votes}", Wait((counted,), timeout=60), f"votes.counted:{left}", "quorum")


def _put_away(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """The copy is named after the version of the configuration without the node, so no later one overwrites it.

    What an earlier run had copied is copied once more, as it may have been cut short in the middle of a file.
    """
    if not observed.leftovers.directory or observed.cluster.config is None:
        return
    changes = 0 if observed.member(node) is None else 1 if qdevice_of(observed) is None else 2
    version = observed.cluster.config.version + changes
    source, copy = f"{NODES}/{node}", f"{KEPT}/{node}.v{version}"
    yield Step(f"make {KEPT}", MakeDirectory(KEPT, mode=0o700), f"directory.make:{KEPT}", "file")
    keep = Run(("cp", "--recursive", "--no-target-directory", source, copy), timeout=120)
    yield Step(f"keep a copy of {source} in {copy}", keep, f"directory.copy:{source}", "file")
    remove = Run(("rm", "--recursive", source), timeout=120)
    yield Step(f"remove {source}", remove, f"directory.remove:{source}", "file", destructive=True)


def _forget_keys(node: str, observed: ObservedMembership) -> Iterator[Step]:
    """Line by line when it is done: hours may lie between this plan and that moment, and others may add keys."""
    left = observed.leftovers
    keys, hosts = WithoutRootOf((node,)), WithoutHosts((node,), left.host_keys)
    if keys(left.keys) != left.keys:
        why = f"take the key of root@{node} out of {AUTHORIZED_KEYS}"
        yield Step(why, EditFile(AUTHORIZED_KEYS, keys), f"authorized_keys.remove:{node}", "access")
    if hosts(left.hosts) != left.hosts:
        why = f"take the host keys of {node} out of {KNOWN_HOSTS}"
        yield Step(why, EditFile(KNOWN_HOSTS, hosts), f"known_hosts.remove:{node}", "access")
