"""A program that is sent to nodes, run by this Python as a node's runs it."""

from __future__ import annotations

import subprocess
import sys

from ansible_collections.baremetal.virt.plugins.plugin_utils.node_program import COMMAND, ENCODING


def ran(source: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", *COMMAND]
    done = subprocess.run(command, input=source.encode(ENCODING), capture_output=True, check=True)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())
