"""One list of parameters in three places: the modules' specification, their documentation, the role's specification."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.doc_fragments.storages import ModuleDocFragment
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.parameters import STORAGE

ROLES = Path(__file__).parents[4] / "roles"
FRAGMENT = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["storages"]["suboptions"]
ROLE = yaml.safe_load((ROLES / "storage/meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]


def form(options: Mapping[str, Any], below: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """What can be compared of a list of options, with the options below each."""
    return {
        name: {
            **{key: option[key] for key in keys if option.get(key) not in (None, False)},
            **({"below": form(option[below], below, keys)} if below in option else {}),
        }
        for name, option in options.items()
    }


def test_the_documentation_says_what_the_specification_does() -> None:
    keys = ("type", "elements", "required", "choices", "default")
    assert form(FRAGMENT, "suboptions", keys) == form(STORAGE, "options", keys)


def test_the_role_takes_what_the_module_takes() -> None:
    keys = ("type", "elements", "required", "choices", "no_log")
    assert form(ROLE["storage_definitions"]["options"], "options", keys) == form(STORAGE, "options", keys)


@pytest.mark.parametrize("name", sorted(STORAGE))
def test_every_option_is_described_in_both_places(name: str) -> None:
    assert FRAGMENT[name]["description"] and ROLE["storage_definitions"]["options"][name]["description"]
