# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide which daemons of this node are started anew in the version that is installed, and when Ceph is done with it.

Monitors, managers, OSDs, metadata servers, in this order, whatever is new already: a crash, or a reboot, may have
started one before its turn. Each has to run the very build, commit included, before the next one stops. No noout is
set: a restart takes seconds, and where it does not, Ceph makes the copies anew as after any loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from ...engine.condition import Condition
from ...engine.errors import Invalid
from ...engine.plan import Plan, Refusal, Run, Step, Topic, Wait
from ...model.ceph.conditions import (
    CEPH,
    WHOLE,
    asked,
    daemon_is_known,
    has_failed,
    mon_votes,
    osd_is_up,
    osd_may_stop,
)
from ...model.ceph.conditions import (
    Kind as OtherKind,
)
from ...model.ceph.state import unit
from ...model.upgrade.ceph_release import CephVersion, parse_version, refuse_version
from ...model.upgrade.ceph_state import KIND_NAMES, KINDS, CephDaemon, CephRun, Kind, ObservedCephUpgrade
from ..ceph.pool_refusals import refuse_silence
from .ceph_filesystems import give_back, make_alone
from .ceph_gates import refuse_behind, refuse_state

#: Beside the daemons' own: the file systems are made ready for their servers' restart, and at the end all is closed.
Stage = Literal["mon", "mgr", "osd", "fs", "mds", "finish"]
STAGES: tuple[Stage, ...] = ("mon", "mgr", "osd", "fs", "mds", "finish")

_SERVERS: tuple[Kind, ...] = ("mds",)
#: Seconds. A new monitor first converts its store; an OSD reads its own, and tells the others.
_READY = {"mon": 600, "mgr": 120, "osd": 900, "mds": 300}
_MAY_STOP = 900
#: Copies that lag behind are made in minutes, unless something else is on its way, too.
_WHOLE = 6 * 3600


@dataclass(frozen=True)
class DesiredCephUpgrade:
    """``crashes``: ids of those that were known when the upgrade began."""

    version: CephVersion
    stage: Stage
    interruption: bool
    tolerated: frozenset[str]
    crashes: frozenset[str]


def desired_from(params: Mapping[str, Any]) -> DesiredCephUpgrade:
    """Module parameters → desired state."""
    version = parse_version(params["version"])
    if version is None:
        raise Invalid(f"{params['version']!r} is no version of Ceph.", "It is what `ceph-mon --version` prints.")
    return DesiredCephUpgrade(
        version=version,
        stage=cast(Stage, params["stage"]),
        interruption=params["interruption"],
        tolerated=frozenset(params["tolerated_health"]),
        crashes=frozenset(params["known_crashes"]),
    )


def decide(desired: DesiredCephUpgrade, observed: ObservedCephUpgrade) -> Plan:
    run = observed.run
    if run is None:
        silent = observed.node.expects_monitors
        return Plan(refusals=(refuse_silence(observed.silence),) if silent else ())
    if desired.stage == "finish":
        return _finish(desired, run)
    if desired.stage == "fs":
        return _filesystems(desired, run)
    behind = own_behind(desired.stage, desired.version, observed)
    if not behind:
        return Plan()
    coming = _coming(behind, observed)
    steps = [_whole("osd.wait-whole:before")] if desired.stage == "osd" else []
    for one in sorted(behind, key=lambda daemon: (daemon.active, daemon.id.zfill(8))):
        steps += _restart(one, desired, run, one in coming)
    return Plan(
        steps=tuple(steps),
        refusals=tuple(_refusals(desired, observed, run, coming)),
        before={one.name: str(one.version) for one in behind},
        after={one.name: str(desired.version) for one in behind},
    )


def own_behind(kind: Kind, version: CephVersion, observed: ObservedCephUpgrade) -> list[CephDaemon]:
    """Daemons of this node that do not run this build; one that has never told of itself is where its folder is."""
    node, run = observed.node, observed.run
    found = () if run is None else run.behind(version, (kind,))
    return [one for one in found if one.host == node.name or (not one.host and node.has(kind, one.id))]


def _coming(behind: list[CephDaemon], observed: ObservedCephUpgrade) -> list[CephDaemon]:
    """Those that are not up, and whose unit runs: an earlier run was cut short as they started."""
    return [one for one in behind if not one.up and unit(one.kind, one.id) in observed.node.running]


def _refusals(
    desired: DesiredCephUpgrade, observed: ObservedCephUpgrade, run: CephRun, coming: list[CephDaemon]
) -> list[Refusal]:
    stage = cast(Kind, desired.stage)
    refusals = []
    if observed.version != desired.version:
        has = observed.version or " and ".join(sorted(observed.installed)) or "no programs of Ceph"
        reason = f"{observed.node.name} has {has} installed, and {desired.version} is wanted."
        refusals.append(Refusal(reason, "Install the packages on all nodes first: upgrade_ceph.yml does."))
    bad = refuse_version(desired.version, run.oldest)
    if bad:
        refusals.append(Refusal(f"Ceph {desired.version} must not be started here: {bad}."))
    earlier = refuse_behind(run.behind(desired.version, KINDS[: KINDS.index(stage)]), f"a {KIND_NAMES[stage]}")
    missing = {one.name for one in run.of("mon", "osd") if not one.up}
    only_coming = bool(missing) and missing <= {one.name for one in coming}
    refusals += [earlier] if earlier else []
    refusals += _refuse_servers(desired, observed, run)
    return refusals + refuse_state(run, desired.interruption, desired.tolerated, desired.crashes, only_coming)


def _refuse_servers(desired: DesiredCephUpgrade, observed: ObservedCephUpgrade, run: CephRun) -> list[Refusal]:
    """A standby that is older must not take over from one that was new."""
    mine = [one for one in own_behind("mds", desired.version, observed) if one.active and desired.stage == "mds"]
    others = [one for one in run.behind(desired.version, _SERVERS) if not one.active and one.host != observed.node.name]
    refusal = refuse_behind(others, f"{mine[0].name}, which is active") if mine else None
    shared = [one.name for one in run.filesystems if not one.is_alone] if desired.stage == "mds" else []
    ready = [
        Refusal(f"CephFS {name} has several metadata servers at work.", "The stage fs comes first.") for name in shared
    ]
    return [*ready, *([refusal] if refusal else [])]


def _filesystems(desired: DesiredCephUpgrade, run: CephRun) -> Plan:
    """As long as a metadata server is to be restarted."""
    waiting = run.behind(desired.version, _SERVERS)
    steps = [step for one in run.filesystems for step in make_alone(one, run)] if waiting else []
    earlier = refuse_behind(run.behind(desired.version, _before_servers()), "a metadata server") if steps else None
    return Plan(steps=tuple(steps), refusals=(earlier,) if earlier else ())


def _before_servers() -> tuple[Kind, ...]:
    return KINDS[: KINDS.index("mds")]


def _restart(one: CephDaemon, desired: DesiredCephUpgrade, run: CephRun, coming: bool) -> list[Step]:
    steps = [] if coming else _may_stop(one, desired, run)
    service = unit(one.kind, one.id)
    why = f"start {one.name} anew, from {one.version or 'an unknown version'} to {desired.version}"
    topic: Topic = "monitor" if one.kind == "mon" else "daemon"
    steps.append(Step(why, Run(("systemctl", "restart", service), timeout=300), f"{one.kind}.restart:{one.id}", topic))
    until = (*_ready(one), _runs(one, desired.version))
    wait = Wait(until, _READY[one.kind], lost=(has_failed(service),))
    hint = f"Look at `journalctl -u {service}`. The others go on with the old version; the same command goes on here."
    steps.append(
        Step(f"wait until {one.name} runs {desired.version}", wait, f"{one.kind}.wait-new:{one.id}", topic, hint=hint)
    )
    if one.kind in ("mgr", "osd"):
        steps.append(_whole(f"{one.kind}.wait-whole:{one.id}"))
    return steps


def _may_stop(one: CephDaemon, desired: DesiredCephUpgrade, run: CephRun) -> list[Step]:
    if one.kind == "osd":
        condition = osd_may_stop(int(one.id))
    elif one.kind == "mon" and not desired.interruption:
        condition = Condition(asked("mon", "ok-to-stop", one.id), (), "succeeds")
    elif one.kind == "mgr" and one.active and len(run.of("mgr")) > 1:
        return _hand_over(one)
    else:
        return []
    wait = Wait((condition,), _MAY_STOP)
    hint = "`ceph health detail` says what is missing."
    return [
        Step(
            f"wait until Ceph can do without {one.name}", wait, f"{one.kind}.wait-may-stop:{one.id}", "data", hint=hint
        )
    ]


def _hand_over(one: CephDaemon) -> list[Step]:
    fail = Run((*CEPH, "mgr", "fail", one.id), timeout=60)
    other = Wait((Condition(asked("mgr", "dump"), ("active_name",), "is not", one.id),), _READY["mgr"])
    return [
        Step(f"let a standby take over from {one.name}", fail, f"mgr.fail:{one.id}", "daemon"),
        Step(
            f"wait until another manager is active than {one.name}", other, f"mgr.wait-handed-over:{one.id}", "daemon"
        ),
    ]


def _ready(one: CephDaemon) -> tuple[Condition, ...]:
    if one.kind == "mon":
        return (mon_votes(one.id),)
    if one.kind == "osd":
        return (osd_is_up(int(one.id)),)
    return (daemon_is_known(cast(OtherKind, one.kind), one.id),)


def _runs(one: CephDaemon, version: CephVersion) -> Condition:
    return Condition(asked(one.kind, "metadata", one.id), ("ceph_version",), "is", version.text)


def _whole(id: str) -> Step:
    hint = "`ceph -s` shows what moves."
    return Step("wait until all data has all its copies", Wait(WHOLE, _WHOLE), id, "data", hint=hint)


def _finish(desired: DesiredCephUpgrade, run: CephRun) -> Plan:
    """The last OSD of an older release could not start any more, so those that are down count."""
    release = desired.version.release
    steps = [step for name in sorted(run.remembered) for step in give_back(name, run)]
    if run.required != release:
        require = Run((*CEPH, "osd", "require-osd-release", release), timeout=60)
        until = Wait((Condition(asked("osd", "dump"), ("require_osd_release",), "is", release),), 60)
        steps = [
            Step(f"let in no OSD older than {release} any more", require, f"osd.require-release:{release}", "daemon"),
            Step("wait until the OSDs know that", until, f"osd.wait-required:{release}", "daemon"),
            *steps,
        ]
    behind = refuse_behind(run.behind(desired.version), "the upgrade ends") if steps else None
    return Plan(
        steps=tuple(steps),
        refusals=(behind,) if behind else (),
        before={"require_osd_release": run.required},
        after={"require_osd_release": release},
    )
