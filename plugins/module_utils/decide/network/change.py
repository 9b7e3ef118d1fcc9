# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The change of a node's network as data: the files, the units, and the one command that puts it in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...model.network.guarded_change import RELOAD, ChangedFile, GuardedChange, Verb
from ...model.network.interface import Interface
from ...model.network.network import DesiredNetwork, ObservedNetwork
from .proof import lacks
from .target import Target

#: Read beside the file of systemd-resolved itself.
RESOLVED = "/etc/systemd/resolved.conf.d/baremetal-virt.conf"
#: Read after every other file of cloud-init.
CLOUD_INIT = "/etc/cloud/cloud.cfg.d/zz-baremetal-virt-network.cfg"
#: Read before the file that systemd-udevd brings along.
UDEV = "/etc/systemd/network/10-baremetal-virt.link"
_OWN_ADDRESS = """\
# Made by Ansible: the hardware address of these stands in /etc/network/interfaces.
[Match]
OriginalName={}

[Link]
MACAddressPolicy=none
"""
#: Read before those that netplan leaves at each boot.
KEEPS_NAME = "/etc/systemd/network/10-baremetal-virt-{}.link"
_KEEPS_NAME = """\
# Made by Ansible: this card has its name from netplan, and keeps it.
[Match]
MACAddress={}
Type=ether

[Link]
Name={}
"""
_LEFT_ALONE = """\
# Made by Ansible: /etc/network/interfaces is the place for the network of this node.
network: {config: disabled}
"""
_MADE = ("bond", "bridge")
_NETWORKD = ("systemd-networkd.socket", "systemd-networkd.service", "systemd-networkd-wait-online.service")


def change_of(desired: DesiredNetwork, observed: ObservedNetwork, target: Target) -> Optional[GuardedChange]:
    """None where nothing is to change; that ifupdown2 needs other words for what is there is no change of it."""
    files = tuple(_files(observed, target))
    if not files or target.files == target.base:
        return None
    activate = activation(observed, target)
    return GuardedChange(
        files=(*files, *_for_udev(target), *_for_names(observed), *_for_cloud_init(observed), *_for_resolved(observed)),
        units=tuple(_units(observed)),
        activate=activate,
        baseline=activate == RELOAD and _changes_nothing(observed, target),
        seconds=desired.timeout,
    )


def _files(observed: ObservedNetwork, target: Target) -> Iterator[ChangedFile]:
    """``back``: what ifupdown2 reads as ifupdown read the old text. Without the old package, that is the way back."""
    for path, text in target.files.items():
        before = observed.files.get(path)
        if text != before:
            base = target.base.get(path, before)
            yield ChangedFile(path, text, back=base if base != before else None)


def _for_udev(target: Target) -> Iterator[ChangedFile]:
    """It gives bridges and bonds an address that it makes up, and may do so after ifupdown2 has given them theirs."""
    names = " ".join(one.name for one in target.after.values() if one.kind in _MADE and one.mac)
    if names:
        yield ChangedFile(UDEV, _OWN_ADDRESS.format(names))


def _for_names(observed: ObservedNetwork) -> Iterator[ChangedFile]:
    """Names that netplan has given go with it, and the files that are written now name these."""
    for device in observed.netplan:
        for link in [observed.kernel.named(name) for name in device.names if device.renamed]:
            mac = (link.permanent_mac or link.mac) if link else ""
            if link and not any(pin.name == link.name and pin.mac == mac for pin in observed.pins):
                yield ChangedFile(KEEPS_NAME.format(link.name), _KEEPS_NAME.format(mac, link.name))


def _for_cloud_init(observed: ObservedNetwork) -> Iterator[ChangedFile]:
    if observed.cloud_init:
        yield ChangedFile(CLOUD_INIT, _LEFT_ALONE)


def _for_resolved(observed: ObservedNetwork) -> Iterator[ChangedFile]:
    """It has its name servers from systemd-networkd, which manages nothing any more."""
    if observed.dns and "systemd-networkd" in observed.managers.values():
        search = f"Domains={' '.join(observed.search)}\n" if observed.search else ""
        yield ChangedFile(RESOLVED, f"# Made by Ansible.\n[Resolve]\nDNS={' '.join(observed.dns)}\n{search}")


def _units(observed: ObservedNetwork) -> Iterator[tuple[Verb, str]]:
    """Who manages interfaces now does so no more after the next boot. Nothing is stopped: that would take the links.

    A unit that is only disabled is not enough: netplan's generator starts it at each boot.
    """
    yield "enable", "networking.service"
    if "systemd-networkd" in observed.managers.values():
        for unit in _NETWORKD:
            yield "mask", unit
        if observed.dns:
            yield "restart", "systemd-resolved.service"


def activation(observed: ObservedNetwork, target: Target) -> tuple[str, ...]:
    """``ifup`` for what changes alone: ``ifreload -a`` runs the hooks of all interfaces again.

    A reload is needed where an interface goes, where others stand on one that changes, where ifupdown2 is new, and for
    Open vSwitch.
    """
    changed = set(target.changed)
    above = [name for name, one in target.after.items() if name not in changed and changed & set(one.lower)]
    new = observed.program is None or not observed.program.startswith("ifupdown2")
    silent = [name for name in changed if name in target.after and not target.after[name].auto]
    ovs = any(one.ovs for name in changed for one in (target.before.get(name), target.after.get(name)) if one)
    if new or above or ovs or changed - set(target.after) or not changed:
        return RELOAD
    return ("ifup", *(name for name in _from_below(target.after) if name in changed - set(silent)))


def _changes_nothing(observed: ObservedNetwork, target: Target) -> bool:
    """Whether ``ifreload -a`` can be run before the change only to know how it ends: it would run no hook, and load
    nothing that somebody has written and not loaded."""
    known = observed.program is not None and observed.program.startswith("ifupdown2")
    hooks = any(one.hooks for one in target.before.values())
    return known and not hooks and not any(lacks(target.before, observed.kernel, observed.uses, observed.alone))


def _from_below(interfaces: dict[str, Interface]) -> list[str]:
    """Each behind those that it stands on."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in interfaces and name not in order and name not in above:
            for lower in interfaces[name].lower:
                visit(lower, (*above, name))
            order.append(name)

    for name in interfaces:
        visit(name, ())
    return order
