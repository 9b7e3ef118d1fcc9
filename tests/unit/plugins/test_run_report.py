"""run_report: the files are there before the dry run is made, and again with what it has planned."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.baremetal.virt.plugins.action import run_report
from ansible_collections.baremetal.virt.plugins.plugin_utils import report_files

from ...doubles import looks


@pytest.fixture(autouse=True)
def _a_dead_osd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path / "run"))
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
    monkeypatch.setattr(report_files, "look", lambda variables: looks.dead_osd())


class Task(run_report.ActionModule):
    def __init__(self, **args: Any) -> None:
        self._task = SimpleNamespace(args=args)


def ran(**args: Any) -> dict[str, Any]:
    return Task(**args).run(None, {"ansible_play_hosts_all": ["pve1"], "hostvars": {"pve1": {}}})


def earlier(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """report.json of a night in which all was well."""
    with monkeypatch.context() as healthy:
        healthy.setattr(report_files, "look", lambda variables: looks.healthy())
        assert not ran(to=str(folder / "report.html"))["plan_follows"]
    return written(folder)


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def test_the_earlier_report_may_be_the_file_that_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of both reports takes its place, and what has changed since is in the second, too."""
    before = earlier(tmp_path, monkeypatch)
    args = {"to": str(tmp_path / "report.html"), "since": str(tmp_path / "report.json")}
    assert ran(plan="follows", **args)["plan_follows"]
    first = written(tmp_path)
    ran(plan="made", **args)
    second = written(tmp_path)
    assert first["changes"]["since"] == before["made"] and len(first["changes"]["rows"]) == 1
    assert first["drift"]["id"] == "drift.asked_not" and second["drift"]["state"] == "nothing"
    assert {**first, "drift": None} == {**second, "drift": None}, "the nodes were read once, at one time"


def test_a_plan_that_failed_is_unknown(tmp_path: Path) -> None:
    to = str(tmp_path / "report.html")
    ran(plan="follows", to=to)
    Task(plan="made", to=to).run(
        None, {"ansible_play_hosts_all": ["pve1"], "hostvars": {"pve1": {"report_failure": "no \x1b[2J"}}}
    )
    drift = written(tmp_path)["drift"]
    assert (drift["state"], drift["facts"]) == ("unknown", {"text": r"no \x1b[2J"})


def test_what_was_planned_belongs_to_a_report_of_before(tmp_path: Path) -> None:
    told = ran(plan="made", to=str(tmp_path / "report.html"))
    assert told["failed"] and "plan: follows" in told["msg"] and not list(tmp_path.glob("report.*"))


def test_the_screen_waits_for_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(run_report, "tell", shown.append)
    ran(plan="follows", form="terminal")
    assert shown == []
    ran(plan="made", form="terminal")
    (text,) = shown
    assert "Nothing: the nodes are as the inventory wants them." in text
