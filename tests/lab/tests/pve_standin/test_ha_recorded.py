"""HA: what a real cluster was asked, in its order, and what it answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import places
from pve_standin.api import registry
from pve_standin.core import cfs, paths, release
from pve_standin.core.errors import ApiError
from pve_standin.guest import config as guests
from pve_standin.pmxcfs import control

TRANSCRIPTS = Path(__file__).parents[3] / "transcripts" / "api"
#: Not played: what the manager is doing at the moment, what is asked of guests, what the manager knew no node for yet,
#: and in which words parameters are refused that no release takes.
LEFT_OUT = (
    *("460", "461", "489ax", "489bs", "489bt", "489by", "489bz"),
    *("489ay", "489az", "489ba", "489bb", "489bc", "489cj", "489ck", "489cl", "489cm"),
    *("489af", "489ag"),
    *("489ac", "489ad", "489ao"),
)
HA = sorted(path.stem for path in TRANSCRIPTS.glob("4*-ha-*.json") if not path.stem.startswith(LEFT_OUT))
GUESTS = {450: "qemu", 500: "lxc", 501: "lxc", 600: "qemu", 601: "qemu", 602: "qemu", 603: "qemu"}
VARYING = ("digest",)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The first of two nodes."""
    for name, place in places(tmp_path).items():
        monkeypatch.setattr(paths, name, place)
    monkeypatch.setattr(release, "OS_RELEASE", tmp_path / "os-release")
    (tmp_path / "os-release").write_text("VERSION_CODENAME=trixie\n", encoding="utf-8")
    release.current.cache_clear()
    monkeypatch.setattr(control, "published", lambda key: {})
    monkeypatch.setattr(cfs, "nodename", lambda: "pve1")
    monkeypatch.setattr(cfs, "quorate", lambda: True)
    monkeypatch.setattr(
        guests, "guests", lambda: {vmid: {"type": kind, "node": "pve1"} for vmid, kind in GUESTS.items()}
    )
    paths.PRIV.mkdir(parents=True)
    nodes = {name: {"id": int(name[-1]), "online": 1, "ip": f"10.20.1.1{name[-1]}"} for name in ("pve1", "pve2")}
    text = json.dumps({"nodename": "pve1", "version": 1, "nodelist": nodes})
    (paths.PVE / ".members").write_text(text, encoding="utf-8")
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
    return value


def test_everything_is_answered_as_it_was(node: Path) -> None:
    differing = []
    for name in HA:
        recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8"))
        known = {"status": recorded["status"], "body": recorded["body"]}
        told = played(recorded)
        if alike(known) != alike(told):
            differing.append(f"{name}: {recorded['params']}\n  real: {alike(known)}\n  here: {alike(told)}")
    assert not differing, "\n".join(differing)
    assert len(HA) == 56
