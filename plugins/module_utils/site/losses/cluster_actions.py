# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is right, and what is wrong, while nodes are missing or have no quorum; in the order in which it is done."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.cluster.links import link_name
from .action import Action
from .reading import Carrier, PlacedGuest, Reading
from .situation import Situation, endangered, guests_on, under_ha
from .words import listed, phrase

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
    always = phrase("always: nothing is lost by it; a majority comes back by itself")
    for name, carrier in dark_ports(reading):
        link = phrase(" ({link})", link=link_name(carrier.link)) if carrier.link is not None else ""
        yield Action(phrase("plug in {port} of {name}{link}", port=carrier.port, name=name, link=link), "right", always)
    dark = {carrier.link for dummy, carrier in dark_ports(reading)}
    numbers = reading.config.value.links if reading.config.value is not None else ()
    others = [link_name(number) for number in numbers if number not in dark]
    if others:
        yield Action(phrase("look at the switch of {others}", others=listed(others)), "right", always)
    if now.alive:
        names = listed(now.alive)
        why = phrase("always: they answer, so they are not off")
        yield Action(phrase("look at corosync on {names}, which is not seen", names=names), "right", why)
    if now.gone:
        names = listed(now.gone)
        yield Action(phrase("look at the consoles or the BMC of {names}", names=names), "right", always)
        yield Action(phrase("switch {names} on, if off", names=names), "right", always)


def _expected(now: Situation) -> Iterator[Action]:
    """Corosync refuses less than the votes that are there."""
    here = now.here
    if here is None or not now.missing:
        return
    names, votes = listed(now.missing), here.status.total
    if now.alive:
        names = listed(now.alive)
        why = phrase("{names} answer, so they are not off: two clusters would write the same disks", names=names)
        yield Action(phrase("pvecm expected {votes}", votes=votes), "never", why)
        return
    yield Action(
        phrase("pvecm expected {votes}", votes=votes),
        "only if",
        phrase(
            "{names} are seen to be off for good, or were powered off by hand; if they still form a majority, "
            "two clusters write the same disks",
            names=names,
        ),
        (f"pvecm expected {votes}",),
        on=now.ours[0],
    )
    if votes > 1:
        yield Action(phrase("pvecm expected 1"), "never", phrase("refused: {votes} votes are present", votes=votes))


def _remove(now: Situation) -> Iterator[Action]:
    for name in now.gone:
        after = "" if now.quorate else phrase("only after quorum, and ")
        yield Action(
            phrase("remove {name} from the cluster", name=name),
            "only if",
            phrase("{after}only when {name} never comes back with its old disks", after=after, name=name),
            (_REMOVE.format(node=name),),
        )


def _guests(reading: Reading, now: Situation) -> Iterator[Action]:
    away = guests_on(now.gone, reading)
    target = now.ours[0] if now.ours else phrase("a node")
    for placed in away:
        yield from _guest(placed, reading, now, target)


def _guest(placed: PlacedGuest, reading: Reading, now: Situation, target: str) -> Iterator[Action]:
    vmid, node, guest = placed.guest.vmid, placed.node, placed.guest
    tool = "qm" if guest.kind == "qemu" else "pct"
    moved = guest.file(target).rpartition("/")[0]
    move = (f"mv {guest.file(node)} {moved}/",)
    if now.quorate is not True:
        yield Action(
            phrase("{tool} start {vmid} on {target}", tool=tool, vmid=vmid, target=target),
            "refused",
            phrase("no quorum: nothing starts"),
        )
        rule = phrase(
            "with quorum only if {node} is certainly off, and HA is not in charge of {vmid} or it is disabled there",
            node=node,
            vmid=vmid,
        )
        yield Action(
            phrase("move the configuration of {vmid}", vmid=vmid),
            "refused",
            phrase("/etc/pve is read-only; {rule}", rule=rule),
            move,
            target,
        )
        return
    managed = under_ha(placed, reading)
    if managed is not False:
        wait = phrase("nothing: the CRM starts it elsewhere about 2 min after the loss")
        frozen = phrase("frozen: {node} comes back, or its services are set disabled and moved", node=node)
        yield Action(
            phrase("start {vmid} elsewhere by hand", vmid=vmid),
            "never",
            phrase("HA is in charge of it; {wait}; {frozen}", wait=wait, frozen=frozen),
        )
    elif guest.local:
        yield Action(
            phrase("move the configuration of {vmid}", vmid=vmid),
            "never",
            phrase("its disks ({local}) are on {node} alone", local=guest.local[0], node=node),
        )
    else:
        risk = phrase("if it runs there, two writers destroy its disks")
        condition = phrase(
            "{node} is certainly off (powered off, or fenced), and the disks of {vmid} are reachable; {risk}",
            node=node,
            vmid=vmid,
            risk=risk,
        )
        commands = (*move, f"{tool} start {vmid}")
        yield Action(
            phrase("start {vmid} on {target}", vmid=vmid, target=target), "only if", condition, commands, target
        )


def _never(reading: Reading, now: Situation) -> Iterator[Action]:
    yield Action(
        phrase("kill or start kvm by hand with a disk on shared storage"),
        "never",
        phrase("two writers destroy the disk"),
    )
    held = [node.name for node, told, dummy in endangered(reading) if told is not False]
    names = listed(held) if held else phrase("any node")
    reset = (
        phrase("an armed LRM lets the watchdog reset {names}", names=names)
        if held
        else phrase("nothing is gained by it")
    )
    yield Action(
        phrase("restart corosync or pve-cluster on {names}", names=names),
        "never",
        phrase("expected votes fall back to the file; {reset}", reset=reset),
    )
    yield Action(
        phrase("stop pve-ha-lrm or watchdog-mux to keep a node from its reset"),
        "never",
        phrase("the other side may start its guests already"),
    )
    yield Action(
        phrase("pmxcfs -l, to start guests with it"),
        "never",
        phrase("that is two clusters; to read files and copy them out is harmless"),
    )
