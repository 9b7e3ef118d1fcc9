"""The bad night: nothing is advised that would be wrong if the silent nodes are the cluster."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import QuorumStatus
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.guest import Guest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.ha import HighAvailability
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.volumes import Volume
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.advice import Advice, advice
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.ceph_actions import monitors_of
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    Carrier,
    HaReading,
    LrmStatus,
    PlacedGuest,
    Reading,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.situation import situation
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.night import night_findings

from ....doubles.loss_cases import ceph_reading, document, mesh, right, text, with_nodes

NIGHT = "three-oclock"
#: Up to ten seconds before the lock was lost, which was 20 s ago.
WRITTEN = -30.0
FIVE = ("pve1", "pve2", "pve3", "pve4", "pve5")


def night() -> Reading:
    """Two of five nodes answer; their monitor has no majority; what guests there are is the last that was told."""
    told: dict[str, Any] = document(NIGHT, "asked.json")
    counted = told["pve1"]["corosync"]
    members = {int(name[3:]): 1 for name in counted["members"]}
    status = QuorumStatus(counted["quorate"], counted["expected"], counted["total"], 3, members)
    ours = {
        "pve1": {"lrm": Answer(LrmStatus("active", timestamp=WRITTEN)), "quorum": Answer(status)},
        "pve2": {"lrm": Answer(LrmStatus(told["pve2"]["lrm"])), "quorum": Answer(status)},
    }
    silent = {"reached": False, "quorum": Answer(), "lrm": Answer(), "addresses": Answer(), "connections": Answer()}
    ports = (Carrier("eno1", True, 0), Carrier("eno2", False, 1))
    assert "eno2 no carrier since 02:57 (link1)" in (text(NIGHT, "links-pve1.txt") or "")
    ours["pve1"]["carriers"] = Answer(ports)
    reading = with_nodes(mesh(*FIVE, links=2), **ours, **dict.fromkeys(FIVE[2:], silent))
    rows = document(NIGHT, "resources-last-known.json")
    resources = {f"vm:{row['vmid']}": row["ha"] for row in rows if row["ha"]}
    return replace(
        reading,
        has_ceph=Answer(True),
        ceph=Answer(silence=(text(NIGHT, "ceph-connect.err") or "").strip()),
        monitors=Answer(dict.fromkeys(document(NIGHT, "monmap.json")["mons"], ("10.0.0.1",))),
        guests=Answer(tuple(_guest(row) for row in rows)),
        ha=Answer(HaReading(HighAvailability(resources))),
    )


def _guest(row: dict[str, Any]) -> PlacedGuest:
    storage = row["disk"].split()[0]
    volume = Volume("scsi0", f"{storage}:disk", shared="rbd" in row["disk"])
    return PlacedGuest(Guest("qemu", row["vmid"], running=True, volumes=(volume,)), row["node"], ())


def verdict(found: Advice, words: str) -> str:
    return next(action.verdict for action in (*found.do, *found.never) if words in action.what)


def test_what_is_wrong_unknown_and_safe() -> None:
    reading = night()
    here, (monitors, dead) = situation(reading).here, monitors_of(reading)
    assert here is not None and not here.status.quorate
    told = [
        f"no quorum here: {here.status.total} of {here.status.expected}",
        f"no monitor majority here: {len(monitors) - len(dead)} of {len(monitors)} in reach",
    ]
    found = {one.id: one.facts for one in night_findings(reading)}
    told.append("{node} will be reset within {seconds} s, with all its guests".format(**found["node.reset"]))
    assert told == right(NIGHT)["wrong"]
    assert found["nodes.hidden"] == {"nodes": "pve3, pve4, pve5"}
    assert found["guests.hidden"] == {"guests": "300"}
    assert advice(reading).safe == (
        "what the disks hold: it is not touched by waiting",
        "guest 200 runs on: its disks are on pve2, which is not reset",
    )


def test_where_two_parts_have_quorum_waiting_is_not_safe() -> None:
    """Both may write to the disks that they share."""
    status = QuorumStatus(True, 2, 1, 1, {1: 1}, frozenset(("2Node",)))
    other = {"quorum": Answer(replace(status, members={2: 1}))}
    found = advice(with_nodes(mesh("pve1", "pve2"), pve1={"quorum": Answer(status)}, pve2=other))
    assert found.do and found.safe == ()


def test_where_nobody_knows_the_monitors_none_is_named() -> None:
    """No ceph.conf was read; or all monitors are on nodes that are silent: there is none whose map could be changed."""
    why = "no ceph.conf names monitors"
    for monitors, told in (
        (Answer(silence=why), why),
        (Answer({"pve3": (), "pve4": ()}), "no node of a monitor answers"),
    ):
        found = advice(replace(night(), monitors=monitors))
        [inject] = [action for action in (*found.do, *found.never) if "monmaptool" in action.what]
        assert inject.verdict == "refused" and told in inject.condition and inject.on == ""
        assert "left" not in inject.what
    [back] = [
        action for action in advice(replace(night(), monitors=Answer(silence=why))).do if "bring the" in action.what
    ]
    assert back.condition.startswith(f"which monitors there are is not known ({why})")


def test_a_monitor_that_is_called_otherwise_is_on_no_node_that_is_known() -> None:
    found = advice(replace(night(), monitors=Answer({"a": (), "b": (), "pve3": ()}))).do
    [inject] = [action for action in found if "monmaptool" in action.what]
    assert "mon." not in inject.what and inject.on == "" and "on which node they run is not known" in inject.condition
    [back] = [action for action in found if action.what.startswith("bring the monitor")]
    assert back.condition.startswith("at most 2 of 3 are in reach, 2 are needed")


def test_the_order_of_what_to_do() -> None:
    found = advice(night())
    whats = [action.what for action in found.do]
    assert whats[:4] == [
        "plug in eno2 of pve1 (link1)",
        "look at the switch of link0",
        "look at the consoles or the BMC of pve3, pve4 and pve5",
        "switch pve3, pve4 and pve5 on, if off",
    ]
    assert whats[4] == "pvecm expected 2"
    assert whats[5].startswith("remove pve3")
    assert [action.verdict for action in found.do[:4]] == ["right"] * 4
    assert found.do[4].commands == ("pvecm expected 2",) and found.do[4].on == "pve1"


def test_every_action_of_the_case_has_its_verdict() -> None:
    found = advice(night())
    expected = {
        "pvecm expected 2": "only if",
        "pvecm expected 1": "never",
        "qm start 300": "refused",
        "move the configuration of 300": "refused",
        "kvm by hand": "never",
        "restart corosync or pve-cluster on pve1": "never",
        "stop pve-ha-lrm or watchdog-mux": "never",
        "pmxcfs -l": "never",
        "remove pve4": "only if",
        "bring the monitor pve3 or pve4 back": "right",
        "out of the map of mon.pve1": "only if",
        "ceph osd out": "refused",
        "ceph osd lost": "never",
        "force-create-pg": "never",
        "min_size 1": "never",
        "noout": "only if",
        "ceph-objectstore-tool": "right",
    }
    assert {words: verdict(found, words) for words in expected} == expected
    assert all(action.condition for action in (*found.do, *found.never))
    assert json.loads(json.dumps(found.document())) == found.document()


def test_nothing_is_wrong() -> None:
    assert advice(mesh("pve1", "pve2", "pve3")) == Advice()


def dead_node(*guests: PlacedGuest, **ha: str) -> Reading:
    """pve3 is off, and the others have quorum."""
    status = QuorumStatus(True, 3, 2, 2, {1: 1, 2: 1})
    ours = {name: {"quorum": Answer(status)} for name in ("pve1", "pve2")}
    reading = with_nodes(mesh("pve1", "pve2", "pve3"), **ours, pve3={"reached": False, "quorum": Answer()})
    manager = HighAvailability({f"vm:{vmid[1:]}": state for vmid, state in ha.items()})
    return replace(reading, guests=Answer(guests), ha=Answer(HaReading(manager)))


def off(vmid: int, shared: bool) -> PlacedGuest:
    return PlacedGuest(Guest("qemu", vmid, volumes=(Volume("scsi0", "s:disk", shared=shared),)), "pve3", ())


def test_guests_of_a_dead_node_with_quorum() -> None:
    found = advice(
        dead_node(off(300, True), off(301, False), off(302, True), off(303, True), v302="started", v303="disabled")
    )
    start = next(action for action in found.do if action.what.startswith("start 300"))
    assert (start.verdict, start.on) == ("only if", "pve1")
    assert start.commands == (
        "mv /etc/pve/nodes/pve3/qemu-server/300.conf /etc/pve/nodes/pve1/qemu-server/",
        "qm start 300",
    )
    assert verdict(found, "move the configuration of 301") == "never"
    assert verdict(found, "start 302") == "never"
    assert "about 2 min" in next(one.condition for one in found.never if "302" in one.what)
    assert verdict(found, "start 303") == "only if"
    assert not any("expected" in action.what for action in (*found.do, *found.never))


def test_where_nobody_knows_what_ha_does_nothing_is_started_by_hand() -> None:
    reading = replace(dead_node(off(300, True)), ha=Answer())
    assert verdict(advice(reading), "start 300") == "never"


def test_the_last_one_may_expect_one_vote() -> None:
    status = QuorumStatus(False, 2, 1, 2, {1: 1})
    silent = {"reached": False, "quorum": Answer(), "lrm": Answer()}
    reading = with_nodes(mesh("pve1", "pve2"), pve1={"quorum": Answer(status)}, pve2=silent)
    found = advice(reading)
    assert verdict(found, "pvecm expected 1") == "only if"
    assert not any("pvecm expected" in action.what for action in found.never)


def test_a_disk_is_replaced_only_when_all_groups_are_read() -> None:
    reading = ceph_reading("one-copy-is-already-away")
    found = advice(reading)
    replace_it = next(action for action in found.do if action.what == "replace osd.3")
    assert replace_it.commands[0] == "ceph osd safe-to-destroy 3"
    ceph = reading.ceph.value
    assert ceph is not None
    groups = [replace(group, states=frozenset(("down",))) for group in ceph.data.groups or ()]
    stopped = replace(reading, ceph=Answer(replace(ceph, data=replace(ceph.data, groups=tuple(groups)))))
    assert verdict(advice(stopped), "out or destroy osd.3") == "never"
    assert verdict(advice(stopped), "pool set vms min_size 1") == "never"
    blind = replace(reading, ceph=Answer(replace(ceph, data=replace(ceph.data, groups=None, silence="no manager"))))
    assert verdict(advice(blind), "out or destroy osd.3") == "never"


def test_nodes_that_answer_are_not_off_though_corosync_does_not_see_them() -> None:
    """The switch of all links is off, and everybody is reached on another network."""
    here = {"reached": True}
    told = advice(with_nodes(night(), **dict.fromkeys(FIVE[2:], here)))
    done = [action.document()["what"] for action in told.do]
    assert "look at corosync on pve3, pve4 and pve5, which is not seen" in done
    assert not [words for words in done if "BMC" in words or "remove" in words or "switch pve3" in words]
    refused = {action.document()["what"]: action.document() for action in told.never}
    assert "pvecm expected 2" in refused and "pvecm expected 2" not in done
    assert not [words for words in (*done, *refused) if "configuration of" in words], "their guests run where they are"


def test_of_two_missing_nodes_only_the_silent_one_may_be_off() -> None:
    told = advice(with_nodes(night(), pve3={"reached": True}))
    done = [action.document()["what"] for action in told.do]
    assert "look at the consoles or the BMC of pve4 and pve5" in done
    assert [words for words in done if words.startswith("remove")] == [
        "remove pve4 from the cluster",
        "remove pve5 from the cluster",
    ]
    assert not [words for words in done if words.startswith("pvecm expected")]


def test_nodes_are_named_in_their_order() -> None:
    names = ("pve1", "pve2", "pve10")
    alone = {"quorum": Answer(QuorumStatus(False, 3, 1, 2, {1: 1}))}
    reading = with_nodes(mesh(*names, links=1), pve1=alone, **dict.fromkeys(names[1:], {"quorum": Answer()}))
    assert situation(reading).missing == ("pve2", "pve10")


def test_a_node_that_nobody_asked_is_not_called_silent() -> None:
    """One that is a member, and stands in no inventory: it may be off, and its removal has the same condition."""
    reading = with_nodes(night(), pve5={"reached": None})
    now = situation(reading)
    assert (now.gone, now.hidden) == (("pve3", "pve4", "pve5"), ("pve3", "pve4"))
    told = {one.id: one.facts for one in night_findings(reading)}
    assert told["nodes.hidden"]["nodes"] == "pve3, pve4"


def test_who_counts_without_being_a_member_has_a_name_all_the_same() -> None:
    """Deleted from the configuration that is read, and still running: the command is typed somewhere."""
    names = ("pve1", "pve2", "pve3")
    alone = {"nodeid": None, "quorum": Answer(QuorumStatus(False, 3, 1, 2, {9: 1}))}
    silent = {"quorum": Answer(), "reached": False}
    reading = with_nodes(mesh(*names, links=1), pve1=alone, **dict.fromkeys(names[1:], silent))
    now = situation(reading)
    assert now.missing == ("pve2", "pve3") and now.ours
    assert [action.on for action in advice(reading).do if action.what.startswith("pvecm expected")]
