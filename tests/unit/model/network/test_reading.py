"""Which files a program reads, and what it reads in them."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, Program, Stray
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

FOLDERS = "source-directory-three-readers"
BACKSLASH = "backslash-swallows-a-line"
#: As the case calls it → as we do.
READERS: dict[str, Program] = {
    "ifupdown-0.8.41": "ifupdown",
    "ifupdown2-3.0.0": "ifupdown2-3.0",
    "ifupdown2-upstream": "ifupdown2",
    "pve": "pve",
}


@pytest.mark.parametrize("called", READERS)
def test_each_program_finds_other_files(called: str) -> None:
    places = {"interfaces.d/": "/etc/network/interfaces.d/", "run-network/": "/run/network/"}
    wanted = {"interfaces": MAIN}
    for path in (path for paths in cases.right(FOLDERS)["files_read"].values() for path in paths):
        for short, long in places.items():
            wanted.update({path: path.replace(short, long, 1)} if path.startswith(short) else {})
    found = read(cases.files(FOLDERS), READERS[called]).paths
    assert set(found) == {wanted[path] for path in cases.right(FOLDERS)["files_read"][called]}


def test_source_directory_is_an_error_for_the_old_ifupdown2() -> None:
    problems = read(cases.files(FOLDERS), "ifupdown2-3.0").problems
    assert len(problems) == cases.right(FOLDERS)["parse_errors"]["ifupdown2-3.0.0"]


@pytest.mark.parametrize("program", ["ifupdown", "ifupdown2", "ifupdown2-3.0"])
def test_a_backslash_in_a_comment_and_in_a_hook(program: Program) -> None:
    right = cases.right(BACKSLASH)["reads"]["ifupdown-0.8.41" if program == "ifupdown" else "ifupdown2"]
    found = interfaces(read(cases.files(BACKSLASH), program))
    eno3, bridge = found["eno3"], found["vmbr1"].bridge
    assert [str(address) for address in eno3.addresses] == [right["eno3"]["address"]]
    assert [str(gateway.ip) for gateway in eno3.gateways] == (
        [right["eno3"]["gateway"]] if right["eno3"]["gateway"] else []
    )
    assert [hook.command for hook in eno3.hooks] == right["eno3"]["up"]
    assert bridge is not None and list(bridge.ports) == right["vmbr1"]["bridge-ports"]


def test_the_web_interface_sees_a_port_that_is_a_backslash() -> None:
    found = interfaces(read(cases.files(BACKSLASH), "pve"))
    right = cases.right(BACKSLASH)["reads"]["pve"]
    bridge = found["vmbr1"].bridge
    assert bridge is not None and sorted(bridge.ports) == sorted(right["vmbr1"]["bridge_ports"])
    assert [str(one) for one in found["eno3"].addresses] == [right["eno3"]["cidr"]]
    assert [str(one.ip) for one in found["eno3"].gateways] == [right["eno3"]["gateway"]]


def test_members_that_name_their_bond() -> None:
    case = cases.files("bond-members-by-bond-master")
    by_ifupdown, by_ifupdown2 = (interfaces(read(case, program)) for program in ("ifupdown", "ifupdown2"))
    bond, vlan = by_ifupdown["bond0"].bond, by_ifupdown["bond0.40"].vlan
    assert bond is not None and (bond.members, bond.mode) == (("eno1", "eno2"), "802.3ad")
    assert by_ifupdown2["bond0"].bond is not None and by_ifupdown2["bond0"].bond.members == ()
    assert vlan is not None and (vlan.below, vlan.tag) == ("bond0", 40)
    assert [(str(one.to), str(one.via)) for one in by_ifupdown["bond0.40"].routes] == [("10.50.0.0/16", "10.40.0.1")]


def test_a_remark_behind_a_value_is_part_of_it() -> None:
    text = "iface eno1 inet static\n address 192.0.2.1/24 # office\n gateway 192.0.2.254\n mtu 9000 # jumbo\n"
    found = interfaces(read({MAIN: text}, "ifupdown2"))["eno1"]
    assert found.unreadable == ("address 192.0.2.1/24 # office", "mtu 9000 # jumbo")
    assert found.addresses == () and found.mtu is None


def test_auto_counts_for_ifupdown2_only_above_the_stanza() -> None:
    files = {MAIN: "iface eno1 inet manual\nauto eno1\niface eno2 inet manual\nallow-hotplug eno2\n"}
    assert [read(files, "ifupdown").is_auto(name) for name in ("eno1", "eno2")] == [True, True]
    assert [read(files, "ifupdown2").is_auto(name) for name in ("eno1", "eno2")] == [False, False]


def test_a_problem_ends_ifupdown_but_not_ifupdown2() -> None:
    files = {MAIN: "iface eno1 inet manual\nstray\niface eno2 inet manual\n"}
    assert read(files, "ifupdown").broken and read(files, "ifupdown").names == ()
    assert read(files, "ifupdown2").names == ("eno1", "eno2")


def test_ifupdown_reads_no_file_twice() -> None:
    folder = "/etc/network/interfaces.d"
    files = {MAIN: f"source {folder}/*\nsource {folder}/a\n", f"{folder}/a": f"source {MAIN}\nauto eno1\n"}
    assert read(files, "ifupdown").paths == (MAIN, f"{folder}/a")
    assert read(files, "ifupdown2").broken
    assert not read({**files, f"{folder}/a": "auto eno1\n"}, "ifupdown2").broken


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*", {"a", "b.cfg"}),
        ("?", {"a"}),
        ("[ab]*", {"a", "b.cfg"}),
        ("[!a]*", {"b.cfg"}),
        (".*", {".h"}),
        ("c", set()),
    ],
)
def test_patterns_of_a_source_line(pattern: str, found: set[str]) -> None:
    folder = "/etc/network/interfaces.d/"
    files = {MAIN: f"source {folder}{pattern}\n", **{f"{folder}{name}": "" for name in ("a", "b.cfg", ".h")}}
    for program in ("ifupdown", "ifupdown2"):
        assert {path.replace(folder, "") for path in read(files, program).paths[1:]} == found


def test_a_source_line_of_which_nobody_knows_what_it_leads_to() -> None:
    """Without a pattern, ifupdown reads the folder of the file, and that file once more."""
    for line in ("source-directory", "source $HOME/x", "source-directory a b"):
        (placed,) = [one for one in read({MAIN: f"{line}\n"}, "ifupdown").placed if isinstance(one.statement, Stray)]
        assert placed.path == MAIN
