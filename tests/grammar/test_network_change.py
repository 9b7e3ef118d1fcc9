"""ifupdown2 itself puts changes of a network in force, on links of a namespace of its own; then the kernel is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.change import change_of
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.proof import lacks
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.refusals import refuse_network
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.target import target
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.guarded_change import RELOAD
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import Kernel
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.network import ObservedNetwork
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN, Program
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.kernel import parse_links, parse_routes
from ansible_collections.baremetal.virt.tests.doubles import network_cases as cases

from .sandbox import Sandbox

#: A line in: stages, each of files and a command. A line out: exit code, errors, addresses and routes after each.
IFUPDOWN2 = """
import subprocess, sys
inner = INNER
for line in sys.stdin:
    inside = ["unshare", "--net", "--mount", "--propagation", "unchanged", "python3", "-c", inner]
    done = subprocess.run(inside, input=line, capture_output=True, text=True)
    print(done.stdout.strip() or repr(done.stderr), flush=True)
"""
INNER = """
import json, os, subprocess, sys
def call(*words):
    return subprocess.run(words, capture_output=True, text=True)
def must(text):
    subprocess.run(text, shell=True, check=True)
must("mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run && mkdir -p /run/network")
must("mount -t tmpfs tmpfs /etc/network")
must("cp -r SHARE/etc/network/. /etc/network/ && mount --bind SHARE/usr/share/ifupdown2 /usr/share/ifupdown2")
must("mkdir -p /etc/iproute2 && mount -t tmpfs tmpfs /etc/iproute2 && mkdir /etc/iproute2/rt_tables.d")
must("mount -t tmpfs tmpfs /var/tmp && ip link set lo up")
for number in (1, 2, 3):
    must(f"ip link add eno{number} address 02:00:00:00:00:0{number} type veth peer name far{number}")
    must(f"ip link set far{number} up mtu 9000")
shown = []
(stages,) = json.loads(sys.stdin.readline())
for files, command in json.loads(stages):
    for path, text in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    link = "/run/" + command[0]
    if not os.path.lexists(link):
        os.symlink("/usr/share/ifupdown2/ifupdown2", link)
    done = call("/usr/bin/python3", link, *command[1:])
    asked = [call("ip", "-json", *words).stdout for words in (["-details", "address"], ["route"], ["-6", "route"])]
    hooks = open("/run/hooks").read() if os.path.exists("/run/hooks") else ""
    shown.append([done.returncode, done.stderr, hooks, *(json.loads(text or "[]") for text in asked)])
print(json.dumps(shown))
"""
SHARE = "/opt/ifupdown2"
PROGRAM = IFUPDOWN2.replace("INNER", repr(INNER.replace("SHARE", SHARE)))
BRIDGE = {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1"}
SILENT = {"allow_dhcp": False, "timeout": 60}
LOOPBACK = "auto lo\niface lo inet loopback\n\n"
STATIC = "iface eno1 inet static\n\taddress 192.0.2.11/24\n\tgateway 192.0.2.1\n"
SOURCED = "/etc/network/interfaces.d/50-cloud-init"

START: dict[str, tuple[Program, dict[str, str]]] = {
    "Debian's installer": ("ifupdown", {MAIN: f"{LOOPBACK}allow-hotplug eno1\n{STATIC}"}),
    "cloud-init's file, sourced": (
        "ifupdown",
        {MAIN: f"{LOOPBACK}source /etc/network/interfaces.d/*\n", SOURCED: f"auto eno1\n{STATIC}\tmtu 1400\n"},
    ),
    "a folder of files": (
        "ifupdown",
        {MAIN: f"{LOOPBACK}source-directory /etc/network/interfaces.d\n", SOURCED: f"auto eno1\n{STATIC}"},
    ),
    "a provider's installer": (
        "ifupdown",
        {MAIN: cases.text("hooks-name-the-old-nic", "interfaces").replace("  post-up echo 1", "  # post-up echo 1")},
    ),
    "beside another interface": (
        "ifupdown2",
        {MAIN: f"{LOOPBACK}auto eno1 eno2\n{STATIC}\niface eno2 inet static\n\taddress 10.9.9.1/24\n\tmtu 9000\n"},
    ),
    "both families": (
        "ifupdown2",
        {MAIN: f"{LOOPBACK}auto eno1\n{STATIC}\niface eno1 inet6 static\n\taddress fd00::11/64\n"},
    ),
    "a host address": (
        "ifupdown2",
        {MAIN: f"{LOOPBACK}auto eno1\niface eno1 inet static\n\taddress 198.51.100.22/32\n\tgateway 203.0.113.1\n"},
    ),
}  # fmt: skip


def shown(answer: list[Any]) -> Kernel:
    _code, _said, _hooks, links, routes, routes6 = answer
    return Kernel(parse_links(links), (*parse_routes(routes), *parse_routes(routes6)))


@pytest.mark.parametrize("title", START)
def test_an_address_moves_to_a_bridge(sandbox: Sandbox, title: str) -> None:
    program, files = START[title]
    desired = desired_from({**SILENT, "interfaces": [BRIDGE]})
    observed = ObservedNetwork(program, files)
    base = target(desired, observed).base
    (before,) = ask(sandbox, [base, RELOAD])
    assert list(lacks(target(desired, observed).before, shown(before))) == []
    observed = replace(observed, kernel=shown(before))
    wanted, change = target(desired, observed), change_of(desired, observed, target(desired, observed))
    assert refuse_network(desired, observed, wanted) == () and change is not None
    first, after, again, back = ask(
        sandbox, [base, RELOAD], [wanted.files, change.activate], [{}, RELOAD], [base, RELOAD]
    )
    for answer in (after, again):
        assert answer[0] == first[0] == 0, answer[1]
        assert list(lacks(wanted.after, shown(answer))) == []
    assert state(back) == state(first), "what is taken back is as it was"
    last = replace(observed, program="ifupdown2", files=wanted.files, kernel=shown(again))
    assert target(desired, last).files == wanted.files and change_of(desired, last, target(desired, last)) is None


def state(answer: list[Any]) -> Any:
    """Addresses and routes; a bridge that is gone is no difference, nor is the one that never was."""
    kernel = shown(answer)
    kept = {
        link.name: {address for address in link.addresses if not address.ip.is_link_local}
        for link in kernel.links.values()
    }
    routes = {(str(one.to), str(one.via), one.interface) for one in kernel.routes if not one.to.is_link_local}
    return kept, {one for one in routes if not one[0].startswith("ff00")}, {one.master for one in kernel.links.values()}


def test_a_change_of_one_interface_runs_no_hooks_of_others(sandbox: Sandbox) -> None:
    guests = "auto vmbr1\niface vmbr1 inet static\n\taddress 10.10.10.1/24\n\tbridge-ports none\n"
    hook = "\tpost-up echo once >> /run/hooks\n\n"
    files = {MAIN: f"{LOOPBACK}{guests}{hook}auto eno2\niface eno2 inet static\n\taddress 10.9.9.1/24\n\tmtu 1400\n"}
    observed = ObservedNetwork("ifupdown2", files)
    desired = desired_from({**SILENT, "interfaces": [{"name": "eno2", "type": "physical", "mtu": 1300}]})
    change = change_of(desired, observed, target(desired, observed))
    assert change is not None
    new = {file.path: file.text for file in change.files}
    first, after, reloaded = ask(sandbox, [files, RELOAD], [new, change.activate], [{}, RELOAD])
    assert shown(first).links["eno2"].mtu == 1400 and shown(after).links["eno2"].mtu == 1300
    assert (first[2], after[2], reloaded[2]) == ("once\n", "once\n", "once\nonce\n")


def ask(sandbox: Sandbox, *stages: Any) -> Any:
    return sandbox.ask(PROGRAM, json.dumps(stages))
