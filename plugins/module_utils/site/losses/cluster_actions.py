# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is right, and what is wrong, while nodes are missing or have no quorum; in the order in which it is done."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.cluster.links import link_name
from .action import Action
from .reading import Carrier, PlacedGuest, Reading
from .situation import Situation, endangered, guests_on, under_ha
from .words import listed

_REMOVE = "ansible-playbook playbooks/remove_node.yml -e node={node} -e mode=dead -e confirmed_powered_off={node}"


def cluster_actions(reading: Reading, now: Situation) -> Iterator[Action]:
    if reading.clustered.value is False or now.quorate is True and not now.missing:
        return
    yield from _mend(reading, now)
    if now.quorate is False:
        yield from _expected(now)
    yield from _remove(now)
    yield from _guests(reading, now)
    if now.quorate is not True:
        yield from _never(reading, now)


def dark_ports(reading: Reading) -> Iterator[tuple[str, Carrier]]:
    for node in reading.nodes:
        for carrier in node.carriers.value or ():
            if not carrier.up:
                yield node.name, carrier


def _mend(reading: Reading, now: Situation) -> Iterator[Action]:
    """What loses nothing, the likeliest first."""
    always = "always: nothing is lost by it; a majority comes back by itself"
    for name, carrier in dark_ports(reading):
        link = f" ({link_name(carrier.link)})" if carrier.link is not None else ""
        yield Action(f"plug in {carrier.port} of {name}{link}", "right", always)
    dark = {carrier.link for dummy, carrier in dark_ports(reading)}
    numbers = reading.config.value.links if reading.config.value is not None else ()
    others = [link_name(number) for number in numbers if number not in dark]
    if others:
        yield Action(f"look at the switch of {listed(others)}", "right", always)
    if now.missing:
        names = listed(now.missing)
        yield Action(f"look at the consoles or the BMC of {names}", "right", always)
        yield Action(f"switch {names} on, if off", "right", always)


def _expected(now: Situation) -> Iterator[Action]:
    """Corosync refuses less than the votes that are there."""
    here = now.here
    if here is None or not now.missing:
        return
    names, votes = listed(now.missing), here.status.total
    yield Action(
        f"pvecm expected {votes}",
        "only if",
        f"{names} are seen to be off for good, or were powered off by hand; if they still form a majority, two clusters"
        " write the same disks",
        (f"pvecm expected {votes}",),
        on=now.ours[0],
    )
    if votes > 1:
        yield Action("pvecm expected 1", "never", f"refused: {votes} votes are present")


def _remove(now: Situation) -> Iterator[Action]:
    for name in now.missing:
        after = "" if now.quorate else "only after quorum, and "
        yield Action(
            f"remove {name} from the cluster",
            "only if",
            f"{after}only when {name} never comes back with its old disks",
            (_REMOVE.format(node=name),),
        )


def _guests(reading: Reading, now: Situation) -> Iterator[Action]:
    away = guests_on(now.missing, reading)
    target = now.ours[0] if now.ours else "a node"
    for placed in away:
        yield from _guest(placed, reading, now, target)


def _guest(placed: PlacedGuest, reading: Reading, now: Situation, target: str) -> Iterator[Action]:
    vmid, node, guest = placed.guest.vmid, placed.node, placed.guest
    tool = "qm" if guest.kind == "qemu" else "pct"
    moved = guest.file(target).rpartition("/")[0]
    move = (f"mv {guest.file(node)} {moved}/",)
    if now.quorate is not True:
        yield Action(f"{tool} start {vmid} on {target}", "refused", "no quorum: nothing starts")
        rule = f"with quorum only if {node} is certainly off, and HA is not in charge of {vmid} or it is disabled there"
        yield Action(f"move the configuration of {vmid}", "refused", f"/etc/pve is read-only; {rule}", move, target)
        return
    managed = under_ha(placed, reading)
    if managed is not False:
        wait = "nothing: the CRM starts it elsewhere about 2 min after the loss"
        frozen = f"frozen: {node} comes back, or its services are set disabled and moved"
        yield Action(f"start {vmid} elsewhere by hand", "never", f"HA is in charge of it; {wait}; {frozen}")
    elif guest.local:
        yield Action(f"move the configuration of {vmid}", "never", f"its disks ({guest.local[0]}) are on {node} alone")
    else:
        risk = "if it runs there, two writers destroy its disks"
        condition = f"{node} is certainly off (powered off, or fenced), and the disks of {vmid} are reachable; {risk}"
        commands = (*move, f"{tool} start {vmid}")
        yield Action(f"start {vmid} on {target}", "only if", condition, commands, target)


def _never(reading: Reading, now: Situation) -> Iterator[Action]:
    yield Action("kill or start kvm by hand with a disk on shared storage", "never", "two writers destroy the disk")
    held = [node.name for node, told, dummy in endangered(reading) if told is not False]
    names = listed(held) if held else "any node"
    reset = f"an armed LRM lets the watchdog reset {names}" if held else "nothing is gained by it"
    yield Action(
        f"restart corosync or pve-cluster on {names}", "never", f"expected votes fall back to the file; {reset}"
    )
    yield Action(
        "stop pve-ha-lrm or watchdog-mux to keep a node from its reset",
        "never",
        "the other side may start its guests already",
    )
    yield Action(
        "pmxcfs -l, to start guests with it",
        "never",
        "that is two clusters; to read files and copy them out is harmless",
    )
