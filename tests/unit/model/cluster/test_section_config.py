"""Files of sections: taken apart as PVE::SectionConfig does it."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.section_config import (
    is_set,
    parse_sections,
    split_list,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# comment\n\n", {}),
        ("dir: local\n", {"local": {"type": "dir"}}),
        ("dir:local\n\tpath /x\n", {"local": {"type": "dir", "path": "/x"}}),
        ("dir: a1\n  path /x y  \n", {"a1": {"type": "dir", "path": "/x y"}}),
        ("dir: a1\n \tpath\t/x\n", {"a1": {"type": "dir", "path": "/x"}}),
        ("dir: a1\n\t# no\n\tpath /x\n", {"a1": {"type": "dir", "path": "/x"}}),
        ("future: a1\n\tnew thing\n\tflag\n", {"a1": {"type": "future", "new": "thing", "flag": ""}}),
        ("broken\n\tpath /x\ndir: a1\n", {"a1": {"type": "dir"}}),
        ("a:b: c\n", {"c": {"type": "a:b"}}),
        ("dir: a1\n\ttype nfs\n", {"a1": {"type": "dir"}}),
    ],
)
def test_sections(text: str, expected: dict[str, dict[str, str]]) -> None:
    assert parse_sections(text) == expected


def test_an_empty_line_ends_a_section_and_nothing_else_does() -> None:
    assert parse_sections("nfs: a1\n\tserver s\n\n\tpath /x\n") == {"a1": {"type": "nfs", "server": "s"}}
    assert parse_sections("nfs: a1\n\tserver s\n \n\tpath /x\n") == {"a1": {"type": "nfs", "server": "s", "path": "/x"}}
    assert parse_sections("nfs: a1\ndir: b1\n\tpath /x\n") == {"a1": {"type": "nfs", "path": "/x"}}
    assert parse_sections("nfs: a1\n0\n\tpath /x\n") == {"a1": {"type": "nfs"}}, "what Perl takes for false"


def test_with_the_line_ends_of_windows_the_first_section_swallows_the_others() -> None:
    text = "dir: a1\r\n\tpath /x\r\n\r\nnfs: b1\r\n\tpath /y\r\n\tserver s\r\n"
    assert parse_sections(text) == {"a1": {"type": "dir", "path": "/x", "server": "s"}}


def test_the_last_section_of_a_name_counts_and_the_first_line_of_a_property() -> None:
    text = "dir: a1\n\tpath /x\n\tshared\n\nnfs: a1\n\tpath /y\n\tpath /z\n"
    assert parse_sections(text) == {"a1": {"type": "nfs", "path": "/y"}}


def test_only_ascii_has_white_space() -> None:
    assert parse_sections("dir: a1\n\tpath\u00a0/x\n\tshare \u2003\n") == {
        "a1": {"type": "dir", "path\u00a0/x": "", "share": "\u2003"}
    }


def test_words_of_a_list() -> None:
    assert split_list(" pve1,pve2;;pve3\tpve4 ,") == ["pve1", "pve2", "pve3", "pve4"]
    assert split_list("a\u00a0b") == ["a\u00a0b"]


@pytest.mark.parametrize(("line", "found"), [("x 1", True), ("x", True), ("x 0", False), ("x yes", False), ("", False)])
def test_a_flag_is_one_or_its_mere_name(line: str, found: bool) -> None:
    assert is_set(parse_sections(f"dir: a1\n\t{line}\n")["a1"], "x") is found
