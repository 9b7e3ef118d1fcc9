"""node_membership: how a node leaves, step by step, and that a run killed after any step is finished by the next."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.leaving.membership import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Program, Run, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.leaving.keys import WithoutHosts, WithoutRootOf
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.guests import RESOURCES
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT
from hypothesis import given
from hypothesis import strategies as st

from ....doubles import cluster_nodes as lab
from ....doubles.leaving_node import COUNTED, DELETE, GIB, KEYS, POWER_OFF, Leaving, ids, params, plan, targets
from ....doubles.support import assert_converges_from_every_kill, printed

LOCAL = "scsi0: local-lvm:vm-100-disk-0,size=8G\n"
JOB = "local: 101-0\n\ttarget pve3\n\trate 10\n"
RULES = "node-affinity: near\n\tnodes pve1:2,pve3\n\tresources vm:100\n"
LAST_RULE = "node-affinity: near\n\tnodes pve3\n\tresources vm:100\n"
STORAGES = "zfspool: tank\n\tpool tank\n\tcontent images\n\tnodes pve1,pve3\n"
LAST_STORAGE = "zfspool: tank\n\tpool tank\n\tcontent images\n\tnodes pve3\n"
MAPPING = "gpu\n\tmap id=10de:1,node=pve1,path=0000:01:00\n\tmap id=10de:1,node=pve3,path=0000:02:00\n"
LAST_MAPPING = "gpu\n\tmap id=10de:1,node=pve3,path=0000:02:00\n"
HA = "/etc/pve/ha/resources.cfg"


def two_nodes() -> Leaving:
    return Leaving(("pve1", "pve3")).tell()


def separated() -> Leaving:
    return Leaving().off("pve3")


def full() -> Leaving:
    """Whatever can live on a node or refer to it and is no reason to refuse."""
    node = Leaving().guest(100, running=True).guest(101).guest(102, "hostname: web\nrootfs: share:102/d.raw\n", "lxc")
    node.write(HA, "vm: 100\n\nvm: 101\n\tstate stopped\n").write("/etc/pve/ha/rules.cfg", RULES)
    node.write("/etc/pve/replication.cfg", JOB).write(
        "/etc/pve/storage.cfg", f"{STORAGES}\n{node.files['/etc/pve/storage.cfg']}"
    )
    return node.write("/etc/pve/mapping/pci.cfg", MAPPING)


def dead() -> Leaving:
    return full().write(HA, "").off("pve3")


def drained() -> Leaving:
    node = Leaving().write(HA, "")
    node.maintain("pve3")
    return node


def forgotten() -> Leaving:
    """Deleted by hand; what delnode leaves is there."""
    node = Leaving()
    node.nodes.remove("pve3")
    node.awake.discard("pve3")
    node.version = 4
    return node.tell()


def test_an_empty_node_retires() -> None:
    made = plan(Leaving())
    assert (ids(made), made.refusals) == (POWER_OFF + DELETE + COUNTED, ())


def test_a_node_that_is_off_and_empty_is_only_deleted() -> None:
    made = plan(Leaving().off("pve3"))
    assert (ids(made), made.refusals) == (POWER_OFF[2:] + DELETE + COUNTED, ())


def test_a_node_on_its_way_down_is_not_told_again_to_power_off() -> None:
    """Between two looks of one run it still counts as a member that is online, and its sshd has ended."""
    made = plan(Leaving(), done=[POWER_OFF[0]])
    assert ids(made) == POWER_OFF[1:] + DELETE + COUNTED


def test_a_power_off_that_does_not_get_through_says_what_may_be_so() -> None:
    action = plan(Leaving()).steps[0].action
    assert isinstance(action, Run)
    [(refused, advice)] = action.cures
    assert re.search(refused, "ssh: connect to host 10.10.1.12 port 22: Connection refused")
    assert "on its way down already" in advice


def test_what_delnode_left_is_put_away() -> None:
    made = plan(forgotten())
    assert (ids(made), made.refusals) == (DELETE[1:], ())


def test_corosync_hears_of_a_deletion_by_a_member_that_lost_its_power_right_after() -> None:
    """The others would expect the votes of three, and take in no node."""
    node = forgotten()
    node.expected = 3
    made = plan(node)
    assert ids(made) == [*DELETE[1:], "corosync.reload", *COUNTED]
    wait = made.steps[-1].action
    assert isinstance(wait, Wait)
    told = {votes: wait.until[0].judge([0, f"Expected votes:   {votes}\n", ""]) for votes in (1, 2, 3, 12)}
    assert told == {1: True, 2: True, 3: False, 12: False}
    for step in made.steps:
        node.act(step)
    assert plan(node).steps == ()


def test_fewer_expected_votes_are_somebodys_wish_and_those_of_a_quorum_device_are_not_counted() -> None:
    node = forgotten()
    node.expected = 1
    assert ids(plan(node)) == DELETE[1:]
    node.expected = 3
    with_device = node.files[lab.CONFIG].replace("quorum {", "quorum {\n  device {\n    model: net\n  }")
    node.tell = lambda: node  # type: ignore[method-assign]
    node.files[lab.CONFIG] = with_device
    assert ids(plan(node)) == DELETE[1:]


def test_a_copy_that_was_cut_short_is_made_whole() -> None:
    node = forgotten()
    whole, copy = node.files["/etc/pve/nodes/pve3/pve-ssl.pem"], "/var/lib/baremetal.virt/removed/pve3.v4/pve-ssl.pem"
    node.files[copy] = whole[:10]
    for step in plan(node).steps:
        node.act(step)
    assert node.files[copy] == whole


def test_a_node_that_is_gone_needs_nothing() -> None:
    node = forgotten()
    for step in plan(node).steps:
        node.act(step)
    made = plan(node)
    assert (made.steps, made.refusals) == ((), ())
    assert made.warnings == ("The cluster has no node pve3, and nothing in it refers to one.",)


def test_with_two_nodes_the_other_gets_quorum_back_first() -> None:
    made = plan(two_nodes(), expected_votes=1)
    assert made.refusals == ()
    assert ids(made) == [*POWER_OFF, "votes.expect:1", "quorum.wait", *DELETE, "votes.counted:1"]


def test_a_full_node_retires() -> None:
    made = plan(full(), discard=["replication/101-0"])
    assert made.refusals == ()
    assert ids(made) == [
        "maintenance.enable:pve3",
        "maintenance.wait:pve3",
        "guest.moved:100",
        "guest.migrate:101",
        "guest.moved:101",
        "guest.migrate:102",
        "guest.moved:102",
        "replication.remove:101-0",
        "replication.gone:101-0",
        "ha-rule.shorten:near",
        "storage.shorten:tank",
        "mapping.shorten:pci/gpu",
        *POWER_OFF,
        "maintenance.disable:pve3",
        "maintenance.forget:pve3",
        *DELETE,
        *COUNTED,
    ]


@pytest.mark.parametrize(
    ("mode", "start", "changes"),
    [
        ("retire", drained, {}),
        ("dead", lambda: drained().off("pve3"), {}),
        ("separate", lambda: drained().off("pve3"), {"standalone": True}),
    ],
)
def test_the_ha_manager_does_not_keep_the_next_machine_of_this_name_free(
    mode: str, start: Callable[[], Leaving], changes: dict[str, Any]
) -> None:
    node = start()
    made = plan(node, mode, **changes).steps
    steps = [step.id for step in made]
    assert steps[steps.index(DELETE[0]) - 2 : steps.index(DELETE[0])] == [
        "maintenance.disable:pve3",
        "maintenance.forget:pve3",
    ], "which it would do if it were told later"
    for step in made:
        node.act(step)
    assert json.loads(node.files["/etc/pve/ha/manager_status"])["node_request"] == {"pve3": {}}


def test_people_read_what_is_done_to_whom() -> None:
    told = plan(full(), discard=["replication/101-0"]).sentences
    assert told[:7] == [
        "put pve3 into maintenance mode: the HA manager moves its guests and places none there",
        "wait until the HA manager keeps pve3 in maintenance mode",
        "wait until the HA manager has moved VM 100 (vm100)",
        "begin to migrate VM 101 (vm101) to pve2 while it is stopped",
        "wait until VM 101 (vm101) has left pve3",
        "begin to migrate container 102 (web) to pve2 while it is stopped",
        "wait until container 102 (web) has left pve3",
    ]
    assert "delete pve3 from the cluster" in told


def test_a_dead_node_gives_its_guests_away() -> None:
    made = plan(dead(), "dead", discard=["replication/101-0"])
    assert made.refusals == ()
    assert ids(made)[:3] == ["guest.take:100", "guest.take:101", "guest.take:102"]
    assert made.sentences[2] == "give container 102 (web) to pve2 (it stays stopped)"
    assert ids(made)[-len(DELETE) - 1 :] == DELETE + COUNTED


def test_right_before_a_dead_node_is_deleted_it_must_still_be_off() -> None:
    """Moving Ceph's data takes hours, in which somebody may switch it on."""
    steps = plan(dead(), "dead", discard=["replication/101-0"]).steps
    [index] = [index for index, step in enumerate(steps) if step.id == DELETE[0]]
    look = steps[index - 1]
    assert look.id == POWER_OFF[2] and isinstance(look.action, Wait) and look.action.timeout < 10
    able, silent = look.action.until
    assert silent.judge([1, "", ""]) and not silent.judge([0, "10.10.1.13 ssh-rsa KEY\n", ""])
    node = dead()
    assert able.holds(node)
    del node.files["/usr/bin/ssh-keyscan"]
    assert not able.holds(node), "where nobody can ask, silence says nothing"


def test_drain_moves_the_guests_and_touches_nothing_else() -> None:
    made = plan(full(), "drain")
    assert made.refusals == ()
    assert len(made.steps) == 7
    assert ids(made)[-1] == "guest.moved:102"


@pytest.mark.parametrize("disks, more", [("", []), (LOCAL, ["--with-local-disks", "1"])])
def test_a_stopped_machine_may_have_been_started_since_the_cluster_was_told(disks: str, more: list[str]) -> None:
    made = plan(Leaving().guest(100, f"name: db\n{disks}"), "drain", local_disks=True)
    (move,) = [step for step in made.steps if step.id == "guest.migrate:100"]
    assert isinstance(move.action, Program)
    assert list(move.action.arguments[-2 - len(more) :]) == ["--online", "1", *more]


def test_a_separation_that_was_cut_short_goes_on_at_the_node_itself() -> None:
    made = plan(Leaving().off("pve3"), "separate")
    assert (made.refusals, made.steps) == ((), ())
    assert made.warnings == (
        "pve3 is not online: it is leaving the cluster already, or has no power. The run asks it before it goes on.",
    )


def test_a_node_to_be_separated_stays_on_until_it_is_alone() -> None:
    assert plan(Leaving(), "separate").steps == ()
    made = plan(separated(), "separate", standalone=True)
    assert (ids(made), made.refusals) == (DELETE + COUNTED, ())


@pytest.mark.parametrize(
    ("path", "text", "allowed", "step"),
    [
        ("/etc/pve/ha/rules.cfg", LAST_RULE, [], "ha-rule.remove:near"),
        ("/etc/pve/storage.cfg", LAST_STORAGE, ["storage/tank"], "storage.remove:tank"),
        ("/etc/pve/mapping/pci.cfg", LAST_MAPPING, [], "mapping.remove:pci/gpu"),
        ("/etc/pve/mapping/directory.cfg", "data\n\tmap node=pve3,path=/srv\n", [], "mapping.remove:dir/data"),
        ("/etc/pve/ha/groups.cfg", "group: near\n\tnodes pve1,pve3\n", [], "ha-group.shorten:near"),
    ],
)
def test_what_named_the_node_alone_goes_with_it(path: str, text: str, allowed: list[str], step: str) -> None:
    made = plan(Leaving().write(path, text), discard=allowed)
    assert made.refusals == ()
    assert ids(made)[0] == step


def test_guests_go_where_memory_is_left() -> None:
    node = Leaving()
    for vmid in range(100, 106):
        node.guest(vmid, running=True)
    assert targets(plan(node, "drain")) == ["pve2", "pve2", "pve2", "pve1", "pve2", "pve1"]


def test_what_has_just_arrived_is_counted_by_its_node_and_by_nobody_else_yet() -> None:
    node = Leaving().guest(100, running=True).memory("pve2", used=25 * GIB)
    told = [{"type": "node", "node": name, "status": "online", "maxmem": 64 * GIB, "mem": 0} for name in node.nodes]
    node.commands[RESOURCES] = printed(json.dumps(told))
    assert targets(plan(node, "drain")) == ["pve1"]


@pytest.mark.parametrize(
    ("used", "hint"),
    [(63 * GIB, "Stop the guest, or make room."), (None, "pve1 did not say how much it has: pvesh get /nodes/pve1/st")],
)
def test_a_node_that_cannot_be_asked_gets_no_guest_that_runs(used: Optional[int], hint: str) -> None:
    node = Leaving().guest(100, running=True)
    silent = ["pve2"] if used else ["pve1", "pve2"]
    node.memory("pve1", used or 0)
    for name in silent:
        node.commands["pvesh", "get", f"/nodes/{name}/status", "--output-format", "json"] = Completed(255, "", "")
    [refusal] = plan(node, "drain").refusals
    assert "No node has the 4096 MiB of memory that VM 100 (vm100) needs" in refusal.reason
    assert refusal.hint.startswith(hint)


@pytest.mark.parametrize(
    ("start", "mode", "changes"),
    [
        (Leaving, "retire", {}),
        (two_nodes, "retire", {"expected_votes": 1}),
        (full, "retire", {"discard": ["replication/101-0"]}),
        (drained, "retire", {}),
        (full, "drain", {}),
        (dead, "dead", {"discard": ["replication/101-0"]}),
        (lambda: two_nodes().off("pve3"), "dead", {"expected_votes": 1}),
        (separated, "separate", {"standalone": True}),
        (forgotten, "retire", {}),
    ],
)
def test_a_run_killed_after_any_step_is_finished_by_the_next(
    start: Callable[[], Leaving], mode: str, changes: dict[str, Any]
) -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(mode, **changes), start) > 1


@given(seed=st.integers(0, 2**20))
def test_two_kills_and_a_third_run(seed: int) -> None:
    """Kills at two places; the third run reaches the end, and nobody but the node has lost a key."""
    node = full()
    wishes = params("retire", discard=["replication/101-0"])
    for kill in (seed % 23, seed // 23 % 23):
        for step in make_plan(SUBJECT, wishes, node).steps[:kill]:
            node.act(step)
    for step in make_plan(SUBJECT, wishes, node).steps:
        node.act(step)
    assert make_plan(SUBJECT, wishes, node).steps == ()
    assert "root@pve1" in node.files["/etc/pve/priv/authorized_keys"]
    assert "operator" in node.files["/etc/pve/priv/authorized_keys"]
    assert not any(path.startswith("/etc/pve/nodes/pve3/") for path in node.files)


def test_delnode_is_never_reached_while_the_node_is_on() -> None:
    """In every plan that deletes, what proves that the node is off stands before."""
    for node, mode, changes in ((Leaving(), "retire", {}), (two_nodes(), "retire", {"expected_votes": 1})):
        steps = ids(plan(node, mode, **changes))
        assert steps.index(POWER_OFF[2]) < steps.index(DELETE[0])


@pytest.mark.parametrize(
    ("node", "text", "rest"),
    [
        ("pve3", KEYS, KEYS.replace("ssh-rsa AAAA3 root@pve3\n", "")),
        ("pve33", KEYS, KEYS),
        ("ve3", KEYS, KEYS),
        ("pve3", "ssh-rsa AAAA3 root@pve3.example.org\nssh-rsa B x\n", "ssh-rsa B x\n"),
        ("pve3", "ssh-rsa AAAA3 root@pve3\n", "ssh-rsa AAAA3 root@pve3\n"),
        ("pve3", "ssh-rsa AAAA3 root@pve3\n# nobody else\n", "ssh-rsa AAAA3 root@pve3\n# nobody else\n"),
    ],
)
def test_only_the_key_of_the_node_goes_and_never_the_last_one(node: str, text: str, rest: str) -> None:
    assert WithoutRootOf((node,))(text) == rest


def test_host_keys_are_found_by_name_and_by_key() -> None:
    text = "pve3 ssh-rsa K3\n10.10.1.13 ssh-rsa K3\npve1 ssh-rsa K1\n# pve3 ssh-rsa K3\n"
    assert WithoutHosts(("pve3",), frozenset({"ssh-rsa K3"}))(text) == "pve1 ssh-rsa K1\n# pve3 ssh-rsa K3\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"node": "10.10.1.13"}, "cannot be the name of a node"),
        ({"discard": ["everything"]}, "names nothing"),
        ({"discard": ["guest/"]}, "names nothing"),
        ({"discard": ["pool/vms"]}, "names nothing"),
        ({"expected_votes": 0}, "whole number"),
    ],
)
def test_wishes_that_make_no_sense(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        desired_from(params(**changes))
