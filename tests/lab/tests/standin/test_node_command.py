"""POST /nodes/{node}/status. Not recorded; upstream's PVE/API2/Nodes.pm sends `(sleep 2;/sbin/poweroff)&` off."""

from __future__ import annotations

import pytest
from pve_standin.api.handlers import nodes
from pve_standin.api.registry import Call
from pve_standin.core import later


@pytest.mark.parametrize(("command", "verb"), [("shutdown", "poweroff"), ("reboot", "reboot")])
def test_the_machine_follows_two_seconds_later(monkeypatch: pytest.MonkeyPatch, command: str, verb: str) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(later, "run", asked.append)
    nodes.node_command(Call(node="pve3", params={"command": command}, user="root@pam"))
    [argv] = asked
    assert argv[-2:] == ["systemctl", verb]
    assert "--on-active=2" in argv
