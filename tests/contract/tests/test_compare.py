"""The comparison must see what matters, and only that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from compare import differences
from recorded import Answer


def of_text(recorded: str, lab: str) -> list[str]:
    return differences(Answer(0, recorded, ""), Answer(0, lab, ""))


def of_json(recorded: Any, lab: Any) -> list[str]:
    return of_text(json.dumps(recorded), json.dumps(lab))


def test_exit_code_and_stream_count() -> None:
    assert differences(Answer(2, "", "no quorum?\n"), Answer(0, "no quorum?\n", "")) == [
        "rc: 2 -> 0",
        "stdout + no quorum?",
        "stderr - no quorum?",
    ]


@pytest.mark.parametrize(
    ("recorded", "lab"),
    [
        ("Date:             Sat Nov 21 06:15:29 2026", "Date:             Mon Dec  7 11:00:00 2026"),
        ("Ring ID:          1.5", "Ring ID:          1.2b"),
        (
            "-rw-r----- 1 root www-data 1704 Nov 21 06:05 pve-www.key",
            "-rw-r----- 1 root www-data 98 Jan  3  2026 pve-www.key",
        ),
        ("local   dir   active   264212084   33366904   12.63%", "local  dir   active   264212   33666   1.63%"),
        (
            "UPID:pve3:00000154:0007E414:6B013DE8:clusterjoin::root@pam:",
            "UPID:pve3:0001:00:6B01:clusterjoin::root@pam:",
        ),
        ("backup old database to 'config-1795241954.sql.gz'", "backup old database to 'config-1.sql.gz'"),
        ("0: [v2:10.10.1.11:3300/0,v1:10.10.1.11:6789/0]", "0: [v2:10.10.1.11:3301/7,v1:10.10.1.11:6790/9]"),
    ],
)
def test_what_varies_is_the_same(recorded: str, lab: str) -> None:
    assert of_text(recorded, lab) == []


@pytest.mark.parametrize(
    ("recorded", "lab"),
    [
        ("Quorate:          Yes", "Quorate:          No"),
        ("Expected votes:   3", "Expected votes:   2"),
        ("addr	= 10.10.1.11", "addr	= 10.10.1.12"),
        ("cluster_network = 10.10.2.0/24", "cluster_network = 10.10.1.0/24"),
        ("-rw-r----- 1 root www-data 1704 Nov 21 06:05 x", "-rw------- 1 root www-data 1704 Nov 21 06:05 x"),
        ("generate new node certificate", "Generate new node certificate"),
    ],
)
def test_what_matters_differs(recorded: str, lab: str) -> None:
    assert of_text(recorded, lab) == [f"stdout - {recorded}", f"stdout + {lab}"] or len(of_text(recorded, lab)) == 2


def test_the_order_of_lines_counts_except_for_a_directory_tree() -> None:
    tree = "  1  0 drwxr-xr-x 2 root www-data 0 Nov 21 06:05 /etc/pve/{}"
    assert of_text("a\nb", "b\na")
    assert of_text("\n".join(map(tree.format, "ab")), "\n".join(map(tree.format, "ba"))) == []


def test_keys_and_types_of_json() -> None:
    assert of_json({"a": "1", "b": {"c": [1]}}, {"a": 1, "b": {"d": [1]}}) == [
        "json a: string -> number",
        "json b.c: only recorded (list)",
        "json b.d: only in the lab (list)",
    ]


def test_numbers_that_measure_may_vary_those_that_tell_a_state_not() -> None:
    assert of_json([{"id": "n", "mem": 1, "online": 1}], [{"id": "n", "mem": 2.5, "online": 0}]) == [
        "json [n].online: 1 -> 0"
    ]


def test_objects_of_a_list_are_found_by_name() -> None:
    recorded = [{"name": "pve1", "ip": "10.10.1.11"}, {"name": "pve2", "ip": "10.10.1.12"}]
    lab = [{"name": "pve2", "ip": "10.10.1.99"}, {"name": "pve1", "ip": "10.10.1.11"}, {"name": "pve3"}]
    assert of_json(recorded, lab) == [
        'json [pve2].ip: "10.10.1.12" -> "10.10.1.99"',
        "json [pve3]: only in the lab",
    ]


def test_objects_without_a_name_of_their_own_are_compared_in_turn() -> None:
    same = [{"node": "pve1", "type": "a"}, {"node": "pve1", "type": "b"}]
    assert of_json(same, same) == []
    assert of_json(same, [same[1], same[0]])


def test_empty_answers_are_different_things() -> None:
    assert of_json([], {}) == ["json : list -> object"]
    assert of_json(None, []) == ["json : null -> list"]
    assert of_json([], [1]) == ["json []: 0 -> 1 elements"]
    assert of_text("", "[]") == ["stdout + []"]


def test_lists_in_a_text_have_no_order() -> None:
    assert of_json({"content": "iso,backup"}, {"content": "backup,iso"}) == []
    assert of_json({"content": "iso,backup"}, {"content": "backup"}) != []
