# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what is there of the trust made for a join over SSH; on most nodes, nothing."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.cluster.trust import AUTHORIZED_KEYS, CLIENT_CONFIG, KNOWN_HOSTS, MADE_BY_JOINER, ObservedTrust


def observe(reader: Reader, desired: object = None) -> ObservedTrust:
    link = reader.entry(AUTHORIZED_KEYS)
    files = tuple(path for path in MADE_BY_JOINER if reader.entry(path) is not None)
    return ObservedTrust(
        files=files,
        known_hosts=(reader.read(KNOWN_HOSTS) or "") if KNOWN_HOSTS in files else "",
        client_config=(reader.read(CLIENT_CONFIG) or "") if CLIENT_CONFIG in files else "",
        authorized_path=(link.target if link is not None else None) or AUTHORIZED_KEYS,
        authorized_keys=reader.read(AUTHORIZED_KEYS) or "",
    )
