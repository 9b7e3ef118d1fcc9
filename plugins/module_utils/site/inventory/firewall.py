# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall of a running node and its cluster in the words of its role's variables."""

from __future__ import annotations

from collections.abc import Iterator

from ...decide.firewall.info import cluster_variables, host_variables
from ...model.firewall.firewall import ObservedFirewall
from .node import Variables


def firewall_variables(observed: ObservedFirewall) -> Variables:
    """What the collection adds for ways in use is not anybody's wish."""
    found = {**cluster_variables(observed.cluster), **host_variables(observed.host)}
    return {f"firewall_{name}": value for name, value in found.items()}


def firewall_notes(observed: ObservedFirewall) -> Iterator[str]:
    for line in (*observed.cluster.strange, *observed.host.strange):
        yield f"The firewall has a line that Proxmox VE skips: {line}."
