"""storage.cfg: read as Proxmox VE writes it, compared without its accidents; the table of types against the schema."""

from __future__ import annotations

import json
import string

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.paths import canonical_path
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import (
    canonical,
    canonical_value,
    parse_sections,
    render_sections,
    shown,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.parameters import CONTROL, STORAGE
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.values import as_parameter, as_text
from hypothesis import given
from hypothesis import strategies as st

from ....doubles.support import TRANSCRIPTS, transcript

SETS = sorted(name for name, option in OPTIONS.items() if option.kind in ("words", "options"))

words = st.text(string.ascii_letters + string.digits + "-_./:", min_size=1)
names = st.from_regex(r"[a-z][a-z0-9_.-]*[a-z0-9]", fullmatch=True)
keys = st.sampled_from(sorted({key for known in TYPES.values() for key in known.options}))
values = st.lists(words, min_size=1, max_size=3).map(" ".join)
sections = st.dictionaries(
    names,
    st.builds(
        lambda kind, options: {"type": kind, **options}, st.sampled_from(sorted(TYPES)), st.dictionaries(keys, values)
    ),
    max_size=4,
)


@given(sections)
def test_what_is_written_is_read_back(written: dict[str, dict[str, str]]) -> None:
    assert parse_sections(render_sections(written)) == written


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
    assert wanted == frozenset(f"{key.replace('_', '-')}={number}" for key, number in kept.items())
    assert canonical_value("prune-backups", shown(wanted)) == wanted


def test_the_file_of_a_real_cluster() -> None:
    found = parse_sections(transcript("194-storage-cfg").stdout)
    assert list(found) == ["d1", "local", "vmpool", "cephfs", "n2"]
    assert canonical({key: text for key, text in found["n2"].items() if key != "type"}) == {
        "disable": "1",
        "export": "/export",
        "path": "/mnt/pve/n2",
        "server": "10.10.1.1",
    }
    assert canonical(found["d1"])["content"] == {"iso", "backup"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# comment\n\n", {}),
        ("dir: local\n", {"local": {"type": "dir"}}),
        ("dir:local\n\tpath /x\n", {"local": {"type": "dir", "path": "/x"}}),
        ("dir: a1\n  path /x y\n", {"a1": {"type": "dir", "path": "/x y"}}),
        ("dir: a1\n\t# no\n\tpath /x\n", {"a1": {"type": "dir", "path": "/x"}}),
        ("nfs: a1\n\tdisable\n\n\tpath /x\n", {"a1": {"type": "nfs", "disable": "", "path": "/x"}}),
        ("future: a1\n\tnew thing\n", {"a1": {"type": "future", "new": "thing"}}),
        ("broken\n\tpath /x\ndir: a1\n", {"a1": {"type": "dir"}}),
        ("dir: a1\n\tpath /x\nnfs: a1\n\tpath /y\n", {"a1": {"type": "dir", "path": "/x"}}),
    ],
)
def test_sections(text: str, expected: dict[str, dict[str, str]]) -> None:
    assert parse_sections(text) == expected


@pytest.mark.parametrize("text", ["", "1", "yes", "on", "true", "True"])
def test_a_boolean_has_many_spellings(text: str) -> None:
    assert canonical({"fuse": text}) == {"fuse": "1"}
    assert canonical({"create-subdirs": text}) == {}


@pytest.mark.parametrize("text", ["0", "no", "off", "false"])
def test_no_is_the_default_of_most(text: str) -> None:
    assert canonical({"fuse": text}) == {}
    assert canonical({"create-subdirs": text}) == {"create-subdirs": "0"}


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
    ("fuse", "yes", True),
    ("nodes", "pve2 pve1", ["pve1", "pve2"]),
    ("options", "vers=4.2,soft", "soft,vers=4.2"),
    ("prune-backups", "keep-last=3,keep-all=0", {"keep_all": False, "keep_last": 3}),
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
