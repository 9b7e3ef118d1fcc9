"""One list of parameters in three places: the specification of the modules, their documentation, the role's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.parameters import ACCESS
from ansible_collections.baremetal.virt.plugins.module_utils.model.access.realms import OPTIONS, REQUIRED

ROOT = Path(__file__).resolve().parents[4]
KEYS = ("type", "elements", "required", "choices")


def form(options: Mapping[str, Any], below: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """What can be compared of a list of options, with the options below each."""
    return {
        name: {
            **{key: option[key] for key in keys if option.get(key) not in (None, False, {}, [])},
            **({"below": form(option[below], below, keys)} if below in option else {}),
        }
        for name, option in options.items()
    }


def documented() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in (ROOT / "plugins" / "doc_fragments").glob("access*.py"):
        found.update(yaml.safe_load(path.read_text(encoding="utf-8").split('r"""')[1].removesuffix('"""\n'))["options"])
    return found


def test_the_documentation_says_what_the_specification_does() -> None:
    keys = (*KEYS, "default")
    assert form(documented(), "suboptions", keys) == form(ACCESS, "options", keys)


def test_the_role_says_what_the_specification_does() -> None:
    path = ROOT / "roles" / "access" / "meta" / "argument_specs.yml"
    role = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    said = {name.removeprefix("access_"): option for name, option in role.items()}
    keys = (*KEYS, "no_log")
    assert form(said, "options", keys) == form(ACCESS, "options", keys)


@pytest.mark.parametrize("kind", REQUIRED)
def test_what_a_type_of_realm_needs_it_takes(kind: str) -> None:
    assert all(kind in OPTIONS[name].types for name in REQUIRED[kind])
