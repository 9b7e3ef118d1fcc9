"""The datacenter: options with parts, metric servers, notices and whom they reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.datacenter import SUBJECT
from ansible_collections.baremetal.virt.plugins.modules.datacenter_info import answer
from ansible_collections.baremetal.virt.plugins.plugin_utils.options import validated

from ....doubles.datacenter_api import DatacenterApi

RECORDED = Path(__file__).parents[3] / "transcripts" / "api"


def params(**given: Any) -> dict[str, Any]:
    return validated(SUBJECT.argument_spec, {}, given)


def plan(api: DatacenterApi, **given: Any) -> Plan:
    return make_plan(SUBJECT, params(**given), api)


def done(api: DatacenterApi, **given: Any) -> DatacenterApi:
    converge(SUBJECT, params(**given), api, False, lambda step, there: there.act(step) or "")
    return api


def calls(found: Plan) -> list[tuple[str, str, dict[str, Any]]]:
    actions = [step.action for step in found.steps]
    return [(one.method, one.path, dict(one.parameters)) for one in actions if isinstance(one, Call)]


def refused(api: DatacenterApi, **given: Any) -> str:
    return " ".join(map(str, plan(api, **given).refusals))


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())["body"]["data"]
    return found


def test_parts_that_are_not_declared_stay_as_the_api_replaces_an_option_whole() -> None:
    api = DatacenterApi(bwlimit="migration=1000,default=5000", ha={"shutdown_policy": "migrate"})
    found = plan(api, options={"bwlimit": {"clone": 700}, "ha": {"shutdown_policy": "migrate"}})
    assert calls(found) == [("PUT", "/cluster/options", {"bwlimit": "clone=700,default=5000,migration=1000"})]
    done(api, options={"bwlimit": {"clone": 700}}, unset=["bwlimit.default"])
    assert api.options["bwlimit"] == "clone=700,migration=1000"
    done(api, unset=["bwlimit", "keyboard"])
    assert "bwlimit" not in api.options


@pytest.mark.parametrize(
    "name", ["610-dc-options", "632-dc-options-get", "639aj-dc-options-tags-get", "639ay-dc-options-get-all"]
)
def test_what_a_real_cluster_tells_is_declared_as_it_is_and_changes_nothing(name: str) -> None:
    api = DatacenterApi(**recorded(name))
    told = answer(api, {})
    assert not plan(api, options=told.get("options", {})).steps
    assert all(key.startswith("datacenter_") for key in told["variables"])


def test_meanings_are_compared() -> None:
    api = DatacenterApi(**{"registered-tags": ["Mm", "aa"], "mac_prefix": "BC:24:11", "description": "one\n"})
    said = {"registered_tags": ["aa", "Mm"], "mac_prefix": "BC:24:11", "description": "one"}
    assert not plan(api, options=said).steps
    assert calls(plan(api, options={"registered_tags": ["b", "a"]}))[0][2] == {"registered-tags": "a;b"}


def test_migration_gets_its_type_and_every_node_has_to_have_an_address_in_its_network() -> None:
    api = DatacenterApi()
    said = {"migration": {"network": "10.20.2.0/24"}}
    assert calls(plan(api, options=said))[0][2] == {"migration": "network=10.20.2.0/24,type=secure"}
    api.api["/nodes/pve2/network"] = [{"iface": "vmbr0", "cidr": "10.20.9.12/24"}]
    assert "pve2 has no address there" in refused(api, options=said)
    del api.api["/nodes/pve2/network"]
    assert "Whether pve2 has an address" in refused(api, options=said)
    api.options["migration"] = {"network": "10.20.2.0/24", "type": "secure"}
    assert not refused(api, options=said)


def test_the_oldest_node_says_what_can_be_declared() -> None:
    api = DatacenterApi()
    api.api["/nodes/pve2/version"] = {"version": "8.3.2"}
    told = refused(
        api, options={"consent_text": "Hello", "crs": {"ha": "dynamic", "ha_auto_rebalance": True}, "keyboard": "de"}
    )
    assert "consent-text needs Proxmox VE 8.4, and pve2 has 8.3" in told and "crs ha-auto-rebalance needs" in told
    assert not refused(api, options={"keyboard": "de"})
    del api.api["/nodes/pve2/version"]
    told = refused(api, options={"consent_text": "Hello", "keyboard": "de"})
    assert told.startswith("Which Proxmox VE pve2 has, nobody can tell now: consent-text (8.4) may be newer.")
    api.options["consent-text"] = "Hello"
    assert not refused(api, options={"consent_text": "Hello", "keyboard": "de"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"options": {"next_id": {"lower": 2000, "upper": 1000}}}, "above the upper one"),
        ({"options": {"migration": {"network": "10.20.2.5/24"}}}, "is no network"),
        ({"unset": ["nosuch"]}, "which is no option"),
        ({"unset": ["keyboard.de"]}, "which is no option"),
        ({"unset": ["crs.ha"], "options": {"crs": {"ha": "basic"}}}, "unset as well"),
        ({"notification_endpoints": [{"name": "mail-to-root", "state": "absent"}]}, "comes back"),
        ({"notification_endpoints": [{"name": "a"}]}, "needs a type"),
        ({"metric_servers": [{"name": "a", "type": "graphite", "server": "x"}]}, "needs port"),
        ({"metric_servers": [{"name": "a", "state": "absent"}, {"name": "a", "state": "absent"}]}, "declared twice"),
    ],
)
def test_input_that_contradicts_itself(given: dict[str, Any], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        plan(DatacenterApi(), **given)


GRAPHITE = {"name": "g1", "type": "graphite", "server": "10.20.9.1", "port": 2003}
MAIL = {
    "name": "staff",
    "type": "smtp",
    "server": "mail.lab",
    "from_address": "pve@lab",
    "mailto": ["b@lab", "a@lab"],
    "password": "hush",
}
MATCHER = {"name": "all", "target": ["staff"], "match_severity": ["error"]}
ALL = {"metric_servers": [GRAPHITE], "notification_endpoints": [MAIL], "notification_matchers": [MATCHER]}


def test_things_are_made_in_order_with_their_secrets_apart() -> None:
    found = plan(DatacenterApi(), **ALL)
    assert [step.id for step in found.steps] == ["metric_server.make:g1", "endpoint.make:staff", "matcher.make:all"]
    action = found.steps[1].action
    assert isinstance(action, Call) and action.secrets == (("password", "hush"),) and "hush" not in repr(found)
    api = done(DatacenterApi(), **ALL)
    assert not plan(api, **ALL).steps


def test_a_secret_is_sent_again_only_on_request() -> None:
    api = done(DatacenterApi(), **ALL)
    found = plan(api, notification_endpoints=[{**MAIL, "update_secret": True}])
    assert [step.unseen for step in found.steps] == [True]
    done(api, notification_endpoints=[{**MAIL, "update_secret": True}])


@pytest.mark.parametrize("killed", range(3))
def test_a_run_that_is_killed_after_any_call_is_finished_by_the_next_one(killed: int) -> None:
    api = DatacenterApi()
    for step in plan(api, **ALL).steps[:killed]:
        api.act(step)
    assert not plan(done(api, **ALL), **ALL).steps


def test_a_change_says_what_and_things_go_in_the_order_in_which_nobody_names_them() -> None:
    api = done(DatacenterApi(), **ALL)
    changed = plan(api, metric_servers=[{**GRAPHITE, "port": 2004}])
    assert calls(changed) == [("PUT", "/cluster/metrics/server/g1", {"port": "2004", "server": "10.20.9.1"})]
    gone = plan(api, exclusive=["metric_servers", "notification_endpoints", "notification_matchers"])
    assert [step.id for step in gone.steps] == [
        "matcher.remove:all",
        "endpoint.remove:staff",
        "metric_server.remove:g1",
    ]
    assert "keeps it" in refused(api, metric_servers=[{**GRAPHITE, "type": "influxdb"}])


def test_a_matcher_leads_to_endpoints_that_there_are() -> None:
    assert "leads to nowhere" in refused(DatacenterApi(), notification_matchers=[{"name": "x", "target": ["nowhere"]}])
    api = done(DatacenterApi(), **ALL)
    assert "leads to staff" in refused(api, notification_endpoints=[{"name": "staff", "state": "absent"}])


def test_whom_notices_reach_in_the_end() -> None:
    api = DatacenterApi()
    assert answer(api, {})["recipients"] == {"default-matcher": ["root@lab"]}
    api.api["/access/users"] = [{"userid": "root@pam", "enable": 1}]
    assert answer(api, {})["problems"] == [
        "The notices of the matcher default-matcher reach nobody.",
        "The endpoint mail-to-root names root@pam, who has no address: nothing is sent there.",
    ]
    off = plan(api, notification_matchers=[{"name": "default-matcher", "disable": True}])
    assert "No matcher is on, so nobody gets a notice." in off.warnings


def test_a_webhook_is_an_endpoint_though_it_cannot_be_declared() -> None:
    api = DatacenterApi()
    api.api["/cluster/notifications/targets"] += [{"name": "chat", "type": "webhook", "origin": "user-created"}]
    to_chat = {"name": "default-matcher", "target": ["chat"]}
    found = plan(api, notification_matchers=[to_chat], exclusive=["notification_endpoints"])
    assert [step.id for step in found.steps] == ["matcher.change:default-matcher"]
    assert not found.refusals and not found.warnings
    done(api, notification_matchers=[to_chat])
    assert answer(api, {})["recipients"] == {"default-matcher": ["chat"]}
    api.api["/cluster/notifications/targets"][-1]["disable"] = 1
    assert answer(api, {})["recipients"] == {"default-matcher": []}


def test_nothing_declared_and_nobody_there() -> None:
    assert plan(DatacenterApi()) == Plan()
    api = DatacenterApi()
    api.api = {"/version": None}
    assert [step.id for step in plan(api, options={"keyboard": "de"}).steps] == ["datacenter.option:keyboard"]


def test_before_notices_there_are_none() -> None:
    api = DatacenterApi()
    api.api["/version"] = {"version": "8.0.4"}
    assert answer(api, {})["recipients"] == {}
