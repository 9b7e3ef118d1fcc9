"""What owners are handed: what is there, no secret that nobody asked for, and no markup of anybody's making."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.site.guest.hand_out import guest_hand_outs

WEB = "https://pve1.example.org:8006"
OWNER: dict[str, Any] = {
    "fleet": "os-2027",
    "owner": "stu01@pve",
    "pool": "os-2027/stu01",
    "machines": {"vm": 1200, "dns": 1201, "late": 1202},
    "state": "active",
    "ends": "2027-02-28",
    "released": 0,
}
THERE: dict[str, Any] = {
    "guests": [{"vmid": 1200, "kind": "qemu", "node": "pve2"}, {"vmid": 1201, "kind": "lxc", "node": "pve1"}],
    "vms": [{"vmid": 1200, "cloud_init": {"user": "student", "addresses": [{"net": "net0", "ip": "10.20.0.10/24"}]}}],
    "containers": [{"vmid": 1201, "nets": [{"slot": "net0", "ip": "10.20.0.11/24", "ip6": "2001:db8::11/64"}]}],
}


def test_a_page_and_a_table_of_what_is_there() -> None:
    (told,) = guest_hand_outs([OWNER], THERE, WEB)
    assert (told["name"], told["ends"]) == ("os-2027.stu01", "2027-02-28")
    dns, machine = csv.DictReader(io.StringIO(told["csv"]))
    assert machine == {
        "machine": "vm",
        "id": "1200",
        "address": "10.20.0.10",
        "user": "student",
        "console": f"{WEB}/?console=kvm&novnc=1&vmid=1200&node=pve2",
    }
    assert (dns["address"], dns["console"]) == (
        "10.20.0.11 2001:db8::11",
        f"{WEB}/?console=lxc&novnc=1&vmid=1201&node=pve1",
    )
    assert f'<a href="{WEB}/?console=kvm&amp;novnc=1&amp;vmid=1200&amp;node=pve2">' in told["html"]
    assert "Not there yet: late." in told["html"]
    assert "They are there through 2027-02-28." in told["html"]


@pytest.mark.parametrize("pools", [("os/a-b", "os-a/b"), ("os-a-b", "os-c-a-b")])  # as before release 8
def test_no_two_owners_have_one_page(pools: tuple[str, str]) -> None:
    fleets = ("os", "os-a" if "/" in pools[0] else "os-c")
    owners = [{**OWNER, "fleet": fleet, "pool": pool} for fleet, pool in zip(fleets, pools)]
    names = [told["name"] for told in guest_hand_outs(owners, THERE, WEB)]
    assert names == [pool.replace("/", ".") for pool in pools]


def test_a_password_is_there_only_if_it_is_given() -> None:
    (told,) = guest_hand_outs([OWNER], THERE, WEB)
    assert "assword" not in told["csv"] + told["html"]
    (told,) = guest_hand_outs([OWNER], THERE, WEB, {"stu01@pve": "a<b", "stu02@pve": "other"})
    assert "<code>a&lt;b</code>" in told["html"]
    assert [row["password"] for row in csv.DictReader(io.StringIO(told["csv"]))] == ["a<b", "a<b"]
    assert "other" not in told["csv"] + told["html"]


@pytest.mark.parametrize("state", ["over", "released", "not listed"])
def test_whoever_has_had_his_time_is_handed_nothing(state: str) -> None:
    assert guest_hand_outs([{**OWNER, "state": state}], THERE, WEB) == []


def test_names_are_no_markup() -> None:
    there = {**THERE, "vms": [{**THERE["vms"][0], "cloud_init": {"user": "<script>"}}]}
    assert "<script>" not in guest_hand_outs([OWNER], there, WEB)[0]["html"]


@pytest.mark.parametrize("web", ["pve1:8006", "http://pve1:8006", "https://pve1:8006/#x", ""])
def test_the_way_to_the_console_is_an_address(web: str) -> None:
    with pytest.raises(Invalid, match="no address of the web interface"):
        guest_hand_outs([OWNER], THERE, web)
