"""One list of parameters in three places: the specification of the modules, their documentation, the role's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.modules import network, network_reach_info, network_vlans_info

from ..access.test_parameters import KEYS, ROOT, form

MODULE = network.SUBJECT.argument_spec
#: The role's own business.
NOT_OF_THE_ROLE = {"confirm", "targets"}


@pytest.mark.parametrize(
    ("documentation", "specification"),
    [
        (network.DOCUMENTATION, MODULE),
        (network_reach_info.DOCUMENTATION, network_reach_info.INQUIRY.argument_spec),
        (network_vlans_info.DOCUMENTATION, network_vlans_info.INQUIRY.argument_spec),
    ],
)
def test_the_documentation_says_what_the_specification_does(documentation: str, specification: dict[str, Any]) -> None:
    keys = (*KEYS, "default")
    documented = yaml.safe_load(documentation)["options"]
    assert form(documented, "suboptions", keys) == form(specification, "options", keys)


def test_the_role_says_what_the_specification_does() -> None:
    path = ROOT / "roles" / "network" / "meta" / "argument_specs.yml"
    role = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    said = {name.removeprefix("network_"): option for name, option in role.items()}
    own = {name: option for name, option in MODULE.items() if name not in NOT_OF_THE_ROLE}
    keys = (*KEYS, "default", "no_log")
    assert form(said, "options", keys) == form(own, "options", keys)
