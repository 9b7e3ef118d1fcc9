"""conversion: what ifupdown read, ifupdown2 reads, too."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.model.network.conversion import converted, differences
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases


def left(files: dict[str, str]) -> list[str]:
    """The differences that a conversion leaves."""
    return differences(files, converted(files).files, "ifupdown", "ifupdown2")


def test_a_folder_becomes_the_files_that_ifupdown_read() -> None:
    files = cases.files("source-directory-three-readers")
    right = cases.right("source-directory-three-readers")["plan_from_ifupdown_to_ifupdown2"]
    unchanged = differences(files, files, "ifupdown", "ifupdown2")
    assert any("eno6" in line for line in unchanged), "a hidden file would come alive"
    conversion = converted(files)
    assert "source-directory" not in conversion.files[MAIN]
    assert set(right["keeps_interfaces"]) <= set(read(conversion.files, "ifupdown2-3.0").names)
    assert left(files) == []


def test_a_backslash_is_gone_where_that_is_possible() -> None:
    files = cases.files("backslash-swallows-a-line")
    right = cases.right("backslash-swallows-a-line")["plan_from_ifupdown_to_ifupdown2"]
    assert set(differences(files, files, "ifupdown", "ifupdown2")) >= {right["topics"][0], "eno3: up changes"}
    text = converted(files).files[MAIN]
    assert "\n    bridge-ports eno1         eno2\n" in text and "# the old share was //files/\n" in text
    assert left(files) == ["eno3: up changes"], "a backslash in a hook has no other spelling"


def test_members_are_named_by_their_bond() -> None:
    files = cases.files("bond-members-by-bond-master")
    right = cases.right("bond-members-by-bond-master")
    text = converted(files).files[MAIN]
    assert all(line in text for line in right["written"])
    assert not any(line in text for line in right["not_written"])
    assert "up ip route replace 10.50.0.0/16 via 10.40.0.1 dev bond0.40" in text
    assert left(files) == []


def test_what_both_read_alike_is_not_touched() -> None:
    text = (
        "# remark\nauto lo\niface lo inet loopback\n\nauto eno1\niface eno1 inet static\n  address 192.0.2.1/24 \n# x\n"
    )
    assert converted({MAIN: text}).files == {MAIN: text}
    assert converted({MAIN: text}).changes == ()


def test_classes_of_ifupdown() -> None:
    text = "allow-hotplug eno1\niface eno1 inet manual\niface eno2 inet manual\nauto eno2\nno-auto-down eno1\n"
    files = {MAIN: text}
    assert (
        converted(files).files[MAIN]
        == "auto eno1\niface eno1 inet manual\nauto eno2\niface eno2 inet manual\nauto eno2\n"
    )
    assert left(files) == []


def test_what_is_inherited_is_written() -> None:
    files = {MAIN: "iface base inet manual\n\tmtu 9000\nauto eno1\niface eno1 inet manual inherits base\n\tup x\n"}
    assert "iface eno1 inet manual\n\tmtu 9000\n\tup x\n" in converted(files).files[MAIN]
    assert left(files) == []


def test_net_tools_are_not_needed() -> None:
    text = "auto eno1\niface eno1 inet manual\n\tup ifconfig $IFACE up\n\tpost-up /sbin/ifconfig eno1 mtu 9000\n"
    files = {MAIN: text + "\tdown route del -net 10.0.0.0/8 dev eno1\n\tup ifconfig eno1 promisc\n"}
    new = converted(files).files[MAIN]
    assert "\tup ip link set dev eno1 up\n\tup ip link set dev eno1 mtu 9000\n" in new
    assert "route" not in new and "\tup ifconfig eno1 promisc\n" in new
    assert left(files) == []


def test_a_backslash_before_white_space_continues_nothing() -> None:
    files = {MAIN: "iface eno1 inet manual\n\tx a\\ \n\tmtu 9000\n# end \\\n"}
    assert converted(files).files == {MAIN: "iface eno1 inet manual\n\tx a\\ \n\tmtu 9000\n# end /\n"}
