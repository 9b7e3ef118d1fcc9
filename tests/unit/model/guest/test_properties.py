"""Property strings: what means the same is equal, and what is written is read back as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.desired import format_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import GuestKind
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.properties import (
    LXC,
    QEMU,
    Format,
    decoded_keys,
    encoded_keys,
    family,
    laid_over,
    meaning,
    parse,
    render,
    tags,
)
from hypothesis import given
from hypothesis import strategies as st

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"
SAME = [
    ("agent", "1", "enabled=1"),
    ("agent", "enabled=1", "1,freeze-fs-on-backup=1,type=virtio"),
    ("agent", "0", ""),
    ("cpu", "cputype=host", "host"),
    ("memory", "2048", "current=2048"),
    ("net0", "virtio=bc:24:11:00:00:01,bridge=vmbr0", "model=virtio,macaddr=BC:24:11:00:00:01,bridge=vmbr0,firewall=0"),
    ("scsi0", "vms:vm-1-disk-0,discard=on,ssd=1", "file=vms:vm-1-disk-0,ssd=on,discard=on,backup=1,cache=none"),
    ("startup", "1,up=10", "order=1,up=10"),
    ("ipconfig0", "ip=10.0.0.5/24,ip6=FD00::1/64", "ip6=fd00::1/64,ip=10.0.0.5/24"),
    ("tpmstate0", "vms:vm-1-disk-1,version=v1.2", "vms:vm-1-disk-1"),
    ("net1", "virtio=BC:24:11:00:00:01,rate=1.50", "virtio=BC:24:11:00:00:01,rate=1.5"),
]
OTHER = [
    ("agent", "1", "1,fstrim_cloned_disks=1"),
    ("net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0", "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=5"),
    ("net0", "virtio=BC:24:11:00:00:01", "e1000=BC:24:11:00:00:01"),
    ("scsi0", "vms:vm-1-disk-0", "vms:vm-1-disk-0,backup=0"),
    ("startup", "order=1", "order=2"),
    ("memory", "current=512", "1024"),
]


def means(key: str, text: str, kind: GuestKind = "qemu") -> dict[str, str]:
    form = format_of(kind, key)
    assert form is not None, key
    return meaning(form, parse(form, text))


@pytest.mark.parametrize(("key", "one", "another"), SAME)
def test_what_means_the_same(key: str, one: str, another: str) -> None:
    assert means(key, one) == means(key, another)


@pytest.mark.parametrize(("key", "one", "another"), OTHER)
def test_what_means_something_else(key: str, one: str, another: str) -> None:
    assert means(key, one) != means(key, another)


def test_a_card_of_a_container() -> None:
    one, another = (
        "name=eth0,bridge=vmbr0,hwaddr=bc:24:11:00:00:01,type=veth",
        "bridge=vmbr0,name=eth0,hwaddr=BC:24:11:00:00:01",
    )
    assert means("net0", one, "lxc") == means("net0", another, "lxc")


VALUE = st.text(st.characters(codec="ascii", exclude_characters=",= \n\r\t\x0b\x0c\x1c\x1d\x1e\x1f\x00"), min_size=1)


@pytest.mark.parametrize("form", [*QEMU.values(), *LXC.values()], ids=[*QEMU, *(f"lxc {name}" for name in LXC)])
def test_what_is_written_is_read_back(form: Format) -> None:
    names = sorted({form.default_key, *form.flags, *form.defaults, "tag", "size"} - {""})

    @given(st.dictionaries(st.sampled_from(names), VALUE))
    def property_(found: dict[str, str]) -> None:
        if form.default_key == "model":
            found = {**found, "model": "virtio"}
        assert parse(form, render(form, found)) == found
        assert meaning(form, meaning(form, found)) == meaning(form, found)
        assert laid_over(found, {}) == found
        assert meaning(form, laid_over(found, found)) == meaning(form, found)

    property_()


@pytest.mark.parametrize(
    ("name", "kind"),
    [("459at-guests-pending-stopped", "qemu"), ("699ad-start-pending", "qemu"), ("459np-guests-ct-pending", "lxc")],
)
def test_what_a_real_node_has_is_written_as_it_is_there(name: str, kind: GuestKind) -> None:
    """Apart from the order, and the name of the first value where it need not be said."""
    rows = json.loads((TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))["body"]["data"]
    checked = 0
    for row in rows:
        form = format_of(kind, row["key"])
        for text in filter(None, (row.get("value"), row.get("pending"))):
            if form is not None:
                named = f"{form.default_key}=" if form.default_key else " "
                there = sorted(str(text).replace(named, "", 1).split(","))
                assert sorted(render(form, parse(form, str(text))).split(",")) == there
                checked += 1
    assert checked >= 2


def test_every_flag_is_one_to_proxmox_ve() -> None:
    """And what has a default there has the same here."""
    schema = json.loads((Path(__file__).parents[3] / "lab/standin/pve_standin/schema/api.json").read_text("utf-8"))
    for kind, forms in (("qemu", QEMU), ("lxc", LXC)):
        known = schema[f"/nodes/{{node}}/{kind}/{{vmid}}/config"]["PUT"]["parameters"]
        for name, form in forms.items():
            found = next((one for key, one in known.items() if family(key.replace("[n]", "0")) == name), None)
            assert found is not None, name
            keys = found.get("keys")
            if not keys:
                continue
            flags = {key for key, one in keys.items() if one.get("type") == "boolean"}
            assert flags == form.flags & set(keys), name
            default = [key for key, one in keys.items() if one.get("default_key")]
            assert default == ([form.default_key] if form.default_key else []), name
            for key, one in keys.items():
                told = {True: "1", False: "0"}.get(one.get("default"), str(one.get("default")))
                if "default" in one:
                    assert form.defaults.get(key, "0" if key in form.flags else "") == told, (name, key)


def test_tags_are_a_set_in_small_letters() -> None:
    assert tags("Lab, web;lab db") == tags("db;lab;web")
    assert tags(" ") == frozenset()


def test_keys_are_encoded_as_the_api_wants_them() -> None:
    stored = "ssh-ed25519%20AAAA+%2Fx%3D%20a%40b%0A"
    assert decoded_keys(stored) == ("ssh-ed25519 AAAA+/x= a@b",)
    assert encoded_keys(("ssh-ed25519 AAAA+/x= a@b",)) == "ssh-ed25519%20AAAA%2B%2Fx%3D%20a%40b"
    assert decoded_keys(encoded_keys(("a b c", "d e f"))) == ("a b c", "d e f")
