# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an upgrade of one node would do, why it would be rebooted, and what of the node itself is in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Optional

from ...engine.plan import Refusal
from ...model.upgrade.cards import cards_of
from ...model.upgrade.kernel import Boot, brought_by, series, with_kernel
from ...model.upgrade.node import CLOCK_LIMIT, NEEDED_SPACE, ObservedUpgrade
from .kernel import boot_warnings, next_kernel, refuse_boot
from .package_refusals import refuse_packages

#: What takes effect at a boot only, besides a kernel.
_AT_BOOT = ("amd64-microcode", "intel-microcode")


def boot_after(observed: ObservedUpgrade) -> Boot:
    """What would be there to boot, were the pending packages installed."""
    return with_kernel(observed.boot, brought_by(one.package for one in observed.packages.updates))


def reboot_reasons(observed: ObservedUpgrade) -> list[str]:
    """Why the node would have to boot again; empty where it would not."""
    after = next_kernel(boot_after(observed))
    reasons = []
    if after is not None and after != observed.boot.running:
        reasons.append(f"{observed.boot.running} runs, and the next boot takes {after}")
    microcode = [one.package for one in observed.packages.updates if one.package in _AT_BOOT]
    if microcode and observed.boot.way != "container":
        reasons.append(f"{microcode[0]} takes effect at a boot")
    return [*reasons, *observed.wanted]


def is_current(observed: ObservedUpgrade) -> bool:
    """Nothing is pending, nothing half way, and the right kernel runs: there is nothing to do here."""
    packages = observed.packages
    return not (packages.updates or packages.unfinished or packages.failure or reboot_reasons(observed))


def refuse_node(observed: ObservedUpgrade, removals: Collection[str] = ()) -> list[Refusal]:
    """All at once. ``removals``: packages that may go."""
    return [
        *refuse_packages(observed.packages, removals),
        *(_refuse_boot(observed) if _may_boot(observed) else ()),
        *_refuse_space(observed),
        *_refuse_devices(observed),
        *_refuse_others(observed),
        *_refuse_cluster(observed),
    ]


def _may_boot(observed: ObservedUpgrade) -> bool:
    """It would, or nobody can rule it out: what starts next is not known."""
    boot = boot_after(observed)
    return bool(reboot_reasons(observed)) or (boot.way != "container" and next_kernel(boot) is None)


def _refuse_boot(observed: ObservedUpgrade) -> Iterator[Refusal]:
    yield from refuse_boot(boot_after(observed))
    after = next_kernel(boot_after(observed))
    if after is not None and series(after) != series(observed.boot.running):
        for card in cards_of(observed.network):
            if card.at_risk:
                yield Refusal(
                    f"{card.name} carries {', '.join(card.used_by)} and has no fixed name; the kernel goes from"
                    f" {series(observed.boot.running)} to {series(after)}, and may call it otherwise.",
                    "Give it a .link file by its address (pve-network-interface-pinning generate), and boot the old"
                    " kernel once with it.",
                )
    if observed.network_starts is False:
        yield Refusal(
            "networking.service is off: after a boot the node has no network.", "systemctl enable networking.service"
        )


def _refuse_space(observed: ObservedUpgrade) -> Iterator[Refusal]:
    kernel = brought_by(one.package for one in observed.packages.updates) is not None
    wanted = {path: size for path, size in NEEDED_SPACE.items() if kernel or path != "/boot"}
    for mount, free in sorted(dict(observed.space.values()).items()):
        needed = max(wanted.get(path, 0) for path, (its, _free) in observed.space.items() if its == mount)
        if observed.packages.updates and free < needed:
            yield Refusal(
                f"{mount} has {free >> 20} MiB free, and the upgrade needs {needed >> 20} MiB there.",
                "Remove old kernels (apt-get autoremove) and packages that were fetched (apt-get clean).",
            )


def _refuse_devices(observed: ObservedUpgrade) -> Iterator[Refusal]:
    missing = [device for device, there in observed.boot_devices.items() if not there]
    if missing:
        yield Refusal(
            f"GRUB is to install itself to {', '.join(missing)}, which is not there: its package would fail.",
            "Choose the disks that are there: dpkg-reconfigure grub-pc.",
        )


def _refuse_others(observed: ObservedUpgrade) -> Iterator[Refusal]:
    others = observed.upgraders
    if others.works and others.unattended.reboots:
        yield Refusal(
            f"The node reboots by itself: unattended-upgrades does so at {others.unattended.at}.",
            'Set Unattended-Upgrade::Automatic-Reboot "false", or stop apt-daily-upgrade.timer.',
        )
    if others.drivers:
        yield Refusal(
            f"Somebody else upgrades this node, or moves its guests: {', '.join(others.drivers)}.",
            "Switch that off for as long as the upgrade takes.",
        )


def _refuse_cluster(observed: ObservedUpgrade) -> Iterator[Refusal]:
    quorum = observed.running.quorum
    if observed.names and (quorum is None or not quorum.quorate):
        yield Refusal("Corosync has no quorum here.", "Bring the other nodes back first.")
    down = [link for link in observed.running.links if not link.connected]
    for link in down:
        name = observed.names.get(link.nodeid, f"node {link.nodeid}")
        yield Refusal(
            f"link{link.number} to {name} is not connected: the upgrade restarts corosync, which then may have none.",
            "Mend that network first (corosync-cfgtool -n).",
        )
    if not observed.same_config:
        yield Refusal(
            "Corosync does not start from the cluster's own configuration.",
            "See what differs: diff /etc/pve/corosync.conf /etc/corosync/corosync.conf.",
        )
    if observed.clock is not None and observed.clock > CLOCK_LIMIT:
        yield Refusal(f"The clock is {observed.clock * 1000:.0f} ms off.", "Wait for chrony, or see chronyc sources.")


def warnings(observed: ObservedUpgrade) -> list[str]:
    found = list(boot_warnings(observed.boot))
    others = observed.upgraders
    if others.works and not others.unattended.reboots:
        what = "and may take Proxmox VE's packages" if others.unattended.takes_proxmox else "for Debian's packages"
        found.append(f"unattended-upgrades is on, {what}: it may come in between.")
    if others.restarts:
        found.append("needrestart restarts services by itself; it is told not to while this upgrade runs.")
    if observed.packages.drafts:
        found.append(f"Files of packages wait for somebody: {', '.join(observed.packages.drafts)}.")
    return found


def report(observed: ObservedUpgrade, removals: Collection[str] = ()) -> dict[str, object]:
    """What the module ``upgrade_info`` returns."""
    packages = observed.packages
    simulation = packages.simulation
    after: Optional[str] = next_kernel(boot_after(observed))
    return {
        "node": observed.name,
        "current": is_current(observed),
        "updates": [
            {"package": one.package, "installed": one.installed, "available": one.available, "security": one.security}
            for one in packages.updates
        ],
        "removed": list(simulation.removed) if simulation else [],
        "unfinished": dict(packages.unfinished),
        "candidates": packages.candidates,
        "lists_age": packages.lists_age,
        "kernel": {
            "running": observed.boot.running,
            "next": next_kernel(observed.boot),
            "after": after,
            "way": observed.boot.way,
        },
        "reboot": reboot_reasons(observed),
        "boot_id": observed.boot_id,
        "guests": len(observed.guests),
        "marked": observed.marked,
        "master": observed.master,
        "services_on_old": list(observed.services_on_old),
        "guests_on_old": list(observed.guests_on_old),
        "drafts": list(packages.drafts),
        "cards": [
            {"name": one.name, "used_by": list(one.used_by), "pinned": one.pinned, "at_risk": one.at_risk}
            for one in cards_of(observed.network)
        ],
        "refusals": [str(one) for one in refuse_node(observed, removals)],
        "boot_refusals": [str(one) for one in _refuse_boot(observed)],
        "notices": warnings(observed),
    }
