# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read on a member what another node needs to join through it, and whether the cluster can take one in now."""

from __future__ import annotations

from dataclasses import replace

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.cluster.cluster import ObservedCluster
from ...model.cluster.desired import DesiredCluster
from ...model.cluster.join import ObservedAdmission, ObservedJoiner
from . import cluster, paths
from .running import expected_votes

_HOST_KEYS = "/etc/ssh"
#: Upstream's own code, which has no command of its own; the ticket goes to standard output and nowhere else.
_MAKE_TICKET = ("perl", "-MPVE::AccessControl", "-e", "print PVE::AccessControl::assemble_ticket('root@pam')")


def observe(reader: Reader) -> ObservedAdmission:
    return ObservedAdmission(observe_counting(reader), _host_keys(reader))


def observe_counting(reader: Reader) -> ObservedCluster:
    """With the votes that corosync expects."""
    return replace(cluster.observe(reader), expected_votes=expected_votes(reader))


def observe_joiner(reader: Reader, desired: DesiredCluster) -> ObservedJoiner:
    """A node that joins tries its links before that, and tells in the end also how it counts the others."""
    seen = observe_counting(reader) if desired.complete else cluster.observe(reader)
    tried = desired.tried
    return ObservedJoiner(seen, paths.observe(reader, tried, desired.context) if tried else None)


def make_ticket(reader: Reader) -> str:
    """A ticket of root@pam: a secret, valid for two hours."""
    done = reader.run(*_MAKE_TICKET)
    if done.rc != 0 or not done.stdout.startswith("PVE:root@pam:"):
        raise Unreadable(f"Upstream's code made no ticket: {done.stderr.strip()}.", "Is this node fully installed?")
    return done.stdout


def _host_keys(reader: Reader) -> tuple[str, ...]:
    names = [name for name in reader.names(_HOST_KEYS) if name.startswith("ssh_host_") and name.endswith("_key.pub")]
    return tuple((reader.read(f"{_HOST_KEYS}/{name}") or "").strip() for name in names)
