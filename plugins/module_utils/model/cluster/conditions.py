# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is waited for in a cluster, as conditions: quorum, a loaded configuration, connected links."""

from __future__ import annotations

from ...engine.condition import Condition
from ...engine.reader import Question, command
from .cluster import MEMBERS, Member

#: The cluster has quorum, as pmxcfs sees it on the node that is asked.
QUORATE = Condition(Question("read", (MEMBERS,)), ("cluster", "quorate"), "is", 1)


def loaded(version: int) -> Condition:
    """Corosync runs with this version of its configuration."""
    return Condition(
        command("corosync-cmapctl", "totem.config_version"),
        (),
        "matches",
        rf"^totem\.config_version .* = {version}\s*$",
    )


def connected(member: Member) -> tuple[Condition, ...]:
    """Every link to this other node is connected.

    Links are known by their numbers: corosync-cfgtool prints addresses also where the configuration has names.
    """
    links = command("corosync-cfgtool", "-n")
    block = rf"^nodeid:\s+{member.nodeid}\b.*\n(?:\s+LINK:.*\n)*?"
    return tuple(
        Condition(links, (), "matches", rf"{block}\s+LINK: {number} .* connected\b") for number in sorted(member.links)
    )
