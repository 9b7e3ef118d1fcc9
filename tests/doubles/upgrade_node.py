"""A member of a cluster before its upgrade, with everything that it is asked: a test double."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.observe.debian.upgrade import SIMULATE
from ansible_collections.baremetal.virt.plugins.module_utils.observe.upgrade import kernel, node, packages, upgraders

from . import cluster_nodes as lab
from . import upgrade_cases as cases
from .support import Completed, FakeNode, printed, transcript

DPKG = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${db:Status-Status}\n")
VERSIONS = "  Installed: 9.0.3\n  Candidate: 9.0.11\n  Version table:\n     9.0.11 500\n"
POLICY = f"pve-manager:\n{VERSIONS}        500 {cases.ARCHIVE}\n"


def member(number: int = 1) -> FakeNode:
    found = lab.member(number)
    found.files.update({kernel.RUNNING: f"{cases.OLD}\n", node.BOOT_ID: "0b1d\n"})
    found.ages["/var/lib/apt/lists"] = 0
    answers: dict[tuple[str, ...], Completed] = {
        SIMULATE: printed(cases.SIMULATED),
        kernel.IMAGES: printed(f"vmlinuz-{cases.OLD}\ninitrd.img-{cases.OLD}\n"),
        packages.STATES: printed("ii |pve-manager\n"),
        packages.HELD: printed(""),
        packages.DRAFTS: printed("/etc/issue.dpkg-dist\n"),
        upgraders.CONFIG: printed(""),
        upgraders.UNITS: printed(cases.text("someone-else-reboots", "list-unit-files.out")),
        upgraders.CRON: printed("/etc/cron.daily/apt-compat\n"),
        ("old_binaries",): printed('{"100.scope": ["/usr/bin/kvm"]}'),
        node.SPACE: printed("Avail Mounted on\n90000000000 /\n90000000000 /\n900000000 /boot\n"),
        node.NETWORKING: printed("enabled\n"),
        node.CLOCK: printed("0A0A0A01,10.10.10.1,3,1764500000.1,-0.000012,0.1,0.1,1,1,1,1,1,1,Normal\n"),
        ("ip", "-json", "-details", "address"): printed("[]"),
        ("corosync-quorumtool", "-s"): transcript("062-3node-quorumtool"),
        ("corosync-cfgtool", "-n"): transcript("061-3node-cfgtool-n"),
        ("corosync-cmapctl", "-m", "stats"): printed(""),
    }
    found.commands.update(answers)
    shown = printed("pve-manager\t9.0.3\tinstalled\nunattended-upgrades\t2\tinstalled\n")
    found.commands[DPKG] = shown
    found.commands["apt-cache", "policy", "pve-manager"] = printed(POLICY)
    return found
