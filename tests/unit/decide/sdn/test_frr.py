"""A node's own part of FRR's configuration: refused where a line would be dropped, and done when FRR's file has it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan, plan_result
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.frr import LOCAL, MERGED, PACKAGES, kept
from ansible_collections.baremetal.virt.plugins.modules.sdn_frr import SUBJECT

from ....doubles.fake_debian import set_packages
from ....doubles.support import FakeNode, assert_converges_from_every_kill
from ...model.sdn.test_frr import GOOD

OWN = "frr version 10.4.1\n!\nrouter bgp 65000\n neighbor VTEP peer-group\nexit\n"
NEW = {"config": GOOD}


def merged(node: FakeNode) -> None:
    """What a reload of the network makes of it."""
    lines = "".join(f" {line}\n" for line in kept(node.files.get(LOCAL, "")))
    node.files[MERGED] = OWN + lines


def installed(node: FakeNode) -> None:
    node.directories["/etc/frr"] = ("root", "root", 0o755)
    set_packages(node, dict.fromkeys(PACKAGES, "10.4.1"))


def node_of(codename: str = "trixie", packages: tuple[str, ...] = PACKAGES) -> FakeNode:
    node = FakeNode(
        files={"/etc/os-release": f"ID=debian\nVERSION_CODENAME={codename}\n", **({MERGED: OWN} if packages else {})},
        directories={"/etc/frr": ("root", "root", 0o755)} if packages else {},
        effects={
            ("pvesh", "set", "/nodes/localhost/network"): merged,
            ("apt-get",): installed,
        },
    )
    set_packages(node, dict.fromkeys(("base-files", *packages), "1"))
    return node


def ids(node: FakeNode, config: str) -> list[str]:
    return [step.id for step in make_plan(SUBJECT, {"config": config}, node).steps]


@pytest.mark.parametrize("codename", ["trixie", "bookworm"])
def test_it_is_written_merged_and_then_left_alone(codename: str) -> None:
    node = node_of(codename)
    plan = make_plan(SUBJECT, NEW, node)
    assert [step.id for step in plan.steps] == [f"file.write:{LOCAL} begin", "frr.merge", f"file.write:{LOCAL} end"]
    merge = plan.steps[1].action
    assert isinstance(merge, Run)
    assert ("--regenerate-frr" in merge.argv) == (codename == "trixie")
    for step in plan.steps:
        node.act(step)
    assert node.files[LOCAL] == GOOD
    assert ids(node, GOOD) == []


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    assert assert_converges_from_every_kill(SUBJECT, NEW, node_of) == 4


def test_a_line_that_goes_is_merged_away_though_the_first_run_was_cut_short() -> None:
    """The file has what is wanted, and nothing shows that FRR still has more: but for the note in it."""
    node = node_of()
    for step in make_plan(SUBJECT, NEW, node).steps:
        node.act(step)
    less = GOOD.replace(" bgp listen range 10.20.1.0/24 peer-group VTEP\n", "")
    node.act(make_plan(SUBJECT, {"config": less}, node).steps[0])
    assert ids(node, less) == [f"file.write:{LOCAL} begin", "frr.merge", f"file.write:{LOCAL} end"]
    for step in make_plan(SUBJECT, {"config": less}, node).steps:
        node.act(step)
    assert "bgp listen range" not in node.files[MERGED]


def test_an_empty_text_removes_it() -> None:
    node = node_of()
    assert ids(node, "") == []
    for step in make_plan(SUBJECT, NEW, node).steps:
        node.act(step)
    assert ids(node, "") == [f"file.write:{LOCAL} begin", "frr.merge", f"file.remove:{LOCAL}"]
    for step in make_plan(SUBJECT, {"config": ""}, node).steps:
        node.act(step)
    assert (LOCAL in node.files, node.files[MERGED]) == (False, OWN)


def test_what_frr_has_lost_is_merged_again_and_told() -> None:
    node = node_of()
    for step in make_plan(SUBJECT, NEW, node).steps:
        node.act(step)
    node.files[MERGED] = OWN
    assert make_plan(SUBJECT, NEW, node).steps[1].because.startswith("it lacks bgp listen range 10.20.1.0/24")


def test_no_password_is_shown() -> None:
    lines = (
        "router bgp 65000\n neighbor X password geheim1\nexit\n"
        "interface eno3\n ip ospf authentication-key geheim2\n ip ospf message-digest-key 1 md5 geheim3\n"
        " openfabric password clear geheim4\n ip ospf area 0\nexit\n"
        "router isis core\n area-password md5 geheim5\nexit\n"
    )
    node = node_of()
    for step in make_plan(SUBJECT, {"config": lines}, node).steps:
        node.act(step)
    node.files[MERGED] = OWN
    found = make_plan(SUBJECT, {"config": lines.replace("geheim1", "geheim6")}, node)
    told = json.dumps(plan_result(found))
    assert " neighbor X password ..." in told
    assert " ip ospf area 0" in told
    assert "geheim" not in told


def test_frr_is_installed_where_it_is_missing() -> None:
    node = node_of(packages=())
    assert ids(node, GOOD)[0] == "package.install:frr"
    for step in make_plan(SUBJECT, NEW, node).steps:
        node.act(step)
    assert ids(node, GOOD) == []


@pytest.mark.parametrize("left", [(), PACKAGES[:1]], ids=["nothing but its folder", "nothing that loads a file"])
def test_what_is_merged_already_is_loaded_once_frr_is_whole(left: tuple[str, ...]) -> None:
    """A package that goes leaves its files; and without frr-pythontools, Proxmox VE writes and does not load."""
    node = node_of()
    for step in make_plan(SUBJECT, NEW, node).steps:
        node.act(step)
    set_packages(node, dict.fromkeys(("base-files", *left), "1"))
    assert ids(node, "")[0] == f"file.write:{LOCAL} begin"
    steps = make_plan(SUBJECT, NEW, node).steps
    assert [step.id for step in steps][::2] == ["package.install:frr", "frr.merge"]
    for step in steps:
        node.act(step)
    assert ids(node, GOOD) == []


def test_a_staged_change_of_the_network_is_not_activated_along() -> None:
    node = node_of()
    node.files["/etc/network/interfaces.new"] = "auto vmbr7\n"
    assert [one.reason for one in make_plan(SUBJECT, NEW, node).refusals] == [
        "A change of the node's own network is staged, and would be activated along."
    ]


def test_what_would_be_dropped_is_refused_with_its_lines() -> None:
    with pytest.raises(Invalid) as failure:
        SUBJECT.desired(
            {"config": "ip route 192.0.2.0/24 198.51.100.1\nrouter bgp 1\n neighbor X password a!b\nexit\n"}
        )
    assert failure.value.message == (
        "Proxmox VE would drop a part of /etc/frr/frr.conf.local, or put it elsewhere:"
        " line 1 (ip route 192.0.2.0/24 198.51.100.1) stands in no block;"
        " line 3 (neighbor X password ...) has an exclamation mark in it."
    )
