"""Ten polls: off, forbidden, moved, locked, made anew; and what is asked of a server for them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.drift.judge import Judge, Watch
from ansible_collections.baremetal.virt.plugins.module_utils.drift.proxmox import (
    PARTS,
    SWEEP,
    Answer,
    Polls,
    answer_of,
)
from ansible_collections.baremetal.virt.plugins.module_utils.informer.notification import Notification


def row(kind: str, vmid: int, node: str, name: str | None, status: str = "running", **more: Any) -> dict[str, Any]:
    told = {} if name is None else {"name": name, "template": 0}
    return {"id": f"{kind}/{vmid}", "type": kind, "vmid": vmid, "node": node, "status": status, **told, **more}


def config(cores: int, digest: str, ctime: int = 0, **more: Any) -> Answer:
    meta = {"meta": f"creation-qemu=9.0.2,ctime={ctime}"} if ctime else {}
    return Answer("there", {"cores": cores, "digest": digest, **meta, **more})


WEB, DB, CI = row("qemu", 101, "pve1", "web"), row("qemu", 102, "pve2", "web-db"), row("lxc", 103, "pve1", "ci")
MOVED = {**WEB, "node": "pve2"}
OF_WEB, OF_DB, OF_CI = config(2, "a1", 1700000001), config(4, "b1", 1700000002), config(1, "c1")
HIDDEN, SILENT = answer_of(403, "Permission check failed"), answer_of(595, "No route to host")
GONE = answer_of(500, "Configuration file 'nodes/pve2/qemu-server/102.conf' does not exist")
ALL = {"qemu/101": OF_WEB, "qemu/102": OF_DB, "lxc/103": OF_CI}
NEW_ROW, OF_NEW = row("qemu", 102, "pve1", "stud-7"), config(1, "b9", 1760000009)

Poll = tuple[list[dict[str, Any]], dict[str, Answer], list[str]]
POLLS: list[Poll] = [
    ([WEB, DB, CI], ALL, ["ADDED qemu/101", "ADDED qemu/102", "ADDED lxc/103"]),
    ([WEB, row("qemu", 102, "pve2", None, "unknown"), CI], {**ALL, "qemu/102": SILENT}, ["MODIFIED qemu/102 status"]),
    ([WEB, DB, CI], ALL, ["MODIFIED qemu/102 status"]),
    ([MOVED, DB, CI], ALL, ["MODIFIED qemu/101 node"]),
    ([MOVED, DB], {**ALL, "lxc/103": HIDDEN}, ["notice lxc/103"]),
    ([MOVED], {**ALL, "lxc/103": HIDDEN, "qemu/102": GONE}, ["DELETED qemu/102"]),
    ([MOVED, NEW_ROW], {**ALL, "lxc/103": HIDDEN, "qemu/102": OF_NEW}, ["ADDED qemu/102"]),
    (
        [{**MOVED, "lock": "backup"}, NEW_ROW],
        {**ALL, "lxc/103": HIDDEN, "qemu/101": config(2, "a2", 1700000001, lock="backup"), "qemu/102": OF_NEW},
        [],
    ),
    (
        [MOVED, NEW_ROW],
        {**ALL, "lxc/103": HIDDEN, "qemu/101": config(2, "a3", 1760000555), "qemu/102": OF_NEW},
        ["MODIFIED qemu/101 uid"],
    ),
]


def played() -> list[tuple[list[str], dict[str, Any]]]:
    """What each poll told, and what was known after it."""
    polls = Polls(PARTS["guests"])
    found = []
    for rows, answers, _told in POLLS:
        before = dict(polls.objects)
        asked = polls.questions(rows)
        events, notices = polls.take(rows, {key: answers[key] for key in asked})
        told = [f"{event.type} {event.object['metadata']['name']}{_what(event.object, before)}" for event in events]
        found.append((told + [f"notice {notice.split()[0]}" for notice in notices], dict(polls.objects)))
    return found


def _what(new: Any, before: dict[str, Any]) -> str:
    old = before.get(new["metadata"]["name"])
    if old is None or old is new:
        return ""
    if old["metadata"]["uid"] != new["metadata"]["uid"]:
        return " uid"
    return " node" if old["spec"] != new["spec"] else " status"


@pytest.mark.parametrize("number", range(len(POLLS)))
def test_poll(number: int) -> None:
    assert played()[number][0] == POLLS[number][2]


def test_what_is_not_told_while_a_node_is_off_is_kept_and_called_stale() -> None:
    known = played()[1][1]["qemu/102"]
    assert known["status"] == {"name": "web-db", "status": "unknown", "stale": True}
    assert known["spec"]["cores"] == 4


def test_of_these_only_what_people_declare_is_drift() -> None:
    """A move is one change, another machine under the number is a replacement; a lock and a status are nothing."""
    states = [state for dummy, state in played()]
    told = []
    for before, after in zip(states, states[1:]):
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            drift = Judge(Watch("guests")).judge(Notification(key, old, new, old))
            if drift is not None and (old is None or new is None or drift.fields):
                told.append(
                    f"{drift.change} {key} {','.join(drift.fields) if drift.change == 'update' else ''}".strip()
                )
    assert told == ["update qemu/101 spec.node", "delete qemu/102", "add qemu/102", "replace qemu/101"]


def test_a_configuration_is_asked_when_something_says_so_and_else_in_turn() -> None:
    rows = [row("qemu", number, "pve1", "x") for number in range(100, 120)]
    polls = Polls(PARTS["guests"])
    first = polls.questions(rows)
    assert len(first) == 20 and first["qemu/100"] == "/nodes/pve1/qemu/100/config"
    polls.take(rows, {key: config(1, "d") for key in first})
    idle = [set(polls.questions(rows)) for dummy in range(20 // SWEEP)]
    assert all(len(asked) == SWEEP for asked in idle) and len(set().union(*idle)) == 20
    renamed = [{**rows[0], "name": "y", "uptime": 7}, *({**one, "uptime": 7} for one in rows[1:])]
    assert len(polls.questions(renamed)) <= SWEEP + 1 and "qemu/100" in polls.questions(renamed)


def test_a_guest_that_nobody_has_described_is_not_made_up() -> None:
    polls = Polls(PARTS["guests"])
    assert polls.take([WEB], {"qemu/101": SILENT}) == ([], [])
    ((event,), dummy) = polls.take([WEB], {"qemu/101": OF_WEB})
    assert event.type == "ADDED"


def test_a_node_that_goes_off_is_told_and_its_load_is_not() -> None:
    polls = Polls(PARTS["nodes"])
    polls.take([{"id": "node/pve1", "status": "online", "cpu": 0.1}], {})
    assert polls.take([{"id": "node/pve1", "status": "online", "cpu": 0.9}], {}) == ([], [])
    ((event,), dummy) = polls.take([{"id": "node/pve1", "status": "offline"}], {})
    assert event.object["spec"] == {"status": "offline"}


def test_what_is_a_set_is_no_drift_in_another_order() -> None:
    polls = Polls(PARTS["storages"])
    polls.take([{"storage": "nfs", "type": "nfs", "digest": "1"}], {})
    assert polls.take([{"storage": "nfs", "type": "nfs", "digest": "2"}], {}) == ([], [])
    polls.take([{"storage": "nfs", "type": "nfs", "content": "iso,images"}], {})
    assert polls.take([{"storage": "nfs", "type": "nfs", "content": "images,iso"}], {}) == ([], []), "it is a set"


@pytest.mark.parametrize(
    ("part", "key", "place", "right"),
    [
        ("storages", "storage", "/storage/a", "Datastore.Audit"),
        ("zones", "zone", "/sdn/zones/a", "SDN.Audit"),
        ("pools", "poolid", "/pool/a/b", "Pool.Audit"),
    ],
)
def test_who_only_reads_is_told_by_his_rights_what_is_gone(part: str, key: str, place: str, right: str) -> None:
    """The paths of storages and zones answer only who may change them, that of pools knows none in others."""
    polls, name = Polls(PARTS[part]), f"a{place.partition('/a')[2]}"
    polls.take([{key: name, "type": "t"}], {})
    assert polls.questions([]) == {name: f"/access/permissions?path={place}"}
    for answer in (SILENT, HIDDEN, Answer("there", {}), Answer("there", {place: {"Sys.Audit": 1}})):
        assert polls.take([], {name: answer})[0] == []
    ((event,), notices) = polls.take([], {name: Answer("there", {place: {"Sys.Audit": 1, right: 1}})})
    assert (event.type, notices) == ("DELETED", [])


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, "no such resource 'vm:9999'"),
        (400, "Parameter verification failed. id: No such job 'nosuch'"),
        (500, "pool 'nosuch' does not exist"),
        (500, "sdn vnet 'nosuch' does not exist"),
    ],
)
def test_each_kind_says_in_its_own_words_that_there_is_none(status: int, text: str) -> None:
    assert answer_of(status, text).state == "gone"


def test_a_job_that_has_run_is_no_drift() -> None:
    polls = Polls(PARTS["backups"])
    polls.take([{"id": "nightly", "vmid": "500", "next-run": 1796074257}], {})
    assert polls.take([{"id": "nightly", "vmid": "500", "next-run": 1796160657}], {}) == ([], [])


def test_guests_of_a_node_that_is_off_are_asked_in_turn_only() -> None:
    """Each question takes seconds there; a poll that takes too long is cut off, and tells nothing of the others."""
    rows = [row("qemu", number, "pve2", "x") for number in range(100, 160)]
    polls = Polls(PARTS["guests"])
    polls.take(rows, {key: config(1, "d") for key in polls.questions(rows)})
    off = [row("qemu", one["vmid"], "pve2", None, "unknown") for one in rows]
    for _dummy in range(3):
        asked = polls.questions(off)
        assert len(asked) == SWEEP
        polls.take(off, dict.fromkeys(asked, SILENT))
    assert len(polls.questions([{**one, "name": "y"} for one in rows])) == 60, "it is there again"


def test_what_was_locked_once_is_not_asked_for_ever_and_what_was_silent_is() -> None:
    rows = [row("qemu", number, "pve1", "x") for number in range(100, 120)]
    locked = [{**rows[0], "lock": "backup"}, *rows[1:]]
    polls = Polls(PARTS["guests"])
    for _dummy in range(2):
        for given in (rows, locked):
            polls.take(given, {key: config(1, "d") for key in polls.questions(given)})
    asked = polls.questions(rows)
    polls.take(rows, {**{key: config(1, "d") for key in asked}, "qemu/100": SILENT})
    assert "qemu/100" in asked and "qemu/100" in polls.questions(rows)
    polls.take(rows, {"qemu/100": config(1, "d")})
    assert "qemu/100" not in polls.questions(rows)
