# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read whether a member has the data of its cluster: a few files, and no process."""

from __future__ import annotations

import json

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.cluster.arrival import ObservedArrival
from ...model.cluster.authority import certificate_of
from ...model.cluster.cluster import CONFIG, LOCAL_CONFIG, MEMBERS
from ...model.cluster.corosync_conf import parse_corosync_conf


def observe(reader: Reader) -> ObservedArrival:
    """What becomes of a node without pmxcfs is for the subjects to say."""
    text = reader.read(CONFIG) or reader.read(LOCAL_CONFIG)
    members = reader.read(MEMBERS)
    if text is None or not members:
        return ObservedArrival()
    try:
        name = str(json.loads(members)["nodename"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{MEMBERS} does not tell the name of this node: {error!r}.") from error
    return ObservedArrival(parse_corosync_conf(text).others(name), reader.entry(certificate_of(name)) is not None)
