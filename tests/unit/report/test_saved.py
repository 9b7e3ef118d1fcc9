"""A saved plan is applied to the machines and wishes it was made for, and never to more."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report import saved

HOUR = 3600.0
MACHINE = {"machine_id": "a1", "host_key": "ssh-ed25519 AAAA", "product_uuid": "u1", "authority": None, "fsid": None}


def binding(**other: Any) -> dict[str, Any]:
    whole = {"made": 1000.0, "version": "0.1.0", "source": "s", "hosts": ["pve1"], "tags": ["all"], "wishes": "w"}
    return {**whole, "identities": {"pve1": dict(MACHINE)}, **other}


def plan(state: str = "steps", **other: Any) -> dict[str, Any]:
    return {"schema": 1, "state": state, "binding": binding(**other), "steps": [step("a"), step("b")]}


def step(id: str, host: str = "pve1", possible: bool = False) -> dict[str, Any]:
    return {"host": host, "subject": "cluster", "id": id, "why": f"do {id}", "possible": possible}


def test_a_plan_of_the_same_day_is_applied() -> None:
    assert not list(saved.refuse_saved(plan(), 1000 + 24 * HOUR))
    assert not list(saved.refuse_other_site(binding(made=5.0), binding()))


@pytest.mark.parametrize(
    ("kept", "now", "words"),
    [
        (plan(), 1000 + 25 * HOUR, "25 hours ago"),
        (plan(), 0.0, "hours ago"),
        (plan("refused"), 1000.0, "was refused"),
        (plan("incomplete"), 1000.0, "ended before"),
        ({"schema": 1, "state": "incomplete"}, 1000.0, "not a plan that this version"),
        ({**plan(), "schema": 2}, 1000.0, "not a plan that this version"),
        ({}, 1000.0, "not a plan that this version"),
    ],
)
def test_what_is_no_plan_any_more(kept: dict[str, Any], now: float, words: str) -> None:
    assert words in " ".join(saved.refuse_saved(kept, now))


@pytest.mark.parametrize(
    ("here", "words"),
    [
        (binding(version="0.2.0"), "version 0.1.0 of this collection; this is 0.2.0"),
        (binding(source="t"), "files of this collection have changed"),
        (binding(hosts=["pve1", "pve2"]), "hosts pve1; this run has pve1, pve2"),
        (binding(tags=[]), "tags all; this run has none"),
        (binding(wishes="x"), "variables of the roles"),
        (binding(identities={"pve1": {**MACHINE, "machine_id": "b2"}}), "pve1 is not the machine that it was made for"),
        (binding(identities={"pve1": {**MACHINE, "host_key": None}}), "SSH host key is another one"),
    ],
)
def test_another_site_is_refused_also_when_both_are_empty(here: dict[str, Any], words: str) -> None:
    assert words in " ".join(saved.refuse_other_site(binding(), here))


def test_a_cluster_that_the_plan_itself_made_is_no_other_site() -> None:
    made = {"pve1": {**MACHINE, "authority": "ca", "fsid": "f"}}
    assert not list(saved.refuse_other_site(binding(), binding(identities=made)))
    assert "another certificate authority" in " ".join(
        saved.refuse_other_site(binding(identities=made), binding(identities={"pve1": {**MACHINE, "authority": "no"}}))
    )


def test_a_machine_that_cannot_be_known_again_has_no_plan() -> None:
    nameless = {"pve1": {**MACHINE, "machine_id": None, "host_key": None}}
    assert "neither a machine-id nor" in " ".join(saved.refuse_other_site(binding(identities=nameless), binding()))


def test_what_is_left_of_a_plan_is_applied_and_nothing_else() -> None:
    held = plan()["steps"]
    assert not list(saved.refuse_steps(held, [step("b")]))
    assert list(saved.refuse_steps(held, [step("c")])) == ["pve1 would also do c, which it does not hold."]
    assert list(saved.refuse_steps(held, [step("a", "pve2")])) == ["pve2 would also do a, which it does not hold."]


def test_what_was_done_for_it_is_not_done_again() -> None:
    done = frozenset([saved.key(step("a"))])
    assert list(saved.refuse_steps([step("a")], [step("a")], done)) == [
        "pve1 would do a again, though that was done for this plan before."
    ]
    assert not list(saved.refuse_steps([step("a")], [step("a", possible=True)], done))


def test_a_step_is_known_by_its_id_and_not_by_its_words() -> None:
    assert not list(saved.refuse_steps([step("a")], [{**step("a"), "why": "do it in other words"}]))
