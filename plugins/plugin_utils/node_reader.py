# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The observers as one program for ``python3 -``: how a node is read without the cost of an Ansible module.

An Ansible module unpacks itself into a directory and brings all of Ansible's own helpers; reading needs neither.
What is sent is what these imports lead to, and nothing else. The answer is the last line that bears the mark, so
that a login script which prints something does no harm.
"""

from __future__ import annotations

import ast
import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..module_utils.engine.errors import Unreadable
from .observers import Observer, observers

_PLUGINS = Path(__file__).resolve().parents[1]
#: What the program itself imports, besides the observers.
_FRAME = tuple(
    _PLUGINS / "module_utils" / path
    for path in ("engine/errors.py", "transport/record.py", "transport/node.py", "transport/node_lock.py")
)
_MARK = "baremetal.virt observed: "

_PROGRAM = """
import base64, json, sys, zlib
from importlib import import_module
from importlib.machinery import ModuleSpec
SOURCES = json.loads(zlib.decompress(base64.b64decode("{sources}")))
class Sent:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Sent, is_package="." not in name or not SOURCES[name]) if name in SOURCES else None
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(module):
        exec(compile(SOURCES[module.__name__], module.__name__, "exec"), module.__dict__)
    get_source = SOURCES.get
sys.meta_path.insert(0, Sent)
from module_utils.engine.errors import CollectionError
from module_utils.transport.record import record
from module_utils.transport.node import Node
from module_utils.transport.node_lock import node_lock
try:
    observers = [getattr(import_module(module), function) for module, function in {observers}]
    with node_lock(writing=False):
        answer = {{"recording": record(Node(), {with_cluster}, observers)}}
except CollectionError as error:
    answer = {{"failed": True, **error.as_result()}}
print("{mark}" + json.dumps(answer))
"""


def program(with_cluster: bool) -> str:
    """Python for standard input; it needs the standard library of Python 3.9 and nothing else."""
    return _PROGRAM.format(sources=_SOURCES, observers=_OBSERVERS, with_cluster=with_cluster, mark=_MARK)


def answer(stdout: str, stderr: str, mark: str = _MARK) -> dict[str, Any]:
    """What the program found: the recording, or why there is none in the form of a failed result."""
    marked = [line for line in stdout.splitlines() if line.startswith(mark)]
    if not marked:
        raise Unreadable("The node could not be read: " + (stderr or stdout or "it said nothing").strip()[-2000:])
    return dict(json.loads(marked[-1][len(mark) :]))


def imports(path: Path) -> Iterator[Path]:
    """The files of this collection that a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for file in (base.with_suffix(".py"), *(base / f"{alias.name}.py" for alias in node.names)):
                if file.is_file():
                    yield file


def closure(roots: Iterable[Path]) -> list[Path]:
    """These files and all that they import, in any number of steps."""
    new = list(roots)
    found = set(new)
    for path in new:  # grows as it is walked through
        more = set(imports(path)) - found
        found |= more
        new += more
    return sorted(found)


def _place(observer: Observer) -> tuple[str, str]:
    """Module and function, as the program on the node calls them."""
    return observer.__module__.partition(".plugins.")[2], observer.__name__


def _packed(observed: Iterable[tuple[str, str]]) -> str:
    """Module name → source; packages are empty."""
    sources = {}
    for path in closure(
        [*_FRAME, *(_PLUGINS.joinpath(*module.split(".")).with_suffix(".py") for module, _f in observed)]
    ):
        parts = path.relative_to(_PLUGINS).with_suffix("").parts
        sources.update({".".join(parts[:length]): "" for length in range(1, len(parts))})
        sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return base64.b64encode(zlib.compress(json.dumps(sources).encode())).decode()


#: Made once, when Ansible loads the action plugin; the processes that it forks for the hosts find it ready.
_OBSERVERS = [_place(observer) for observer in observers()]
_SOURCES = _packed(_OBSERVERS)
