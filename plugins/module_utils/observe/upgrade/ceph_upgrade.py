# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read which version of Ceph a node has installed, and which one every daemon of the cluster runs.

Asked anew before every step, and never kept for a run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...engine.reader import Reader
from ...model.ceph.state import CLIENT_PACKAGE, STATE
from ...model.upgrade.ceph_release import parse_version
from ...model.upgrade.ceph_state import (
    KINDS,
    REMEMBERED,
    CephDaemon,
    CephFilesystem,
    CephRun,
    Kind,
    ObservedCephUpgrade,
)
from ..ceph.safety import parse_data
from ..ceph.state import ask, observe_node
from ..debian.packages import installed_packages
from ..node.host import observe as observe_host

_STANDBY_REPLAY = 1 << 5  # CEPH_MDSMAP_ALLOW_STANDBY_REPLAY
_FOLLOWS = "up:standby-replay"


def observe(reader: Reader, desired: object = None) -> ObservedCephUpgrade:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    node, codename = observe_node(reader), observe_host(reader).codename
    installed = frozenset(_installed(reader))
    stores = {one: (reader.read(f"{STATE}/mon/ceph-{one}/kv_backend") or "").strip() for one in node.ids("mon")}
    if not node.expects_monitors or CLIENT_PACKAGE not in installed_packages(reader):
        return ObservedCephUpgrade(node, codename, installed, stores)
    run, silence = ask(reader, parse_run, "versions")
    return ObservedCephUpgrade(node, codename, installed, stores, run, silence)


def _installed(reader: Reader) -> Iterator[str]:
    """What each program says; they are of several packages, and apt may have been ended between two."""
    for kind in KINDS:
        done = reader.run(f"ceph-{kind}", "--version")
        if done.rc == 0:
            yield done.stdout.strip()


def parse_run(answers: Mapping[str, Any]) -> CephRun:
    crashes = answers.get("crashes")
    return CephRun(
        data=parse_data(answers),
        daemons=tuple(_daemons(answers)),
        required=answers["osd dump"]["require_osd_release"],
        modules=frozenset(answers["mgr dump"]["modules"]),
        crashes=None if crashes is None else frozenset(crashes),
        filesystems=tuple(_filesystem(entry["mdsmap"]) for entry in answers["fs dump"]["filesystems"]),
        remembered=_remembered(answers["kept"]),
    )


def _daemons(answers: Mapping[str, Any]) -> Iterator[CephDaemon]:
    """Every daemon of the maps, whether it has told of itself or not."""
    told = {kind: _told(kind, answers[f"{kind} metadata"]) for kind in KINDS}
    quorum = answers["status"]["quorum_names"]
    for entry in answers["mon dump"]["mons"]:
        yield _daemon("mon", entry["name"], told, up=entry["name"] in quorum)
    managers = answers["mgr dump"]
    standbys = [entry["name"] for entry in managers["standbys"]]
    for name in filter(None, [managers["active_name"], *standbys]):
        yield _daemon("mgr", name, told, active=name == managers["active_name"])
    for entry in answers["osd dump"]["osds"]:
        if "destroyed" not in entry.get("state", ()):
            yield _daemon("osd", str(entry["osd"]), told, up=bool(entry["up"]))
    for info in _servers(answers["fs dump"]):
        yield _daemon("mds", info["name"], told, active=info["state"] not in ("up:standby", _FOLLOWS))


def _told(kind: Kind, entries: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(entry.get("name", entry.get("id")) if kind != "osd" else entry["id"]): entry for entry in entries}


def _daemon(
    kind: Kind, name: str, told: Mapping[Kind, Mapping[str, Mapping[str, Any]]], up: bool = True, active: bool = True
) -> CephDaemon:
    entry = told[kind].get(name, {})
    version = parse_version(entry.get("ceph_version", ""))
    host = entry.get("hostname", "").partition(".")[0]
    return CephDaemon(kind, name, host, version, up, active, entry.get("osd_objectstore"))


def _servers(fs_dump: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from fs_dump["standbys"]
    for entry in fs_dump["filesystems"]:
        yield from entry["mdsmap"]["info"].values()


def _filesystem(mdsmap: Mapping[str, Any]) -> CephFilesystem:
    states = [info["state"] for info in mdsmap["info"].values()]
    return CephFilesystem(
        name=mdsmap["fs_name"],
        max_mds=mdsmap["max_mds"],
        replays=bool(mdsmap["flags"] & _STANDBY_REPLAY),
        ranks=tuple(sorted(mdsmap["in"])),
        replaying=states.count(_FOLLOWS),
    )


def _remembered(kept: Mapping[str, str]) -> dict[str, Mapping[str, object]]:
    prefix = f"{REMEMBERED}/fs/"
    return {key[len(prefix) :]: json.loads(value) for key, value in kept.items() if key.startswith(prefix)}
