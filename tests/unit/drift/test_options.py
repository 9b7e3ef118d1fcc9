"""Options of sources: what cannot be meant is told at once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.drift.options import known, watched
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid


def test_what_is_watched_has_the_name_of_its_kind_and_is_only_told_of() -> None:
    (one,) = watched([{"path": "/apis/x/v1/bgppeers", "labels": "a=b"}], "path", ["labels"])
    assert (one.watch.name, one.watch.mode, one.more) == ("bgppeers", "notify", {"labels": "a=b"})
    assert one.watch.key_of("leaf1") == "bgppeers/leaf1"


def test_one_run_for_all_objects() -> None:
    (one,) = watched([{"path": "/p", "key": "calico", "mode": "repair", "fields": ["spec"]}], "path", [])
    assert one.watch.key_of("leaf1") == "calico" and one.watch.fields == ("spec",) and one.watch.mode == "repair"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "a list of what is watched"),
        ([], "a list of what is watched"),
        (["/p"], "no dictionary"),
        ([{"mode": "repair"}], "path is missing"),
        ([{"path": "/p", "mode": "always"}], "'always' is no mode"),
        ([{"path": "/p", "mood": "repair"}], "no option mood"),
        ([{"path": "/p", "fields": "spec"}], "a list of dotted names"),
        ([{"path": "/p"}, {"path": "/p"}], "/p is watched twice"),
        (
            [{"path": "/p", "key": "a", "mode": "repair"}, {"path": "/q", "key": "a"}],
            "a has several modes: notify, rep",
        ),
    ],
)
def test_what_cannot_be_meant(given: Any, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        watched(given, "path", [])


def test_options_of_the_source_itself() -> None:
    known({"a": 1}, ["a", "b"], ["a"])
    with pytest.raises(Invalid, match="no option c"):
        known({"c": 1}, ["a"], [])
    with pytest.raises(Invalid, match="b is missing"):
        known({"a": 1}, ["a", "b"], ["b"])
