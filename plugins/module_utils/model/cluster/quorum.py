# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How votes are counted as corosync runs, and by which rules. Upstream: votequorum(5), corosync-quorumtool(8).

The file says what is to be counted; ``corosync-quorumtool -s`` says what is. Only the second decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .corosync_conf import EXPECTED_VOTES, TWO_NODE
from .corosync_text import Section, parse_sections

#: Flags of a member whose quorum device is alive there and casts its vote; ``A,NV`` is alive and casts none.
_CASTING = ("A", "V")
_FIELD = re.compile(r"^(Expected votes|Total votes|Quorum|Flags|Quorate):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
#: Number (pvecm: with 0x), votes, flags of the device if there is one, name.
_MEMBER = re.compile(r"^ *(?:0x([0-9a-f]{8})|(\d+)) +(\d+) +(?:(N?[A-Z][A-Z,]*) +)?(\S.*?)?$", re.MULTILINE)
_OFFERED = re.compile(r"\(votes (\d+)\)")


@dataclass(frozen=True)
class QuorumStatus:
    """What one node's corosync counts now.

    members: node number → votes, of all that it sees, itself among them. casting: those whose quorum device is alive
    and votes. device_votes: what the device counts when it votes; 0 without one. flags: as quorumtool prints them.
    """

    quorate: bool
    expected: int
    total: int
    quorum: int
    members: Mapping[int, int]
    flags: frozenset[str] = frozenset()
    casting: frozenset[int] = frozenset()
    device_votes: int = 0

    @property
    def two_node(self) -> bool:
        return "2Node" in self.flags

    @property
    def waits_for_all(self) -> bool:
        return "WaitForAll" in self.flags

    @property
    def breaks_ties(self) -> bool:
        return "AutoTieBreaker" in self.flags

    @property
    def last_man_stands(self) -> bool:
        return "LastManStanding" in self.flags

    @property
    def has_device(self) -> bool:
        return "Qdevice" in self.flags or self.device_votes > 0


@dataclass(frozen=True)
class QuorumOptions:
    """What the section ``quorum`` of corosync.conf says, and what the nodes' votes in it add up to.

    tie_breakers: of auto_tie_breaker, node numbers in order; none means the lowest. device_votes: None where the file
    leaves them to the algorithm. device_tie_breaker: which half gets the vote: lowest, highest, or a node's number.
    expected_votes: the number that stands there in place of what all votes add up to; 0 where none does.
    """

    two_node: bool = False
    tie_breakers: tuple[int, ...] = ()
    device: str = ""
    algorithm: str = ""
    device_votes: Optional[int] = None
    device_tie_breaker: str = "lowest"
    votes: Mapping[int, int] = field(default_factory=dict)
    expected_votes: int = 0

    @property
    def expected(self) -> int:
        """The votes that corosync expects after a start: those of all nodes, and those of the device."""
        return self.expected_votes or sum(self.votes.values()) + self.votes_of_device

    @property
    def votes_of_device(self) -> int:
        """The algorithm lms makes the device count as much as all nodes but one; ffsplit has one vote."""
        if not self.device:
            return 0
        if self.device_votes is not None:
            return self.device_votes
        return sum(self.votes.values()) - 1 if self.algorithm == "lms" else 1


def parse_quorumtool(text: str) -> Optional[QuorumStatus]:
    """``corosync-quorumtool -s`` or ``pvecm status``; None when it says nothing of the kind, or not all of it: a node
    that counts votes is itself a member."""
    found = dict(_FIELD.findall(text))
    numbers = [found.get(key, "").split(" ")[0] for key in ("Expected votes", "Total votes", "Quorum")]
    if not all(number.isdecimal() for number in numbers) or "Quorate" not in found:
        return None
    expected, total, quorum = map(int, numbers)
    rows = [_row(*found) for found in _MEMBER.findall(text.partition("Membership information")[2])]
    members = {number: votes for number, votes, dummy, dummy2 in rows if number}
    if not members:
        return None
    device = [row for row in rows if row[0] == 0]
    return QuorumStatus(
        quorate=found.get("Quorate", "").startswith("Yes"),
        expected=expected,
        total=total,
        quorum=quorum,
        members=members,
        flags=frozenset(found.get("Flags", "").split()),
        casting=frozenset(number for number, dummy, flags, dummy2 in rows if number and casts(flags)),
        device_votes=max((_device_votes(votes, name) for dummy, votes, dummy2, name in device), default=0),
    )


def _row(hexadecimal: str, decimal: str, votes: str, flags: str, name: str) -> tuple[int, int, str, str]:
    return int(hexadecimal, 16) if hexadecimal else int(decimal), int(votes), flags, name


def casts(flags: str) -> bool:
    """``A,V,NMW``: alive, and it votes."""
    return tuple(flags.split(",")[:2]) == _CASTING


def _device_votes(votes: int, name: str) -> int:
    """``0 Qdevice (votes 2)`` is a device that could cast two votes and casts none."""
    offered = _OFFERED.search(name)
    return int(offered.group(1)) if offered else votes


def parse_options(text: str) -> QuorumOptions:
    """corosync.conf."""
    root = parse_sections(text)
    section = root.first("quorum")
    device = next((one for one in section.all("device") if one.values.get("model")), Section())
    net = device.first("net").values
    nodes = root.first("nodelist").all("node")
    breakers = section.values.get("auto_tie_breaker_node", "lowest").split()
    return QuorumOptions(
        two_node=bool(section.number(TWO_NODE, 0)),
        tie_breakers=tuple(int(word) for word in breakers if word.isdecimal()),
        device=net.get("host", ""),
        algorithm=net.get("algorithm", ""),
        device_votes=device.number("votes", 0) if "votes" in device.values else None,
        device_tie_breaker=net.get("tie_breaker", "lowest"),
        votes={node.number("nodeid", 0): node.number("quorum_votes", 1) for node in nodes},
        expected_votes=section.number(EXPECTED_VOTES, 0),
    )
