"""What is there is told as it is declared: the export of a cluster changes nothing on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.modules.ha_info import INQUIRY

from ....doubles.ha_api import HaApi, plan, run
from .test_ha import GROUPS, RULES


def told(ha: HaApi) -> dict[str, Any]:
    return dict(INQUIRY.answer(ha, {"api": None}))


def test_the_export_changes_nothing(ha: HaApi) -> None:
    run(ha, **RULES, shutdown_policy="migrate")
    found = told(ha)
    assert found["problems"] == []
    assert found["services"]["vm:100"] == "started"
    assert found["variables"] == {f"ha_{name}": found[name] for name in ("resources", "rules", "shutdown_policy")}
    said = {name.removeprefix("ha_"): value for name, value in found["variables"].items()}
    assert plan(ha, **said, exclusive=["rules", "resources"]).steps == ()
    assert {"sid": "vm:101", "max_relocate": 2, "comment": "data"} in found["resources"]


def test_groups_of_8_are_declarations_for_9(ha_on: Callable[[int], HaApi]) -> None:
    ha = ha_on(8)
    run(ha, **GROUPS)
    found = told(ha)
    assert found["groups"] == [
        {"group": "web", "nodes": {"pve1": 2, "pve2": 1}, "restricted": True, "nofailback": True}
    ]
    assert {"sid": "vm:100", "group": "web"} in found["resources"]
    assert "rules" not in found


def test_what_ha_does_not_do(ha: HaApi) -> None:
    run(ha, resources=[{"sid": "vm:100"}])
    ha._ask("POST", "/cluster/ha/status/disarm-ha", {"resource-mode": "ignore"})
    ha.busy = True
    ha._ask("POST", "/cluster/ha/resources", {"sid": "vm:101"})
    assert told(ha)["problems"] == [
        "HA is disarmed: it restarts nothing.",
        "vm:101 is queued: no node has taken it in charge.",
    ]


def test_a_token_that_sees_less(ha: HaApi) -> None:
    ha.caller = "ops@pve!run"
    with pytest.raises(Unreadable, match="not shown all there is"):
        INQUIRY.answer(ha, {"api": {"token_id": "ops@pve!run"}})
