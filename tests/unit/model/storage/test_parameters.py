"""One list of parameters in three places, made from the same rows: specification, documentation, the role's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.parameters import STORAGE
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES

from ... import storage_pages as pages
from ...pages import assert_tells
from ...storage_words import WORDS


def test_the_documentation_is_made_from_the_rows() -> None:
    assert_tells(pages.FRAGMENT, pages.fragment())


def test_the_specification_of_the_role_is_made_from_the_rows() -> None:
    assert_tells(pages.ROLE, pages.role())


def form(options: Mapping[str, Any], below: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """What can be compared of a list of options, with the options below each."""
    return {
        name: {
            **{key: option[key] for key in keys if option.get(key) not in (None, False)},
            **({"below": form(option[below], below, keys)} if below in option else {}),
        }
        for name, option in options.items()
    }


def test_what_is_written_says_what_the_specification_does() -> None:
    role = yaml.safe_load(pages.ROLE.read_text())["argument_specs"]["main"]["options"]["storage_definitions"]
    found = pages.FRAGMENT.read_text().split('r"""')[1].removesuffix('"""\n')
    documented = yaml.safe_load(found)["options"]["storages"]["suboptions"]
    keys = ("type", "elements", "required", "choices")
    assert form(documented, "suboptions", (*keys, "default")) == form(STORAGE, "options", (*keys, "default"))
    assert form(role["options"], "options", (*keys, "no_log")) == form(STORAGE, "options", (*keys, "no_log"))


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_taken_by_a_type_and_described(name: str) -> None:
    assert any(name in {*known.options, *known.secrets} for known in TYPES.values())
    assert WORDS[name]


def test_nothing_else_is_described() -> None:
    parts = {f"{name}.{part.name}" for name, option in OPTIONS.items() for part in option.parts}
    assert set(WORDS) == set(OPTIONS) | parts
