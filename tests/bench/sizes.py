"""How much travels to a node: each module as it is sent, and the program that observes.

A module goes as a program without Ansible's helpers, whenever something is to be changed, or nobody has read it yet in
this run; one with patience, such as `node_membership`, again and again while Ceph moves data.
"""

from __future__ import annotations

import ast
import json
import sys
import time
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, Optional

from playbook import ROOT

COLLECTIONS = ROOT / ".ansible" / "collections"
COLLECTION = "ansible_collections.baremetal.virt.plugins"
KILOBYTE = 1000
#: What is sent often, in kilobytes: at most.
LIMITS = {"node_membership": 300, "observation": 90}


def judge() -> int:
    """Print all sizes, the largest first; 1 when one is above its limit."""
    found = sizes()
    print(f"\nWhat travels to a node (kB; at most: {', '.join(f'{name} {most}' for name, most in LIMITS.items())})")
    for name, size in sorted(found.items(), key=lambda pair: -pair[1]):
        print(f"  {size / KILOBYTE:7.1f}  {name}{'  TOO LARGE' if _too_large(name, size) else ''}")
    packs, unpacks, compiles = _milliseconds(_pack), _milliseconds(_unpack), _milliseconds(_compile)
    print(f"Processor time on this machine: the observation is packed in {packs:.0f} ms, once in a run;")
    print(f"a node unpacks it in {unpacks:.0f} ms and compiles it in {compiles:.0f} ms.")
    return int(any(_too_large(name, size) for name, size in found.items()))


def sizes() -> dict[str, int]:
    """Module (or ``observation``) → bytes."""
    sys.path.insert(0, str(COLLECTIONS))
    found = {name: _sent(name) for name in _plugin_util("subjects").modules()}
    return {**{name: size for name, size in found.items() if size is not None}, "observation": _observation()}


def _sent(name: str) -> Optional[int]:
    """What one task transfers, its arguments aside; None for a module that no node runs."""
    module = import_module(f"{COLLECTION}.modules.{name}")
    subject, inquiry = getattr(module, "SUBJECT", None), getattr(module, "INQUIRY", None)
    known = subject or inquiry
    if known is None or known.controller:
        return None
    work = _plugin_util("node_work")
    return len(work.program(name, {}, check=False) if subject else work.question(name, {}))


def _observation() -> int:
    return len(_plugin_util("node_reader").program(with_cluster=True))


def _pack() -> None:
    program = _plugin_util("node_program")
    program._read.cache_clear()
    program.packed(_plugin_util("node_reader").ROOTS)


def _bytes(literal: str) -> bytes:
    """As Python reads it on the node, in the program's own encoding."""
    found: str = ast.literal_eval(f"'{literal}'")
    return found.encode(_plugin_util("node_program").ENCODING)


def _unpack() -> dict[str, str]:
    sources: dict[str, str] = json.loads(zlib.decompress(_bytes(_plugin_util("node_reader")._SOURCES)))
    return sources


def _compile() -> None:
    for name, source in _unpack().items():
        compile(source, name, "exec")


def _milliseconds(work: Callable[[], object]) -> float:
    """Of the processor's time; the best of five, as the machine may do other work."""

    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return 1000 * min(once() for _ in range(5))


def _plugin_util(name: str) -> Any:
    return import_module(f"{COLLECTION}.plugin_utils.{name}")


def _too_large(name: str, size: int) -> bool:
    return size > LIMITS.get(name, sys.maxsize) * KILOBYTE


if __name__ == "__main__":
    sys.exit(judge())
