"""hosts_file: entries of /etc/hosts, one by one."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.hosts_file import (
    HostEntry,
    as_document,
    edited,
)
from hypothesis import given
from hypothesis import strategies as st

PVE1 = HostEntry("pve1.example.org", ipaddress.ip_address("10.10.1.11"))
PVE1_6 = HostEntry("pve1.example.org", ipaddress.ip_address("fd00::11"))
SHORT = HostEntry("pve2", ipaddress.ip_address("10.10.1.12"))
LINE = "10.10.1.11 pve1.example.org pve1\n"
ORDER = "10.10.1.11\tpve1 pve1.example.org # mine\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", LINE, id="empty file"),
        pytest.param(LINE, LINE, id="right"),
        pytest.param(ORDER, ORDER, id="right in another order"),
        pytest.param("127.0.1.1 pve1.example.org pve1\n", LINE, id="Debian's installer without a static address"),
        pytest.param("127.0.0.1 localhost pve1 # x\n", f"127.0.0.1 localhost # x\n{LINE}", id="one name of a line"),
        pytest.param("::1 pve1 localhost\n", f"::1 localhost\n{LINE}", id="loopback of the other family"),
        pytest.param("fd00::11 pve1\n", f"fd00::11 pve1\n{LINE}", id="an address of the other family"),
        pytest.param("10.9.9.9 pve1 old\n", f"10.9.9.9 old\n{LINE}", id="an old address"),
        pytest.param("10.10.1.11 pve1\n", LINE, id="a name is missing"),
        pytest.param("10.10.1.11 pve1 web # keep\n", "10.10.1.11 pve1.example.org pve1 web # keep\n", id="others stay"),
        pytest.param(f"{LINE}10.10.1.11 pve1\n", LINE, id="named twice"),
        pytest.param("10.10.1.11 web\n", f"10.10.1.11 web\n{LINE}", id="a line of others stays"),
        pytest.param("# pve1\nbroken pve1\n", f"# pve1\nbroken pve1\n{LINE}", id="what is no entry"),
        pytest.param("10.1.1.1 x", f"10.1.1.1 x\n{LINE}", id="no line end"),
        pytest.param("#\n 127.0.1.1 pve1", f"#\n{LINE}", id="a line that the C library does not read yet"),
        pytest.param("127.0.1.1 PVE1.example.org Pve1\n", LINE, id="in capitals"),
        pytest.param("127.0.1.1\x0bpve1\r\n", LINE, id="white space of C, and a line end of another system"),
        pytest.param("10.9.9.9 web\u2028pve1\n", f"10.9.9.9 web\u2028pve1\n{LINE}", id="no white space for C"),
        pytest.param("fe80::1%eno1 pve1\n", f"fe80::1%eno1 pve1\n{LINE}", id="a zone, which no resolver reads there"),
    ],
)  # fmt: skip
def test_one_entry(before: str, after: str) -> None:
    assert edited(before, [PVE1]) == after


def test_both_families_and_several_hosts() -> None:
    text = edited("127.0.0.1 localhost\n", [PVE1, PVE1_6, SHORT])
    assert text == f"127.0.0.1 localhost\n{LINE}fd00::11 pve1.example.org pve1\n10.10.1.12 pve2\n"
    assert as_document(text)["pve1"] == ["10.10.1.11", "fd00::11"]


WORDS = st.sampled_from(["pve1", "pve1.example.org", "pve2", "localhost", "web", "# a remark", "#pve1"])
ADDRESSES = st.sampled_from(["127.0.0.1", "127.0.1.1", "::1", "10.10.1.11", "10.10.1.12", "fd00::11", "nonsense", ""])
LINES = st.builds(lambda address, words: " ".join((address, *words)) + "\n", ADDRESSES, st.lists(WORDS, max_size=4))


@given(st.lists(LINES, max_size=8).map("".join))
def test_in_force_stable_and_careful(before: str) -> None:
    entries = [PVE1, PVE1_6, SHORT]
    after = edited(before, entries)
    assert edited(after, entries) == after
    for entry in entries:
        for name in entry.names:
            found = as_document(after)[name]
            same_family = {text for text in found if ipaddress.ip_address(text).version == entry.address.version}
            assert same_family == {str(entry.address)}
    ours = {name for entry in entries for name in entry.names}
    untouched = [line for line in before.splitlines() if not ours & set(line.partition("#")[0].split()[1:])]
    kept = iter(after.splitlines())
    assert all(line in kept for line in untouched)  # each one after the one before it
