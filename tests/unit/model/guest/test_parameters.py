"""One list of parameters in three places: the specification of the modules, their documentation, the role's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.parameters import CONTAINERS, VMS

from ..access.test_parameters import KEYS, ROOT, form

ALL: dict[str, Any] = {**VMS, **CONTAINERS}


def documented(name: str) -> dict[str, Any]:
    text = (ROOT / "plugins" / "doc_fragments" / f"{name}.py").read_text(encoding="utf-8")
    options: dict[str, Any] = yaml.safe_load(text.split('r"""')[1].removesuffix('"""\n'))["options"]
    return options


@pytest.mark.parametrize(("module", "parameters"), [("guest_vm", VMS), ("guest_container", CONTAINERS)])
def test_the_documentation_says_what_the_specification_does(module: str, parameters: dict[str, Any]) -> None:
    keys = (*KEYS, "default")
    told = {**documented(module), **documented("guest_common"), **documented("guest_api")}
    assert form(told, "suboptions", keys) == form(parameters, "options", keys)


def test_the_role_says_what_the_specification_does() -> None:
    path = ROOT / "roles" / "guests" / "meta" / "argument_specs.yml"
    role = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    said = {name.removeprefix("guests_"): option for name, option in role.items()}
    keys = (*KEYS, "no_log")
    assert form(said, "options", keys) == form(ALL, "options", keys)
