"""What roles and playbooks may hold: order and delegation, constants, and no logic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from breach import Breach

SHELLS = frozenset(("command", "shell", "raw", "script", "expect"))
TASK_LISTS = ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers")
VERDICTS = ("changed_when", "failed_when", "ignore_errors", "ignore_unreachable")
#: More variables, or a longer expression in one, and a role begins to decide: that is what `site/` is for.
MAX_VARIABLES = 5
MAX_EXPRESSION = 80
EXPRESSION = re.compile(r"(?s)\{\{(.*?)\}\}|\{%(.*?)%\}")


def breaches(path: Path, text: str) -> Iterator[Breach]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.count("{{") != line.count("}}") or line.count("{%") != line.count("%}"):
            yield Breach(path, number, "a Jinja expression longer than a line: make it a filter or a variable")
    for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
        if isinstance(document, yaml.SequenceNode):
            for task in document.value:
                yield from _task(path, task)
        elif path.match("roles/*/vars/*") and isinstance(document, yaml.MappingNode):
            yield from _variables(path, document)
            yield from _count(path, document)
        elif path.match("roles/*/defaults/*"):
            yield from _variables(path, document)


def _count(path: Path, document: yaml.MappingNode) -> Iterator[Breach]:
    for key, _value in document.value[MAX_VARIABLES : MAX_VARIABLES + 1]:
        text = f"{len(document.value)} variables of a role; at most {MAX_VARIABLES}"
        yield Breach(path, key.start_mark.line + 1, text)


def _task(path: Path, task: Any) -> Iterator[Breach]:
    """A task, a block or a play; options of modules are nobody's business here."""
    if not isinstance(task, yaml.MappingNode):
        return
    for key, value in task.value:
        line, name = key.start_mark.line + 1, str(key.value).rpartition(".")[2]
        if name in SHELLS:
            yield Breach(path, line, f"{key.value}: a role describes, modules act")
        if name in VERDICTS:
            yield Breach(path, line, f"{key.value}: a module says itself whether it changed or failed")
        if name in ("vars", "set_fact"):
            yield from _variables(path, value)
        if name in TASK_LISTS and isinstance(value, yaml.SequenceNode):
            for inner in value.value:
                yield from _task(path, inner)


def _variables(path: Path, node: Any) -> Iterator[Breach]:
    """Each expression in the values, however deep."""
    if isinstance(node, yaml.ScalarNode):
        for found in EXPRESSION.finditer(node.value):
            length = len((found.group(1) or found.group(2)).strip())
            if length > MAX_EXPRESSION:
                text = f"an expression of {length} characters in a variable; at most {MAX_EXPRESSION}: decide in site/"
                yield Breach(path, node.start_mark.line + 1, text)
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from _variables(path, pair[1])
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _variables(path, value)
