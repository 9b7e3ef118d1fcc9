"""The program that asks Ceph: one connection, every question, and an end that leaves nothing behind."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import ask_ceph

Answers = dict[str, Any]
OSDS: list[dict[str, Any]] = [{"osd": 0, "weight": 1}, {"osd": 1, "weight": 0.5}, {"osd": 2, "weight": 0}]
DUMP = {"epoch": 7, "osds": OSDS, "pools": []}
GROUP = {"pgid": "1.0", "state": "active+clean", "acting": [0], "stat_sum": {"num_objects": 3, "num_bytes": 9, "x": 1}}
GROUPS = {"pg_ready": True, "pg_map": {"last_osdmap_epoch": 0, "pg_stats": [{**GROUP, "log_size": 5}]}}
KNOWN: Answers = {
    **{question: {} for question in ask_ceph.MONITORS},
    "osd dump": DUMP,
    "mon dump": {"mons": []},
    "auth ls": {"auth_dump": [{"entity": "mgr.pve1", "key": "SECRET"}]},
    "mgr stat": {"available": True},
    "pg dump": GROUPS,
    "osd df": {"nodes": []},
    "balancer status": {"active": True},
}


class Library(ModuleType):
    """A double of python3-rados that notes what is done with it. ``answers``: question → document, or (code, text)."""

    class Error(Exception):
        pass

    def __init__(self, answers: Answers, broken: bool = False) -> None:
        super().__init__("rados")
        self.answers, self.broken, self.events = answers, broken, list[str]()
        self.Rados: Callable[..., Any] = lambda **options: self

    def connect(self) -> None:
        self.events.append("connect")
        if self.broken:
            raise self.Error("timed out")

    def mon_command(self, request: str, data: bytes) -> tuple[int, bytes, str]:
        return self._answer("mon", json.loads(request))

    def mgr_command(self, request: str, data: bytes) -> tuple[int, bytes, str]:
        return self._answer("mgr", json.loads(request))

    def _answer(self, asked: str, request: dict[str, Any]) -> tuple[int, bytes, str]:
        question = request["prefix"]
        self.events.append(f"{asked} {question}")
        answer = self.answers[question]
        if callable(answer):
            answer = answer(self.events.count(f"{asked} {question}"))
        if isinstance(answer, tuple):
            code, text = answer
            return code, text if isinstance(text, bytes) else json.dumps(text).encode(), "refused"
        return 0, answer if isinstance(answer, bytes) else json.dumps(answer).encode(), ""

    def shutdown(self) -> None:
        self.events.append("shutdown")


Run = Callable[..., tuple[Any, Library]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """What it prints, or why it ends."""

    def run(*words: str, broken: bool = False, **changes: Any) -> tuple[Any, Library]:
        answers = {**KNOWN, **{key.replace("_", " ").replace("  ", "-"): value for key, value in changes.items()}}
        library = Library(answers, broken)
        monkeypatch.setitem(sys.modules, "rados", library)
        monkeypatch.setattr(sys, "argv", ["ask_ceph", *words])
        monkeypatch.setattr(ask_ceph, "CATCHING_UP", 0.05)
        monkeypatch.setattr(ask_ceph, "PAUSE", 0.01)
        try:
            ask_ceph.main()
        except SystemExit as end:
            return f"exit: {end}", library
        return json.loads(capsys.readouterr().out), library

    return run


def test_all_questions_over_one_connection(run: Run) -> None:
    """Without the shutdown OpenSSL would end before the library's threads, and the process be aborted now and then."""
    found, library = run("cluster")
    assert set(found) == set(ask_ceph.MONITORS)
    assert library.events == ["connect", *(f"mon {question}" for question in ask_ceph.MONITORS), "shutdown"]


def test_no_monitor_answers(run: Run) -> None:
    found, library = run("cluster", broken=True)
    assert (found, library.events[-1]) == ("exit: timed out", "shutdown")


def test_a_question_is_refused(run: Run) -> None:
    found, library = run("cluster", status=(-22, b""))
    assert (found, library.events[-1]) == ("exit: status: refused (-22)", "shutdown")


def test_of_keys_only_their_owners_are_told_and_of_groups_what_is_looked_at(run: Run) -> None:
    found, dummy = run("data")
    assert found["entities"] == ["mgr.pve1"] and "SECRET" not in json.dumps(found)
    assert found["pg dump"]["pgs"] == [
        {
            "pgid": "1.0",
            "state": "active+clean",
            "acting": [0],
            "stat_sum": {
                "num_objects": 3,
                "num_bytes": 9,
                "num_objects_unfound": 0,
                "num_objects_degraded": 0,
                "num_objects_misplaced": 0,
            },
        }
    ]
    assert found["pg dump"]["ready"] and found["osd df"] == {"nodes": []}


def test_a_manager_that_is_not_there_is_not_asked(run: Run) -> None:
    found, library = run("data", mgr_stat={"available": False})
    assert "pg dump" not in found and "silent manager" not in found
    assert not [event for event in library.events if event.startswith("mgr ")]


def test_a_manager_that_has_just_died_is_asked_once(run: Run) -> None:
    found, library = run("data", pg_dump=(-110, b""))
    assert found["silent manager"] == "pg dump: refused (-110)"
    assert [event for event in library.events if event.startswith("mgr ")] == ["mgr pg dump"]


def dated(epoch: int) -> Answers:
    return {"pg_ready": True, "pg_map": {"last_osdmap_epoch": epoch, "pg_stats": []}}


def test_a_manager_with_an_earlier_map_is_asked_again(run: Run) -> None:
    found, library = run("data", pg_dump=lambda count: dated(5 + count))
    assert found["pg dump"]["epoch"] == 7 and library.events.count("mgr pg dump") == 2
    stuck, dummy = run("data", pg_dump=dated(6))
    assert stuck["pg dump"]["epoch"] == 6, "it is told, and whoever reads it judges"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"ok_to_stop": True}, {"ok_to_stop": True}),
        ((-16, {"ok_to_stop": False}), {"ok_to_stop": False}),
        ((-11, {"unknown_pgs": ["1.0"]}), {"unknown_pgs": ["1.0"]}),
        (b"", {"said": "yes"}),
        ((-16, b""), {"said": "no"}),
        ((-11, b""), {"said": "unknown"}),
    ],
)
def test_no_and_not_known_yet_are_answers(run: Run, answer: Any, told: Answers) -> None:
    """Ceph 15 says no more than that."""
    found, dummy = run("gates", "0", "1", osd_safe__to__destroy={"safe_to_destroy": [0]}, osd_ok__to__stop=answer)
    assert found == {"osd safe-to-destroy": {"safe_to_destroy": [0]}, "osd ok-to-stop": told}


POOL = {"pool": 3, "pg_placement_num": 16, "size": 2, "crush_rule": 1}


@pytest.fixture
def crushtool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def make(script: str) -> None:
        path = tmp_path / "crushtool"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return make


def test_where_crush_puts_the_groups(run: Run, crushtool: Callable[[str], None]) -> None:
    """The tool says what it is doing between its answers."""
    crushtool('echo "rule 1 (x), x = 0..15"; echo "CRUSH rule 1 x 15 [3,2147483647]"; echo "CRUSH rule 1 x 0 []"')
    found, library = run("placed", "0", osd_dump={**DUMP, "pools": [POOL]}, osd_getcrushmap=b"MAP")
    assert found == {"3.f": [3, 2147483647], "3.0": []}
    assert library.events[1:3] == ["mon osd dump", "mon osd getcrushmap"]


def test_without_crushs_own_tool_nobody_knows(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found, dummy = run("placed", "0", osd_dump={**DUMP, "pools": [POOL]}, osd_getcrushmap=b"MAP")
    assert found is None


def osds(**changes: Any) -> list[dict[str, Any]]:
    """Four OSDs that are up and in."""
    return [{"osd": number, "weight": 1, "up": 1, "in": 1, **changes.get(f"osd{number}", {})} for number in range(4)]


#: 3.0 lies on 0 and 2, and on what is left of 0, 1, 2, 3 when one of them is out.
CRUSH = """
out=
while [ "$1" ]; do [ "$1" = --weight ] && [ "$3" = 0 ] && out="$out,$2"; [ "$1" = --pool-id ] && pool=$2; shift; done
first=0; case "$out" in *,0*) first=1;; esac; case "$out" in *,0,1*) first=3;; esac
[ $pool = 4 ] && first=3 && case "$out" in *,3*) first=0;; esac
echo "CRUSH rule 1 x 0 [$first,2]"
"""


def test_where_crush_puts_the_groups_after_each_loss(run: Run, crushtool: Callable[[str], None]) -> None:
    """Only what lies elsewhere then."""
    crushtool(CRUSH)
    dump = {"osds": osds(), "pools": [POOL, {**POOL, "pool": 4}]}
    found, dummy = run("losses", "0,1", "0", "1", "3", osd_dump=dump, osd_getcrushmap=b"MAP")
    now, both, first, second, fourth = found
    assert now == {"3.0": [0, 2], "4.0": [3, 2]}
    assert (both, first, second, fourth) == ({"3.0": [3, 2]}, {"3.0": [1, 2]}, {}, {"4.0": [0, 2]})


def test_crush_is_not_asked_for_ever(
    run: Run, crushtool: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    crushtool(CRUSH)
    monkeypatch.setattr(ask_ceph, "LOOKING_AHEAD", -1)
    found, dummy = run("losses", "0", osd_dump={"osds": osds(), "pools": [POOL]}, osd_getcrushmap=b"MAP")
    assert found == [{"3.0": [0, 2]}]


def test_losses_without_crushs_own_tool(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found, dummy = run("losses", "0", osd_dump={"osds": osds(), "pools": [POOL]}, osd_getcrushmap=b"MAP")
    assert found == [{}]


def test_a_map_that_the_tool_does_not_take_is_an_error(run: Run, crushtool: Callable[[str], None]) -> None:
    crushtool("echo no map >&2; exit 1")
    found, dummy = run("placed", "0", osd_dump={**DUMP, "pools": [POOL]}, osd_getcrushmap=b"MAP")
    assert found == "exit: crushtool: no map"


def test_what_is_told_to_crushs_tool() -> None:
    assert ask_ceph.command_for(POOL, "map", OSDS, {0})[1:] == [
        "-i", "map", "--test", "--show-mappings", "--weight", "0", "0", "--weight", "1", "0.5", "--weight", "2", "0",
        "--rule", "1", "--num-rep", "2", "--min-x", "0", "--max-x", "15", "--pool-id", "3",
    ]  # fmt: skip


DAEMON = {"name": "pve1", "hostname": "pve1", "ceph_version": "ceph version 19", "kernel_version": "6.8"}
VERSIONS: Answers = {
    **{f"{kind}_metadata": [DAEMON] for kind in ("mon", "mgr", "mds")},
    "osd_metadata": [{"id": 0, "osd_objectstore": "bluestore", "hostname": "pve1"}, {"id": 1}],
    "mgr_dump": {"active_name": "pve1", "standbys": [], "modules": ["nfs"], "services": {}},
    "config__key_dump": {"baremetal.virt/upgrade/fs/a": "{}"},
    "crash_ls__new": [{"crash_id": "a", "backtrace": []}],
}


def test_versions_come_with_what_an_upgrade_looks_at(run: Run) -> None:
    found, dummy = run("versions", **VERSIONS)
    assert found["mon metadata"] == [{"name": "pve1", "hostname": "pve1", "ceph_version": "ceph version 19"}]
    assert found["osd metadata"][1] == {"id": 1}
    assert found["mgr dump"] == {"active_name": "pve1", "standbys": [], "modules": ["nfs"]}
    assert found["kept"] == {"baremetal.virt/upgrade/fs/a": "{}"} and found["crashes"] == ["a"]


def test_crashes_that_no_manager_tells_are_not_none(run: Run) -> None:
    found, dummy = run("versions", **{**VERSIONS, "crash_ls__new": (-110, b"")})
    assert "crashes" not in found and found["silent manager"] == "crash ls-new: refused (-110)"
