"""What the bench counts and measures decides: too much of it fails, and so does nothing at all."""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import bench
import playbook
import pytest
from ansible.plugins.action import ActionBase
from pairs import Pairs
from playbook import ROOT, SITE, BenchError, Group, Probe, Result

GROUP = Group("2 nodes", Path("inventory"), Path("sockets"))


def probe(trips: dict[str, int], **more: Counter[str]) -> Probe:
    return Probe(2, {"module": Counter(), "round trip": Counter(trips), "API call": Counter(), **more})


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (probe({"10.0.0.1": 1, "10.0.0.2": 1}), 0),
        (probe({"10.0.0.1": 2, "10.0.0.2": 1}), 1),
        (probe({"10.0.0.1": 1}), 1),
        (probe({}), 1),
        (probe({"10.0.0.1": 1, "10.0.0.2": 1}, module=Counter({"10.0.0.2": 1})), 1),
        (probe({"10.0.0.1": 1, "10.0.0.2": 1}, **{"API call": Counter({"https://10.0.0.2:8006": 1})}), 1),
    ],
)
def test_each_node_is_reached_once_and_by_nothing_else(
    found: Probe, verdict: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.judge_counts(GROUP, found) == verdict
    assert capsys.readouterr().out.startswith("\n2 nodes: what a no-op site.yml sends to each node")


def measured(site: float, ping: float = 2.0, calibration: tuple[float, ...] = (1.0, 1.1)) -> Pairs:
    return Pairs([Result(ping, 1, {}, "")], [Result(site, 1, {}, "")], list(calibration))


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [(measured(2.4), 0), (measured(2.6), 1), (measured(2.4, calibration=(1.0, 1.3)), bench.REFUSED)],
)
def test_wall_time_is_judged_in_pings_on_a_quiet_machine(pairs: Pairs, verdict: int) -> None:
    assert bench.judge_times(GROUP, pairs, most=1.25) == verdict


def test_what_is_sent_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And ActionBase still has the methods that are watched."""
    log = tmp_path / "log"
    monkeypatch.setenv("BENCH_PROBE", str(log))
    monkeypatch.setattr(ActionBase, "_execute_module", lambda self: "ran")
    monkeypatch.setattr(ActionBase, "_low_level_execute_command", lambda self: "sent")
    api = import_module("ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api").Api
    monkeypatch.setattr(api, "look", lambda self: "looked")
    monkeypatch.setattr(api, "change", lambda self: "changed")
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "bench" / "callback_plugins"))
    import_module("bench_probe").CallbackModule()
    task = SimpleNamespace(get_name=lambda: "a task")
    action = SimpleNamespace(_play_context=SimpleNamespace(remote_addr="10.0.0.1"), _task=task)
    assert ActionBase._execute_module(action) == "ran"
    assert ActionBase._low_level_execute_command(action) == "sent"
    assert api.look(SimpleNamespace(url="https://10.0.0.1:8006")) == "looked"
    noted = [(event["kind"], event["host"]) for event in map(json.loads, log.read_text().splitlines())]
    assert noted == [("module", "10.0.0.1"), ("round trip", "10.0.0.1"), ("API call", "https://10.0.0.1:8006")]


@pytest.mark.parametrize(("changed", "said"), [({"pve1": 1}, "changed something"), ({"pve1": 0}, "Nobody has counted")])
def test_a_run_that_does_something_or_is_not_watched_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, int], said: str
) -> None:
    monkeypatch.setattr(playbook, "run", lambda *given, **named: Result(1, 1, changed, ""))
    with pytest.raises(BenchError, match=said):
        playbook.probed(GROUP, SITE, tmp_path)


def test_the_variables_of_the_counted_run_are_those_of_the_playbook() -> None:
    name = bench.WHOLE_PLAN[1].partition("=")[0]
    assert f"{{{{ {name} |" in SITE.read_text()
