"""A node's own part of FRR's configuration in an exported inventory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.sdn.frr import decide, desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import release_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.frr import ObservedFrr
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.sdn import frr_notes, frr_variables

LOCAL = "router bgp 65000\n bgp listen range 10.20.1.0/24 peer-group VTEP\nexit\n"
OBSERVED = ObservedFrr(LOCAL, f"frr version 10.3\n{LOCAL}", True, False, release_of("trixie"))


def test_what_is_exported_declared_again_changes_nothing() -> None:
    found = frr_variables(OBSERVED)
    assert found == {"sdn_frr_local": LOCAL} and not list(frr_notes(OBSERVED))
    assert not decide(desired_from({"config": found["sdn_frr_local"]}), OBSERVED).steps


def test_a_node_without_a_file_says_nothing() -> None:
    none = replace(OBSERVED, local=None)
    assert frr_variables(none) == {} and not list(frr_notes(none))


@pytest.mark.parametrize(
    ("local", "note"),
    [
        ("router bgp 65000\n neighbor 10.20.1.1 password secret\nexit\n", "there is a password in it."),
        ("ip route 10.0.0.0/8 blackhole\n", "line 1 (ip route 10.0.0.0/8 blackhole) stands in no block"),
        (LOCAL.replace("VTEP", "OTHER"), "not all of it is merged into FRR's configuration."),
    ],
)
def test_what_cannot_be_declared_as_it_is_is_left_out_and_told(local: str, note: str) -> None:
    observed = replace(OBSERVED, local=local)
    assert frr_variables(observed) == {}
    (told,) = frr_notes(observed)
    assert note in told and "secret" not in told
