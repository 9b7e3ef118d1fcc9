# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why corosync does not start with a configuration. Upstream: corosync's exec/totemconfig.c and votequorum.c."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from .cluster import CorosyncConfig
from .corosync_conf import (
    AGAINST_DEVICE,
    AUTO_TIE_BREAKER,
    EXPECTED_VOTES,
    LAST_MAN_STANDING,
    TWO_NODE,
    WAIT_FOR_ALL,
)
from .links import is_address, link_name


def reasons_not_to_start(config: CorosyncConfig) -> Iterator[str]:
    """Why corosync does not start with this. One that runs may go on with an earlier version until it is started anew:
    some of this is not looked at, or only logged, when a running corosync reads its configuration again."""
    yield from _bad_links(config)
    yield from _tie_of_odd_votes(config)
    device = config.qdevice
    if device is None:
        return
    for key in AGAINST_DEVICE:
        if config.quorum.get(key):
            yield f"{key} is set, which does not go with a quorum device"
    expected = config.quorum.get(EXPECTED_VOTES, 0)
    if expected and device.votes and expected - device.votes < 2:
        yield f"{EXPECTED_VOTES} is {expected}, which leaves fewer than two beside the quorum device's {device.votes}"
    if not device.votes:
        if expected:
            yield f"{EXPECTED_VOTES} is set, and the quorum device has no votes of its own"
        if any(member.votes != 1 for member in config.members):
            yield "not every node has one vote, and the quorum device has no votes of its own"


def _tie_of_odd_votes(config: CorosyncConfig) -> Iterator[str]:
    """Without ``last_man_standing`` corosync goes on without the tie breaker. ``two_node`` waits for all, too."""
    waits = config.quorum.get(WAIT_FOR_ALL, config.quorum.get(TWO_NODE, 0))
    votes = sum(member.votes for member in config.members)
    if config.quorum.get(AUTO_TIE_BREAKER) and config.quorum.get(LAST_MAN_STANDING) and votes % 2 and not waits:
        yield (
            f"{AUTO_TIE_BREAKER} and {LAST_MAN_STANDING} are set, which with {votes} votes, an odd number, takes"
            f" {WAIT_FOR_ALL}"
        )


def _bad_links(config: CorosyncConfig) -> Iterator[str]:
    """Every link needs as many nodes as the first one has."""
    having = {number: [one for one in config.members if number in one.links] for number in config.links}
    if len({len(members) for members in having.values()}) > 1:
        for number, members in having.items():
            lacking = ", ".join(one.name for one in config.members if one not in members)
            if lacking:
                yield f"{lacking} has no {link_name(number)}, which other nodes have"
    for number, members in having.items():
        addresses = [one.links[number] for one in members if is_address(one.links[number])]
        if len({ipaddress.ip_address(address).version for address in addresses}) > 1:
            yield f"{link_name(number)} has IPv4 addresses and IPv6 addresses"
