"""Rules for every file: each on a made-up one that breaks it."""

from __future__ import annotations

from pathlib import Path

import house_rules
import pytest
from made_up import Breaches


@pytest.mark.parametrize(("lines", "expected"), [(400, []), (401, ["401 lines; at most 400: divide it by subject"])])
def test_a_file_has_at_most_400_lines(breaches: Breaches, lines: int, expected: list[str]) -> None:
    assert breaches("docs/one.md", "text\n" * lines) == expected


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("TO" + "DO", "unfinished work belongs into an issue"),
        ("/wo" + "rk/main", "a path of one machine"),
        ("deb.deb" + "ian.org", "a registry's host name"),
        ("registry.example.org", "a registry's host name"),
        ("iss" + "ue #12", "a reference that readers of the code cannot follow"),
    ],
)
def test_words_that_belong_into_no_file(breaches: Breaches, word: str, reason: str) -> None:
    (found,) = breaches("docs/one.md", f"Here is {word}.\n")
    assert found.endswith(reason)


SHOWN = "proxmox:\n  hosts:\n    pve1: {}\n"


def test_the_readme_shows_the_inventory_that_is_tested(breaches: Breaches) -> None:
    house_rules.EXAMPLE.parent.mkdir(parents=True)
    house_rules.EXAMPLE.write_text(SHOWN)
    assert breaches("README.md", f"```yaml\n{SHOWN.replace('{}', '{} # the first')}```\n") == []
    assert breaches("README.md", f"```yaml\n{SHOWN.replace('pve1', 'pve2')}```\n") == [
        "does not show inventories/example/hosts.yml as it is"
    ]


def test_a_playbook_that_a_scenario_would_pass_over(breaches: Breaches) -> None:
    house_rules.SCENARIOS.parent.mkdir(parents=True)
    house_rules.SCENARIOS.write_text(
        "ansible: {playbooks: {converge: converge.yml, verify: verify.yml}}\n"
        "scenario: {test_sequence: [converge, idempotence, verify]}\n"
    )
    for name in ("converge", "verify"):
        assert f"{name}.yml is missing" in " ".join(breaches("molecule/one/molecule.yml", ""))
        Path(f"molecule/one/{name}.yml").touch()
    assert breaches("molecule/one/molecule.yml", "") == []


def test_a_picture_is_no_text(breaches: Breaches) -> None:
    Path("docs").mkdir()
    Path("docs/one.png").write_bytes(b"\x89PNG\xff")
    assert list(house_rules.breaches_of(Path("docs/one.png"), frozenset())) == []
