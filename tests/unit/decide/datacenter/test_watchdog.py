"""The watchdog is proved by the line of this boot, and its setting changed without touching the one that runs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.datacenter.watchdog import (
    FILE,
    driver_of,
    module_of,
    with_module,
)
from ansible_collections.baremetal.virt.plugins.module_utils.observe.datacenter.watchdog import observe
from ansible_collections.baremetal.virt.plugins.modules.ha_watchdog import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed

LOG = ("journalctl", "--boot", "--unit=watchdog-mux", "--output=cat", "--no-pager")
DEFAULT = "# select watchdog module (default is softdog)\n#WATCHDOG_MODULE=ipmi_watchdog\n"
OPENED = "Loading watchdog module 'softdog'\nWatchdog driver 'Software Watchdog', version 0\n"


def node(text: str = DEFAULT, log: str = OPENED) -> FakeNode:
    files = {"/proc/sys/kernel/hostname": "pve1\n", FILE: text, "/etc/os-release": "ID=debian\n"}
    commands: dict[tuple[str, ...], Any] = {
        ("getent", "ahosts", "pve1"): printed("10.10.1.11 STREAM pve1\n"),
        ("ip", "-json", "address"): printed("[]"),
        LOG: printed(log),
    }
    return FakeNode(files, commands=commands)


def plan(found: FakeNode, module: str = "") -> Plan:
    return make_plan(SUBJECT, {"module": module or None}, found)


def test_the_line_of_the_driver_is_the_proof() -> None:
    assert plan(node()).tells == {"node": "pve1", "driver": "Software Watchdog", "module": "softdog"}
    assert plan(node(log="watchdog-mux.service: Failed with result 'exit-code'.\n")).tells["driver"] == ""
    twice = f"{OPENED}Watchdog driver 'iTCO_wdt', version 6\n"
    assert driver_of(twice) == "iTCO_wdt"


def test_the_setting_is_written_and_nothing_restarted() -> None:
    found = plan(node(), "ipmi_watchdog")
    assert [step.id for step in found.steps] == [f"file.write:{FILE}"]
    assert found.warnings == (
        "pve1 has the watchdog 'Software Watchdog' in this boot, and ipmi_watchdog is set: restart it.",
    )
    assert assert_converges_from_every_kill(SUBJECT, {"module": "ipmi_watchdog"}, node) == 2


@pytest.mark.parametrize(
    ("text", "module"),
    [
        (DEFAULT, "softdog"),
        ("WATCHDOG_MODULE=iTCO_wdt\n", "iTCO_wdt"),
        ('WATCHDOG_MODULE="a"\nWATCHDOG_MODULE=b\n', "b"),
        ("WATCHDOG_MODULE=\n", "softdog"),
    ],
)
def test_what_the_file_says(text: str, module: str) -> None:
    assert module_of(text) == module
    changed = with_module(text, "ipmi_watchdog")
    assert module_of(changed) == "ipmi_watchdog"
    assert changed.count("WATCHDOG_MODULE=ipmi_watchdog") == (2 if text == DEFAULT else 1)
    assert with_module(changed, "ipmi_watchdog") == changed


def test_an_old_driver_is_told() -> None:
    found = plan(node("WATCHDOG_MODULE=ipmi_watchdog\n"))
    assert found.steps == ()
    assert "restart it" in found.warnings[0]


def test_where_there_is_no_ha_manager_and_what_is_no_module() -> None:
    bare = node()
    del bare.files[FILE]
    assert "the HA manager is not installed" in str(plan(bare, "softdog").refusals[0])
    assert plan(bare).tells["driver"] == ""
    with pytest.raises(Invalid, match="names no module"):
        SUBJECT.desired({"module": "soft dog; reboot"})


def test_the_log_is_read_where_ha_manages_something() -> None:
    quiet = node()
    quiet.commands[LOG] = lambda dummy: pytest.fail("nobody asked")
    assert observe(quiet).driver == ""
    quiet.files["/etc/pve/ha/resources.cfg"] = "vm: 100\n"
    quiet.commands[LOG] = Completed(0, OPENED, "")
    assert observe(quiet).driver == "Software Watchdog"
