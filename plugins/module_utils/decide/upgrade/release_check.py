# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide what keeps a node from its next release, one row for each check that objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Optional

from ...engine.errors import Invalid
from ...model.debian.archive import codenames_of, is_debian
from ...model.debian.release import RELEASES, Release, upgraded_from
from ...model.debian.repositories import foreign_suites, is_ceph, is_pve
from ...model.upgrade.checker import CheckerLine, Level
from ...model.upgrade.checker_rows import ROWS, UNKNOWN, CheckRow, RaisedCheck, raised
from ...model.upgrade.release_check import ObservedReleaseCheck
from ...model.upgrade.release_rows import (
    CHECKER_CUT,
    CHECKER_MISSING,
    OLD_PACKAGE,
    OWN_ROWS,
    RRD_SPACE,
    SOURCES_MALFORMED,
    SSHD_CONFIG,
    SSHD_TRIED,
    SUITES_MIXED,
    THIRD_PARTY,
)
from ...model.upgrade.release_ssh import refused_lines

#: Beside the measurements themselves, upstream's own margin.
_MARGIN = 1 << 30


def release_to(number: int) -> Release:
    """The release that is asked for."""
    found = next((row for row in RELEASES if row.pve == number and row.checker), None)
    if found is None:
        known = " and ".join(str(row.pve) for row in RELEASES if row.checker)
        raise Invalid(f"There is no way to Proxmox VE {number}.", f"Those known are to {known}.")
    return found


def check_accepted(accepted: Collection[str]) -> None:
    known = {row.id for row in (*ROWS, *OWN_ROWS, UNKNOWN)}
    strange = sorted(set(accepted) - known)
    if strange:
        raise Invalid(
            f"accepted names {', '.join(strange)}, which is no check.", f"They are: {', '.join(sorted(known))}."
        )


def answer(release: Release, observed: ObservedReleaseCheck, accepted: Collection[str]) -> dict[str, Any]:
    """What the module returns."""
    before = upgraded_from(release)
    upgraded = observed.codename == release.codename
    if not upgraded and (before is None or observed.codename != before.codename):
        raise Invalid(
            f"{observed.node} runs Debian {observed.codename or 'without a codename'}, from which there is no way to"
            f" Proxmox VE {release.pve}.",
            "Releases are taken one after the other.",
        )
    found = list(_found(release, observed, upgraded))
    raised_now = [one for one in found if one.row == SSHD_TRIED or not upgraded]
    in_the_way = [one for one in raised_now if one.row.refuses(one.line) and one.row.id not in accepted]
    report = observed.report
    return {
        "upgraded": upgraded,
        "begun": upgraded or _begun(release, observed),
        "checks": [_told(one, one in in_the_way) for one in found],
        "in_the_way": [_sentence(one, observed.node) for one in in_the_way],
        "passed": 0 if report is None else report.count("PASS"),
        "skipped": 0 if report is None else report.count("SKIP"),
    }


def _begun(release: Release, observed: ObservedReleaseCheck) -> bool:
    """Entries of Debian or Proxmox name the new release already; whoever was cut short has switched some of them."""
    entries = (source for file in observed.files for source in file.sources if source.enabled)
    return any(
        release.codename in codenames_of(source, suite)
        for source in entries
        if is_debian(source) or is_pve(source) or is_ceph(source)
        for suite in source.suites
    )


def _told(one: RaisedCheck, in_the_way: bool) -> dict[str, Any]:
    own = one.row in OWN_ROWS
    return {
        "id": one.row.id,
        "level": one.line.level,
        "text": one.line.text,
        "by": "baremetal.virt" if own else "upstream",
        "fix": one.row.fix,
        "what": one.row.what,
        "when": one.row.when,
        "in_the_way": in_the_way,
    }


def _sentence(one: RaisedCheck, node: str) -> str:
    return f"{node}, {one.row.id}: {one.line.text.rstrip('.')}. {one.row.what}"


def _found(release: Release, observed: ObservedReleaseCheck, upgraded: bool) -> Iterator[RaisedCheck]:
    yield from _checker(release, observed)
    if not upgraded:
        yield from _packages(observed)
        yield from _sshd(release, observed)
        yield from _space(release, observed)
    elif observed.sshd_says:
        yield _raise(SSHD_TRIED, f"sshd does not start with its configuration: {observed.sshd_says}")
    yield from _sources(observed)


def _raise(row: CheckRow, text: str, level: Level = "FAIL") -> RaisedCheck:
    return RaisedCheck(row, CheckerLine(level, text))


def _checker(release: Release, observed: ObservedReleaseCheck) -> Iterator[RaisedCheck]:
    if observed.report is None:
        yield _raise(CHECKER_MISSING, f"{release.checker} is not installed")
        return
    yield from raised(observed.report)
    if observed.report.cut:
        yield _raise(CHECKER_CUT, f"{release.checker} did not come to its end: {observed.report.cut}")


def _packages(observed: ObservedReleaseCheck) -> Iterator[RaisedCheck]:
    for name, (version, least) in observed.old.items():
        yield _raise(OLD_PACKAGE, f"{name} is {version or 'not installed'}, and has to be at least {least}")


def _sshd(release: Release, observed: ObservedReleaseCheck) -> Iterator[RaisedCheck]:
    for line, words in refused_lines(observed.sshd, release.sshd_refuses).items():
        named = " and ".join(words)
        yield _raise(SSHD_CONFIG, f"{line.path}, line {line.number}, names {named}, which the new sshd does not know")


def _space(release: Release, observed: ObservedReleaseCheck) -> Iterator[RaisedCheck]:
    used, free = observed.space.used, observed.space.free
    if not any(used.values()):
        return
    needed = int(sum(size * release.rrd_growth[name] for name, size in used.items())) + _MARGIN
    if free is None or free < needed:
        yield _raise(RRD_SPACE, f"the measurements need {_gib(needed)}, and {_gib(free)} are free where they lie")


def _gib(size: Optional[int]) -> str:
    return "an unknown number of GiB" if size is None else f"{size / (1 << 30):.1f} GiB"


def _sources(observed: ObservedReleaseCheck) -> Iterator[RaisedCheck]:
    for file in observed.files:
        if file.malformed:
            yield _raise(SOURCES_MALFORMED, f"apt cannot read {file.path}, {file.malformed}")
        for source in (one for one in file.sources if one.enabled):
            where = f"{file.path}, line {source.line}"
            if not (is_debian(source) or is_pve(source) or is_ceph(source)):
                yield _raise(THIRD_PARTY, f"{where}, is neither Debian's nor Proxmox': {source.quote}")
            elif foreign_suites(source, observed.codename):
                mixed = ", ".join(foreign_suites(source, observed.codename))
                yield _raise(SUITES_MIXED, f"{where}, mixes {mixed} into {observed.codename}: {source.quote}")
