"""The observers of the one look at a node are found by their mark, wherever they stand."""

from __future__ import annotations

from importlib import import_module

import pytest
from ansible_collections.baremetal.virt.plugins.plugin_utils import observers
from ansible_collections.baremetal.virt.plugins.plugin_utils.observers import Observer


def test_every_mark_is_found() -> None:
    """Also one that does not stand as the search by text expects it."""
    marked = set()
    for path in (observers._LIBRARY / "observe").rglob("*.py"):
        parts = path.relative_to(observers._LIBRARY.parent).with_suffix("").parts
        values = vars(import_module(".".join((observers._PACKAGE, *parts)))).values()
        marked |= {value for value in values if getattr(value, "recorded", None) is True}
    assert set(observers.observers()) == marked


@pytest.mark.parametrize("observer", observers.observers())
def test_an_observer_can_be_found_on_a_node_by_its_name(observer: Observer) -> None:
    assert getattr(import_module(observer.__module__), observer.__name__) is observer


def test_a_domain_is_the_folder() -> None:
    assert {"node", "storage", "ceph"} <= {observers.domain(observer) for observer in observers.observers()}
