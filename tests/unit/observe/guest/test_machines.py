"""What the API of a real cluster told of its guests, read; and what is not told is not taken for absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.desired import DesiredGuest, DesiredGuests
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.observed import ListedGuest
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.machines import (
    observe,
    observe_all,
    parse_pending,
)

from ....doubles.support import FakeNode

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"


def recorded(number: str) -> Any:
    (path,) = TRANSCRIPTS.glob(f"{number}-*.json")
    return json.loads(path.read_text(encoding="utf-8"))["body"]["data"]


class Silent(FakeNode):
    """``refused``: paths that it does not tell, each with the status of the refusal. ``asked``: all paths."""

    def __init__(self, **refused: Any) -> None:
        super().__init__()
        self.refused: dict[str, int] = refused
        self.asked: list[str] = []

    def look(self, question: Question) -> Any:
        path = question.argument[0]
        self.asked.append(path)
        if path in self.refused:
            raise Unreadable(f"no answer to {path}.", status=self.refused[path])
        return super().look(question)


def cluster(*vmids: int) -> Silent:
    found = Silent()
    rows = [row for row in recorded("369ci") if row["type"] != "qemu" or row["vmid"] in vmids]
    nodes = [{"type": "node", "node": name, "status": "online", "maxmem": 8 << 30} for name in ("pve1", "pve2")]
    found.api = {
        "/version": {"version": "9.2.11"},
        "/cluster/status": [{"type": "cluster", "quorate": 1}],
        "/cluster/resources": [*nodes, *rows],
    }
    return found


def wanted(*vmids: int, **more: Any) -> DesiredGuests:
    return DesiredGuests(tuple(DesiredGuest("qemu", vmid, f"g{vmid}", node="pve1", **more) for vmid in vmids))


def test_what_is_pending_counts_as_the_configuration() -> None:
    config, pending = parse_pending(recorded("699ad"))
    assert config["memory"] == "96"
    assert config["cores"] == "2"
    assert config["net0"] == "e1000=BC:24:11:07:01:00,bridge=vmbr0"
    assert {"memory", "cores", "boot", "agent"} <= pending
    assert "net0" not in pending


def test_what_is_to_be_deleted_is_gone() -> None:
    config, pending = parse_pending([{"key": "agent", "value": "1", "delete": 1}, {"key": "cores", "value": 2}])
    assert config == {"cores": "2"}
    assert pending == {"agent"}


def test_one_row_of_a_real_cluster() -> None:
    there = cluster(311)
    there.api["/nodes/pve1/qemu/311/pending"] = recorded("459at")
    seen = observe(there, wanted(311))
    assert seen.quorate
    assert seen.listed[311] == ListedGuest("qemu", 311, "pve1", "f311", "stopped", 67108864, "course")
    assert seen.seen[311].config["ostype"] == "l26"
    assert not seen.unknown


def test_a_guest_that_is_not_told_of_is_unknown_and_the_others_are_read() -> None:
    there = cluster(310, 311)
    there.api["/nodes/pve1/qemu/310/pending"] = recorded("459at")
    there.refused["/nodes/pve1/qemu/311/pending"] = 403
    seen = observe(there, wanted(310, 311))
    assert set(seen.seen) == {310}
    assert "no answer to" in seen.unknown[311]


def test_who_does_not_tell_of_its_snapshots_may_use_a_volume() -> None:
    there = cluster(310, 311)
    for vmid in (310, 311):
        there.api[f"/nodes/pve1/qemu/{vmid}/pending"] = [{"key": "name", "value": f"f{vmid}"}]
        there.api[f"/nodes/pve1/qemu/{vmid}/snapshot"] = [{"name": "current"}]
    assert not observe(there, wanted(310, absent=True)).unread
    there.api["/nodes/pve1/qemu/311/snapshot"] = [{"name": "clean"}, {"name": "current"}]
    there.refused["/nodes/pve1/qemu/311/config?snapshot=clean"] = 403
    assert set(observe(there, wanted(310, absent=True)).unread) == {311}
    there.refused["/nodes/pve1/qemu/311/snapshot"] = 403
    assert set(observe(there, wanted(310, absent=True)).unread) == {311}


def test_a_number_that_is_taken_by_what_is_not_shown_is_unknown() -> None:
    there = cluster()
    there.refused["/cluster/nextid?vmid=310"] = 400
    there.refused["/cluster/nextid?vmid=312"] = 596
    there.api["/cluster/nextid?vmid=311"] = "311"
    seen = observe(there, wanted(310, 311, 312))
    assert "its number is taken" in seen.unknown[310]
    assert "no answer to" in seen.unknown[312]
    assert 311 not in seen.unknown


def test_snapshots_and_the_drive_are_asked_for_where_they_are_declared() -> None:
    there = cluster(311)
    there.api["/nodes/pve1/qemu/311/pending"] = [{"key": "name", "value": "f311"}]
    assert observe(there, wanted(311)).seen[311].snapshots is None
    there.api["/nodes/pve1/qemu/311/snapshot"] = recorded("459ee")
    told = observe(there, wanted(311, snapshots=("clean",))).seen[311].snapshots
    assert told == {"clean": "sauber\nzweite Zeile", "vzdump": ""}


def test_whoever_tells_of_all_asks_for_the_list_once() -> None:
    there = cluster(311)
    there.api["/nodes/pve1/qemu/311/pending"] = recorded("459at")
    assert set(observe_all(there).seen) == {311}
    assert there.asked.count("/cluster/resources") == 1


def test_where_nobody_serves_the_api_nothing_is_asked() -> None:
    there = Silent()
    there.api["/version"] = None
    assert observe(there, wanted(311)).release is None


def test_whoever_may_not_see_the_quorum_counts_nodes() -> None:
    there = cluster()
    there.refused["/cluster/status"] = 403
    there.api["/cluster/nextid?vmid=311"] = "311"
    assert observe(there, wanted(311)).quorate
    for row in there.api["/cluster/resources"]:
        row.update({"status": "offline"} if row["id" if "id" in row else "node"] in ("pve2", "node/pve2") else {})
    assert not observe(there, wanted(311)).quorate
    there.refused["/cluster/status"] = 596
    with pytest.raises(Unreadable):
        observe(there, wanted(311))


def test_two_questions_for_each_guest_are_enough() -> None:
    there, vmids = Silent(), range(1000, 1200)
    rows = [{"type": "qemu", "vmid": vmid, "node": "pve1", "name": f"g{vmid}", "status": "stopped"} for vmid in vmids]
    there.api = {
        "/version": {"version": "9.2.11"},
        "/cluster/status": [],
        "/cluster/resources": [{"type": "node", "node": "pve1", "status": "online"}, *rows],
    }
    drive = {"key": "ide2", "value": "vms:vm-1-cloudinit,media=cdrom"}
    for vmid in vmids:
        there.api[f"/nodes/pve1/qemu/{vmid}/pending"] = [{"key": "name", "value": f"g{vmid}"}, drive]
        there.api[f"/nodes/pve1/qemu/{vmid}/cloudinit/dump?type=user"] = ""
    observe(there, wanted(*vmids, values={"ciuser": "student"}))
    assert len(there.asked) == 2 * len(vmids) + 3
