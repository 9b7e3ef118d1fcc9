"""How much travels to a node: each module as it is sent, and the program that observes.

A module is sent whenever something is to be changed. A subject with patience, such as `node_membership`, is sent again
and again while Ceph moves data, and goes as a program without Ansible's helpers.
"""

from __future__ import annotations

import base64
import json
import sys
import time
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

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
    from ansible.plugins.loader import init_plugin_loader, module_loader

    sys.path.insert(0, str(COLLECTIONS))
    init_plugin_loader([str(COLLECTIONS)])
    names = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    paths = {name: module_loader.find_plugin(f"baremetal.virt.{name}") for name in names}
    return {**{name: _packed(name, path) for name, path in paths.items() if path}, "observation": _observation()}


def _packed(name: str, path: str) -> int:
    """What one task transfers, its arguments aside."""
    subject = getattr(import_module(f"{COLLECTION}.modules.{name}"), "SUBJECT", None)
    if subject and subject.patience:
        return len(_plugin_util("node_work").program(name, {}, check=False))
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    variables = {"ansible_python_interpreter": "/usr/bin/python3"}
    packed = modify_module(
        module_name=f"baremetal.virt.{name}",
        module_path=path,
        module_args={},
        templar=Templar(loader=DataLoader(), variables=variables),
        task_vars=variables,
        module_compression="ZIP_DEFLATED",
    )
    return len(packed.b_module_data)


def _observation() -> int:
    return len(_plugin_util("node_reader").program(with_cluster=True))


def _pack() -> None:
    program = _plugin_util("node_program")
    program._read.cache_clear()
    program.packed(_plugin_util("node_reader").ROOTS)


def _unpack() -> dict[str, str]:
    sources: dict[str, str] = json.loads(zlib.decompress(base64.b64decode(_plugin_util("node_reader")._SOURCES)))
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
