"""Two entries of a set that are one network, or everything: the kernel refuses it, and then nothing is applied."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.files import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.sets import SetFault, set_faults

#: Name, file, network of the node, and what was found: upstream applied none of them.
CASES = [
    ("admins", "[IPSET admins]\n10.0.0.5/24\n10.0.0.0/24\n", "", [("10.0.0.5/24", "10.0.0.0/24")]),
    (
        "management",
        "[IPSET management]\n172.16.1.2/24\n192.168.77.10 # admin\n",
        "172.16.1.0/24",
        [("172.16.1.2/24", "local_network 172.16.1.0/24")],
    ),
    (
        "monitoring",
        "[ALIASES]\nanywhere 0.0.0.0/0\n[IPSET monitoring]\nanywhere\n192.168.77.20\n",
        "",
        [("anywhere 0.0.0.0/0", "")],
    ),
    (
        "admins",
        "[ALIASES]\noffice 10.0.0.5/24\n[IPSET admins]\noffice\n10.0.0.0/24\n",
        "",
        [("office 10.0.0.5/24", "10.0.0.0/24")],
    ),
]


@pytest.mark.parametrize(("name", "text", "local", "found"), CASES)
def test_sets_that_the_kernel_refuses(name: str, text: str, local: str, found: list[tuple[str, str]]) -> None:
    rules = parse(text)
    faults = list(set_faults(rules.ipsets[name], rules.aliases, [local] if local else []))
    assert faults == [SetFault(name, *pair) for pair in found]


def test_sets_that_it_takes() -> None:
    rules = parse("[ALIASES]\noffice 10.1.0.0/24\n[IPSET management]\n172.16.1.0/24\n172.16.1.5\noffice\nfd00::/64\n")
    assert list(set_faults(rules.ipsets["management"], rules.aliases, ["172.16.1.0/24"])) == []


def test_an_own_local_network_takes_the_place_of_the_detected_one() -> None:
    rules = parse("[ALIASES]\nlocal_network 10.9.0.0/24\n[IPSET management]\n172.16.1.2/24\n")
    assert list(set_faults(rules.ipsets["management"], rules.aliases, ["172.16.1.0/24"])) == []
