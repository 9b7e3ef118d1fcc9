# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which nodes still have to get the next release, in which order, and what all of them together have against it.

A node whose upgrade has begun is finished first, whatever is in the way of others: it can neither go back nor stay. It
has begun when its sources are switched; a marker alone may be that of an upgrade within its release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from ...decide.upgrade.release_check import release_to
from ...model.debian.release import Release
from ...model.upgrade.ceph_release import parse_version
from .wave import upgrade_wave

Info = Mapping[str, Any]
#: before: no node is new. mixed: some are. after: all are, and none is on its way.
Phase = Literal["before", "mixed", "after"]

NO_WAY_BACK = (
    "There is no way back: a node that is new stays new, and one that has to go back is installed anew with the old"
    " release and rejoins, as long as old nodes have the quorum. From the first node on, finish all of them; meanwhile"
    " no node joins or leaves, and guests move from old nodes to new ones only."
)


def release_upgrade_order(
    told: Sequence[Info], checks: Sequence[Info], ceph: Sequence[Info], to: int
) -> dict[str, Any]:
    """``told``: results of upgrade_info. checks: of release_check_info. ceph: of ceph_upgrade_info, all in the
    inventory's order.

    wave: as ``upgrade_wave`` has it, of those that are left. left: what is raised on nodes that are new. migrations:
    scripts of upstream's that are called before the first node and after the last one.
    """
    release = release_to(int(to))
    found = {str(one["host"]): one for one in checks}
    marked = {str(one["host"]) for one in told if one["report"]["marked"]}
    open_ones = {host for host, check in found.items() if not check["upgraded"] or host in marked}
    begun = {host for host in marked if found[host]["begun"]}
    return {
        "phase": _phase(found, open_ones),
        "wave": upgrade_wave(told, reboot="always", among=open_ones),
        "in_the_way": list(_in_the_way(release, found, ceph, begun)) if open_ones else [],
        "left": [line for host, check in found.items() if check["upgraded"] for line in _left(host, check)],
        "no_way_back": NO_WAY_BACK,
        "groups_become_rules": release.ha_rules,
        "migrations": {"before": list(release.migrations_before), "after": list(release.migrations_after)},
    }


def _phase(found: Mapping[str, Info], open_ones: set[str]) -> Phase:
    if not open_ones:
        return "after"
    return "mixed" if any(check["upgraded"] for check in found.values()) else "before"


def _in_the_way(release: Release, found: Mapping[str, Info], ceph: Sequence[Info], begun: set[str]) -> Iterator[str]:
    for host, check in found.items():
        if host not in begun:
            yield from check["in_the_way"]
    yield from dict.fromkeys(_ceph(release, ceph))


def _ceph(release: Release, ceph: Sequence[Info]) -> Iterator[str]:
    """Both releases of Proxmox VE have packages of one release of Ceph only; builds of it may differ."""
    for one in ceph:
        for daemon in one["daemons"]:
            version = parse_version(daemon["version"])
            if version is None or version.release != release.ceph_before:
                runs = version or "a version that it does not tell"
                yield (
                    f"{daemon['kind']}.{daemon['id']} runs {runs}, and Proxmox VE {release.pve} needs"
                    f" {release.ceph_before} before. Run upgrade_ceph.yml -e to={release.ceph_before}."
                )
        if one["daemons"] and one["required"] != release.ceph_before:
            yield (
                f"Ceph still lets in OSDs of {one['required']}: its last upgrade has not been finished. Run"
                f" upgrade_ceph.yml -e to={release.ceph_before}."
            )


def _left(host: str, check: Info) -> Iterator[str]:
    for one in check["checks"]:
        if one["fix"] != "none":
            yield f"{host}, {one['id']}: {one['text']}. {one['what']}"
