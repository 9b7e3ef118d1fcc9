# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The observers as one program for ``python3 -``: how a node is read without the cost of an Ansible module.

An Ansible module unpacks itself into a directory and brings all of Ansible's own helpers; reading needs neither.
Only sources that are imported on the node are compiled there. The answer is the last line that bears the mark, so
that a login script which prints something does no harm.
"""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from ..module_utils.engine.errors import Unreadable

_LIBRARY = Path(__file__).resolve().parents[1] / "module_utils"
_NEEDED = ("engine", "model", "observe", "transport")
_MARK = "baremetal.virt observed: "

_PROGRAM = """
import base64, json, sys, zlib
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
sys.meta_path.insert(0, Sent)
from module_utils.engine.errors import CollectionError
from module_utils.transport.record import record
from module_utils.transport.node import Node
from module_utils.transport.node_lock import node_lock
try:
    with node_lock(writing=False):
        answer = {{"recording": record(Node(), {with_cluster})}}
except CollectionError as error:
    answer = {{"failed": True, **error.as_result()}}
print("{mark}" + json.dumps(answer))
"""


def program(with_cluster: bool) -> str:
    """Python for standard input; it needs the standard library of Python 3.9 and nothing else."""
    return _PROGRAM.format(sources=_sources(), with_cluster=with_cluster, mark=_MARK)


def answer(stdout: str, stderr: str) -> dict[str, Any]:
    """What the program found: the recording, or why there is none in the form of a failed result."""
    marked = [line for line in stdout.splitlines() if line.startswith(_MARK)]
    if not marked:
        raise Unreadable("The node could not be read: " + (stderr or stdout or "it said nothing").strip()[-2000:])
    return dict(json.loads(marked[-1][len(_MARK) :]))


@cache
def _sources() -> str:
    """Module name → source; packages are empty."""
    sources = {_LIBRARY.name: ""}
    for folder in _NEEDED:
        for path in sorted((_LIBRARY / folder).rglob("*.py")):
            parts = path.relative_to(_LIBRARY.parent).with_suffix("").parts
            sources.update({".".join(parts[:length]): "" for length in range(1, len(parts))})
            sources[".".join(parts)] = path.read_text(encoding="utf-8")
    return base64.b64encode(zlib.compress(json.dumps(sources).encode())).decode()
