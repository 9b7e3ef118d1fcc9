"""A daemon goes out of ceph.conf by what the file means to Ceph; everything else stays letter by letter."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.leaving.ceph_conf import WithoutDaemon
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.conf import parse_conf

WRITTEN = """\
# The campus cluster; ask before you change it.
[global]
\tfsid = 016d18af-7947-4265-a0b6-476a0253f419
\tmon host = 10.10.2.11 10.10.2.12 10.10.2.13 ; the order does not matter
\tpublic_network = 10.10.2.0/24   # 10G

[mon.pve1] # in the cellar
\tpublic_addr = 10.10.2.11

[mon.pve2] ; on the roof
\tpublic addr = 10.10.2.12 # link1
\t# slow disk

# All metadata servers
[mds]
\tkeyring = /var/lib/ceph/mds/ceph-$id/keyring
"""


def test_headings_and_values_with_remarks() -> None:
    without = WRITTEN.replace("[mon.pve2] ; on the roof\n\tpublic addr = 10.10.2.12 # link1\n", "")
    assert WithoutDaemon("mon", "pve2")(WRITTEN) == without.replace(" 10.10.2.12 ", " ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mon_host = 10.0.0.1 10.0.0.2", "mon_host = 10.0.0.1"),
        ("mon_host = 10.0.0.1,10.0.0.2", "mon_host = 10.0.0.1"),
        ("mon_host = 10.0.0.2, 10.0.0.1, 10.0.0.3", "mon_host = 10.0.0.1, 10.0.0.3"),
        ("mon_host = '10.0.0.1 10.0.0.2'", "mon_host = '10.0.0.1'"),
        ("mon_host = 10.0.0.1 \\\n  10.0.0.2", "mon_host = 10.0.0.1"),
        ("mon host=[v2:10.0.0.1:3300,v1:10.0.0.1:6789] [v2:10.0.0.2:3300,v1:10.0.0.2:6789]", None),
        ("mon_host = 10.0.0.1:6789 10.0.0.2:6789", "mon_host = 10.0.0.1:6789"),
        ("mon_host = 10.0.0.1 10.0.0.22", "mon_host = 10.0.0.1 10.0.0.22"),
        ("mon_initial_members = 10.0.0.2", "mon_initial_members = 10.0.0.2"),
    ],
)
def test_addresses(before: str, after: str | None) -> None:
    wanted = "mon host=[v2:10.0.0.1:3300,v1:10.0.0.1:6789]" if after is None else after
    text = f"[global]\n{before}\n[mon.b]\nhost = b\n"
    assert WithoutDaemon("mon", "b", ("10.0.0.2",))(text) == f"[global]\n{wanted}\n"


@pytest.mark.parametrize("heading", ["[mon.b]", "[mon.b];x", "[mon.b]   # [mds.b]", "[m\\\non.b]", "[mon.b]\r"])
def test_a_section_that_stands_twice(heading: str) -> None:
    text = f"[global]\nfsid = f\n{heading}\nhost = b\n[osd]\na = 1\n{heading}\n\n[client]\nb = 2\n"
    assert WithoutDaemon("mon", "b")(text) == "[global]\nfsid = f\n[osd]\na = 1\n[client]\nb = 2\n"


@pytest.mark.parametrize(("kind", "name"), [("mds", "b"), ("mon", "pve"), ("mon", "pve11"), ("osd", "pve1")])
def test_no_other_section_goes(kind: str, name: str) -> None:
    assert WithoutDaemon(kind, name)(WRITTEN) == WRITTEN


def test_another_daemon_of_the_same_address_keeps_it() -> None:
    """Of a metadata server no address is taken out of mon_host."""
    text = WRITTEN + "[mds.pve1]\nhost = pve1\npublic_addr = 10.10.2.11\n"
    assert WithoutDaemon("mds", "pve1")(text) == WRITTEN


def test_what_is_left_is_read_the_same() -> None:
    left, before = parse_conf(WithoutDaemon("mon", "pve1")(WRITTEN)), parse_conf(WRITTEN)
    assert left is not None and before is not None
    assert (left.mon_hosts, left.daemons["mon"]) == (("10.10.2.12", "10.10.2.13"), {"pve2"})
    assert (left.fsid, left.public_network) == (before.fsid, before.public_network)


def test_a_file_that_ceph_cannot_read_is_left_alone() -> None:
    with pytest.raises(Unreadable, match="in line 2"):
        WithoutDaemon("mon", "b")("[mon.b]\nnonsense\n")
