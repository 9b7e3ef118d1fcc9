"""What if, held against what then happens: power is cut, processes are frozen and killed, a cable is pulled.

Of every loss, all that was foretold is compared: every placement group (whether it is served, and by how many OSDs),
quorum on every node, the monitors, the guests, every storage on every node. A frozen process says nothing, as a node
without power does; one that is stopped would say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import Reading
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.things import Thing

from ..lab.faults.conftest import Lab, eventually
from .conftest import GUESTS, NODES
from .foretold import Foretold, Group, foretell, reading, recordings, site_look, thing

#: Groups that find their OSDs anew say nothing yet; an OSD that is slow to answer is taken for one that is down.
PASSING = ("peering", "activating", "creating")
#: Of a group that goes on these say that nobody has told of it yet.
UNTOLD = ("unknown", "stale")
PATIENCE = 240


def now() -> Reading:
    found = reading(site_look(recordings(NODES)))
    assert {node.name for node in found.nodes if node.reached} == set(NODES)
    return found


def ceph(lab: Lab, node: str, words: str) -> Any:
    done = lab.on(node, f"timeout 25 ceph {words} --format json")
    return json.loads(done.stdout) if done.returncode == 0 else None


def manager(lab: Lab) -> str:
    return str(ceph(lab, "pve1", "mgr stat")["active_name"])


def osds_of(found: Reading, node: str) -> frozenset[int]:
    told = found.ceph.value
    assert told is not None
    return frozenset(osd.id for osd in told.data.cluster.osds if osd.host == node)


def signal(lab: Lab, node: str, unit: str, word: str) -> None:
    lab.out(node, f"kill -{word} $(systemctl show --value --property=MainPID {unit})")


def settled(lab: Lab, node: str, foretold: Foretold) -> Callable[[], bool]:
    """The monitors have called the lost OSDs down, and a manager that answers knows what became of every group.

    A manager that has taken over never hears of a group of which no OSD is left: to it that group is unknown.
    """

    def look() -> bool:
        stat, dump = ceph(lab, node, "mgr stat"), ceph(lab, node, "osd dump")
        if not stat or not stat["available"] or dump is None:
            return False
        if {osd["osd"] for osd in dump["osds"] if not osd["up"]} != set(foretold.osds):
            return False
        states = {one["pgid"]: one["state"] for one in _stats(lab, node)}
        return set(states) == set(foretold.groups) and not any(
            word in state.split("+")
            for name, state in states.items()
            for word in (*PASSING, *(UNTOLD if foretold.groups[name].active else ()))
        )

    return look


def _stats(lab: Lab, node: str) -> list[dict[str, Any]]:
    dump = ceph(lab, node, "pg dump pgs") or {}
    found: list[dict[str, Any]] = dump.get("pg_stats", [])
    return found


def groups(lab: Lab, node: str, lost: frozenset[int]) -> dict[str, Group]:
    """Stale beats every other word: nobody serves such a group."""
    found = {}
    for one in _stats(lab, node):
        states = one["state"].split("+")
        copies = [osd for osd in one["acting"] if osd not in lost and osd != 2147483647]
        found[one["pgid"]] = Group("active" in states and "stale" not in states, len(copies))
    return found


def quorate(lab: Lab, left: list[str]) -> set[str]:
    return {node for node in left if "Quorate:          Yes" in lab.on(node, "corosync-quorumtool -s").stdout}


def storages(lab: Lab, node: str) -> dict[str, bool]:
    """One that nobody serves hangs whoever asks for it, so each is asked for alone."""
    names = re.findall(r"(?m)^\w+: (\S+)", lab.out(node, "cat /etc/pve/storage.cfg"))
    said = {name: lab.on(node, f"timeout -s KILL 40 pvesm status --storage {name}").stdout for name in names}
    return {name: bool(re.search(rf"(?m)^{name} +\S+ +active", text)) for name, text in said.items()}


def _are(lab: Lab, node: str, usable: dict[str, bool]) -> bool:
    seen = storages(lab, node)
    return {name: seen[name] for name in usable} == usable


def compare(lab: Lab, foretold: Foretold, off: tuple[str, ...] = ()) -> None:
    """``off``: nodes that have no power."""
    left = [node for node in NODES if node not in off]
    eventually(lambda: quorate(lab, left) == foretold.quorate, f"quorum on {sorted(foretold.quorate)} alone")
    if not foretold.stands:
        assert ceph(lab, left[0], "status") is None, "no monitor may answer"
        return
    asked = next(node for node in left if node in foretold.quorate)
    eventually(settled(lab, asked, foretold), f"{sorted(foretold.osds)} to be down, and every group known", PATIENCE)
    really = groups(lab, asked, foretold.osds)
    pairs = {name: (told, really.get(name)) for name, told in foretold.groups.items()}
    wrong = {name: pair for name, pair in pairs.items() if not _same(*pair)}
    print(f"{len(pairs)} placement groups compared, {len(wrong)} are otherwise than foretold")
    assert not wrong and set(really) == set(foretold.groups)
    assert len(ceph(lab, asked, "quorum_status")["quorum"]) == foretold.monitors
    here = {vmid: node for vmid, node in GUESTS.items() if node in left}
    running = {vmid for vmid, node in here.items() if "running" in lab.on(node, f"qm status {vmid}").stdout}
    assert running == set(GUESTS) - foretold.lost_guests
    for node in left:
        if node in foretold.quorate:
            told = {name: usable for (at, name), usable in foretold.storages.items() if at == node}
            sure = {name: usable for name, usable in told.items() if usable is not None}
            # A standby of the metadata server first reads what the lost one has left.
            eventually(partial(_are, lab, node, sure), f"the storages of {node} to be {sure}", PATIENCE)


def _same(told: Group, really: Group | None) -> bool:
    """Of a group that is not served, Ceph keeps naming whoever served it last."""
    return really is not None and told.active == really.active and (not told.active or told.copies == really.copies)


def test_the_power_of_a_node(lab: Lab) -> None:
    """Of the one that serves the storage of all, too."""
    found = now()
    foretold = foretell(thing(found, "node", "pve1"), found)
    assert foretold.storages["pve2", "share"] is False
    kinds = {group.active for group in foretold.groups.values()}
    assert kinds == {True, False}, "some pools go on, others stop"
    lab.fault("power-cut", "pve1")
    compare(lab, foretold, ("pve1",))


def test_the_power_of_the_node_with_the_manager(lab: Lab) -> None:
    """Whoever tells of Ceph's data is lost with its node, and a standby tells again."""
    lab.out("pve1", "ceph mgr fail pve1 2>/dev/null; ceph mgr fail pve2 2>/dev/null; true")
    eventually(lambda: (ceph(lab, "pve1", "mgr stat") or {}).get("available", False), "a manager")
    node, found = manager(lab), now()
    foretold = foretell(thing(found, "node", node), found)
    lab.fault("power-cut", node)
    compare(lab, foretold, (node,))


def test_all_osds_of_a_node_freeze(lab: Lab) -> None:
    found = now()
    osds = osds_of(found, "pve2")
    foretold = foretell(Thing("disk", "both of pve2", osds=osds), found)
    for number in osds:
        signal(lab, "pve2", f"ceph-osd@{number}", "STOP")
    compare(lab, foretold)


def test_a_monitor_freezes(lab: Lab) -> None:
    """The leader: the others elect another one."""
    leader = ceph(lab, "pve1", "quorum_status")["quorum_leader_name"]
    found = now()
    foretold = foretell(Thing("osd", "none"), found, monitors=(leader,))
    assert foretold.stands and foretold.monitors == 2
    signal(lab, leader, f"ceph-mon@{leader}", "STOP")
    eventually(lambda: len((ceph(lab, "pve1", "quorum_status") or {}).get("quorum", ())) == 2, "two monitors", PATIENCE)
    compare(lab, foretold)


def test_a_pulled_link(lab: Lab) -> None:
    """Ceph's network goes over it; corosync has another one."""
    found = now()
    foretold = foretell(thing(found, "node link", "link1 of pve3"), found)
    assert foretold.quorate == set(NODES) and foretold.osds == osds_of(found, "pve3")
    lab.fault("partition", "pve3", "1")
    compare(lab, foretold)


def test_a_disk(lab: Lab) -> None:
    """Its OSD is killed and cannot start again; what lies on the other disk of the node goes on."""
    found = now()
    number = min(osds_of(found, "pve2"))
    disk = next(one for one in (found.node("pve2").disks.value or ()) if number in one.osds)  # type: ignore[union-attr]
    foretold = foretell(thing(found, "disk", f"{disk.serial or disk.path.rpartition('/')[2]} of pve2"), found)
    assert foretold.osds == {number}
    lab.out("pve2", f"systemctl mask --runtime ceph-osd@{number}")
    signal(lab, "pve2", f"ceph-osd@{number}", "KILL")
    compare(lab, foretold)


def test_the_power_of_two_nodes(lab: Lab) -> None:
    found = now()
    foretold = foretell(thing(found, "pair", "pve2 and pve3"), found)
    assert not foretold.quorate and not foretold.stands
    lab.fault("power-cut", "pve2")
    lab.fault("power-cut", "pve3")
    compare(lab, foretold, ("pve2", "pve3"))
