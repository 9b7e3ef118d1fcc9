"""What waits until somebody applies it is in two places: the old value on top, the new one below."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.sdn.sdn import decide
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question, Reader
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.options import meaning
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.sdn import DesiredSdn, Key, Wish, options_of
from ansible_collections.baremetal.virt.plugins.module_utils.observe.sdn.nodes import observe_nodes
from ansible_collections.baremetal.virt.plugins.module_utils.observe.sdn.sdn import observe

ZONES = [
    {
        "zone": "vx",
        "type": "vxlan",
        "peers": "10.20.1.11,10.20.1.12",
        "mtu": 1400,
        "state": "changed",
        "pending": {"peers": "10.20.1.13,10.20.1.11,10.20.1.12", "mtu": "deleted"},
        "digest": None,
    },
    {"zone": "old", "type": "simple", "state": "deleted", "pending": {}, "digest": None},
    {"zone": "lab", "type": "simple", "ipam": "pve", "digest": None},
    {"zone": "zz", "type": "simple", "state": "new", "pending": {"nodes": "pve9"}, "digest": None},
]
PEERS = ("10.20.1.11", "10.20.1.12", "10.20.1.13")
NEW_FABRIC = {
    "fabrics": [{"state": "new", "pending": {"id": "spine", "protocol": "ospf", "area": "0"}}],
    "nodes": [
        {
            "state": "new",
            "pending": {
                "fabric_id": "spine",
                "node_id": "pve1",
                "protocol": "ospf",
                "ip": "10.30.0.1",
                "interfaces": ["name=eno3"],
            },
        }
    ],
}


class Told(Reader):
    """The API as a table; what is not in it has nothing."""

    def __init__(self, **answers: Any) -> None:
        node = {"name": "pve1", "type": "node", "online": 1}
        network = {"data": [{"iface": "eno1", "cidr": f"{address}/24"} for address in PEERS], "changes": None}
        self.answers: dict[str, Any] = {
            "/version": {"version": "9.2.11"},
            "/cluster/sdn/ipams": [{"ipam": "pve", "type": "pve"}],
            "/cluster/sdn/fabrics/all?pending=1": {"fabrics": [], "nodes": []},
            "/cluster/status": [node],
            "/nodes/pve1/network": network,
            "/cluster/sdn/dry-run?node=pve1": {},
            **answers,
        }

    def look(self, question: Question) -> Any:
        return self.answers.get(question.argument[0], []) if question.kind == "api" else None


def told(things: Any) -> dict[str, Any]:
    return {name: {"type": one.type, **one.options} for (kind, name), one in things.items() if kind == "zone"}


def wish(type_: str, **said: Any) -> Wish:
    table = options_of("zone", type_)
    return Wish(type_, options={name: meaning(table[name], value) for name, value in said.items()})


def test_what_is_staged_and_what_runs() -> None:
    wishes: dict[Key, Wish] = {
        ("zone", "vx"): wish("vxlan", peers=list(PEERS)),
        ("zone", "lab"): wish("simple", ipam="pve"),
        ("zone", "old"): Wish(absent=True),
    }
    desired = DesiredSdn(wishes, caller="root@pam", lock_file="/nowhere")
    observed = observe(Told(**{"/cluster/sdn/zones?pending=1": ZONES}), desired)
    assert told(observed.staged) == {
        "vx": {"type": "vxlan", "peers": PEERS},
        "lab": {"type": "simple", "ipam": "pve"},
        "zz": {"type": "simple", "nodes": ("pve9",)},
    }
    assert told(observed.running) == {
        "vx": {"type": "vxlan", "peers": PEERS[:2], "mtu": 1400},
        "old": {"type": "simple"},
        "lab": {"type": "simple", "ipam": "pve"},
    }
    plan = decide(desired, observed)
    assert [step.id for step in (*plan.steps, *plan.possible)] == ["sdn_lock.take", "sdn.apply"]
    assert plan.tells == {"foreign": ["zone zz"]}
    assert [one.reason for one in plan.refusals] == [
        "Somebody else has staged changes that would be applied along: zone zz."
    ]


@pytest.mark.parametrize(("plain", "alias"), [({"alias": "deleted"}, "deleted"), ({}, "")])
def test_a_text_that_reads_like_a_removal(plain: dict[str, str], alias: str) -> None:
    row = {"vnet": "vn1", "type": "vnet", "zone": "lab", "alias": "old", "state": "changed"}
    told = Told(
        **{
            "/cluster/sdn/vnets?pending=1": [{**row, "pending": {"alias": "deleted"}}],
            "/cluster/sdn/vnets": [{"vnet": "vn1", "type": "vnet", "zone": "lab", **plain}],
        }
    )
    observed = observe(told, DesiredSdn(caller="root@pam", lock_file="/nowhere"))
    assert observed.staged["vnet", "vn1"].text("alias") == alias
    assert observed.running["vnet", "vn1"].text("alias") == "old"


def test_a_text_that_reads_like_a_removal_and_runs_is_one() -> None:
    row = {"vnet": "vn1", "type": "vnet", "zone": "lab", "alias": "deleted"}
    observed = observe(Told(**{"/cluster/sdn/vnets?pending=1": [row]}), DesiredSdn(caller="root@pam"))
    assert observed.staged["vnet", "vn1"] == observed.running["vnet", "vn1"]
    assert observed.staged["vnet", "vn1"].text("alias") == "deleted"


def test_addresses_of_a_keeper_that_there_is_no_more_are_kept_by_nobody() -> None:
    """A zone may still name one that somebody has removed, as that holds at once."""
    told = Told(
        **{
            "/cluster/sdn/zones?pending=1": [{"zone": "lab", "type": "simple", "ipam": "box"}],
            "/cluster/sdn/vnets?pending=1": [{"vnet": "vn1", "type": "vnet", "zone": "lab"}],
            "/cluster/sdn/vnets/vn1/subnets?pending=1": [{"subnet": "lab-10.50.0.0-24", "cidr": "10.50.0.0/24"}],
        }
    )
    wishes: dict[Key, Wish] = {("subnet", "vn1/10.50.0.0/24"): Wish(absent=True)}
    assert observe(told, DesiredSdn(wishes, caller="root@pam", lock_file="/nowhere")).held == {}


def test_a_new_fabric_has_even_its_name_below() -> None:
    observed = observe(
        Told(**{"/cluster/sdn/fabrics/all?pending=1": NEW_FABRIC}),
        DesiredSdn(caller="root@pam", lock_file="/nowhere"),
    )
    assert observed.staged["fabric", "spine"].options == {"area": "0"}
    assert observed.staged["fabric node", "spine/pve1"].type == "ospf"
    assert observed.pending == {("fabric", "spine"): "new", ("fabric node", "spine/pve1"): "new"}
    assert ("fabric", "spine") not in observed.running


@pytest.mark.parametrize(
    ("difference", "differs"),
    [
        ("", ()),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-#version:3\n+#version:4\n", ()),
        ("--- a\n+++ b\n@@ -1 +1 @@\n-#version:3\n+#version:4\n-auto vn1\n", ("/etc/network/interfaces.d/sdn",)),
    ],
)
def test_what_a_dry_run_tells_of_a_node(difference: str, differs: tuple[str, ...]) -> None:
    """Only another number is no difference; FRR's file is not ours where nothing of these networks is in it."""
    told = {"interfaces-diff": difference, "frr-diff": "+router bgp 1\n"}
    nodes = observe_nodes(Told(**{"/cluster/sdn/dry-run?node=pve1": told}), (9, 1), {}, settled=True)
    assert nodes["pve1"] is not None
    assert nodes["pve1"].differs == differs


def test_a_release_that_has_no_such_networks_is_asked_no_more() -> None:
    old = Told(**{"/version": {"version": "7.4-17"}})
    assert observe(old, DesiredSdn(caller="root@pam", lock_file="/nowhere")).staged == {}
    refused = decide(DesiredSdn(caller="root@pam"), observe(old, DesiredSdn(caller="root@pam"))).refusals
    assert [one.reason for one in refused] == ["These networks need Proxmox VE 8 or 9."]
