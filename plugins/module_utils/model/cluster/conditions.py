# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is waited for in a cluster, as conditions: quorum, its data, a loaded configuration, connected links."""

from __future__ import annotations

from collections.abc import Collection

from ...engine.condition import Condition
from ...engine.reader import Question, command
from .authority import AUTHORITY, AUTHORITY_KEY, NODES
from .cluster import MEMBERS, Member
from .links import link_name

#: The cluster has quorum, as pmxcfs sees it on the node that is asked.
QUORATE = Condition(Question("read", (MEMBERS,)), ("cluster", "quorate"), "is", 1, "quorum")


def synchronised(others: Collection[str]) -> tuple[Condition, ...]:
    """The cluster's data is in /etc/pve. Quorum alone does not say so (see ``ObservedCluster.synchronised``).

    ``others``: the further members of its configuration. A directory of the node's own may be made by the node itself.
    """
    named = tuple(sorted(others))
    directory = f"the directory of {' or '.join(named)} in {NODES}"
    return (
        Condition(Question("entry", (AUTHORITY,)), (), "some", says=f"the cluster's {AUTHORITY}"),
        Condition(Question("entry", (AUTHORITY_KEY,)), (), "some", says=f"the cluster's {AUTHORITY_KEY}"),
        Condition(Question("names", (NODES,)), (), "has any", named, directory),
    )


def loaded(version: int) -> Condition:
    """Corosync runs with this version of its configuration."""
    asked = command("corosync-cmapctl", "totem.config_version")
    says = f"corosync to run with version {version} of its configuration"
    return Condition(asked, (), "matches", rf"^totem\.config_version .* = {version}\s*$", says)


def connected(member: Member) -> tuple[Condition, ...]:
    """Every link to this other node is connected.

    Links are known by their numbers: corosync-cfgtool prints addresses also where the configuration has names.
    """
    return tuple(_connected(member, number) for number in sorted(member.links))


def _connected(member: Member, number: int) -> Condition:
    line = rf"^nodeid:\s+{member.nodeid}\b.*\n(?:\s+LINK:.*\n)*?\s+LINK: {number} .* connected\b"
    says = f"{link_name(number)} to {member.name} to be connected"
    return Condition(command("corosync-cfgtool", "-n"), (), "matches", line, says)
