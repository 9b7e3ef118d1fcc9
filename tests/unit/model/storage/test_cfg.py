"""storage.cfg: read as Proxmox VE writes it, compared without its accidents; the table of types against the schema."""

from __future__ import annotations

import json
import string

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.paths import canonical_path
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import (
    canonical,
    canonical_value,
    shown,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.parameters import CONTROL, STORAGE
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.values import as_parameter, as_text
from hypothesis import given
from hypothesis import strategies as st

from ....doubles.support import TRANSCRIPTS

SETS = sorted(name for name, option in OPTIONS.items() if option.kind in ("words", "options"))

words = st.text(string.ascii_letters + string.digits + "-_./:", min_size=1)


@given(st.lists(words.map(lambda word: word.replace(",", "")), max_size=5), st.randoms(use_true_random=False))
def test_lists_are_compared_as_sets(items: list[str], shuffler: object) -> None:
    shuffled = list(items)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    for key in SETS:
        assert canonical_value(key, ",".join(items)) == canonical_value(key, ",".join(shuffled))


@given(st.sampled_from(SETS), st.lists(words, min_size=1, max_size=5))
def test_what_pvesm_is_given_is_what_is_compared_later(key: str, items: list[str]) -> None:
    wanted = canonical_value(key, as_text(items))
    assert canonical_value(key, shown(wanted)) == wanted


@given(st.dictionaries(st.sampled_from(["keep_last", "keep_daily", "keep_yearly"]), st.integers(0, 99), min_size=1))
def test_retention_is_written_and_read_back(kept: dict[str, int]) -> None:
    wanted = canonical_value("prune-backups", as_text(kept))
    said = frozenset(f"{key.replace('_', '-')}={number}" for key, number in kept.items() if number)
    assert wanted == (said or frozenset(["keep-all=1"])), "to keep 0 of them says nothing"
    assert canonical_value("prune-backups", shown(wanted)) == wanted


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"fuse": "1"}, {"fuse": "1"}),
        ({"fuse": "0"}, {}),
        ({"create-subdirs": "1"}, {}),
        ({"create-subdirs": "0"}, {"create-subdirs": "0"}),
        ({"port": "+08007"}, {"port": "8007"}),
        ({"prune-backups": "keep-all=no"}, {}),
        ({"prune-backups": "keep-last=0"}, {}),
        ({"prune-backups": ""}, {}),
        ({"bwlimit": "default=010,move=1.5"}, {"bwlimit": {"default=10", "move=1.5"}}),
        ({"content-dirs": "iso=a iso=b"}, {"content-dirs": {"iso=b"}}),
        ({"path": "/srv/a", "is_mountpoint": "Off"}, {"path": "/srv/a"}),
        ({"path": "/srv/a", "is_mountpoint": "1"}, {"path": "/srv/a", "is_mountpoint": "yes"}),
        ({"path": "/srv/a/", "is_mountpoint": "//srv/a"}, {"path": "/srv/a", "is_mountpoint": "yes"}),
        ({"path": "/srv/a", "is_mountpoint": "/srv/"}, {"path": "/srv/a", "is_mountpoint": "/srv"}),
    ],
)
def test_what_means_the_same_is_the_same(options: dict[str, str], found: dict[str, object]) -> None:
    assert canonical(options) == found


def test_every_option_of_every_type_is_a_parameter_and_the_other_way_round() -> None:
    of_types = {key for known in TYPES.values() for key in {*known.options, *known.secrets}}
    assert {OPTIONS[name].parameter for name in of_types} == set(STORAGE) - set(CONTROL)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/srv/d1", "/srv/d1"),
        ("/srv/d1/", "/srv/d1"),
        ("//srv///d1//", "/srv/d1"),
        ("/srv/./d1/.", "/srv/d1"),
        ("/srv/../d1", "/srv/../d1"),
        ("/srv/.d1/d.", "/srv/.d1/d."),
        ("/", "/"),
        ("/../d1", "/d1"),
        ("/./..", "/"),
        ("yes", "yes"),
    ],
)
def test_a_path_has_one_spelling(text: str, path: str) -> None:
    assert canonical_path(text) == path


#: (option, text in storage.cfg, the parameter)
PARAMETERS = [
    ("namespace", "0042", "0042"),
    ("username", "007", "007"),
    ("datastore", "0001", "0001"),
    ("pool", "00", "00"),
    ("share", "0123", "0123"),
    ("smbversion", "3", "3"),
    ("port", "8007", 8007),
    ("max-protected-backups", "-1", -1),
    ("fuse", "1", True),
    ("nodes", "pve2 pve1", ["pve1", "pve2"]),
    ("options", "vers=4.2,soft", "soft,vers=4.2"),
    ("prune-backups", "keep-last=03,keep-all=0,keep-daily=0", {"keep_last": 3}),
    ("content-dirs", "iso=007", {"iso": "007"}),
    ("bwlimit", "default=1000", {"default": 1000}),
    ("unheard-of", "007", "007"),
]


@pytest.mark.parametrize(("name", "text", "parameter"), PARAMETERS)
def test_a_value_has_the_type_of_its_parameter_and_is_the_same_when_it_is_written_back(
    name: str, text: str, parameter: object
) -> None:
    value = canonical_value(name, text)
    assert as_parameter(name, value) == parameter
    assert canonical_value(name, as_text(parameter)) == value


def test_secrets_are_never_logged() -> None:
    secrets = {key.replace("-", "_") for known in TYPES.values() for key in known.secrets}
    assert {name for name, spec in STORAGE.items() if spec.get("no_log")} == secrets


SCHEMA = json.loads((TRANSCRIPTS / "storage-types.json").read_text())


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_table_of_types_is_upstreams(name: str) -> None:
    known, upstream = TYPES[name], SCHEMA["types"][name]
    assert {*known.options, *known.secrets} == set(upstream["options"]) - {"mkdir"}  # deprecated
    assert known.fixed == set(upstream["fixed"])
    assert known.contents == set(upstream["content"])
    assert set(known.secrets) == set(upstream["secrets"])
    assert known.formats == (set(upstream.get("format", ())) if "format" in known.options else set())
    defaulted = {"path"} if known.mounted else set()  # upstream requires a path, but fills it in itself
    assert known.required == set(upstream["required"]) - defaulted


def test_the_booleans_are_upstreams() -> None:
    assert set(SCHEMA["booleans"]) & set(OPTIONS) == {row.name for row in OPTIONS.values() if row.kind == "flag"}
