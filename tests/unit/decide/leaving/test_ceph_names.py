"""Who runs where is what the daemons say: buckets of the CRUSH map and monitors may be called anything."""

from __future__ import annotations

from typing import Any

import pytest

from ....doubles.ceph_support import add_osd
from ....doubles.leaving_ceph import CONF, LeavingCeph
from ....doubles.leaving_node import ids, plan

USUAL = [step for step in ids(plan(LeavingCeph())) if step.startswith("osd.")]


class Named(LeavingCeph):
    """osd.2 and what more there is of pve3 said that they run there."""

    def __init__(self, *osds: int) -> None:
        super().__init__()
        self.machine = "pve3"
        self.mine = osds or (2,)

    def everything(self) -> dict[str, Any]:
        found = super().everything()
        here = {osd["osd"] for osd in self.answers["osd dump"]["osds"]} & set(self.mine)
        return {**found, "node ls": {**found["node ls"], "osd": {self.machine: sorted(here)}}}

    def buckets(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self.answers["osd tree"]["nodes"]
        return nodes

    def bucket(self, name: str) -> dict[str, Any]:
        return next(node for node in self.buckets() if node["name"] == name)


def split_by_class() -> Named:
    node = Named(2, 4)
    add_osd(node.answers, 4, "pve3-hdd", "hdd")
    node.bucket("pve3")["name"] = "pve3-ssd"
    return node


def full_name() -> Named:
    node = Named()
    node.machine = "pve3.lab.example"
    node.bucket("pve3")["name"] = "pve3.lab.example"
    return node


def in_no_host() -> Named:
    node = Named()
    node.bucket("pve3")["children"].remove(2)
    node.bucket("default")["children"].append(2)
    return node


def in_two_trees() -> Named:
    node = Named()
    node.buckets().append({"id": -50, "name": "fast", "type": "root", "children": [-51]})
    node.buckets().append({"id": -51, "name": "pve3-fast", "type": "host", "children": [2]})
    return node


@pytest.mark.parametrize("make", [split_by_class, full_name, in_no_host, in_two_trees])
@pytest.mark.parametrize("mode", ["retire", "separate"])
def test_osds_leave_with_their_machine_whatever_bucket_they_stand_in(make: Any, mode: str) -> None:
    made = ids(plan(make(), mode))
    assert [step for step in made if step.startswith("osd.") and step.endswith(":2")] == USUAL
    assert ("osd.destroy:4" in made) == (make is split_by_class)


def numbered() -> LeavingCeph:
    """Monitors with numbers for names, as until Proxmox VE 5."""
    node = LeavingCeph()
    node.mons = ["0", "1", "2"]
    node.homes = {"0": "pve1", "1": "pve2", "2": "pve3"}
    node.awake |= {*node.mons}
    node.sections = []
    sections = [
        f"[mon.{name}]\n\thost = {home}\n\tmon addr = 10.10.2.1{home[3:]}:6789\n" for name, home in node.homes.items()
    ]
    text = "[global]\n\tfsid = x\n\tmon_host = 10.10.2.11 10.10.2.12 10.10.2.13\n\n"
    node.files[CONF] = text + "\n".join(sections)
    return node


def test_a_monitor_goes_with_its_machine_whatever_it_is_called() -> None:
    made = [step for step in ids(plan(numbered())) if step.startswith("mon.")]
    assert made == ["mon.create:pve4", "mon.wait-quorum:pve4", "mon.ask:2", "mon.destroy:2", "mon.wait-gone:2"]
    argv = next(step.action.argv for step in plan(numbered()).steps if step.id == "mon.destroy:2")  # type: ignore[union-attr]
    assert argv == ("pvesh", "delete", "/nodes/pve3/ceph/mon/2")


def test_what_is_left_of_it_in_the_configuration_is_found_by_its_machine() -> None:
    node = numbered()
    node.mons = ["0", "1"]
    [forget] = [step for step in plan(node).steps if step.id == "mon.forget:2"]
    node.act(forget)
    assert "mon.2" not in node.files[CONF] and "mon_host = 10.10.2.11 10.10.2.12\n" in node.files[CONF]


def test_a_node_with_any_daemon_is_not_empty() -> None:
    node = LeavingCeph(("pve1", "pve2", "pve3")).without("pve3")
    node.mons.remove("pve3")
    node.osd(2).update({"in": 0, "up": 0})
    node.drop_osd()
    node.mgrs.append("spare")
    node.homes["spare"] = "pve3"
    node.awake.add("spare")
    node.entities.add("mgr.spare")
    assert "mgr.destroy:spare" in ids(plan(node))


def test_a_daemon_of_another_machine_stays_although_it_has_the_nodes_name() -> None:
    node = LeavingCeph()
    node.homes = {"pve3": "pve2"}
    assert not [step for step in ids(plan(node)) if step.startswith(("mon.", "mgr.d", "mds.d"))]


@pytest.mark.parametrize("make", [split_by_class, in_no_host])
@pytest.mark.parametrize("mode", ["retire", "dead"])
def test_where_an_osd_runs_may_be_known_to_nobody(make: Any, mode: str) -> None:
    node = make().dead() if mode == "dead" else make()
    node.mine = ()
    assert any("Ceph does not say where osd.2 runs" in one.reason for one in plan(node, mode).refusals)
