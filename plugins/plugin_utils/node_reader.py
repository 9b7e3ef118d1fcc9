# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The observers as one program (``node_program``): how a node is read without the cost of an Ansible module.

``program`` reads what the subjects of a run need; ``hurried_program`` also what a report shows, and waits for nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .node_program import PLUGINS, packed
from .node_program import program as assembled
from .observers import Observer, observers

_FRAME = """
from plugins.module_utils.engine.errors import CollectionError
from plugins.module_utils.transport.record import record
from plugins.module_utils.transport.node import Node
from plugins.module_utils.transport.node_lock import node_lock
try:
    observers = [getattr(import_module(module), function) for module, function in {observers}]
    with node_lock(writing=False):
        answer = {{"recording": record(Node(), {with_cluster}, observers)}}
except CollectionError as error:
    answer = {{"failed": True, **error.as_result()}}
"""
_HURRIED = """
from plugins.module_utils.observe.node.look import PARTS
from plugins.module_utils.transport.hurried import read_in_a_hurry
observers = [getattr(import_module(module), function) for module, function in {observers}]
answer = {{"recording": read_in_a_hurry([*observers, *PARTS.values()])}}
"""
#: What the frames themselves import, besides the observers.
_FILES = tuple(
    PLUGINS / "module_utils" / path
    for path in ("engine/errors.py", "transport/record.py", "transport/node.py", "transport/node_lock.py")
)


def program(with_cluster: bool) -> str:
    return assembled(_SOURCES, _FRAME.format(observers=_OBSERVERS, with_cluster=with_cluster))


def hurried_program() -> str:
    return assembled(_hurried_sources(), _HURRIED.format(observers=_OBSERVERS))


@cache
def _hurried_sources() -> str:
    files = (PLUGINS / "module_utils" / path for path in ("observe/node/look.py", "transport/hurried.py"))
    return packed([*files, *(_file(module) for module, _function in _OBSERVERS)])


def _place(observer: Observer) -> tuple[str, str]:
    """Module and function, as the program on the node calls them."""
    return f"plugins.{observer.__module__.partition('.plugins.')[2]}", observer.__name__


def _file(module: str) -> Path:
    return PLUGINS.parent.joinpath(*module.split(".")).with_suffix(".py")


#: Made once, when Ansible loads the action plugin; the processes that it forks for the hosts find it ready.
_OBSERVERS = [_place(observer) for observer in observers()]
ROOTS = (*_FILES, *(_file(module) for module, _function in _OBSERVERS))
_SOURCES = packed(ROOTS)
