"""ceph.conf, read as Ceph reads it: remarks, quotation marks, lines that go on, sections of the first releases."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conf import parse_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conf_text import parse_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import CephConf

USUAL = """\
[global]
	auth_client_required = cephx
	fsid = 6c2b1f2e-0000-4000-8000-000000000001
	mon_host = 10.10.2.11 10.10.2.12 10.10.2.13
	osd_pool_default_min_size = 2
	osd_pool_default_size = 3
	public_network = 10.10.2.11/24

[client]
	keyring = /etc/pve/priv/$cluster.$name.keyring

[mon.pve1]
	public_addr = 10.10.2.11
"""


def conf(*edits: tuple[str, str]) -> CephConf:
    text = USUAL
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    found = parse_conf(text)
    assert found is not None
    return found


def test_remarks_stand_anywhere() -> None:
    found = conf(
        ("size = 3", "size = 2 # two copies are enough here"),
        ("10.10.2.11/24", "10.10.2.0/24 ; 10G"),
        ("[mon.pve1]", "[mon.pve1] # first"),
    )
    assert (found.default_size, found.public_network, found.daemons["mon"]) == (2, ("10.10.2.0/24",), {"pve1"})


@pytest.mark.parametrize(
    ("written", "size"),
    [("3", 3), ('"2"', 2), ("'4'", 4), ("02", 2), ("", 3), ("two", 3), ("2.5", 3), ("-1", 3), ("11", 3), ("2 # 3", 2)],
)
def test_a_size_that_ceph_does_not_take_stays_at_the_default(written: str, size: int) -> None:
    assert conf(("size = 3", f"size = {written}")).default_size == size


def test_a_line_goes_on_after_a_backslash() -> None:
    found = conf(("10.10.2.11 10.10.2.12", "10.10.2.11 \\\n\t\t10.10.2.12"))
    assert found.mon_hosts == ("10.10.2.11", "10.10.2.12", "10.10.2.13")


@pytest.mark.parametrize("between", [",", ", ", " ", "\t"])
def test_lists_have_more_than_one_form(between: str) -> None:
    found = conf(("10.10.2.11/24", f"10.10.2.0/24{between}10.10.3.9/24"))
    assert found.public_network == ("10.10.2.0/24", "10.10.3.0/24")


@pytest.mark.parametrize(
    ("edits", "hosts"),
    [
        ([("\tmon_host = 10.10.2.11 10.10.2.12 10.10.2.13\n", "")], ("10.10.2.11",)),
        ([("\tmon_host = 10.10.2.11 10.10.2.12 10.10.2.13\n", ""), ("public_addr", "mon addr")], ("10.10.2.11",)),
        ([("\tmon_host = 10.10.2.11 10.10.2.12 10.10.2.13\n", ""), ("\tpublic_addr = 10.10.2.11\n", "")], ("pve1",)),
        ([("\tmon_host", "[client]\n\tmon host")], ("10.10.2.11", "10.10.2.12", "10.10.2.13")),
    ],
    ids=["public_addr", "mon addr", "the name alone", "another section"],
)
def test_monitors_are_named_in_more_than_one_place(edits: list[tuple[str, str]], hosts: tuple[str, ...]) -> None:
    assert conf(*edits).mon_hosts == hosts


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[global]\nfsid = x\nmon_host\n", 3),
        ('[global]\nfsid = "x\n', 2),
        ('[global]\nfsid = "x" y\n', 2),
        ("[global\nfsid = x\n", 1),
        ("  [global]\n", 1),
        ("[global]\nfsid = x", 2),
        ("[global]\nfsid = x\n\udce9 = y\n", 3),
    ],
)
def test_what_ceph_cannot_read_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable, match=f"Ceph cannot read /etc/pve/ceph.conf: in line {line}, ") as caught:
        parse_conf(text)
    assert "Correct the file" in caught.value.hint


def test_the_last_of_two_settings_counts_and_sections_are_put_together() -> None:
    text = "[a]\nx y = 1\n[b]\nx = 2\n[a]\nx  y = 3\nz=\n"
    assert parse_sections(text, "f") == {"a": {"x_y": "3", "z": ""}, "b": {"x": "2"}}
