"""Faults: what is noted, what is undone, and the line that delays and loses frames."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from labtool import cli, faults, settings
from labtool.fault import Fault, Spec
from labtool.refusals import allow, is_refused, refusal_file, refuse
from labtool.settings import Lab, LabError
from labtool.slow_link import Line


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(settings, "STATE_ROOT", tmp_path)
    lab = Lab("lab")
    lab.save()
    monkeypatch.setattr(faults.faults_network, "plug_in_all", lambda _: None)
    return lab


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What faults of the kinds `one`, `two`, `broken` and `shot` did, in order."""
    said: list[str] = []

    def fault(name: str, once: bool = False) -> Fault:
        def begin(_: Lab, spec: Spec) -> None:
            said.append(f"begin {name}")
            if name == "broken":
                raise LabError("cannot")

        return Fault(name, name, (), begin, lambda _, __: said.append(f"end {name}"), once=once)

    kinds = [fault("one"), fault("two"), fault("broken"), fault("shot", once=True)]
    monkeypatch.setattr(faults, "FAULTS", {kind.name: kind for kind in kinds})
    return said


def test_heal_undoes_every_fault_the_latest_first(lab: Lab, done: list[str]) -> None:
    faults.begin(lab, "one", {})
    faults.begin(lab, "two", {})
    assert [spec["fault"] for spec in faults.noted(lab)] == ["one", "two"]
    faults.heal(lab)
    assert done == ["begin one", "begin two", "end two", "end one"]
    assert faults.noted(lab) == []


def test_a_fault_that_cannot_be_made_is_undone_and_forgotten(lab: Lab, done: list[str]) -> None:
    with pytest.raises(LabError, match="cannot"):
        faults.begin(lab, "broken", {})
    assert done == ["begin broken", "end broken"]
    assert faults.noted(lab) == []


def test_the_same_fault_twice_is_refused_unless_it_is_over_by_itself(lab: Lab, done: list[str]) -> None:
    faults.begin(lab, "one", {})
    with pytest.raises(LabError, match="lab heal"):
        faults.begin(lab, "one", {})
    faults.begin(lab, "shot", {})
    faults.begin(lab, "shot", {})
    assert [spec["fault"] for spec in faults.noted(lab)] == ["one", "shot"]


def test_every_fault_has_its_own_arguments_on_the_command_line() -> None:
    options = cli.parser().parse_args(["fault", "slow-link", "pve2", "1", "--delay", "80", "--loss", "2.5"])
    assert (options.fault, options.node, options.link, options.delay, options.loss) == ("slow-link", 2, 1, 80, 2.5)
    assert faults.describe({"fault": "lock", "node": 1, "name": "file-storage_cfg"}) == "lock pve1 file-storage_cfg"


def test_frames_arrive_later_and_in_order() -> None:
    line = Line(0.1, 0.0, random.Random(1))
    assert line.pause(5.0) is None
    line.send(5.0, 7, b"first")
    line.send(5.05, 8, b"second")
    assert line.arrived(5.09) == []
    assert line.pause(5.09) == pytest.approx(0.01)
    assert line.arrived(5.2) == [(7, b"first"), (8, b"second")]


def test_the_wanted_share_of_frames_is_lost() -> None:
    line = Line(0.0, 0.3, random.Random(1))
    for _ in range(1000):
        line.send(0.0, 7, b"frame")
    assert 650 < len(line.arrived(0.0)) < 750


def test_the_package_server_refuses_what_the_fault_names(lab: Lab) -> None:
    refuse(lab, "/proxmox/debian/pve/")
    assert is_refused(refusal_file(lab), "/proxmox/debian/pve/dists/trixie/InRelease")
    assert not is_refused(refusal_file(lab), "/proxmox/debian/ceph-squid/dists/trixie/InRelease")
    allow(lab)
    allow(lab)
    assert not is_refused(refusal_file(lab), "/proxmox/debian/pve/dists/trixie/InRelease")
