# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node's own part of FRR's configuration: written where nothing of it would be dropped, and seen in what FRR has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, RemoveFile, Run, Step, WriteFile
from ...model.debian.apt import install
from ...model.sdn.frr import LOCAL, MERGED, PACKAGES, DesiredFrr, Fate, Line, ObservedFrr, missing, read, shown

_RELOAD = ("pvesh", "set", "/nodes/localhost/network")
_FRR = ("--regenerate-frr", "1")
_ASKED_SINCE = 9
#: A comment, which nobody merges. As long as it is there, a run that was cut short has not merged the rest.
_WAITS = "! not merged yet\n"
_SHOWN = 5
_DROPPED: Mapping[Fate, str] = {
    "exclamation": "has an exclamation mark in it",
    "nowhere": "stands in no block",
    "no number": "has no seq NUMBER",
    "swallowed": "does not belong to {block}, which no exit has ended",
    "no router": "stands in no router bgp",
    "no family": "ends no address-family",
}


def desired_from(params: Mapping[str, Any]) -> DesiredFrr:
    text = params["config"]
    lost = [
        f"line {line.number} ({shown(line.text.strip())}) {_why(line)}" for line in read(text) if line.fate in _DROPPED
    ]
    if lost:
        raise Invalid(
            f"Proxmox VE would drop a part of {LOCAL}, or put it elsewhere: {'; '.join(lost)}.",
            "It keeps blocks (router, vrf, interface, route-map) that end with exit, and single lines of access-list,"
            " prefix-list with seq and bgp community-list.",
        )
    return DesiredFrr(text if not text or text.endswith("\n") else f"{text}\n")


def _why(line: Line) -> str:
    return _DROPPED[line.fate].format(block=line.block)


def decide(desired: DesiredFrr, observed: ObservedFrr) -> Plan:
    steps = tuple(_steps(desired, observed))
    return Plan(
        steps=steps,
        refusals=tuple(_refuse(observed) if steps else ()),
        before={LOCAL: shown(observed.local or "")},
        after={LOCAL: shown(desired.text)},
    )


def _steps(desired: DesiredFrr, observed: ObservedFrr) -> Iterator[Step]:
    installs = bool(desired.text) and not observed.installed
    if installs:
        yield Step("install FRR", install(*PACKAGES), "package.install:frr", "packages")
    lacking = missing(desired.text, observed.merged or "")
    same = (observed.local or "") == desired.text and (observed.local is None) == (not desired.text)
    if same and not lacking and not installs:
        return
    old = observed.release is not None and observed.release.pve < _ASKED_SINCE
    yield _written(f"write {LOCAL}, with a note that it is not merged yet", desired.text + _WAITS, "begin")
    yield Step(
        f"let Proxmox VE merge it into {MERGED} and load that",
        Run(_RELOAD if old else (*_RELOAD, *_FRR)),
        "frr.merge",
        "network",
        hint="On Proxmox VE 8, FRR is only configured where there is a controller.",
        because=f"it lacks {', '.join(map(shown, lacking[:_SHOWN]))}" if lacking else "",
    )
    if desired.text:
        yield _written(f"take the note out of {LOCAL}", desired.text, "end")
    else:
        yield Step(f"remove {LOCAL}", RemoveFile(LOCAL), f"file.remove:{LOCAL}", "file")


def _written(why: str, text: str, part: str) -> Step:
    return Step(why, WriteFile(LOCAL, text, mode=0o640), f"file.write:{LOCAL} {part}", "file")


def _refuse(observed: ObservedFrr) -> Iterator[Refusal]:
    if observed.staged:
        yield Refusal(
            "A change of the node's own network is staged, and would be activated along.",
            "Apply it or take it back in the web interface (the node, Network).",
        )
