"""Tests of the judge itself, and of what the collection's sources say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import calls
import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from schemas import begins_a_command, tools, wrong_with_call, wrong_with_command

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted((ROOT / "plugins").rglob("*.py"))
PROSE = [*SOURCES, *sorted((ROOT / "roles").rglob("*.yml")), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("pvecm create lab --link0 10.10.1.11,priority=10 --link7 10.10.2.11", []),
        ("pvecm create lab --link8 10.10.1.11", ["pvecm create has no option --link8"]),
        ("pvecm add 10.10.1.11 --fingerprint AA --force 1", []),
        ("pvecm add", ["pvecm add needs hostname"]),
        ("pvecm join 10.10.1.11", ["there is no command pvecm join 10.10.1.11"]),
        ("pvecm updatecerts --force --unmerge-known-hosts", []),
        ("pvecm status now", ["pvecm status takes no 'now'"]),
        ("pveceph install --version squid --repository=manual", []),
        ("pveceph install --repository none", ["pveceph install --repository cannot be 'none'"]),
        ("pveceph createmon --mon-address 10.10.1.11", []),
        ("pveceph pool create vms --sise 3", ["pveceph pool create has no option --sise"]),
        ("pvesm add cifs share --server s --share a --password", []),
        ("pvesm add dir d1 --path", ["pvesm add --path needs a value"]),
        ("pvesm scan nfs 10.10.1.1", []),
        ("pvesh get /nodes/pve1/status --output-format json", []),
        ("pvesh create /cluster/config --clustername lab --link0 10.10.1.11", []),
        ("pvesh create /cluster/config --link0 10.10.1.11", ["POST /cluster/config needs clustername"]),
        ("pvesh get /nosuch", ["there is no GET /nosuch"]),
        ("systemctl start pve-cluster", []),
    ],
)
def test_commands(command: str, wrong: list[str]) -> None:
    assert wrong_with_command(command.split()) == wrong


@pytest.mark.parametrize(
    ("verb", "path", "names", "wrong"),
    [
        ("GET", "/", [], []),
        ("GET", "/version", [], []),
        ("POST", "/access/ticket", ["username", "password"], []),
        ("POST", "/nodes/pve1/ceph/mon/pve1", ["mon-address"], []),
        (
            "POST",
            "/nodes/pve1/ceph/mon/pve1",
            ["address"],
            ["POST /nodes/{node}/ceph/mon/{monid} has no parameter address"],
        ),
        ("PATCH", "/version", [], ["there is no PATCH /version"]),
    ],
)
def test_calls(verb: str, path: str, names: list[str], wrong: list[str]) -> None:
    assert wrong_with_call(verb, path, names) == wrong


@pytest.mark.parametrize(
    ("release", "command", "wrong"),
    [
        ("8", "pvesh get /cluster/ha/groups", []),
        ("8", "pvesh get /cluster/ha/rules", ["there is no GET /cluster/ha/rules"]),
        ("8", "pvesh get /nodes/pve1/ceph/pools", ["there is no GET /nodes/pve1/ceph/pools"]),
        ("7", "pvesh get /nodes/pve1/ceph/pools", []),
        ("7", "pvesh get /cluster/mapping/pci", ["there is no GET /cluster/mapping/pci"]),
        ("7", "pvesh create /storage --storage d --type dir --maxfiles 1", []),
        (
            "8",
            "pvesh create /cluster/config --clustername lab --token-coefficient 125",
            [
                "pvesh create has no option --token-coefficient",
                "POST /cluster/config has no parameter token-coefficient",
            ],
        ),
        ("8", "pveceph install --version reef --repository test", []),
        ("8", "pveceph install --repository manual", ["pveceph install --repository cannot be 'manual'"]),
        ("7", "pveceph install --version quincy --test-repository 1", []),
        ("7", "pveceph install --repository test", ["pveceph install has no option --repository"]),
    ],
)
def test_older_releases(release: str, command: str, wrong: list[str]) -> None:
    assert wrong_with_command(command.split(), release) == wrong


def test_what_a_lab_wrote_down() -> None:
    lines = ['["command", "pvecm", "status"]', '["call", "GET", "/nodes", "nosuch"]', '["command", "pvecm", "status"]']
    assert calls.wrong(['["call", "GET", "/cluster/ha/rules"]'], "9") == []
    assert len(calls.wrong(['["call", "GET", "/cluster/ha/rules"]'], "8")) == 1
    assert calls.wrong(lines) == ["GET /nodes has no parameter nosuch   (asked: GET /nodes nosuch)"]


def test_every_storage_option_is_one_of_pvesm() -> None:
    for name, kind in TYPES.items():
        adding = [word for option in kind.options for word in (f"--{option}", "1")]
        changing = [word for option in kind.options - kind.fixed for word in (f"--{option}", "1")]
        for command in (["pvesm", "add", name, "an-id", *adding], ["pvesm", "set", "an-id", *changing]):
            assert [problem for problem in wrong_with_command(command) if "has no option" in problem] == []


def literal_commands(source: str) -> Iterator[tuple[int, list[str]]]:
    """Tuples and lists that begin with the name of a tool, as far as they are spelt out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Tuple, ast.List)):
            words = []
            for element in node.elts:
                if not (isinstance(element, ast.Constant) and isinstance(element.value, str)):
                    break
                words.append(element.value)
            if len(words) > 1 and words[0] in tools():
                yield node.lineno, words


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_the_sources_exist(path: Path) -> None:
    """Options that are put together while running are judged by the unit tests, see tests/unit/conftest.py."""
    for line, words in literal_commands(path.read_text(encoding="utf-8")):
        wrong = [text for text in wrong_with_command(words) if " needs " not in text and not begins_a_command(words)]
        assert not wrong, f"line {line}: {wrong}"


def quoted_commands(text: str) -> Iterator[list[str]]:
    """Commands that a user is told to type: `pvecm ...` and C(pvecm ...)."""
    names = "|".join(sorted(tools()))
    for hit in re.finditer(rf"`((?:{names}) [^`\n]*)`|C\(((?:{names}) [^)\n]*)\)", text):
        yield re.sub(r"\{[^}]*\}", "X", hit.group(1) or hit.group(2)).split()


def test_commands_in_hints_and_documents_exist() -> None:
    wrong = {
        f"{path.relative_to(ROOT)}: {problem}"
        for path in PROSE
        for words in quoted_commands(path.read_text(encoding="utf-8"))
        for problem in wrong_with_command(words)
        if " needs " not in problem  # a text may name a command without its arguments
    }
    assert not wrong, "\n".join(sorted(wrong))
