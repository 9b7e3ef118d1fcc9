"""What tests/unit/conftest.py relies on."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Question
from watch import watched


def test_commands_are_judged_when_they_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = watched(monkeypatch)
    Run(("pvecm", "create", "lab", "--link0", "10.10.1.11"))
    Run(("systemctl", "--nosuch"))
    Question("read", ("/etc/pve/storage.cfg",))
    assert wrong == []
    Run(("pvecm", "create", "lab", "--lnk0", "10.10.1.11"))
    Question("run", ("pveceph", "state"))
    Question("run", ("pvesm", "status", "--quick"))
    assert wrong == [
        "pvecm create has no option --lnk0",
        "there is no command pveceph state",
        "pvesm status has no option --quick",
    ]
