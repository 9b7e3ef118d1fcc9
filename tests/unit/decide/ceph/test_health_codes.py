"""The table of health codes: what each situation tolerates, and that a mute is no copy."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.health import refuse_health
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.health_codes import HEALTH_CODES, Situation
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import CephData
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.state import Check
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data
from hypothesis import given
from hypothesis import strategies as st

from ....doubles import ceph_cases

SITUATIONS: list[Situation] = ["begun", "moving", "settling", "standstill", "marked", "osd", "release"]
#: About copies that are missing or damaged, or about where no more fits: tolerated by name only, whatever goes on.
NEVER = {"OBJECT_UNFOUND", "OSD_FULL", "OSD_BACKFILLFULL", "PG_DAMAGED", "OSD_SCRUB_ERRORS", "PG_RECOVERY_FULL"}
PLAIN = parse_data(ceph_cases.PLAIN)


def with_checks(*checks: Check) -> CephData:
    return replace(PLAIN, cluster=replace(PLAIN.cluster, checks=checks))


def test_every_row_says_why() -> None:
    for code, row in HEALTH_CODES.items():
        assert re.fullmatch("[A-Z0-9_]+", code) and row.meaning.endswith((".", "?"))
        assert all(why.endswith(".") for why in row.tolerated.values()), code
    assert list(HEALTH_CODES) == sorted(HEALTH_CODES)


def test_what_no_situation_excuses() -> None:
    assert {code for code in NEVER if HEALTH_CODES[code].tolerated} == set()
    assert all(HEALTH_CODES[code].loud for code in NEVER)


@given(
    st.sets(st.sampled_from([*HEALTH_CODES, "NEW_IN_THIS_RELEASE"])),
    st.sets(st.sampled_from(SITUATIONS)),
    st.sets(st.sampled_from([*HEALTH_CODES, "NEW_IN_THIS_RELEASE"])),
    st.booleans(),
)
def test_a_check_refuses_unless_the_table_or_the_user_excuses_it(
    codes: set[str], situations: set[Situation], named: set[str], muted: bool
) -> None:
    checks = [Check(code, "HEALTH_WARN", "x", muted) for code in sorted(codes)]
    refused = " ".join(str(one) for one in refuse_health(with_checks(*checks), situations, named))
    for code in codes:
        row = HEALTH_CODES.get(code)
        excused = row is not None and bool({"always", *situations} & set(row.tolerated))
        assert bool(re.search(rf"\b{code}\b", refused)) == (not excused and code not in named), code


def test_what_is_muted_is_judged_as_if_it_were_not() -> None:
    name = "muted-is-not-gone"
    health, right = ceph_cases.case(name, "status-health.json"), ceph_cases.right(name)
    status = {**ceph_cases.PLAIN["status"], "health": health}
    found = parse_data({**ceph_cases.PLAIN, "status": status})
    assert found.cluster.health == "HEALTH_OK"
    [refusal] = refuse_health(found, (), ())
    assert [code for code in right["raised"] if f"{code} (muted)" in refusal.reason] == right["raised"]
    raised = {check.code for check in found.cluster.checks}
    assert sorted(set(found.cluster.mutes) - raised) == right["mutes_without_alarm"]
