"""One list of parameters in three places: the specification of the modules, their documentation, the role's."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.parameters import COMMON, CONTAINERS, VMS

from ..access.test_parameters import KEYS, ROOT, form

ALL: dict[str, Any] = {**VMS, **CONTAINERS}
KINDS = (("guest_vm", "vms"), ("guest_container", "containers"))


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


def texts(options: dict[str, Any], below: str, before: str = "") -> dict[str, str]:
    """What is said of each, without the names of other options, which differ."""
    found: dict[str, str] = {}
    for name, option in options.items():
        said = option["description"]
        found[before + name] = re.sub(r"[OC]\([^)]*\)", "", said if isinstance(said, str) else " ".join(said))
        found.update(texts(option.get(below, {}), below, f"{before}{name}."))
    return found


def test_the_same_is_said_in_all_places() -> None:
    path = ROOT / "roles" / "guests" / "meta" / "argument_specs.yml"
    role = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    names = ("guest_vm", "guest_container", "guest_common", "guest_api")
    told = texts({key: option for name in names for key, option in documented(name).items()}, "suboptions")
    assert texts({name.removeprefix("guests_"): option for name, option in role.items()}, "options") == told
    machines, containers = (texts(documented(name)[below]["suboptions"], "suboptions") for name, below in KINDS)
    both = set(COMMON)
    assert {key: machines[key] for key in machines if key.partition(".")[0] in both} == {
        key: containers[key] for key in containers if key.partition(".")[0] in both
    }
