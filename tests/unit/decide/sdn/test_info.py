"""What is told is what can be declared, and declaring it changes nothing."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.modules.sdn_info import INQUIRY

from ....doubles.sdn_api import SdnApi, plan, run
from .test_sdn import COURSE, FABRIC


def test_declaring_what_is_told_changes_nothing(api: SdnApi) -> None:
    run(api, **{**COURSE, **FABRIC, "zones": [*COURSE["zones"][:2], *COURSE["zones"][3:], *FABRIC["zones"]]})
    told = INQUIRY.answer(api, {"api": None})
    assert (told["release"], told["problems"], told["pending"], told["nodes_off"]) == ("9.1", [], {}, [])
    said = {name.removeprefix("sdn_"): rows for name, rows in told["variables"].items()}
    assert sorted(said) == ["controllers", "fabric_nodes", "fabrics", "subnets", "vnets", "zones"]
    found = plan(api, **said)
    assert (found.steps, found.refusals) == ((), ())


def test_what_is_wrong_is_told(api: SdnApi) -> None:
    run(api, **COURSE)
    api.stage("POST", "/cluster/sdn/zones", zone="zz", type="simple")
    api.place("INTERFACES_SDN", "pve2").write_text("#version:0\n")
    api.place("INTERFACES_NEW", "pve3").write_text("auto vmbr7\n")
    told = INQUIRY.answer(api, {"api": None})
    assert told["pending"] == {"zone zz": "new"}
    assert told["staged_networks"] == ["pve3"]
    assert (
        "pve2 shows the zone lab as pending: local sdn network configuration is too old, please reload"
        in (told["problems"])
    )
    assert "sdn_zones" in told["variables"]
    assert "zz" not in str(told["variables"])
