# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts of this collection as one program for a node's Python, without the cost of an Ansible module.

An Ansible module unpacks itself into a directory and brings all of Ansible's own helpers; this needs neither. What is
sent is what the given files import, and nothing else. It travels as zlib makes it, which every Python has on which
Ansible's modules work: lzma would make an eighth less of it, needs ten times as long here, in every run, and a Python
may lack it. Its bytes stand in the program as they are, each as a character of Latin-1; base64 would add a third. So
the program is no text for ``python3 -``, which reads UTF-8: ``COMMAND`` reads it. The answer is the last line with the
mark, so that a login script that prints something does no harm.
"""

from __future__ import annotations

import ast
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from ansible.utils.display import Display

from ..module_utils.engine.errors import Unreadable
from .collection import source_digest
from .own_files import cache_folder, keep_text

PLUGINS = Path(__file__).resolve().parents[1]
_MARK = "baremetal.virt says: "
ENCODING = "latin-1"
#: After the name of Python and its options: run the program that comes on the standard input, in ``ENCODING``.
COMMAND = ("-c", 'import sys; exec(compile(sys.stdin.buffer.read(), "<stdin>", "exec"))')
#: What has a meaning in a string of Python's.
_ESCAPED = {0: "\\x00", 10: "\\n", 13: "\\r", 39: "\\'", 92: "\\\\"}

_PROGRAM = """# -*- coding: latin-1 -*-
import base64, json, sys, zlib
from importlib import import_module
from importlib.machinery import ModuleSpec
SOURCES = json.loads(zlib.decompress('{sources}'.encode("latin-1")))
class Sent:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Sent, is_package=not SOURCES[name]) if name in SOURCES else None
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(module):
        exec(compile(SOURCES[module.__name__], module.__name__, "exec"), module.__dict__)
    get_source = SOURCES.get
sys.meta_path.insert(0, Sent)
{frame}
print("{mark}" + json.dumps(answer))
"""


def program(sources: str, frame: str) -> str:
    """A program for ``COMMAND``, with the standard library of Python 3.9 and nothing else.

    ``frame`` imports from ``plugins`` what was packed, and gives what it found the name ``answer``.
    """
    return _PROGRAM.format(sources=sources, frame=frame, mark=_MARK)


def answer(stdout: str, stderr: str, mark: str = _MARK) -> dict[str, Any]:
    """What the program found, which may be a failed result."""
    marked = [line for line in stdout.splitlines() if line.startswith(mark)]
    if not marked:
        raise Unreadable("The node did not answer: " + (stderr or stdout or "it said nothing").strip()[-2000:])
    return dict(json.loads(marked[-1][len(mark) :]))


def packed(files: Iterable[Path]) -> str:
    """Module name → source of these files and all that they import; packages are empty. As a string of Python's.

    To make it takes as long as to start Ansible, so it is kept for as long as no file of the collection changes.
    """
    roots = list(files)
    place = cache_folder() / "sent" / _digest("\n".join(str(path) for path in roots))
    with suppress(OSError, ValueError):
        seal, text = place.read_text(encoding="utf-8").split("\0")
        if seal == _seal(text):
            return text
    text = _packed(roots)
    try:
        keep_text(place, f"{_seal(text)}\0{text}")
    except OSError as error:
        Display().vv(f"What is sent to nodes is not kept, so the next run makes it again: {error}")
    return text


def _seal(text: str) -> str:
    """Of which files it was made, and that it is whole: after a power cut, half of it may lie there."""
    return _digest(f"{_own_digest()}\0{text}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _own_digest() -> str:
    return source_digest()


def _packed(files: Iterable[Path]) -> str:
    sources = {}
    for path in closure(files):
        parts = path.relative_to(PLUGINS.parent).with_suffix("").parts
        sources.update({".".join(parts[:length]): "" for length in range(1, len(parts))})
        sources[".".join(parts)] = _read(path)[0]
    return zlib.compress(json.dumps(sources).encode(), 9).decode(ENCODING).translate(_ESCAPED)


def closure(roots: Iterable[Path]) -> list[Path]:
    """These files and all that they import, in any number of steps."""
    new = list(roots)
    found = set(new)
    for path in new:  # grows as it is walked through
        more = set(_read(path)[1]) - found
        found |= more
        new += more
    return sorted(found)


@cache
def _read(path: Path) -> tuple[str, tuple[Path, ...]]:
    """The source, and the files of this collection that it imports.

    Docstrings, comments and the types of functions are a third of all that would travel, and nothing looks at them
    there. In place of lines are empty ones, so that all others keep their numbers.
    """
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    imported: list[Path] = []
    texts: set[int] = set()
    types: list[tuple[int, int, int]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            imported += _imported(path, node)
        elif isinstance(node, (ast.Constant, ast.JoinedStr)):
            texts.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False):
            first, last = node.body[0].lineno, node.body[0].end_lineno or 0
            lines[first - 1 : last] = [" " * node.body[0].col_offset + '""', *[""] * (last - first)]
        if isinstance(node, ast.FunctionDef):
            types += _types(node, lines)
    for number, begin, end in sorted(types, reverse=True):
        written = lines[number - 1].encode()
        lines[number - 1] = (written[:begin] + written[end:]).decode()
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("#") and number not in texts:
            lines[number - 1] = ""
    return "\n".join(lines) + "\n", tuple(imported)


def _types(function: ast.FunctionDef, lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Where the types of its arguments and of its result stand: line, and the bytes in it."""
    found = function.args
    for one in (*found.posonlyargs, *found.args, *found.kwonlyargs, found.vararg, found.kwarg):
        if one is not None and one.annotation is not None and one.lineno == one.annotation.end_lineno:
            yield one.lineno, one.col_offset + len(one.arg.encode()), one.annotation.end_col_offset or 0
    result = function.returns
    if result is not None and result.lineno == result.end_lineno:
        line = lines[result.lineno - 1].encode()
        yield result.lineno, line.rindex(b" -> ", 0, result.col_offset), result.end_col_offset or 0


def _imported(path: Path, node: ast.ImportFrom) -> Iterator[Path]:
    base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
    for file in (base.with_suffix(".py"), *(base / f"{alias.name}.py" for alias in node.names)):
        if file.is_file():
            yield file
