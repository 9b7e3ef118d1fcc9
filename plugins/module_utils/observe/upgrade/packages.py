# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask apt and dpkg all that matters before an upgrade, from the lists that apt has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.debian.apt_lists import LISTS, UPDATE_STAMP
from ...model.upgrade.packages import DISARMED, Packages, Policy, Row, Simulation, is_ours
from ..debian.packages import installed_packages
from ..debian.upgrade import SIMULATE, parse_simulation

STATES = ("dpkg-query", "--show", "--showformat=${db:Status-Abbrev}|${binary:Package}\n")
HELD = ("apt-mark", "showhold")
DRAFTS = (
    "find", "/etc", "-xdev", "-type", "f", "(", "-name", "*.dpkg-new", "-o", "-name", "*.dpkg-dist",
    "-o", "-name", "*.ucf-dist", "-o", "-name", "*.ucf-new", ")",
)  # fmt: skip
#: Second letter of dpkg's state → the state; an installed package has an ``i`` there.
_STATES = {
    "U": "unpacked",
    "F": "half-configured",
    "H": "half-installed",
    "W": "triggers-awaited",
    "t": "triggers-pending",
}
_REMOVED = re.compile(r"^Remv (\S+)", re.MULTILINE)
#: As apt-get prints them, and as apt 3 may.
_HEADINGS = {
    "kept_back": ("The following packages have been kept back:", "Not upgrading:"),
    "downgraded": ("The following packages will be DOWNGRADED:", "DOWNGRADING:"),
}
_ROW = re.compile(r"^ (?:\*\*\*|   ) (\S+) (-?\d+)$")
_SOURCE = re.compile(r"^ {8,}(-?\d+) (.+)$")


def observe(reader: Reader) -> Packages:
    simulated = reader.run(*SIMULATE)
    installed = installed_packages(reader)
    ages = [age for age in (reader.age(UPDATE_STAMP), reader.age(LISTS)) if age is not None]
    ours = sorted(name for name in installed if is_ours(name))
    policies = reader.run("apt-cache", "policy", *ours) if ours else None
    if policies is not None and policies.rc != 0:
        raise Unreadable(f"apt-cache policy failed: {policies.stderr.strip()[-500:]}.")
    return Packages(
        simulation=parse_upgrade(simulated.stdout) if simulated.rc == 0 else None,
        failure="" if simulated.rc == 0 else _last_words(simulated.stderr or simulated.stdout),
        installed=installed,
        policies={} if policies is None else dict(parse_policies(policies.stdout)),
        held=tuple(reader.run(*HELD).stdout.split()),
        unfinished=parse_states(_states(reader)),
        drafts=tuple(sorted(reader.run(*DRAFTS).stdout.split("\n")[:-1])),
        disarmed=reader.entry(DISARMED) is not None,
        lists_age=min(ages, default=None),
    )


def _states(reader: Reader) -> str:
    done = reader.run(*STATES)
    if done.rc != 0:
        raise Unreadable(f"dpkg-query failed: {done.stderr.strip()}.")
    return done.stdout


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-3:])[-500:] or "it printed nothing"


def parse_states(text: str) -> dict[str, str]:
    """Package → state, of all that dpkg has begun and not ended."""
    rows = (line.partition("|") for line in text.splitlines())
    found = {name.split()[0]: state[1:2] for state, divider, name in rows if divider and name.strip()}
    return {name: _STATES[letter] for name, letter in sorted(found.items()) if letter in _STATES}


def parse_upgrade(text: str) -> Simulation:
    listed = {key: _listed(text, headings) for key, headings in _HEADINGS.items()}
    return Simulation(
        updates=tuple(parse_simulation(text)),
        removed=tuple(_REMOVED.findall(text)),
        kept_back=listed["kept_back"],
        downgraded=listed["downgraded"],
    )


def _listed(text: str, headings: tuple[str, ...]) -> tuple[str, ...]:
    """The names in the indented lines below a heading."""
    names: list[str] = []
    inside = False
    for line in text.splitlines():
        if inside and line.startswith(" "):
            names += line.split()
        else:
            inside = line.strip() in headings
    return tuple(names)


def parse_policies(text: str) -> Iterator[tuple[str, Policy]]:
    """``apt-cache policy NAME ...``, in the words of the locale C, in which everything here is asked."""
    for block in re.split(r"^(?=\S+:$)", text, flags=re.MULTILINE):
        name, dummy, rest = block.partition(":\n")
        if rest:
            yield name, Policy(_field(rest, "Installed"), _field(rest, "Candidate"), tuple(_table(rest)))


def _field(text: str, name: str) -> Optional[str]:
    found = re.search(rf"^  {name}: (\S+)$", text, re.MULTILINE)
    return None if found is None or found[1] == "(none)" else found[1]


def _table(text: str) -> Iterator[Row]:
    version, priority = "", 0
    sources: list[str] = []
    for line in text.splitlines():
        if row := _ROW.match(line):
            if version:
                yield Row(version, priority, tuple(sources))
            version, priority, sources = row[1], int(row[2]), []
        elif version and (source := _SOURCE.match(line)) and not source[2].endswith("/var/lib/dpkg/status"):
            sources.append(source[2])
    if version:
        yield Row(version, priority, tuple(sources))
