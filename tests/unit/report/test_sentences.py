"""What is said about losses has its translation, sentence by sentence, and none is kept that nobody says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.visible import visible
from ansible_collections.baremetal.virt.plugins.module_utils.report.words import SENTENCES, said
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.cell import STATES
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.words import (
    explained,
    listed,
    phrase,
    sentence,
)
from ansible_collections.baremetal.virt.plugins.module_utils.site.report.document import report

from ...doubles import looks

SITE = Path(__file__).parents[3] / "plugins" / "module_utils" / "site"
NIGHTS = ("healthy", "without_quorum", "frozen", "dead_osd", "without_manager")
#: What a template is chosen by at run time.
CHOSEN = set(map(str, STATES)) - {"fine"}


def _words(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
        for value in node.value.values:
            yield from _words(value)


def templates() -> set[str]:
    """The first argument of every ``phrase``, the second of every ``joined``."""
    found: set[str] = set(CHOSEN)
    for path in SITE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if isinstance(node, ast.Call) and name in ("phrase", "joined"):
                found.update(word for argument in node.args[int(name == "joined") :][:1] for word in _words(argument))
            elif isinstance(node, ast.Assign | ast.FunctionDef) and path.name == "words.py":
                found.update(word for word in _defaults(node) if "{" in word)
    return found


def _defaults(node: ast.Assign | ast.FunctionDef) -> Iterator[str]:
    """Templates that ``words.py`` itself chooses from."""
    if isinstance(node, ast.FunctionDef):
        for default in node.args.defaults:
            yield from _words(default)
    else:
        yield from _words(node.value)


def test_every_sentence_has_its_translation_and_none_is_left_over() -> None:
    assert templates() - set(SENTENCES) == set()
    assert set(SENTENCES) - templates() == set()


def names(template: str) -> set[str]:
    return {name for dummy, name, dummy2, dummy3 in Formatter().parse(template) if name}


@pytest.mark.parametrize("template", SENTENCES)
def test_a_translation_has_no_facts_of_its_own(template: str) -> None:
    known = names(template) | ({"clause"} if template == "{shown}." else set())
    assert names(SENTENCES[template]) <= known


def test_a_sentence_is_said_part_by_part() -> None:
    guests = listed((100, 200, 300))
    told = phrase("{vmid} hangs: {why}.", vmid=guests, why=phrase("its disk is lost"))
    assert told == "100, 200 and 300 hangs: its disk is lost."
    document = {"phrases": explained([told, sentence(phrase("who serves it is not known"))])}
    assert said(document, "en", told) == told
    assert said(document, "zh", told) == "100、200和300 挂起：其磁盘丢失。"
    assert said(document, "zh", "Who serves it is not known.") == "谁提供它未知。"
    assert said(document, "zh", "unknown") == "unknown", "a name of somebody's that reads like a word of ours"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


@pytest.mark.parametrize("name", NIGHTS)
def test_nothing_of_it_is_english_in_a_chinese_report(name: str) -> None:
    document = visible(report(getattr(looks, name)(), looks.MADE))
    cells = [list(row["cells"].values()) for row in document["losses"]["rows"]]
    advice = document["advice"]
    actions = [[one["what"], one["condition"]] for one in (*advice["do"], *advice["not"])]
    told = [text for text in _texts([cells, actions, advice["safe"]]) if re.search(r"[a-z]", text)]
    left = {text for text in told if text not in STATES and text not in document["phrases"]}
    assert left == set()
    shown = [said(document, "zh", text) for text in told if text in document["phrases"]]
    shown = [
        re.sub("no manager is active|RADOS timed out .error connecting to the cluster.", "", text) for text in shown
    ]
    english = [text for text in shown if re.search(r"\b(?:is|are|not|the|will|goes|on)\b(?! \S+=)", text)]
    assert english == []
