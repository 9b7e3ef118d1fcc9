#!/usr/bin/env python3
"""Make a change of a node's network go wrong in every way, and look whether the node comes back by itself.

The programs that guard a change are used as a controller uses them, on a lab of nodes that set up their network
themselves (`LAB_NETWORK=own`). A round makes one change and one thing go wrong. Then the node has to answer at its old
address within the promised time, its file has to be what it was, byte for byte, and nothing else may be left. Rounds
whose change is good show the opposite: what is confirmed stays, through a power cut.

    tests/kill/kill_network.py [--rounds hang mtu]      (some twenty minutes on a busy machine)

Two rounds need nodes with a kernel of their own, which has bonds and VLANs:

    LAB_KERNEL=own make kill-network KILL_ARGS="--rounds bond-alone wrong-vlan"
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from kill_rounds import LAB, ROOT, RoundFailed, lab, power_cut, shell, wait_until

PROGRAMS = ROOT / "plugins/module_utils/transport/programs"
NODE, PEER = "pve1", "pve2"
FILE = "/etc/network/interfaces"
DISK, RUN, UNITS = "/var/lib/baremetal.virt/network", "/run/baremetal.virt/network", "/etc/systemd/system"
SLOW = os.environ.get("LAB_KERNEL") == "own"
SECONDS, LIMIT = 60 if SLOW else 25, 20
PROMISED = SECONDS + LIMIT + 10
"""Seconds after which the node answers again, whatever happens: the timer, a hanging command, and some for the rest."""

OLD = """# written by hand
auto lo
iface lo inet loopback

auto eno1
iface eno1 inet static
\taddress 10.10.1.11/24
\tgateway 10.10.1.1

auto eno2
iface eno2 inet static
\taddress 10.10.2.11/24
"""
ON_BRIDGE = "auto eno1\niface eno1 inet manual\n\nauto vmbr0\niface vmbr0 inet static"
BRIDGE = OLD.replace("auto eno1\niface eno1 inet static", ON_BRIDGE)
WITH_PORT = "\tgateway 10.10.1.1\n\tbridge-ports eno1\n\tbridge-stp off\n\tbridge-fd 0\n"
GOOD = BRIDGE.replace("\tgateway 10.10.1.1\n", WITH_PORT)
LEFT = f"""ls -d {DISK} {RUN} {UNITS}/baremetal-virt-* {UNITS}/sysinit.target.wants/baremetal-virt-* 2>/dev/null
find /etc/network -name '*baremetal-virt*'
systemctl list-units --all --plain --no-legend 'baremetal-virt-network*'
true"""
STATE = f"ip -br -4 addr | grep -v DOWN; ip -4 route; bridge link; stat -c '%a %u %g' {FILE}; systemctl is-active ssh"

PARTNERS = """for bond in $(grep -ls 802.3ad /proc/net/bonding/*)
do grep -q 'Partner Mac Address: [0:]*[1-9a-f]' $bond || exit 1
done"""
"""Whether somebody answers the LACP of each bond; without a partner, no address of it may be told at all."""


class Clock:
    """When the last change was begun."""

    began = 0.0


def over_ssh(*words: str, stdin: str = "", patience: float = PROMISED + 60) -> subprocess.CompletedProcess[str]:
    """A new connection each time, as a controller makes one that trusts no old one."""
    command = [str(LAB), "ssh", NODE, "--", " ".join(map(shlex.quote, words))]
    try:
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 255, "", "no answer")


def program(name: str, mode: str, *folders: str) -> tuple[str, ...]:
    return ("python3", "-I", "-c", (PROGRAMS / f"{name}.py").read_text(), mode, *folders)


def guard(mode: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return over_ssh(*program("network_guard", mode, DISK, RUN, UNITS), stdin=stdin)


def keep(text: str) -> subprocess.CompletedProcess[str]:
    change = {"files": [{"path": FILE, "text": text}], "units": []}
    done = over_ssh(*program("network_files", "keep", DISK, RUN), stdin=json.dumps(change))
    return done if done.returncode else over_ssh(*program("network_kernel", "keep", RUN))


def prepare(text: str, *activate: str) -> subprocess.CompletedProcess[str]:
    reload = ["ifreload", "-a"]
    settings = {"activate": activate or reload, "restore": reload, "folder": "/run/network", "baseline": True}
    done = keep(text)
    return done if done.returncode else guard("prepare", json.dumps({**settings, "seconds": SECONDS, "limit": LIMIT}))


def must(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode:
        raise RoundFailed(f"{what}: {(done.stderr or done.stdout).strip()[-300:]}")


def must_not(done: subprocess.CompletedProcess[str], words: str, what: str) -> None:
    if done.returncode == 0 or words not in done.stderr:
        raise RoundFailed(f"{what}: {done.returncode}, {done.stderr.strip()[-300:]}")


def begin(text: str) -> subprocess.Popen[bytes]:
    """Prepare the change, and start it as a controller that may be killed, or cut off."""
    must(prepare(text), "the change cannot be prepared")
    words = " ".join(map(shlex.quote, program("network_guard", "change", DISK, RUN, UNITS)))
    quiet = subprocess.DEVNULL
    Clock.began = time.monotonic()
    return subprocess.Popen([str(LAB), "ssh", NODE, "--", words], stdin=quiet, stdout=quiet, stderr=quiet)


def made(text: str) -> None:
    """The change has ended on the node, as seen past its network."""
    controller = begin(text)
    wait_until(NODE, f"test -e {RUN}/result.json", SECONDS, "the end of the change")
    controller.kill()
    controller.wait()


def whole(mtu: int = 1500) -> bool:
    """What a controller asks before it confirms: both ends of every network, with packets of full size."""
    size = str(mtu - 28)
    ping = "ping -n -q -c 2 -i 0.2 -W 1 -M do -s"
    here = f"{ping} 1472 $(ip -4 route show default | cut -d ' ' -f 3) && {ping} {size} 10.10.2.12"
    if over_ssh("sh", "-c", f"{PARTNERS}; {here}", patience=10).returncode:
        return False
    there = f"{ping} 1472 10.10.1.11 && {ping} {size} 10.10.2.11"
    return (
        subprocess.run([str(LAB), "exec", PEER, "--", "sh", "-c", there], capture_output=True, check=False).returncode
        == 0
    )


def confirm_if_whole(mtu: int = 1500) -> None:
    if whole(mtu):
        must(guard("confirm"), "a good change cannot be confirmed")


def not_confirmed(text: str, mtu: int = 1500) -> None:
    made(text)
    if whole(mtu):
        raise RoundFailed("nothing is wrong with this change")


def wrong_gateway() -> None:
    not_confirmed(OLD.replace("gateway 10.10.1.1\n", "gateway 10.10.1.254\n"))


def wrong_address() -> None:
    not_confirmed(OLD.replace("10.10.1.11/24", "10.10.1.77/24"))


def switched_ports() -> None:
    """The port that gets the bridge has its cable in another network."""
    lab("plug", NODE, "2", "cluster")
    not_confirmed(GOOD.replace("bridge-ports eno1", "bridge-ports eno3"))


def mtu() -> None:
    """Only this end of the network is told of large packets."""
    not_confirmed(OLD.replace("\taddress 10.10.2.11/24", "\taddress 10.10.2.11/24\n\tmtu 9000"), mtu=9000)


def no_port() -> None:
    not_confirmed(BRIDGE.replace("\tgateway 10.10.1.1\n", "\tgateway 10.10.1.1\n\tbridge-ports none\n"))


def bond_alone() -> None:
    """The switch knows nothing of LACP. Only a kernel of the node's own has bonds."""
    bond = "\n\nauto bond0\niface bond0 inet manual\n\tbond-slaves eno1 eno3\n\tbond-mode 802.3ad\n\tbond-miimon 100"
    text = GOOD.replace("iface eno1 inet manual", f"iface eno1 inet manual{bond}")
    not_confirmed(text.replace("bridge-ports eno1", "bridge-ports bond0"))


def wrong_vlan() -> None:
    """The address is in a VLAN that nobody else is in. Only a kernel of the node's own has interfaces of VLANs."""
    on_vlan = "iface eno1 inet manual\n\nauto eno1.40\niface eno1.40 inet static"
    not_confirmed(OLD.replace("iface eno1 inet static", on_vlan))


def hang() -> None:
    controller = begin(GOOD.replace("\tbridge-fd 0\n", "\tbridge-fd 0\n\tpre-up sleep 900\n"))
    wait_until(NODE, "pgrep -f '[s]leep 900'", SECONDS, "the hanging hook")
    controller.wait(timeout=PROMISED + 30)


def fails() -> None:
    """A reload that ends worse than before is taken back without waiting for the timer."""
    fails_with_bridge = ("sh", "-c", f"ifreload -a; ! grep -q vmbr0 {FILE}")
    must(prepare(GOOD, *fails_with_bridge), "it cannot be prepared")
    must_not(guard("change"), "taken back", "a failed reload")
    if over_ssh("test", "-e", RUN).returncode == 0:
        raise RoundFailed("it was not taken back at once")


def controller_killed() -> None:
    made(GOOD)


def power_cut_before() -> None:
    made(GOOD)
    power_cut(NODE)


def power_cut_during() -> None:
    controller = begin(GOOD.replace("\tbridge-fd 0\n", "\tbridge-fd 0\n\tpost-up sleep 900\n"))
    wait_until(NODE, "pgrep -f '[s]leep 900'", SECONDS, "the middle of the change")
    power_cut(NODE)
    controller.kill()
    controller.wait()


def program_killed() -> None:
    """Who makes the change is killed in it, and who takes it back is killed as often as he begins, for some seconds."""
    controller = begin(GOOD.replace("\tbridge-fd 0\n", "\tbridge-fd 0\n\tpre-up sleep 5\n"))
    wait_until(NODE, "pgrep -f '[s]leep 5'", SECONDS, "the middle of the change")
    shell(NODE, "pkill --signal KILL -f '[g]uard.py apply'")
    wait_until(NODE, "pkill --signal KILL -f '[g]uard.py undo'", SECONDS + 5, "the way back")
    controller.kill()
    controller.wait()


def full_disk() -> None:
    shell(NODE, "mkdir -p /var/lib/baremetal.virt")
    lab("fault", "full-disk", NODE, "/var/lib/baremetal.virt")
    must_not(keep(GOOD), "nothing was changed", "copies on a full disk")
    lab("heal")


def second_change() -> None:
    made(GOOD)
    must_not(prepare(OLD + "# second\n"), "is pending", "a second change")
    must_not(guard("prepare", json.dumps({})), "is pending", "a second guard")


def same_connection() -> None:
    """One connection for all of it proves nothing: a confirmation through it is refused."""
    must(prepare(GOOD), "it cannot be prepared")
    words = [
        " ".join(map(shlex.quote, program("network_guard", mode, DISK, RUN, UNITS))) for mode in ("change", "confirm")
    ]
    must_not(over_ssh("sh", "-c", "; ".join(words)), "made after it", "a confirmation through the old connection")


def good() -> None:
    """Confirmed, then the power goes: what is confirmed stays. In the end the old file is made good in the same way."""
    for text in (GOOD, OLD):
        made(text)
        confirm_if_whole()
        must_be_as(text, LEFT, "")
        power_cut(NODE)
        must_be_as(text, LEFT, "")
        if not whole():
            raise RoundFailed("what was confirmed does not work after a boot")


def must_be_as(text: str, question: str, answer: str) -> None:
    found = shell(NODE, f"cat {FILE}")
    if found != text:
        raise RoundFailed(f"{FILE} is not as it should be: {found!r}")
    said = shell(NODE, question)
    if said.strip() != answer.strip():
        raise RoundFailed(f"this is left or different: {said!r} instead of {answer!r}")


@dataclass(frozen=True)
class Round:
    name: str
    play: Callable[[], None]


ROUNDS = [
    Round(play.__name__.replace("_", "-"), play)
    for play in (
        *(wrong_gateway, wrong_address, switched_ports, mtu, no_port, hang, fails, controller_killed, power_cut_before),
        *(power_cut_during, program_killed, full_disk, second_change, same_connection, good),
        *([bond_alone, wrong_vlan] if SLOW else []),
    )
]


def first() -> str:
    """The node with the old file, loaded by ifupdown2; what it looks like then."""
    lab("up")
    install = "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ifupdown2"
    shell(NODE, f"command -v ifreload || {{ {install}; }}")
    lab("exec", NODE, "--", "sh", "-c", f"cat > {FILE}", stdin=OLD)
    shell(NODE, f"chmod 640 {FILE}")
    lab("run", "--", "sysctl", "-q", "-w", "net.ipv4.conf.all.arp_ignore=1")  # a gateway is in one network only
    power_cut(NODE)
    return shell(NODE, STATE)


def back_in_time(before: str) -> str:
    """How long it took from the beginning of the change until the node answered, or RoundFailed."""
    while over_ssh("test", "!", "-e", RUN, patience=4).returncode:
        if time.monotonic() - Clock.began > PROMISED:
            found = shell(NODE, "ip -br addr; ip route")
            raise RoundFailed(f"the node does not answer after {PROMISED} seconds: {found!r}")
        time.sleep(0.5)
    took = time.monotonic() - Clock.began
    must_be_as(OLD, LEFT, "")
    must_be_as(OLD, STATE, before)
    return f"back after {took:.0f} s"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", nargs="+", choices=[one.name for one in ROUNDS])
    options = parser.parse_args()
    before = first()
    chosen = [one for one in ROUNDS if options.rounds is None or one.name in options.rounds]
    print("| round | then |\n|---|---|", flush=True)
    failed = 0
    for one in chosen:
        try:
            Clock.began = time.monotonic()
            one.play()
            text = back_in_time(before)
        except (RoundFailed, subprocess.TimeoutExpired) as problem:
            failed += 1
            text = f"FAILED: {problem}"
            lab("heal")
            before = first()
        lab("heal")
        print(f"| {one.name} | {text} |", flush=True)
    print(f"{len(chosen)} rounds: {len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
