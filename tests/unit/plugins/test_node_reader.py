"""The observers as one program: it runs with nothing but Python, and says what it found whatever else is printed."""

from __future__ import annotations

import json
import subprocess

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import CLUSTER, NODE, Question, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage import access as storage_access
from ansible_collections.baremetal.virt.plugins.plugin_utils import node_reader
from ansible_collections.baremetal.virt.plugins.plugin_utils.node_program import answer

from ...doubles.sent import ran


def _on_this_machine(with_cluster: bool) -> subprocess.CompletedProcess[str]:
    return ran(node_reader.program(with_cluster))


@pytest.mark.parametrize("with_cluster", [False, True])
def test_what_it_reads_can_be_replayed(with_cluster: bool) -> None:
    done = _on_this_machine(with_cluster)
    recording = answer(done.stdout, done.stderr)["recording"]
    assert set(recording) == ({NODE, CLUSTER} if with_cluster else {NODE})
    name = subprocess.run(["hostname"], capture_output=True, text=True, check=True).stdout.strip()
    assert storage_access.observe(Replay(recording)).node == name.partition(".")[0]
    assert recording[NODE][Question("run", ("ip", "-json", "address")).key][0] in (0, 127)


def test_it_is_made_of_what_it_imports_and_of_nothing_else() -> None:
    told = "print(json.dumps([name for name in SOURCES if SOURCES[name]]), json.dumps(list(sys.modules)), sep='\\n')"
    script = f"{node_reader.program(False)}{told}"
    done = ran(script)
    sent, imported = (json.loads(line) for line in done.stdout.splitlines()[-2:])
    assert set(sent) <= set(imported)
    assert "plugins.module_utils.transport.record" in sent and "plugins.module_utils.transport.perform" not in sent
