"""Software-defined networks: what a real cluster was asked, in its order, and what it answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import places
from pve_standin.api import registry
from pve_standin.core import cfs, lab_faults, paths, release, tasks
from pve_standin.core.errors import ApiError
from pve_standin.pmxcfs import control

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"
#: Not played: files, a guest of another test, and the addresses that it was given.
LEFT_OUT = ("579aq", "579bk", "579bl", "579bm", "579bj")
SDN = sorted(path.stem for path in TRANSCRIPTS.glob("5*-sdn-*.json") if not path.stem.startswith(LEFT_OUT))
#: Not to be known beforehand: sums of files, and the head of a difference.
VARYING = ("digest",)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two nodes, of which this is the first; the other is asked here as well."""
    for name, place in places(tmp_path).items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setattr(release, "OS_RELEASE", tmp_path / "os-release")
    (tmp_path / "os-release").write_text("VERSION_CODENAME=trixie\n", encoding="utf-8")
    release.current.cache_clear()
    monkeypatch.setattr(control, "published", lambda key: {})
    monkeypatch.setattr(cfs, "nodename", lambda: "pve1")
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    monkeypatch.setattr(lab_faults, "WANTED", tmp_path / "faults.json")
    paths.PRIV.mkdir(parents=True)
    members = {"nodename": "pve1", "version": 1, "nodelist": {"pve1": {"id": 1, "online": 1, "ip": "127.0.0.1"}}}
    (paths.PVE / ".members").write_text(json.dumps(members), encoding="utf-8")
    yield tmp_path
    release.current.cache_clear()


def played(recorded: dict[str, Any]) -> dict[str, Any]:
    path = recorded["path"].removeprefix("/api2/json")
    try:
        data = registry.call(recorded["method"], path, dict(recorded["params"]), user="root@pam")
        return {"status": 200, "body": {"data": data}}
    except ApiError as error:
        body: dict[str, Any] = {"data": None, "message": error.message.rstrip("\n") + "\n"}
        if error.errors and error.code == 400:
            body["errors"] = error.errors
        return {"status": error.code, "body": body}


def alike(value: Any) -> Any:
    """Without the order of rows, which is that of a hash there, and without what is another one each time."""
    if isinstance(value, list):
        return sorted((alike(one) for one in value), key=repr)
    if isinstance(value, dict):
        return {key: "..." if key in VARYING else alike(one) for key, one in sorted(value.items())}
    if isinstance(value, str):
        text = re.sub(r"(?m)^(---|\+\+\+) .*$", r"\1", value)
        return re.sub(r"UPID:\S+", "UPID", text)
    return value


def test_everything_is_answered_as_it_was(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "fork_worker", _at_once)
    differing = []
    for name in SDN:
        recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))
        if name.startswith("579be"):
            lab_faults.WANTED.write_text(json.dumps(["network-reload-fails"]), encoding="utf-8")
        known = {"status": recorded["status"], "body": recorded["body"]}
        told = played(recorded)
        if alike(known) != alike(told):
            differing.append(f"{name}:\n  real: {alike(known)}\n  here: {alike(told)}")
    assert len(SDN) == 72
    assert not differing, "\n".join(differing)


def test_the_task_is_green_though_the_node_has_failed(node: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recorded = json.loads((TRANSCRIPTS / "579be-sdn-apply.json").read_text(encoding="utf-8"))
    lab_faults.WANTED.write_text(json.dumps(["network-reload-fails"]), encoding="utf-8")
    registry.call("POST", "/cluster/sdn/zones", {"zone": "lab", "type": "simple"})
    upid = registry.call("PUT", "/cluster/sdn", {})
    assert tasks.succeeded(upid)
    here = [line for line in capfd.readouterr().out.splitlines() if "pve1" in line or "ifupdown2" in line]
    real = [line for line in recorded["task"]["log"] if "pve1" in line or line.startswith("incompatible")]
    assert here == real


def test_what_is_staged_of_a_nodes_own_network_is_activated_along(node: Path) -> None:
    paths.NETWORK.mkdir(parents=True)
    paths.INTERFACES.write_text("auto lo\n", encoding="utf-8")
    paths.INTERFACES_NEW.write_text("auto lo\nauto vmbr9\n", encoding="utf-8")
    registry.call("PUT", "/nodes/pve1/network", {})
    assert paths.INTERFACES.read_text(encoding="utf-8") == "auto lo\nauto vmbr9\n"
    assert not paths.INTERFACES_NEW.exists()


def _at_once(kind: str, identity: str, user: str, work: Any) -> str:
    work()
    return f"UPID:pve1:00000001:00000001:00000001:{kind}:{identity}:{user}:"
