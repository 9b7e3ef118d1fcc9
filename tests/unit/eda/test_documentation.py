"""Sources of events are documented as they are."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow  # the libraries of both APIs are loaded

COLLECTION = Path(__file__).resolve().parents[3] / ".ansible/collections/ansible_collections/baremetal/virt"
SOURCES = sorted((COLLECTION / "extensions/eda/plugins/event_source").glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_documentation_and_the_examples_can_be_read(source: Path) -> None:
    found: dict[str, Any] = runpy.run_path(str(source))
    options = yaml.safe_load(found["DOCUMENTATION"])["options"]
    assert set(options) == set(found["OPTIONS"])
    required = {name for name, option in options.items() if option.get("required")}
    for example in yaml.safe_load(found["EXAMPLES"]):
        given = example[f"baremetal.virt.{source.stem}"]
        assert required <= set(given) <= set(options)
        for watched in given["watch"]:
            assert set(watched) <= set(options["watch"]["suboptions"])
