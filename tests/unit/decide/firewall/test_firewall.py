"""The change of a firewall in its phases: what is written, what is refused, and what a kill leaves behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Program
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.files import CLUSTER_FILE, RuleSet, parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.firewall import RECORD
from ansible_collections.baremetal.virt.plugins.module_utils.site.firewall.ways import document
from ansible_collections.baremetal.virt.plugins.modules.firewall import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.firewall_info import answer
from ansible_collections.baremetal.virt.plugins.plugin_utils.options import validated

from ....doubles.firewall_node import FirewallNode
from ....doubles.support import Completed, printed

HOST = "/etc/pve/nodes/pve1/host.fw"
PHASES = ("guard", "write", "confirm")


def params(node: FirewallNode, **given: Any) -> dict[str, Any]:
    return validated(SUBJECT.argument_spec, {}, {**document([answer(node, {})], ()), **given})


def plan(node: FirewallNode, **given: Any) -> Plan:
    return make_plan(SUBJECT, params(node, **given), node)


def changed(node: FirewallNode, phases: tuple[str, ...] = PHASES, **given: Any) -> FirewallNode:
    for phase in phases:
        converge(SUBJECT, params(node, phase=phase, **given), node, False, lambda step, there: there.act(step) or "")
    return node


def refused(node: FirewallNode, **given: Any) -> str:
    return " ".join(map(str, plan(node, **given).refusals))


def cluster(node: FirewallNode) -> RuleSet:
    return parse(node.files.get(CLUSTER_FILE, ""))


ON: dict[str, Any] = {"options": {"enable": True}}
WEB = {"type": "in", "action": "ACCEPT", "proto": "tcp", "dport": "443"}


def test_the_way_over_which_the_node_is_asked_is_opened_and_all_is_done_in_phases() -> None:
    node = FirewallNode()
    found = plan(node, **ON)
    assert [step.id for step in found.steps] == ["firewall.guard", "firewall.write", "firewall.confirm"]
    assert "enable not set to 1" in found.steps[1].why and found.tells == {"enabled": True}
    changed(node, **ON)
    rules = cluster(node)
    assert [str(rule) for rule in rules.rules] == ["IN ACCEPT -source +baremetal-controller -p tcp -dport 2222,8006"]
    assert [entry.cidr for entry in rules.ipsets["baremetal-controller"].entries] == ["172.16.1.50"]
    assert RECORD not in node.files and not plan(node, **ON).steps


def test_another_controller_takes_no_way_away() -> None:
    node = changed(FirewallNode(), **ON)
    node.commands[("own_connection",)] = printed("10.7.7.7 1 172.16.1.2 2222\n")
    changed(node, **ON)
    assert {entry.cidr for entry in cluster(node).ipsets["baremetal-controller"].entries} == {"172.16.1.50", "10.7.7.7"}


def test_ceph_stays_open_where_packets_that_go_out_are_filtered() -> None:
    node = FirewallNode(**{"/etc/pve/ceph.conf": "[global]\nfsid = 1\npublic_network = 172.16.1.0/24\n"})
    changed(node, options={"enable": True, "policy_out": "DROP"})
    opened = [str(rule) for rule in cluster(node).rules if "3300" in rule.dport]
    there = "ACCEPT -source +baremetal-ceph -dest +baremetal-ceph -p tcp -dport 3300,6789,6800:7300"
    assert opened == [f"IN {there}", f"OUT {there}"]


def test_what_is_open_anyway_gets_no_rule() -> None:
    node = FirewallNode()
    changed(node, **ON, rules=[{"type": "in", "action": "ACCEPT", "proto": "tcp", "dport": "2222,8006"}])
    assert len(cluster(node).rules) == 1 and not cluster(node).ipsets


@pytest.mark.parametrize("killed", range(3))
def test_a_run_that_is_killed_in_any_phase_is_taken_back_and_done_by_the_next_one(killed: int) -> None:
    before = "[RULES]\n\nIN ACCEPT # old\n"
    node = changed(FirewallNode(before), PHASES[:killed], **ON)
    changed(node, **ON)
    assert cluster(node).enabled and RECORD not in node.files
    node = changed(FirewallNode(before), PHASES[:killed], **ON)
    node.undo()
    assert node.files[CLUSTER_FILE] == before


def test_a_change_that_waits_for_its_confirmation_is_begun_anew_by_another_run() -> None:
    node = changed(FirewallNode(), PHASES[:2], **ON)
    assert cluster(node).enabled and [step.id for step in plan(node, **ON).steps][0] == "firewall.guard"


def test_what_was_taken_back_meanwhile_is_not_confirmed() -> None:
    node = changed(FirewallNode(), PHASES[:2], **ON)
    node.undo()
    with pytest.raises(Refused, match="taken the change of the firewall back"):
        changed(node, ("confirm",), **ON)
    with pytest.raises(Refused, match="taken the change of the firewall back"):
        changed(node, ("write",), **ON)


def test_a_node_that_is_not_asked_by_ssh_is_not_changed() -> None:
    node = FirewallNode()
    node.commands[("own_connection",)] = printed("")
    assert "sshd does not tell there" in refused(node, **ON)


def test_only_the_lead_writes_the_file_of_the_cluster() -> None:
    node = changed(FirewallNode(), PHASES[:2], **ON, lead=False, host_options={"nosmurfs": False})
    assert CLUSTER_FILE not in node.files and parse(node.files[HOST]).options == {"nosmurfs": "0"}
    assert [(one["path"], one["mine"]) for one in node.record["files"]] == [(HOST, True), (CLUSTER_FILE, False)]
    other = FirewallNode()
    assert plan(other, **ON, lead=False).steps[1].why == "Take part in the change of the firewall"


def test_declared_rules_stand_first_in_their_order_and_others_behind_them() -> None:
    node = FirewallNode("[RULES]\n\nIN DROP -p udp # theirs\nIN ACCEPT -dport 443:443 -p 6 # pages\nIN DROP -p icmp\n")
    ssh = {"type": "in", "action": "ACCEPT", "macro": "SSH"}
    changed(node, rules=[WEB, ssh])
    told = [str(rule) for rule in cluster(node).rules]
    assert told == ["IN ACCEPT -p 6 -dport 443:443", "IN SSH(ACCEPT)", "IN DROP -p udp", "IN DROP -p icmp"]
    assert not plan(node, rules=[WEB, ssh]).steps
    assert "put the rules in order" in plan(node, rules=[ssh, WEB]).steps[1].why
    changed(node, rules=[WEB], exclusive=["rules"])
    assert [str(rule) for rule in cluster(node).rules] == ["IN ACCEPT -p 6 -dport 443:443"]


def test_what_means_the_same_is_no_change() -> None:
    text = "[OPTIONS]\n\npolicy_in: DROP\n\n[ALIASES]\n\noffice 10.1.0.5/24\n\n[IPSET ab]\n\n172.16.1.0/24\noffice\n"
    node = FirewallNode(text)
    assert not plan(
        node,
        options={"policy_in": "DROP", "policy_out": "ACCEPT"},
        aliases=[{"name": "Office", "cidr": "10.1.0.0/24"}],
        ipsets=[{"name": "AB", "entries": [{"cidr": "Office"}, {"cidr": "172.16.1.2/24"}]}],
        host_options={"ndp": True},
    ).steps


def test_things_come_and_go() -> None:
    node = FirewallNode("[ALIASES]\n\nold 10.0.0.1\nother 10.0.0.2\n\n[group web]\n\nIN HTTP(ACCEPT)\n")
    given: dict[str, Any] = {
        "aliases": [{"name": "old", "state": "absent"}],
        "groups": [{"name": "web", "rules": [WEB]}],
    }
    changed(node, **given)
    assert (
        set(cluster(node).aliases) == {"other"}
        and str(cluster(node).groups["web"].rules[0]) == "IN ACCEPT -p tcp -dport 443"
    )
    changed(node, exclusive=["aliases"])
    assert not cluster(node).aliases


def test_nothing_declared_is_nothing_asked() -> None:
    assert plan(FirewallNode("[RULES]\n\nIN NONSENSE\n")) == Plan(tells={"enabled": False})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rules": [{**WEB, "source": "10.0.0.5/24"}]}, "which is 10.0.0.0/24"),
        ({"rules": [{**WEB, "source": "10.0.0.1-10.0.0.9"}]}, "is a range"),
        ({"rules": [{**WEB, "source": "fd00::1-fd00::9"}]}, "is a range"),
        ({"rules": [{**WEB, "action": "ALLOW"}]}, "none of ACCEPT, DROP, REJECT"),
        ({"rules": [{"type": "group", "action": "x" * 19}]}, "no name of a group"),
        ({"groups": [{"name": "x" * 19}]}, "2 to 18"),
        ({"groups": [{"name": "web", "rules": [{"type": "group", "action": "other"}]}]}, "cannot name another group"),
        ({"ipsets": [{"name": "ab"}, {"name": "AB"}]}, "declared twice"),
        ({"ipsets": [{"name": "baremetal-x"}]}, "are for ways in use"),
        ({"ipsets": [{"name": "ab", "entries": [{"cidr": "10.0.0.1-10.0.0.9"}]}]}, "is a range"),
        ({"aliases": [{"name": "ab", "cidr": "somewhere"}]}, "needs a cidr"),
        ({"rules": [{**WEB, "comment": "pages\n"}]}, "is not one line"),
        ({"groups": [{"name": "web", "rules": [{**WEB, "comment": "a\nIN ACCEPT"}]}]}, "is not one line"),
        ({"aliases": [{"name": "ab", "cidr": "10.0.0.1", "comment": " of old"}]}, "is not one line"),
        ({"host_options": {"nftables": True}}, "nftables cannot be switched on"),
    ],
)
def test_input_that_can_come_to_nothing(given: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        plan(FirewallNode(), **given)


def test_dangers_are_told_all_at_once() -> None:
    text = (
        "[RULES]\n\nIN NONSENSE\nGROUP gone\nIN ACCEPT -source dc/away\n[IPSET a]\n\n10.0.0.5/24\n10.0.0.0/24\nnobody\n"
    )
    told = refused(FirewallNode(text), **ON)
    for sentence in (
        "line 3: IN NONSENSE",
        "The set a holds one network twice: 10.0.0.5/24 and 10.0.0.0/24",
        "The set a names nobody",
        "names the group gone, which there is not",
        "names dc/away, which there is not",
    ):
        assert sentence in told


def test_ranges_and_what_upstream_defines_itself_are_no_dangers() -> None:
    text = (
        "[IPSET management]\n\nlocal_network\n\n[RULES]\n\nIN ACCEPT -source local_network\n"
        "IN ACCEPT -source +sdn/vnet0-all\nIN ACCEPT -source 10.0.0.1-10.0.0.9 -p tcp -dport 443\n"
    )
    assert refused(FirewallNode(text), **ON) == ""
    port = "IN ACCEPT -source 10.0.0.1-10.0.0.9 -p tcp -dport 90:80"
    assert "'90:80' is no port" in refused(FirewallNode(f"[RULES]\n\n{port}\n"), **ON)


def test_rules_of_the_node_that_shut_a_way_in_use() -> None:
    told = refused(FirewallNode(), **ON, host_rules=[{"type": "in", "action": "DROP", "source": "172.16.0.0/16"}])
    assert "ssh and the web interface, from this controller (tcp 2222,8006), by the rule IN DROP" in told
    assert not refused(FirewallNode(), **ON, rules=[{"type": "in", "action": "DROP"}])


def test_rules_that_upstream_skips_and_nftables() -> None:
    assert "takes no notice of the rule" in refused(FirewallNode("[RULES]\n\nIN ACCEPT -source 10.0.0.5/24\n"), **ON)
    assert "filters by nftables" in refused(FirewallNode(host="[OPTIONS]\n\nnftables: 1\n"), **ON)
    assert not refused(FirewallNode(host="[OPTIONS]\n\nnftables: 1\n"), **ON, host_options={"nftables": False})


def test_a_node_whose_kernel_has_nothing_of_it_is_not_in_order() -> None:
    node = changed(FirewallNode(), **ON)
    node.commands["iptables", "-S", "PVEFW-HOST-IN"] = Completed(1, "", "No chain/target/match by that name.")
    assert "the node is open" in refused(node, **ON)


RULES = "[OPTIONS]\n\nenable: 1\n\n[RULES]\n\nIN ACCEPT -p tcp -dport 22\n"
GUESTS = {
    "/etc/pve/firewall/100.fw": RULES,
    "/etc/pve/firewall/101.fw": RULES,
    "/etc/pve/firewall/103.fw": "[OPTIONS]\n\nenable: 1\npolicy_in: ACCEPT\n",
    **{
        f"/etc/pve/nodes/pve1/qemu-server/{number}.conf": f"net0: virtio=02:00:00:00:01:00,bridge=vmbr0{flag}\n"
        for number, flag in ((100, ",firewall=1"), (101, ""), (102, ",firewall=1"), (103, ",firewall=1"))
    },
}


def test_guests_whose_firewall_would_wake_have_to_be_declared() -> None:
    told = refused(FirewallNode(**GUESTS), **ON)
    assert "would wake: 100 (allows tcp 22 only)." in told
    assert not refused(FirewallNode(**GUESTS), **ON, guests=[100])
    awake = changed(FirewallNode(**GUESTS), **ON, guests=[100])
    assert not refused(awake, **ON)


def test_a_plan_is_whole_and_holds_the_files() -> None:
    step = plan(FirewallNode(), **ON).steps[0]
    assert isinstance(step.action, Program)
    given = json.loads(str(step.action.stdin))
    assert given["seconds"] == 90 and given["files"][0]["path"] == CLUSTER_FILE


COROSYNC = "nodelist {{\n{}}}\ntotem {{\n  version: 2\n  cluster_name: lab\n}}\n".format(
    "".join(
        f"  node {{\n    name: pve{number}\n    nodeid: {number}\n    ring0_addr: 172.16.1.{number + 1}\n  }}\n"
        for number in (1, 2)
    )
)


def test_a_run_that_does_not_ask_every_member_changes_nothing_and_takes_no_way_away() -> None:
    node = FirewallNode(**{"/etc/pve/corosync.conf": COROSYNC})
    told = refused(node, **ON)
    assert "this run has not asked pve2 by ssh" in told and "no --limit" in told
    other = {**answer(node, {}), "node": "pve2", "main": "172.16.1.3", "links": {"0": "172.16.1.3"}}
    both = document([answer(node, {}), other], ())
    for phase in PHASES:
        given = validated(SUBJECT.argument_spec, {}, {**both, **ON, "phase": phase})
        converge(SUBJECT, given, node, False, lambda step, there: there.act(step) or "")
    assert cluster(node).ipsets
    limited = plan(node, **ON)
    assert not limited.steps and not limited.refusals
    assert "has not asked pve2" in refused(node, **ON, rules=[WEB])


def test_a_file_of_the_cluster_that_another_node_has_taken_back_is_not_confirmed() -> None:
    node = changed(FirewallNode(), PHASES[:2], **ON, lead=False)
    node.undo()
    with pytest.raises(Refused, match="taken the change of the firewall back"):
        changed(node, ("confirm",), **ON, lead=False)
