# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An upgrade of packages at work on a node: in a unit of systemd's, which outlives whoever has begun it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional

from ...engine.condition import Condition
from ...engine.reader import Question, command
from ..node.service import Service
from ..node.state import STATE
from .node import ObservedUpgrade

FETCHED, DOWNLOADED, UPGRADED = "fetched", "downloaded", "upgraded"
State = Literal["fetched", "downloaded", "upgraded"]
UNIT = "baremetal-virt-upgrade.service"
#: What it prints; the last line is ``exit code NUMBER``.
LOG = f"{STATE}/upgrade.log"
#: The services that must be back after it.
BACK = ("pve-cluster", "corosync", "pvedaemon", "pveproxy", "pvestatd")

ENDED = Condition(Question("read", (LOG,)), (), "matches", r"^exit code 0$", "the packages to be installed")
FAILED = Condition(Question("read", (LOG,)), (), "matches", r"(?:^.*\n){0,5}^exit code [1-9].*$")
#: It was killed, or the power went: asked in this order, as the last line is written before the unit ends.
_GONE = f"! systemctl is-active --quiet {UNIT} && ! grep -q '^exit code' {LOG}"
KILLED = Condition(command("sh", "-c", _GONE), (), "succeeds", says=f"{UNIT} has ended before its work")


@dataclass(frozen=True)
class DesiredPackages:
    """``removals``: packages that may go. elsewhere: node → package → version that an upgrade would leave there.

    done: ids of steps that this run has done already.
    """

    state: State
    removals: frozenset[str] = frozenset()
    elsewhere: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    done: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ObservedPackages:
    """``node``: None for whoever only fetches lists, and while packages are being installed.

    busy: the unit of an earlier run is still at work. services: those of ``BACK`` that are installed.
    """

    node: Optional[ObservedUpgrade] = None
    busy: bool = False
    services: Collection[Service] = ()
