"""A common source of time: what chronyd says of itself alone proves nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.datacenter.chrony import (
    CONF,
    SOURCES,
    TRACKING,
    parse_tracking,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.datacenter.chrony import ACTIVE
from ansible_collections.baremetal.virt.plugins.modules.chrony import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.chrony_info import answer

from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed

#: As chronyd 4.3 says it with `local stratum 10` and nothing else, and without any source.
LOCAL = "7F7F0101,,10,1795993103.911968232,0.000000000,0.0,0.0,0.000,0.000,0.000,0.0,0.000000000,0.0,Normal"
NONE = "00000000,,0,0.000000000,0.000000000,0.0,0.0,0.000,0.000,0.000,1.0,1.000000000,0.0,Not synchronised"
GOOD = "C0000201,192.0.2.1,3,1795993103.9,{},0.0,0.0,0.000,0.000,0.000,0.01,0.001,64.0,Normal"
PACKAGES = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${db:Status-Status}\n")
SERVERS = ["192.0.2.1", "ntp.example.net"]


def params(**given: Any) -> dict[str, Any]:
    return {"servers": SERVERS, "local": False, **given}


def fresh(tracking: str = GOOD.format("0.001"), installed: bool = True) -> FakeNode:
    """Once chronyd has read its sources, it tells the given tracking."""
    node = FakeNode({"/proc/sys/kernel/hostname": "pve1\n"})
    node.commands = {
        ("ip", "-json", "address"): printed("[]"),
        PACKAGES: printed("chrony\t4.6\tinstalled\n" if installed else "base\t1\tinstalled\n"),
        TRACKING: printed(tracking + "\n"),
        ACTIVE: printed("inactive\ninactive\ninactive\ninactive\n"),
    }

    def install(machine: FakeNode) -> None:
        machine.commands[PACKAGES] = printed("chrony\t4.6\tinstalled\n")

    node.effects = {
        ("apt-get",): install,
        ("chronyc", "reload", "sources"): lambda machine: None,
        ("systemctl", "restart", "chrony.service"): lambda machine: None,
    }
    return node


def plan(node: FakeNode, **given: Any) -> Plan:
    return make_plan(SUBJECT, params(**given), node)


def done(tracking: str, **given: Any) -> FakeNode:
    """Declared before, and chronyd says this now."""
    node = fresh()
    for step in plan(node, **given).steps:
        node.act(step)
    node.commands[TRACKING] = printed(tracking + "\n")
    return node


def warned(node: FakeNode, **given: Any) -> str:
    found = plan(node, **given)
    assert bool(found.steps) == bool(found.warnings)
    return " ".join(found.warnings)


def refused(node: FakeNode, **given: Any) -> str:
    return " ".join(map(str, plan(node, **given).refusals))


@pytest.mark.parametrize(("text", "reference"), [(LOCAL, "local"), (NONE, "none"), (GOOD.format("0"), "source")])
def test_a_clock_that_agrees_with_itself_is_no_source(text: str, reference: str) -> None:
    found = parse_tracking(text)
    assert found is not None and found.reference == reference and found.synchronised() == (reference == "source")
    assert parse_tracking("506 Cannot talk to daemon") is None


def test_only_the_one_declared_node_may_go_by_its_own_clock() -> None:
    assert "only its own clock" in warned(done(LOCAL)) and "no source" in warned(done(NONE))
    assert not warned(done(LOCAL, local=True, servers=[]), local=True, servers=[])
    assert "no source" in warned(done(NONE, local=True), local=True)


def test_a_node_without_a_source_is_waited_for_and_never_taken_for_right() -> None:
    assert [step.id for step in plan(done(LOCAL)).steps] == ["chrony.reload", "chrony.wait"]
    wait = plan(done(LOCAL)).steps[-1].action
    assert isinstance(wait, Wait)
    follows = wait.until[0]
    assert not follows.holds(done(LOCAL)) and not follows.holds(done(NONE)) and follows.holds(done(GOOD.format("0")))


def test_what_is_off_by_more_than_ceph_allows_is_not_right_yet() -> None:
    assert not warned(done(GOOD.format("-0.049"))) and "+0.051 s" in warned(done(GOOD.format("0.051")))


def test_debians_own_file_stays_and_the_sources_are_read_without_a_restart() -> None:
    node = fresh()
    assert [step.id for step in plan(node).steps] == [f"file.write:{SOURCES}", "chrony.reload"]
    done_node = done(GOOD.format("0"))
    assert "server ntp.example.net iburst\n" in done_node.files[SOURCES] and CONF not in done_node.files
    local = done(LOCAL, local=True)
    assert local.files[CONF].endswith("local stratum 10 orphan\n")
    gone = [f"file.remove:{CONF}", "service.restart:chrony.service", "chrony.wait"]
    assert [step.id for step in plan(local).steps] == gone


@pytest.mark.parametrize("local", [False, True])
def test_a_kill_after_any_step_is_finished_by_the_next_run(local: bool) -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(local=local), lambda: fresh(installed=False)) >= 2


def test_two_daemons_are_one_too_many() -> None:
    node = done(GOOD.format("0"))
    node.commands[ACTIVE] = printed("active\ninactive\ninactive\ninactive\n")
    assert "systemd-timesyncd.service sets the clock of pve1" in refused(node)


def test_a_daemon_that_does_not_answer_and_input_that_is_no_server() -> None:
    node = done(GOOD.format("0"))
    del node.commands[TRACKING]
    assert "does not answer" in warned(node)
    with pytest.raises(Invalid, match="is no name or address"):
        plan(node, servers=["ntp example"])
    assert plan(node, servers=[]) == Plan()


def test_the_clocks_of_nodes_are_compared_with_each_other() -> None:
    node = done(LOCAL)
    node.clocks = {"10.0.0.2:8006": -62.69, "10.0.0.3:8006": 0.31}
    told = answer(node, {"peers": {"pve2": "10.0.0.2", "pve3": "10.0.0.3", "pve4": "10.0.0.4"}})
    assert told["reference"] == "local" and told["missing"] == [
        "The clock of pve2 is 62.7 s behind that of pve1.",
        "pve1 cannot tell the clock of pve4: its web interface does not answer.",
    ]
