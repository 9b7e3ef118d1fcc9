# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is kept in the comments of pools: which numbers an owner's machines have, and which are spent.

There is no other database. Everybody who can log in can read the comment of a pool, so nothing stands there but names,
numbers and days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ...engine.day import written_day

_BEGIN = "baremetal.virt: "


@dataclass(frozen=True)
class FleetMark:
    """Of a fleet's pool, which stays when the fleet is gone. ``next``: what is below it and nobody's was somebody's."""

    fleet: str
    ids: range
    next: int = 0

    def __str__(self) -> str:
        return f"{_BEGIN}fleet={self.fleet} ids={self.ids.start}-{self.ids.stop - 1} next={self.next}"


@dataclass(frozen=True)
class OwnerMark:
    """Of an owner's pool. ``numbers``: machine → its number, also of a machine that is not made any more.

    ``extended``: the day to which his end was put off. ``released``: since when he gives his machines back; 0 is not.
    """

    fleet: str
    owner: str
    numbers: Mapping[str, int] = field(default_factory=dict, hash=False)
    extended: str = ""
    released: int = 0

    def __str__(self) -> str:
        numbers = ",".join(f"{name}:{number}" for name, number in sorted(self.numbers.items()))
        words = [f"fleet={self.fleet}", f"owner={self.owner}", f"numbers={numbers}"]
        words += [f"extended={self.extended}"] if self.extended else []
        words += [f"released={self.released}"] if self.released else []
        return _BEGIN + " ".join(words)


def parse_fleet_mark(comment: str) -> Optional[FleetMark]:
    words = _words(comment)
    first, hyphen, last = words.get("ids", "").partition("-")
    if set(words) != {"fleet", "ids", "next"} or not all(map(str.isdecimal, (first, last, words["next"]))):
        return None
    return FleetMark(words["fleet"], range(int(first), int(last) + 1), int(words["next"]))


def parse_owner_mark(comment: str) -> Optional[OwnerMark]:
    """None where there is none, or none that this collection can have written."""
    words = _words(comment)
    pairs = [pair.partition(":")[::2] for pair in words.get("numbers", "").split(",") if pair]
    released = words.get("released", "0")
    if not {"fleet", "owner", "numbers"} <= set(words) or not released.isdecimal():
        return None
    extended = words.get("extended", "")
    if not all(name and number.isdecimal() for name, number in pairs) or (extended and not _is_day(extended)):
        return None
    numbers = {name: int(number) for name, number in pairs}
    return OwnerMark(words["fleet"], words["owner"], numbers, extended, int(released))


def _is_day(text: str) -> bool:
    try:
        return written_day(text) == text
    except ValueError:
        return False


def _words(comment: str) -> Mapping[str, str]:
    if not comment.startswith(_BEGIN):
        return {}
    return dict(word.partition("=")[::2] for word in comment[len(_BEGIN) :].split())
