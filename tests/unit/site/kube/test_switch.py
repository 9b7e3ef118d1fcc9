"""A leaf and a spine as a fabric declares them: lines of FRR, what of them is missing, and texts of others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, Run, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.kube.frr import PART, lines, text
from ansible_collections.baremetal.virt.plugins.module_utils.observe.kube.frr import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.fabric_switch import decide, desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.site.kube.switch_texts import fabric_switch_text

from ....doubles.fabric_cases import declared, declared6
from ....doubles.support import FakeNode, printed

#: As FRR 8.4 writes what it was given.
LEAF = """Building configuration...

Current configuration:
!
frr version 8.4.4
hostname leaf1
!
router bgp 65009
 bgp router-id 2.2.2.2
 bgp bestpath as-path multipath-relax
 neighbor 100.64.0.1 remote-as 65008
 neighbor 100.64.0.1 description spine
 neighbor 172.20.1.11 remote-as 64512
 neighbor 172.20.1.11 description node1
 neighbor 172.20.1.12 remote-as 64512
 neighbor 172.20.1.12 description node2
 !
 address-family ipv4 unicast
  network 172.20.1.0/24
  neighbor 100.64.0.1 route-map all-routes in
  neighbor 100.64.0.1 route-map all-routes out
  neighbor 172.20.1.11 route-map from-rr1 in
  neighbor 172.20.1.11 route-map all-routes out
  neighbor 172.20.1.12 route-map from-rr1 in
  neighbor 172.20.1.12 route-map all-routes out
 exit-address-family
exit
!
bgp as-path access-list from-rr1 seq 5 permit ^64512(_64512)*$
!
route-map all-routes permit 10
exit
!
route-map from-rr1 permit 10
 match as-path from-rr1
exit
!
end
"""


def said(**other: Any) -> dict[str, Any]:
    fabric = other.pop("fabric", None) or declared()
    fabric["leaves"][0].update(router_id="2.2.2.2", networks=["172.20.1.0/24"])
    return {"name": "leaf1", "fabric": fabric, "password": None, "exclusive": False, **other}


def planned(running: str = LEAF, saved: str = LEAF, peers: Any = None, **other: Any) -> Plan:
    summary = {"ipv4Unicast": {"peers": peers or {}}}
    here = FakeNode(
        files={"/etc/frr/frr.conf": saved},
        commands={
            ("vtysh", "-c", "show running-config"): printed(running),
            ("vtysh", "-c", "show bgp summary json"): printed(json.dumps(summary)),
        },
    )
    return decide(desired_from(said(**other)), observe(here))


def loaded(plan: Plan) -> str:
    return next(step.action.content for step in plan.steps if isinstance(step.action, WriteFile))


def test_a_leaf_that_has_it_all_is_left_alone() -> None:
    assert planned() == Plan(before=planned().before, after=planned().after)


def test_an_empty_one_gets_it_all_after_frr_has_tried_it() -> None:
    plan = planned("frr version 8.4.4\n", "")
    assert [step.id for step in plan.steps] == [f"file.write:{PART}", "frr.load", f"file.remove:{PART}", "frr.save"]
    write = plan.steps[0].action
    assert isinstance(write, WriteFile) and (write.validate, write.mode) == (("vtysh", "-C", "-f", "%s"), 0o600)
    wanted = set(lines(LEAF)) - {("frr version 8.4.4",), ("hostname leaf1",)}
    wanted -= {line for line in wanted if line[0].endswith("...") or line[0].endswith(":")}
    missing = wanted - set(lines(loaded(plan)))
    assert missing == set()
    assert loaded(plan).endswith(" exit-address-family\nexit\n")


def test_only_what_is_missing_is_loaded_in_its_block() -> None:
    running = LEAF.replace("  neighbor 172.20.1.12 route-map from-rr1 in\n", "")
    assert loaded(planned(running)) == (
        "router bgp 65009\n address-family ipv4 unicast\n  neighbor 172.20.1.12 route-map from-rr1 in\n"
        " exit-address-family\nexit\n"
    )


def test_what_runs_and_is_not_saved_is_saved() -> None:
    (step,) = planned(saved="").steps
    assert step.action == Run(("vtysh", "-c", "write memory"))


def test_a_client_that_speaks_to_the_leaf_is_told_and_with_exclusive_removed() -> None:
    running = LEAF.replace(" !\n", " neighbor NODES peer-group\n neighbor 172.20.1.13 remote-as 64512\n !\n", 1)
    plan = planned(running)
    assert plan.steps == () and plan.warnings == ("The neighbour 172.20.1.13 is not declared, and stays.",)
    assert loaded(planned(running, exclusive=True)) == "router bgp 65009\n no neighbor 172.20.1.13\nexit\n"


def test_what_keeps_a_declared_session_down_goes() -> None:
    running = LEAF.replace(" !\n", " neighbor 172.20.1.11 shutdown\n neighbor 172.20.1.12 password old\n !\n", 1)
    assert loaded(planned(running)) == (
        "router bgp 65009\n no neighbor 172.20.1.11 shutdown\n no neighbor 172.20.1.12 password\nexit\n"
    )


def test_what_has_gone_and_would_be_there_again_at_the_next_start_is_saved() -> None:
    """Such as when a run was cut short after FRR had loaded the change."""
    shut = LEAF.replace(" !\n", " neighbor 172.20.1.11 shutdown\n !\n", 1)
    (step,) = planned(saved=shut).steps
    assert step.id == "frr.save"
    other = LEAF.replace(" !\n", " neighbor 172.20.1.13 remote-as 64512\n !\n", 1)
    assert not planned(saved=other).steps
    assert [step.id for step in planned(saved=other, exclusive=True).steps] == ["frr.save"]


def test_beside_the_file_of_all_daemons_none_is_read_at_a_start() -> None:
    here = FakeNode(
        files={"/etc/frr/frr.conf": "frr version 8.4.4\n", "/etc/frr/bgpd.conf": LEAF},
        commands={
            ("vtysh", "-c", "show running-config"): printed(LEAF),
            ("vtysh", "-c", "show bgp summary json"): printed("{}"),
        },
    )
    assert [step.id for step in decide(desired_from(said()), observe(here)).steps] == ["frr.save"]


def test_another_as_is_refused() -> None:
    plan = planned(LEAF.replace("router bgp 65009", "router bgp 65099"))
    assert not plan.steps and "with the AS 65099, and 65009 is declared for leaf1" in str(plan.refusals[0])


def test_an_frr_that_takes_nobody_for_ipv4_by_itself_is_refused() -> None:
    plan = planned(LEAF.replace(" bgp bestpath", " no bgp default ipv4-unicast\n bgp bestpath", 1))
    assert not plan.steps and "no declared one would get a route" in str(plan.refusals[0])


def test_sessions_that_are_not_up_are_told() -> None:
    peers = {"172.20.1.11": {"state": "Active"}, "172.20.1.12": {"state": "Established"}}
    assert planned(peers=peers).warnings == ("The session with node1 (172.20.1.11) is Active.",)


def secret() -> dict[str, Any]:
    return declared(password_secret={"name": "bgp", "entry": "leaf"})


def test_a_password_is_for_nodes_and_nobody_is_shown_it() -> None:
    plan = planned(fabric=secret(), password="s3cret-words")
    assert " neighbor 172.20.1.11 password s3cret-words\n" in loaded(plan)
    assert "100.64.0.1 password" not in loaded(plan)
    shown = [str(plan.before), str(plan.after), *(f"{step.why} {step.because} {step.action}" for step in plan.steps)]
    assert "s3cret" not in " ".join(shown)
    written = LEAF.replace(
        " !\n", " neighbor 172.20.1.11 password s3cret-words\n neighbor 172.20.1.12 password s3cret-words\n !\n", 1
    )
    assert not planned(written, written, fabric=secret(), password="s3cret-words").steps


@pytest.mark.parametrize(
    ("fabric", "password", "told"),
    [
        (secret(), None, "it is not given"),
        (declared(), "words", "the fabric has none"),
        (secret(), "two words", "none for BGP"),
        (secret(), "x" * 81, "none for BGP"),
    ],
)
def test_a_password_that_cannot_be_right(fabric: dict[str, Any], password: Any, told: str) -> None:
    with pytest.raises(Invalid, match=told) as error:
        desired_from(said(fabric=fabric, password=password))
    assert not password or password not in error.value.message


def test_a_switch_that_the_fabric_does_not_have() -> None:
    with pytest.raises(Invalid, match="leaf9 is no switch of the fabric; it has leaf1, leaf2, spine"):
        desired_from(said(name="leaf9"))


def test_a_switch_without_frr_is_told() -> None:
    here = FakeNode(commands={("vtysh", "-c", "show running-config"): Completed(127, "", "vtysh: not found")})
    with pytest.raises(Unreadable, match="FRR does not tell its configuration"):
        observe(here)


def test_what_a_run_has_left_is_removed() -> None:
    here = FakeNode(
        files={"/etc/frr/frr.conf": LEAF, PART: "x\n"},
        commands={
            ("vtysh", "-c", "show running-config"): printed(LEAF),
            ("vtysh", "-c", "show bgp summary json"): printed("{}"),
        },
    )
    assert [step.id for step in decide(desired_from(said()), observe(here)).steps] == [f"file.remove:{PART}"]


def test_a_spine_passes_on_everything() -> None:
    told = fabric_switch_text(declared(), "spine", "frr")
    assert " neighbor 100.64.0.2 remote-as 65009\n" in told and "as-path access-list" not in told


def test_ipv6_is_said_to_frr() -> None:
    told = fabric_switch_text(declared6(), "leaf1", "frr")
    assert "  no neighbor fd00:20:1::11 activate\n" in told
    assert " address-family ipv6 unicast\n  neighbor fd00:100:1::1 activate\n" in told
    assert text(lines(told)) == told


def test_the_words_of_h3c_and_huawei() -> None:
    fabric = said(fabric=secret())["fabric"]
    h3c, huawei = (fabric_switch_text(fabric, "leaf1", one) for one in ("h3c", "huawei"))
    assert h3c.splitlines()[:4] == [
        "ip as-path 10 permit ^64512(_64512)*$",
        "route-policy from-rr1 permit node 10",
        " if-match as-path 10",
        "#",
    ]
    assert " peer 172.20.1.11 password simple <the entry leaf of the secret bgp>\n" in h3c
    assert " address-family ipv4 unicast\n  balance 8\n  network 172.20.1.0 24\n  peer 100.64.0.1 enable\n" in h3c
    assert "  peer 172.20.1.11 enable\n  peer 172.20.1.11 route-policy from-rr1 import\n" in h3c
    assert huawei.startswith("ip as-path-filter 10 permit ^64512(_64512)*$\n")
    assert " ipv4-family unicast\n  maximum load-balancing 8\n" in huawei
    with pytest.raises(Invalid, match="cisco is none of frr, h3c, huawei"):
        fabric_switch_text(fabric, "leaf1", "cisco")  # type: ignore[arg-type]
