"""Set against set: only what differs is staged, all of it is applied once, and each node has to show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotProved, StepFailed
from ansible_collections.baremetal.virt.plugins.modules.sdn import SUBJECT

from ....doubles.sdn_api import SdnApi, params, plan, run

PEERS = ["10.20.1.11", "10.20.1.12", "10.20.1.13"]
COURSE: dict[str, Any] = {
    "controllers": [
        {"controller": "evpn", "type": "evpn", "asn": 65000, "peers": PEERS},
        {"controller": "bgppve1", "type": "bgp", "node": "pve1", "asn": 65001, "peers": ["10.20.1.1"], "ebgp": True},
    ],
    "zones": [
        {"zone": "lab", "type": "simple", "ipam": "pve", "dhcp": "dnsmasq", "mtu": 1400},
        {"zone": "vl", "type": "vlan", "bridge": "vmbr0", "nodes": ["pve2", "pve1"]},
        {"zone": "vx", "type": "vxlan", "peers": PEERS},
        {"zone": "ev", "type": "evpn", "controller": "evpn", "vrf_vxlan": 10000, "exitnodes": ["pve1"]},
    ],
    "vnets": [
        {"vnet": "vn1", "zone": "lab", "alias": "Kurs 1"},
        {"vnet": "vn2", "zone": "vl", "tag": 100},
        {"vnet": "vn3", "zone": "vx", "tag": 7000, "isolate_ports": True},
        {"vnet": "vn4", "zone": "ev", "tag": 7001},
    ],
    "subnets": [
        {
            "vnet": "vn1",
            "subnet": "10.50.0.0/24",
            "gateway": "10.50.0.1",
            "snat": True,
            "dhcp_range": ["10.50.0.100-10.50.0.150", "10.50.0.200-10.50.0.220"],
        }
    ],
}
FABRIC: dict[str, Any] = {
    "fabrics": [{"fabric": "spine", "type": "openfabric", "ip_prefix": "10.30.0.0/24", "hello_interval": 3}],
    "fabric_nodes": [
        {"fabric": "spine", "node": "pve1", "ip": "10.30.0.1", "interfaces": [{"name": "eno3"}]},
        {"fabric": "spine", "node": "pve2", "ip": "10.30.0.2", "interfaces": [{"name": "eno3", "hello_multiplier": 5}]},
        {"fabric": "spine", "node": "pve3", "ip": "10.30.0.3", "interfaces": [{"name": "eno3"}]},
    ],
    "zones": [{"zone": "vx", "type": "vxlan", "fabric": "spine"}],
}
GONE: dict[str, Any] = {
    "controllers": [{"controller": name, "state": "absent"} for name in ("evpn", "bgppve1")],
    "zones": [{"zone": name, "state": "absent"} for name in ("lab", "vl", "vx", "ev")],
    "vnets": [{"vnet": name, "state": "absent"} for name in ("vn1", "vn2", "vn3", "vn4")],
    "subnets": [{"vnet": "vn1", "subnet": "10.50.0.0/24", "state": "absent"}],
}


def ids(api: SdnApi, /, **said: Any) -> list[str]:
    found = plan(api, **said)
    assert not found.refusals, found.refusals
    return [step.id for step in found.steps]


def test_everything_is_staged_in_its_order_and_applied_once(api: SdnApi) -> None:
    assert ids(api, **COURSE) == [
        "sdn_lock.take",
        "controller.create:bgppve1",
        "controller.create:evpn",
        "zone.create:ev",
        "zone.create:lab",
        "zone.create:vl",
        "zone.create:vx",
        "vnet.create:vn1",
        "vnet.create:vn2",
        "vnet.create:vn3",
        "vnet.create:vn4",
        "subnet.create:vn1/10.50.0.0/24",
        "sdn.apply",
    ]
    assert run(api, **COURSE)["changed"]
    assert not run(api, **COURSE)["changed"]
    assert not api.lock_file.exists()
    assert "address 10.50.0.1/24" in api.place("INTERFACES_SDN", "pve3").read_text()
    assert "vn2" not in api.place("INTERFACES_SDN", "pve3").read_text()


def test_nothing_declared_is_nothing_asked(api: SdnApi) -> None:
    assert SUBJECT.idle is not None
    assert SUBJECT.idle(SUBJECT.desired(params(api.lock_file)))
    assert plan(api).steps == ()


@pytest.mark.parametrize("pve", [9, 8])
def test_what_is_declared_is_there_and_then_gone(on_release: Callable[[int], SdnApi], pve: int) -> None:
    api = on_release(pve)
    run(api, **COURSE)
    run(api, **GONE)
    assert not run(api, **GONE)["changed"]
    assert api.get_real("/cluster/sdn/zones") == api.get_real("/cluster/sdn/controllers") == []
    assert "vn1" not in api.place("INTERFACES_SDN", "pve2").read_text()


def test_the_order_of_what_goes(api: SdnApi) -> None:
    run(api, **COURSE)
    found = [one.partition(":")[0] for one in ids(api, **GONE)]
    assert found == [
        "sdn_lock.take",
        "subnet.remove",
        *["vnet.remove"] * 4,
        *["zone.remove"] * 4,
        *["controller.remove"] * 2,
        "sdn.apply",
    ]


def test_fabrics_are_made_and_changed_and_go(api: SdnApi) -> None:
    run(api, **FABRIC)
    assert not run(api, **FABRIC)["changed"]
    changed = [{**FABRIC["fabrics"][0], "hello_interval": None, "unset": ["hello_interval"]}]
    assert ids(api, **{**FABRIC, "fabrics": changed}) == ["sdn_lock.take", "fabric.change:spine", "sdn.apply"]
    run(api, **{**FABRIC, "fabrics": changed})
    moved = [{**FABRIC["fabric_nodes"][0], "ip": "10.30.0.9"}, *FABRIC["fabric_nodes"][1:]]
    run(api, **{**FABRIC, "fabrics": changed, "fabric_nodes": moved})
    (told,) = [one for one in api.get_real("/cluster/sdn/fabrics/all")["nodes"] if one["node_id"] == "pve1"]
    assert told["ip"] == "10.30.0.9"
    gone = {
        "fabrics": [{"fabric": "spine", "state": "absent"}],
        "fabric_nodes": [{"fabric": "spine", "node": f"pve{one}", "state": "absent"} for one in (1, 2, 3)],
        "zones": [{"zone": "vx", "state": "absent"}],
    }
    run(api, **gone)
    assert api.get_real("/cluster/sdn/fabrics/all") == {"fabrics": [], "nodes": []}


def test_what_means_the_same_is_no_change(api: SdnApi) -> None:
    run(api, **COURSE)
    zones = [
        {"zone": "lab", "type": "simple"},
        {"zone": "vl", "type": "vlan", "nodes": ["pve1", "pve2"], "bridge_disable_mac_learning": False},
        {"zone": "vx", "type": "vxlan", "peers": PEERS[::-1], "vxlan_port": 4789},
    ]
    subnets = [{"vnet": "vn1", "subnet": "10.50.0.0/24", "dhcp_range": COURSE["subnets"][0]["dhcp_range"][::-1]}]
    vnets = [{"vnet": "vn2", "zone": "vl", "tag": 100, "vlanaware": "no"}]
    assert ids(api, zones=zones, vnets=vnets, subnets=subnets) == []


@pytest.mark.parametrize(
    ("said", "step", "call"),
    [
        (
            {"zones": [{"zone": "lab", "type": "simple", "mtu": 1300, "unset": ["dhcp"]}]},
            "change the zone lab: dhcp dnsmasq to not set, mtu 1400 to 1300",
            ("PUT", "/cluster/sdn/zones/lab", {"delete": "dhcp", "mtu": 1300}),
        ),
        (
            {"subnets": [{"vnet": "vn1", "subnet": "10.50.0.0/24", "snat": False}]},
            "change the subnet vn1/10.50.0.0/24: snat True to not set",
            ("PUT", "/cluster/sdn/vnets/vn1/subnets/lab-10.50.0.0-24", {"snat": 0}),
        ),
        (
            {"vnets": [{"vnet": "vn2", "zone": "vl", "tag": 200}]},
            "change the vnet vn2: tag 100 to 200",
            ("PUT", "/cluster/sdn/vnets/vn2", {"tag": 200}),
        ),
        (
            {"subnets": [{"vnet": "vn1", "subnet": "10.50.0.0/24", "dhcp_range": ["10.50.0.9-10.50.0.10"]}]},
            "change the subnet vn1/10.50.0.0/24: dhcp-range 10.50.0.100-10.50.0.150 10.50.0.200-10.50.0.220"
            " to 10.50.0.9-10.50.0.10",
            (
                "PUT",
                "/cluster/sdn/vnets/vn1/subnets/lab-10.50.0.0-24",
                {"dhcp-range": ["start-address=10.50.0.9,end-address=10.50.0.10"]},
            ),
        ),
    ],
)
def test_a_change_says_from_what_to_what(
    api: SdnApi, said: dict[str, Any], step: str, call: tuple[str, str, dict[str, Any]]
) -> None:
    run(api, **COURSE)
    assert plan(api, **said).sentences[1] == step
    api.calls.clear()
    run(api, **said)
    assert api.calls[1] == call
    assert not run(api, **said)["changed"]


def test_a_tag_of_one_that_goes_can_be_used_again(api: SdnApi) -> None:
    run(api, **COURSE)
    said = {"vnets": [{"vnet": "vn2", "state": "absent"}, {"vnet": "vn9", "zone": "vl", "tag": 100}]}
    assert ids(api, **said)[1:3] == ["vnet.remove:vn2", "vnet.create:vn9"]
    run(api, **said)


@pytest.mark.parametrize("pve", [9, 8])
@pytest.mark.parametrize("said", [COURSE, GONE], ids=["made", "gone"])
def test_a_run_killed_after_any_call_is_finished_by_the_next(
    on_release: Callable[[int], SdnApi], pve: int, said: dict[str, Any]
) -> None:
    api = on_release(pve)
    if said is GONE:
        run(api, **COURSE)
    first = plan(api, **said)
    steps = (*first.steps, *first.possible)
    for kill_after in range(len(steps) + 1):
        with api.kept():
            api.lock_file.unlink(missing_ok=True)
            for step in steps[:kill_after]:
                api.act(step)
            run(api, **said)
            assert plan(api, **said).steps == (), kill_after
            assert not api.lock_file.exists(), kill_after
            for name in api.nodes:
                text = api.place("INTERFACES_SDN", name).read_text()
                assert ("iface vn1\n" in text) == (said is COURSE), (kill_after, name)


def test_a_green_task_is_no_proof(api: SdnApi) -> None:
    """The task ends well; the node that failed shows it, and is named."""
    api.nodes["pve2"].fails = True
    with pytest.raises(NotProved) as failure:
        run(api, zones=COURSE["zones"][:1], vnets=COURSE["vnets"][:1])
    assert "pve2 shows the zone lab as pending: local sdn network configuration is not yet" in str(failure.value)
    assert "pve1 shows" not in str(failure.value)
    assert not api.lock_file.exists()
    api.nodes["pve2"].fails = False
    found = plan(api, zones=COURSE["zones"][:1], vnets=COURSE["vnets"][:1])
    assert [step.id for step in (*found.steps, *found.possible)] == ["sdn_lock.take", "sdn.apply"]
    run(api, zones=COURSE["zones"][:1], vnets=COURSE["vnets"][:1])


@pytest.mark.parametrize("said", ["vnets", "subnets"])
def test_nodes_show_the_zones_of_what_is_declared_though_these_are_not(
    on_release: Callable[[int], SdnApi], said: str
) -> None:
    """Before Proxmox VE 9.1 no dry run tells."""
    api = on_release(8)
    run(api, **{name: COURSE[name][:1] for name in ("zones", "vnets")})
    api.nodes["pve2"].fails = True
    more = {"vnets": [{"vnet": "vn9", "zone": "lab"}], "subnets": COURSE["subnets"]}
    with pytest.raises(NotProved, match="pve2 shows the zone lab as pending"):
        run(api, **{said: more[said]})


def test_a_node_whose_files_are_old_is_found_after_the_last_thing_is_gone(api: SdnApi) -> None:
    """No zone is left that a node could tell of; a dry run tells."""
    run(api, zones=COURSE["zones"][:1], vnets=COURSE["vnets"][:1])
    api.nodes["pve3"].fails = True
    gone = {"zones": GONE["zones"][:1], "vnets": GONE["vnets"][:1]}
    with pytest.raises(NotProved, match="pve3 has another /etc/network/interfaces.d/sdn than belongs to them"):
        run(api, **gone)


def test_frrs_configuration_is_proved_where_controllers_are(api: SdnApi) -> None:
    said = {"controllers": COURSE["controllers"][:1]}
    for name in api.nodes:
        api.place("FRR_CONF", name).parent.mkdir(parents=True, exist_ok=True)
    run(api, **said)
    api.place("FRR_CONF", "pve2").write_text("router bgp 1\n")
    assert "pve2 has another /etc/frr/frr.conf than belongs to them" in plan(api, **said).sentences[-1]
    run(api, **said)


def test_what_somebody_else_has_staged_is_not_applied_along(api: SdnApi) -> None:
    run(api, **COURSE)
    api.stage("POST", "/cluster/sdn/zones", zone="zz", type="simple")
    same = plan(api, **COURSE)
    assert (same.steps, same.refusals) == ((), ())
    assert same.tells == {"foreign": ["zone zz"]}
    more = plan(api, zones=[{"zone": "lab", "type": "simple", "mtu": 1200}])
    assert [str(one).partition(".")[0] for one in more.refusals] == [
        "Somebody else has staged changes that would be applied along: zone zz"
    ]
    assert plan(api, zones=[{"zone": "zz", "type": "simple"}]).refusals == ()


def test_what_is_staged_while_it_is_being_done_is_seen_without_a_lock(
    on_release: Callable[[int], SdnApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Proxmox VE 9 there is none: all is looked at once more before it is applied."""
    api = on_release(8)
    found = plan(api, zones=COURSE["zones"][:1])
    assert ([step.id for step in found.steps], [step.id for step in found.possible]) == (
        ["zone.create:lab"],
        ["sdn.apply"],
    )
    act = api.act

    def meanwhile(step: Any) -> str:
        api.stage("POST", "/cluster/sdn/zones", zone="zz", type="simple")
        return act(step)

    monkeypatch.setattr(api, "act", meanwhile)
    with pytest.raises(NotProved, match="would be applied along: zone zz"):
        run(api, zones=COURSE["zones"][:1])
    assert api.get_real("/cluster/sdn/zones?running=1") == []


def test_what_is_staged_before_the_lock_is_had_is_seen_with_it(api: SdnApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier run was cut short: its own changes wait, and so the lock is given though others may, too."""
    said = {"zones": COURSE["zones"][:1]}
    for step in plan(api, **said).steps[:2]:
        api.act(step)
    api.stage("DELETE", "/cluster/sdn/lock", force=1)
    api.lock_file.unlink()
    act = api.act

    def meanwhile(step: Any) -> str:
        if step.id == "sdn_lock.take":
            api.stage("POST", "/cluster/sdn/zones", zone="zz", type="simple")
        return act(step)

    monkeypatch.setattr(api, "act", meanwhile)
    with pytest.raises(NotProved, match="would be applied along: zone zz"):
        run(api, **said)
    assert api.get_real("/cluster/sdn/zones?running=1") == []
    assert not api.lock_file.exists()


def test_a_staged_change_of_a_nodes_own_network_is_not_activated_along(api: SdnApi) -> None:
    place = api.place("INTERFACES_NEW", "pve2")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("auto vmbr7\n")
    refused = plan(api, zones=COURSE["zones"][:1]).refusals
    assert [str(one).partition(",")[0] for one in refused] == ["On pve2 a change of the node's own network is staged"]


def test_the_lock_of_somebody_else_is_not_broken(api: SdnApi) -> None:
    api.stage("POST", "/cluster/sdn/lock")
    with pytest.raises(StepFailed, match="invalid lock token provided"):
        run(api, zones=COURSE["zones"][:1])
    assert ids(api, zones=COURSE["zones"][:1], break_lock=True)[0] == "sdn_lock.break"
    run(api, zones=COURSE["zones"][:1], break_lock=True)


def test_a_failed_step_gives_the_lock_back(api: SdnApi, monkeypatch: pytest.MonkeyPatch) -> None:
    act = api.act

    def failing(step: Any) -> str:
        if step.id == "zone.create:lab":
            raise StepFailed("no")
        return act(step)

    monkeypatch.setattr(api, "act", failing)
    with pytest.raises(StepFailed) as failure:
        run(api, zones=COURSE["zones"][:1])
    assert failure.value.message == (
        "no The change was taken back: give back the lock of the networks;"
        " what is staged so far stays for the next run."
    )
    assert not api.lock_file.exists()
    assert not (api.folder / "etc/pve/sdn/.lock").exists()


def test_an_exclusive_scope_removes_what_it_does_not_name_and_nothing_else(api: SdnApi) -> None:
    run(api, **COURSE)
    more = {"vnets": [*COURSE["vnets"], {"vnet": "vn9", "zone": "vl", "tag": 9}]}
    run(api, **more)
    assert ids(api, vnets=COURSE["vnets"], exclusive=["vnets:vl"])[1:] == ["vnet.remove:vn9", "sdn.apply"]
    assert ids(api, vnets=COURSE["vnets"], exclusive=["vnets:lab"]) == []


def test_a_node_that_is_off_is_told_and_does_not_stop_it(api: SdnApi) -> None:
    api.nodes["pve3"].online = False
    api.members()
    result = run(api, zones=COURSE["zones"][:1])
    assert any("pve3 is off" in one for one in result["warnings"])


def test_addresses_are_kept_elsewhere_at_once(api: SdnApi) -> None:
    said = {"ipams": [{"ipam": "box", "type": "netbox", "url": "https://box.example.org/api", "token": "secret-1"}]}
    found = plan(api, **said)
    assert [step.id for step in found.steps] == ["sdn_lock.take", "ipam.create:box", "sdn_lock.return"]
    assert "secret-1" not in repr(found)
    assert not {"secret-1"} & {str(found.after), str(found.before)}
    run(api, **said)
    assert not run(api, **said)["changed"]


def test_nobody_serves_the_api_yet(api: SdnApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "look", lambda question: None)
    found = plan(api, **COURSE)
    assert (found.steps[-1].id, found.refusals) == ("sdn.apply", ())
