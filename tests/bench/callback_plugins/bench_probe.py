"""Count what a run sends to the nodes, by watching Ansible itself, and the collection's own way to the HTTPS API.

Every start of a module on a node, every command sent over a connection and every request is one line of JSON in the
file that BENCH_PROBE names. The methods are wrapped when Ansible loads this plugin, before it forks its workers, and so
no call is missed. At the end of the run the observations kept for it are copied to the folder BENCH_RECORDINGS.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import time
from importlib import import_module
from typing import Any, Callable

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: bench_probe
type: aggregate
short_description: count module starts and round trips
description: See the file's own text.
"""


def _note(**event: Any) -> None:
    line = json.dumps({**event, "at": time.time()}) + "\n"
    descriptor = os.open(os.environ["BENCH_PROBE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(descriptor, line.encode())  # one write: lines of several workers do not mix
    finally:
        os.close(descriptor)


def _watched(method: Callable[..., Any], kind: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def watch(self: ActionBase, *args: Any, **kwargs: Any) -> Any:
        _note(kind=kind, host=self._play_context.remote_addr, task=self._task.get_name())
        return method(self, *args, **kwargs)

    return watch


def _watched_api(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def watch(self: Any, *args: Any, **kwargs: Any) -> Any:
        _note(kind="API call", host=self.url)
        return method(self, *args, **kwargs)

    return watch


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "bench_probe"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        ActionBase._execute_module = _watched(ActionBase._execute_module, "module")
        ActionBase._low_level_execute_command = _watched(ActionBase._low_level_execute_command, "round trip")
        api = import_module("ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api").Api
        api.look, api.change = _watched_api(api.look), _watched_api(api.change)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        kept = os.path.join(constants.DEFAULT_LOCAL_TMP, "baremetal.virt")
        target = os.environ.get("BENCH_RECORDINGS")
        if target and os.path.isdir(kept):
            shutil.copytree(kept, target, dirs_exist_ok=True)
