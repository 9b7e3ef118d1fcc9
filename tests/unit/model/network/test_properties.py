"""Any files: what nobody changes stays byte for byte, and what is written without backslashes is read as before."""

from __future__ import annotations

from typing import get_args

from ansible_collections.baremetal.virt.plugins.module_utils.model.network.backslash import flattened
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.conversion import converted, differences
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.document import Edit
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.interface import DesiredInterface
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import parse, read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import (
    MAIN,
    Program,
    Stanza,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.write import with_interfaces
from ansible_collections.baremetal.virt.tests.grammar.interfaces_files import texts, trees
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

FOLDER = "/etc/network"
slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def placed(tree: dict[str, str]) -> dict[str, str]:
    return {f"{FOLDER}/{name}": text for name, text in tree.items()}


def said(text: str, program: Program) -> list[object]:
    """What is read, without the lines where it stands."""
    found: list[object] = []
    for one in parse(text, program):
        told = {name: value for name, value in vars(one).items() if name not in ("lines", "options")}
        options = [(option.name, option.value) for option in getattr(one, "options", ())]
        found.append((type(one).__name__, told, options))
    return found


@slow
@given(trees())
def test_nothing_declared_changes_nothing(tree: dict[str, str]) -> None:
    files = placed(tree)
    assert Edit(files).done() == files
    assert with_interfaces(files, [], {}) == files


@slow
@given(trees(), st.sampled_from(get_args(Program)))
def test_any_file_is_read_to_its_end(tree: dict[str, str], program: Program) -> None:
    """Without a traceback; and each statement has lines of its file."""
    found = read(placed(tree), program)
    interfaces(found)
    for one in found.placed:
        lines, count = one.statement.lines, placed(tree)[one.path].count("\n") + 1
        assert 0 <= lines.first <= lines.end <= count, (one, count)


@slow
@given(texts(4))
def test_a_file_whose_lines_are_joined_says_the_same(text: str) -> None:
    """Behind an empty line that is continued, an option has no name, and what begins with # is one."""
    assume(not any(row.lstrip(" \t\v\f") == "\\" for row in text.split("\n")))
    flat = flattened(text)
    assert said(flat, "ifupdown") == said(text, "ifupdown")
    assert flattened(flat) == flat


@slow
@given(trees())
def test_an_mtu_changes_a_line_of_one_interface(tree: dict[str, str]) -> None:
    files = {path: text.replace("\\", "") for path, text in placed(tree).items()}
    files[MAIN] = f"iface eno1 inet manual\n{files[MAIN]}"
    before = interfaces(read(files, "ifupdown2"))
    assume(not read(files, "ifupdown2").broken)
    new = with_interfaces(files, [DesiredInterface("eno1", "physical", mtu=1234, auto=before["eno1"].auto)], {})
    after = interfaces(read(new, "ifupdown2"))
    assert after["eno1"].mtu == 1234
    assert {name: one for name, one in after.items() if name != "eno1"} == {
        name: one for name, one in before.items() if name != "eno1"
    }
    gone = [row for path in files for row in files[path].split("\n") if row not in new[path].split("\n")]
    assert all("mtu" in row for row in gone), gone


@slow
@given(trees())
def test_a_conversion_is_whole_or_says_what_it_lacks(tree: dict[str, str]) -> None:
    """Converted again, it stays."""
    files = placed(tree)
    found = read(files, "ifupdown")
    assume(not found.broken and not found.problems)
    new = converted(files).files
    if not differences(files, new, "ifupdown", "ifupdown2"):
        assert {one.name for one in _stanzas(new)} == set(found.names)
        assert interfaces(read(new, "ifupdown2-3.0")).keys() >= interfaces(found).keys() - _only_named(files)


def _stanzas(files: dict[str, str]) -> list[Stanza]:
    return [one.statement for one in read(files, "ifupdown2").placed if isinstance(one.statement, Stanza)]


def _only_named(files: dict[str, str]) -> set[str]:
    """Interfaces that come up and have no stanza."""
    found = read(files, "ifupdown")
    return interfaces(found).keys() - set(found.names)
