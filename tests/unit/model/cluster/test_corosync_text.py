"""corosync.conf(5) as corosync reads it, line by line; tests/grammar asks corosync itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_format import format_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_text import parse_sections
from hypothesis import given
from hypothesis import strategies as st

from ....doubles import cluster_nodes as lab

#: What a file may be made of.
WORDS = ["totem", "node", "nodelist", "interface", "a", "1", "ring0_addr", "nodeid", "linknumber", "device", "quorum"]
SIGNS = ["{", "}", ":", "#", "\n", "\n", "\n", " ", "\t", "\r", "\v", "\u00a0", "\u2028", "\u0663", "\udcff", "é"]


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("a: b", "a", "b"),
        ("\ta\t:\tb \t", "a", "b"),
        ("a:b:c", "a", "b:c"),
        ("a::b", "a", ":b"),
        ("a: b # no remark", "a", "b # no remark"),
        ("a:", "a", ""),
        ("a: b\r", "a", "b"),
        ("a: b\r ", "a", "b\r"),
        ("a b: c", "a b", "c"),
        ("a: b\vc\u2028d", "a", "b\vc\u2028d"),
    ],
)
def test_a_key_and_its_value(line: str, key: str, value: str) -> None:
    root = parse_sections(f"totem {{\n{line}\n}}\n")
    assert root.first("totem").values == {key: value}
    assert parse_sections(format_sections(root)) == root


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("totem {\n", "the last line, a closing brace is missing"),
        ("}\n", "line 1, it is neither"),
        ("totem {\n} x\n", "line 2, it is neither"),
        ("totem\n", "line 1, it is neither"),
        ("totem { x\n}\n", "line 1, a section begins with its name and an opening brace, and nothing else"),
        ("{\n}\n", "line 1, a section begins"),
        (": x\n", "line 1, the key is missing"),
        (f"a: {'x' * 600}\n", "line 1, the line is too long"),
    ],
)
def test_what_corosync_cannot_read_we_do_not_read_either(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse_sections(text)


def test_sections_with_one_name_are_one() -> None:
    text = "totem {\n a: 1\n b: 1\n}\nquorum {\n c: 3\n}\ntotem {\n b: 2\n interface {\n linknumber: 1\n }\n}\n"
    totem = parse_sections(text).all("totem")
    assert [section.values for section in totem] == [{"a": "1", "b": "2"}]
    assert len(totem[0].all("interface")) == 1


def test_entries_of_one_link_are_put_together() -> None:
    text = "totem {\n" + "".join(
        f"  interface {{\n    linknumber: {number}\n    {key}\n  }}\n"
        for number, key in ((1, "knet_link_priority: 5"), (0, "mtu: 1"), (1, "knet_link_priority: 9"), (1, "mtu: 2"))
    )
    assert parse_corosync_conf(f"{text}}}\n").priorities == {0: 0, 1: 9}


def test_a_device_without_a_model_is_none() -> None:
    device = "quorum {\n  device {\n    votes: 1\n    net {\n      host: 192.0.2.9\n    }\n  }\n}\n"
    assert parse_corosync_conf(device).qdevice is None
    assert parse_corosync_conf(device.replace("votes", "model: net\n    votes")).qdevice is not None


@given(st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=60).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        root, config = parse_sections(text), parse_corosync_conf(text)
    except Unreadable:
        return
    written = format_sections(root)
    assert format_sections(parse_sections(written)) == written
    assert {*parse_corosync_conf(written).members} == {*config.members}


@given(st.data())
def test_a_file_with_any_hole_is_read_or_refused(data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(lab.THREE)))
    hole = lab.THREE[:begin] + lab.THREE[begin + data.draw(st.integers(0, 40)) :]
    try:
        config = parse_corosync_conf(hole)
    except Unreadable:
        return
    by_name = sorted(config.members, key=lambda member: member.name)
    again = parse_corosync_conf(format_sections(parse_sections(hole)))
    assert again == replace(config, members=tuple(by_name)), "nodes are written in the order of their names"
