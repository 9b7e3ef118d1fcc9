"""Firewalls of guests: sets of addresses before what makes them count; and what protects nobody is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.firewall import entries
from ansible_collections.baremetal.virt.plugins.modules.guest_container import SUBJECT as CONTAINER

from ....doubles.guest_api import GuestApi, plan, run

OFF = "The firewall of the cluster is off, so what is declared of the firewall of VM 1201 (web1) protects nothing."
WEB: dict[str, Any] = {
    "vmid": 1201,
    "name": "web1",
    "memory": 512,
    "disks": [{"slot": "scsi0", "storage": "vms", "size": "1G"}],
    "nets": [{"slot": "net0", "bridge": "vmbr0"}, {"slot": "net1", "bridge": "vmbr0"}],
    "cloud_init": {
        "storage": "vms",
        "addresses": [{"ip": "192.0.2.31/24", "ip6": "2001:DB8::31/64"}, {"net": "net1", "ip": "198.51.100.31/24"}],
    },
    "firewall": {"ipfilter": True, "macfilter": True, "policy_in": "ACCEPT"},
}
SETS = "/nodes/pve1/qemu/1201/firewall/ipset"


def steps(*said: dict[str, Any], api: GuestApi, **more: Any) -> list[str]:
    return [step.id for step in plan(api, *said, **more).steps]


def test_a_machine_is_filtered_before_it_starts(api: GuestApi) -> None:
    done = run(api, {**WEB, "running": True})
    assert [step["id"] for step in done["steps"]] == [
        "vm.create:1201",
        "vm.ipset:1201 ipfilter-net0",
        "vm.ipset:1201 ipfilter-net1",
        "vm.address:1201 ipfilter-net0 192.0.2.31",
        "vm.address:1201 ipfilter-net0 2001:db8::31",
        "vm.address:1201 ipfilter-net1 198.51.100.31",
        "vm.firewall:1201",
        "vm.start:1201",
    ]
    told = api.get_real("/nodes/pve1/qemu/1201/firewall/options")
    assert {name: told[name] for name in ("enable", "ipfilter", "policy_in")} == {
        "enable": 1,
        "ipfilter": 1,
        "policy_in": "ACCEPT",
    }
    assert "macfilter" not in told  # as it is anyway
    assert "firewall=1" in api.config(1201)["net0"]
    assert not steps(WEB, api=api)


def test_another_address_is_let_in_before_the_old_one_is_shut_out(api: GuestApi) -> None:
    run(api, WEB)
    other = {**WEB["cloud_init"], "addresses": [{"ip": "192.0.2.40/24", "ip6": "2001:db8::31/64"}]}
    api.call("POST", f"{SETS}/ipfilter-net0", cidr="203.0.113.0/24")
    done = run(api, {**WEB, "cloud_init": other})
    assert [step["id"] for step in done["steps"] if "address" in step["id"]] == [
        "vm.address:1201 ipfilter-net0 192.0.2.40",
        "vm.unaddress:1201 ipfilter-net0 192.0.2.31",
        "vm.unaddress:1201 ipfilter-net0 203.0.113.0/24",
    ]
    assert {row["cidr"] for row in api.get_real(f"{SETS}/ipfilter-net0")} == {"192.0.2.40", "2001:db8::31"}


def test_a_card_without_an_address_has_no_set_any_more(api: GuestApi) -> None:
    """With ipfilter Proxmox VE lets nothing come from it then; with its old set, what was its address."""
    run(api, WEB)
    init = {**WEB["cloud_init"], "addresses": WEB["cloud_init"]["addresses"][:1]}
    done = run(api, {**WEB, "cloud_init": init})
    assert [step["id"] for step in done["steps"]][-1] == "vm.unset:1201 ipfilter-net1"
    assert [row["name"] for row in api.get_real(SETS)] == ["ipfilter-net0"]


def test_who_says_no_ipfilter_is_not_filtered_by_sets_of_before(api: GuestApi) -> None:
    """Proxmox VE filters by a set that is there, whatever the option says."""
    run(api, WEB)
    api.call("POST", SETS, name="mine")
    done = run(api, {**WEB, "firewall": {"ipfilter": False}, "cloud_init": {"addresses": [{"ip": "dhcp"}]}})
    assert [step["id"] for step in done["steps"]] == [
        "vm.change:1201",
        "vm.firewall:1201",
        "vm.unset:1201 ipfilter-net0",
        "vm.unset:1201 ipfilter-net1",
    ]
    assert [row["name"] for row in api.get_real(SETS)] == ["mine"]


def test_so_has_one_whose_template_is_made_in_the_same_run(api: GuestApi) -> None:
    clone = {name: value for name, value in WEB.items() if name != "disks"}
    clone |= {"vmid": 1202, "name": "web2", "clone": {"vmid": 1201, "full": True}}
    clone |= {"cloud_init": {"addresses": [{"ip": "192.0.2.32/24"}]}, "firewall": {"ipfilter": True}}
    run(api, {**WEB, "template": "1"}, clone)
    assert [row["name"] for row in api.get_real("/nodes/pve1/qemu/1202/firewall/ipset")] == ["ipfilter-net0"]
    assert [row["cidr"] for row in api.get_real("/nodes/pve1/qemu/1202/firewall/ipset/ipfilter-net0")] == ["192.0.2.32"]


def test_neither_is_a_clone_by_sets_of_its_template(api: GuestApi) -> None:
    run(api, {**WEB, "template": "1"})
    clone = {name: value for name, value in WEB.items() if name not in ("disks", "cloud_init")}
    clone |= {"vmid": 1202, "name": "web2", "clone": {"vmid": 1201, "full": True}, "firewall": {"ipfilter": False}}
    run(api, clone)
    assert not api.get_real("/nodes/pve1/qemu/1202/firewall/ipset")
    assert {row["name"] for row in api.get_real(SETS)} == {"ipfilter-net0", "ipfilter-net1"}


def test_where_the_clusters_firewall_is_off_it_is_told(api: GuestApi) -> None:
    assert OFF in plan(api, WEB).warnings
    run(api, WEB)
    assert OFF in plan(api, WEB).warnings
    api.call("PUT", "/cluster/firewall/options", enable=1)
    assert not plan(api, WEB).warnings
    api.call("PUT", "/cluster/firewall/options", enable=1795986355)  # was on for a minute, then
    assert OFF in plan(api, WEB).warnings
    assert not plan(api, {**WEB, "firewall": {"enable": False}}).warnings


def test_what_is_not_said_stays(api: GuestApi) -> None:
    run(api, WEB)
    api.call("PUT", "/nodes/pve1/qemu/1201/firewall/options", policy_out="REJECT", policy_in="DROP")
    assert steps(WEB, api=api) == ["vm.firewall:1201"]
    assert not steps({**WEB, "firewall": {"ipfilter": True}}, api=api)
    assert not steps({name: value for name, value in WEB.items() if name != "firewall"}, api=api)


def test_a_clone_has_the_firewall_of_its_template(api: GuestApi) -> None:
    run(api, {**WEB, "template": "1"})
    clone = {name: value for name, value in WEB.items() if name != "disks"}
    clone |= {"vmid": 1202, "name": "web2", "clone": {"vmid": 1201, "full": True}}
    clone["cloud_init"] = {"addresses": [{"ip": "192.0.2.32/24"}, {"net": "net1", "ip": "198.51.100.31/24"}]}
    done = run(api, clone)
    assert [step["id"] for step in done["steps"] if "address" in step["id"] or "ipset" in step["id"]] == [
        "vm.address:1202 ipfilter-net0 192.0.2.32",
        "vm.unaddress:1202 ipfilter-net0 192.0.2.31",
        "vm.unaddress:1202 ipfilter-net0 2001:db8::31",
    ]


@pytest.mark.parametrize(
    "silent", ["1201/firewall/options", "1201/firewall/ipset", "1201/firewall/ipset/ipfilter-net1"]
)
def test_of_what_is_not_told_nothing_is_done(api: GuestApi, monkeypatch: pytest.MonkeyPatch, silent: str) -> None:
    run(api, WEB)
    asked = GuestApi.look

    def look(self: GuestApi, question: Question) -> Any:
        if question.argument[0].endswith(silent):
            raise Unreadable("403 Permission check failed")
        return asked(self, question)

    monkeypatch.setattr(GuestApi, "look", look)
    found = plan(api, {**WEB, "memory": 1024})
    assert not found.steps
    assert "VM 1201 (web1) is not seen: 403 Permission check failed. Nothing is done about it." in found.warnings


def test_whether_the_clusters_firewall_is_on_may_be_unknown(api: GuestApi, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = GuestApi.look

    def look(self: GuestApi, question: Question) -> Any:
        if question.argument[0] == "/cluster/firewall/options":
            raise Unreadable("403 Permission check failed")
        return asked(self, question)

    monkeypatch.setattr(GuestApi, "look", look)
    told = "Whether the firewall of the cluster is on cannot be told; if it is off, what is declared of "
    assert any(warning.startswith(told) for warning in plan(api, WEB).warnings)


def test_containers_have_their_addresses_at_their_cards(api: GuestApi) -> None:
    container = {
        "vmid": 1401,
        "name": "dns1",
        "os_template": "share:vztmpl/debian-13_amd64.tar.zst",
        "rootfs": {"storage": "vms", "size": "16M"},
        "nets": [{"slot": "net0", "bridge": "vmbr0", "ip": "192.0.2.41/24"}],
        "firewall": {"ipfilter": True},
    }
    run(api, container, subject=CONTAINER)
    assert [row["cidr"] for row in api.get_real("/nodes/pve1/lxc/1401/firewall/ipset/ipfilter-net0")] == ["192.0.2.41"]
    assert not steps(container, api=api, subject=CONTAINER)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"nets": []}, "the firewall needs nets"),
        ({"nets": [{"slot": "net0", "bridge": "vmbr0", "firewall": False}]}, "net0 has firewall: false"),
        ({"cloud_init": {"addresses": [{"ip": "dhcp"}]}}, "which address others give to net0"),
        ({"cloud_init": None}, "without any address nothing would come through"),
    ],
)
def test_what_would_protect_nobody_is_invalid(api: GuestApi, change: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        plan(api, {**WEB, **change})


def test_an_exception_is_no_address() -> None:
    rows: list[dict[str, Any]] = [
        {"cidr": "192.0.2.31/32"},
        {"cidr": "192.0.2.0/24", "nomatch": 1},
        {"cidr": "dc/gateway"},
    ]
    assert entries(rows) == {"192.0.2.31", "!192.0.2.0/24", "dc/gateway"}


def test_new_addresses_are_told_of_where_nothing_is_said_of_the_filter(api: GuestApi) -> None:
    """A set that is there shuts them out."""
    run(api, WEB)
    other = {**WEB["cloud_init"], "addresses": [{"ip": "192.0.2.40/24", "ip6": "2001:db8::31/64"}]}
    unsaid = {key: value for key, value in WEB.items() if key != "firewall"}
    told = (
        "VM 1201 (web1): addresses of net0 change, and nothing is said of ipfilter. If there is a set ipfilter-net0, "
        "its firewall lets the old ones through and drops packets of the new ones."
    )
    assert told in plan(api, {**unsaid, "cloud_init": other}).warnings
    assert told in plan(api, {**unsaid, "cloud_init": other, "firewall": {"policy_in": "DROP"}}).warnings
    assert told not in plan(api, {**WEB, "cloud_init": other}).warnings
    assert told not in plan(api, unsaid).warnings
    bare = [{"slot": "net0", "bridge": "vmbr0", "firewall": False}]
    assert told not in plan(api, {**unsaid, "nets": bare, "cloud_init": other}).warnings


def test_of_a_container_too(api: GuestApi) -> None:
    net = {"slot": "net0", "bridge": "vmbr0", "ip": "192.0.2.53/24", "firewall": True}
    template, root = "share:vztmpl/debian.tar.zst", {"storage": "vms", "size": "1G"}
    box: dict[str, Any] = {"vmid": 1401, "name": "dns1", "os_template": template, "rootfs": root, "nets": [net]}
    api.image("template/cache/debian.tar.zst", 1 << 20)
    run(api, box, subject=CONTAINER)
    (told,) = plan(api, {**box, "nets": [{**net, "ip": "192.0.2.54/24"}]}, subject=CONTAINER).warnings
    assert told.startswith("container 1401 (dns1): addresses of net0 change, and nothing is said of ipfilter.")
    assert not plan(api, {**box, "nets": [{**net, "gw": "192.0.2.1"}]}, subject=CONTAINER).warnings
