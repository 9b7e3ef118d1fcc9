"""What a node shows of the cluster's guests, as far as other tests do not read it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.overview import ResourceAffinity
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.overview import parse_affinities


@pytest.mark.parametrize(("line", "disabled"), [("", False), ("\tdisable\n", True), ("\tdisable 1\n", True)])
def test_rules_that_keep_guests_together_or_apart(line: str, disabled: bool) -> None:
    """A flag may be its mere name, as the HA manager reads it."""
    text = f"resource-affinity: apart\n\taffinity negative\n\tresources vm:100, ct:101\n{line}\nnode-affinity: near\n"
    wanted = ResourceAffinity("apart", frozenset(("vm:100", "ct:101")), together=False, disabled=disabled)
    assert list(parse_affinities(text)) == [wanted]
