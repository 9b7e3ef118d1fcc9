"""Faults of the networks and of the package server: everything that goes wrong outside the nodes."""

from __future__ import annotations

from . import addresses, network, slow_link
from .fault import NODE, Argument, Fault, Spec
from .refusals import allow, refuse
from .settings import Lab

LINK = Argument(
    "link",
    {
        "type": int,
        "choices": [link.number for link in addresses.LINKS],
        "help": "0 management, 1 cluster link",
    },
)
PVE_REPOSITORY = "/proxmox/debian/pve/"


def _pull(lab: Lab, spec: Spec) -> None:
    network.set_cable(lab, spec["node"], addresses.LINKS[spec["link"]], connected=False)


def _plug(lab: Lab, spec: Spec) -> None:
    network.set_cable(lab, spec["node"], addresses.LINKS[spec["link"]], connected=True)


def plug_in_all(lab: Lab) -> None:
    """Plug every cable in where it belongs, also those moved by `lab plug` and pulled by `lab partition`."""
    for number in lab.numbers:
        for link in lab.links:
            network.set_cable(lab, number, link, connected=True)
            network.plug(lab, number, link, link.bridge)


def _slow(lab: Lab, spec: Spec) -> None:
    link = addresses.LINKS[spec["link"]]
    slow_link.start(lab, link.cable(spec["node"]), link.bridge, spec["delay"], spec["loss"])


def _fast(lab: Lab, spec: Spec) -> None:
    link = addresses.LINKS[spec["link"]]
    slow_link.stop(lab, link.cable(spec["node"]), link.bridge)


def _refuse(lab: Lab, _: Spec) -> None:
    refuse(lab, PVE_REPOSITORY)


def _allow(lab: Lab, _: Spec) -> None:
    allow(lab)


FAULTS = (
    Fault("partition", "pull one of a node's cables", (NODE, LINK), _pull, _plug),
    Fault(
        "slow-link",
        "one of a node's cables delays and loses frames, in both directions",
        (
            NODE,
            LINK,
            Argument("--delay", {"type": int, "default": 0, "metavar": "MS", "help": "of every frame, each way"}),
            Argument("--loss", {"type": float, "default": 0.0, "metavar": "PERCENT", "help": "of frames, each way"}),
        ),
        _slow,
        _fast,
    ),
    Fault("apt-401", "the repository of Proxmox VE answers 401 Unauthorized", (), _refuse, _allow),
)
