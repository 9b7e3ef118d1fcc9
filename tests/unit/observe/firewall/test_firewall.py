"""What a node tells of its firewall and of the ways to it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.firewall import (
    RECORD,
    DesiredFirewall,
    SshConnection,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.firewall.firewall import (
    LOADED,
    SSHD,
    observe,
    observe_here,
    observe_ways,
)
from ansible_collections.baremetal.virt.plugins.modules.firewall_info import answer

from ....doubles.firewall_node import FirewallNode
from ....doubles.support import Completed

COROSYNC = """\
nodelist {
  node {
    name: pve1
    nodeid: 1
    quorum_votes: 1
    ring0_addr: 172.16.1.2
    ring1_addr: 10.20.2.11
  }
}
totem {
  version: 2
  cluster_name: lab
}
"""
ON, OFF = "[OPTIONS]\n\nenable: 1\n", "[OPTIONS]\n\nenable: 0\n"


def test_the_ways_to_a_node() -> None:
    node = FirewallNode(
        **{
            "/etc/pve/corosync.conf": COROSYNC,
            "/etc/pve/ceph.conf": "[global]\nfsid = 1\npublic_network = 10.3.0.1/24\n",
            "/etc/pve/datacenter.cfg": "keyboard: de\nmigration: secure,network=10.4.0.0/24\n",
            "/etc/exports": "/srv 10.5.0.0/24(rw) *(ro)\n",
            "/etc/exports.d/more.exports": "/more 10.6.0.1(rw)\n",
        }
    )
    ways = observe_ways(node)
    assert (ways.main, ways.addresses, ways.links) == (
        "172.16.1.2",
        ("172.16.1.2/24",),
        {0: "172.16.1.2", 1: "10.20.2.11"},
    )
    assert ways.connection == SshConnection("172.16.1.50", "172.16.1.2", 2222) and ways.ssh_ports == (2222,)
    assert (ways.ceph, ways.migration, ways.nfs) == (("10.3.0.0/24",), "10.4.0.0/24", ("10.5.0.0/24", "*", "10.6.0.1"))


def test_a_node_of_which_little_is_known() -> None:
    node = FirewallNode()
    node.commands[("own_connection",)] = Completed(0, "", "")
    del node.commands[SSHD]
    ways = observe_ways(node)
    assert ways.connection is None and ways.ssh_ports == (22,) and ways.links == {}


def test_an_sshd_that_does_not_tell_its_ports_is_no_sshd_on_22() -> None:
    node = FirewallNode()
    node.commands[SSHD] = Completed(255, "", "line 3: Bad configuration option")
    with pytest.raises(Unreadable, match="Bad configuration"):
        observe_ways(node)


@pytest.mark.parametrize(
    ("text", "host", "loaded"), [(ON, "", True), ("", "", None), (ON, "[OPTIONS]\nenable: 0\n", None)]
)
def test_the_kernel_is_asked_where_the_node_is_to_filter(text: str, host: str, loaded: bool) -> None:
    assert observe(FirewallNode(text, host), DesiredFirewall()).loaded is loaded


def test_a_kernel_without_the_chains() -> None:
    node = FirewallNode(ON)
    node.commands[LOADED] = Completed(1, "", "No chain/target/match by that name.")
    assert observe(node, DesiredFirewall()).loaded is False


def test_a_kernel_that_could_not_be_asked_is_not_one_without_the_chains() -> None:
    node = FirewallNode(ON)
    node.commands[LOADED] = Completed(4, "", "Another app is currently holding the xtables lock.")
    with pytest.raises(Unreadable, match="xtables lock"):
        observe(node, DesiredFirewall())


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("policy_in: ACCEPT\n", True),
        ("policy_in: ACCEPT\n\n[RULES]\n\n|IN DROP -p tcp\nIN SSH(ACCEPT)\n", True),
        ("policy_in: ACCEPT\n\n[RULES]\n\nIN DROP -p tcp -dport 443\n", False),
        ("policy_in: ACCEPT\n\n[RULES]\n\nGROUP old\n", False),
        ("policy_in: ACCEPT\npolicy_out: DROP\n", False),
    ],
)
def test_a_guest_that_lets_everything_pass_has_no_rule_that_would_wake(text: str, passes: bool) -> None:
    files = {
        "/etc/pve/firewall/100.fw": f"[OPTIONS]\n\nenable: 1\n{text}",
        "/etc/pve/nodes/pve1/qemu-server/100.conf": "net0: virtio=02:00:00:00:01:00,bridge=vmbr0,firewall=1\n",
    }
    assert [one.passes for one in observe(FirewallNode(**files), DesiredFirewall()).guests] == [passes]


def test_a_record_that_nobody_understands_is_no_missing_one() -> None:
    with pytest.raises(Unreadable, match="does not tell how far"):
        observe(FirewallNode(**{RECORD: "{}"}), DesiredFirewall())


def test_of_a_node_whose_firewall_is_on_all_is_in_the_one_look() -> None:
    recorder = Recorder(FirewallNode(ON))
    seen, ways = observe_here(recorder)
    assert ways is not None and answer(Replay(recorder.recording), {})["enabled"]
    assert observe_here(FirewallNode())[1] is None


def test_what_there_is_is_told_as_it_is_declared() -> None:
    text = (
        "[OPTIONS]\n\nenable: 1\npolicy_in: DROP\npolicy_out: REJECT\n\n[ALIASES]\n\noffice 10.1.0.0/24 # one\n\n"
        "[IPSET admins]\n\n!10.0.0.9\n\n[IPSET baremetal-controller]\n\n172.16.1.50\n\n[RULES]\n\n"
        "IN ACCEPT -source +baremetal-controller # baremetal.virt: a way in use\n"
        "|IN SSH(ACCEPT) -source +admins # who\n\n"
        "[group web]\n\nIN HTTP(ACCEPT)\n"
    )
    told = answer(FirewallNode(text, "[OPTIONS]\n\nnosmurfs: 0\nnf_conntrack_max: 300000\n\n[RULES]\n\nOUT DROP\n"), {})
    assert told["cluster"] == {
        "options": {"enable": True, "policy_out": "REJECT"},
        "aliases": [{"name": "office", "cidr": "10.1.0.0/24", "comment": "one"}],
        "ipsets": [{"name": "admins", "entries": [{"cidr": "10.0.0.9", "nomatch": True}]}],
        "groups": [{"name": "web", "rules": [{"type": "in", "action": "ACCEPT", "macro": "HTTP"}]}],
        "rules": [
            {"type": "in", "action": "ACCEPT", "macro": "SSH", "source": "+admins", "comment": "who", "enable": False}
        ],
    }
    assert told["host"] == {
        "host_options": {"nf_conntrack_max": 300000, "nosmurfs": False},
        "host_rules": [{"type": "out", "action": "DROP"}],
    }
