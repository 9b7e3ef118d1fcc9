"""vlan_echo: frames with the tags of VLANs on a real wire between two network namespaces, and back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import vlan_echo

PROGRAM = Path(vlan_echo.__file__)
#: Two wires to another namespace, where one port answers; ``silent`` has nobody at its other end.
WIRE = """
set -e
ip link add va type veth peer name vb; ip link add silent type veth peer name nobody
unshare -n sleep 30 & other=$!
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do sleep 0.02; done
ip link set vb netns $other
nsenter -t $other -n ip link set vb up
for name in va silent nobody; do ip link set $name up; done
nsenter -t $other -n "$1" -I "$2" answer 5 vb & answering=$!
until nsenter -t $other -n grep -q . /proc/net/packet; do sleep 0.05; done
"$1" -I "$2" ask 1 va@20 va@4094 silent@20
kill $answering $other
"""
INSIDE = ("unshare", "--user", "--map-root-user", "--net", "sh", "-c")
USABLE = subprocess.run([*INSIDE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not USABLE, reason="this kernel gives users no network namespaces of their own")
def test_a_tag_comes_back_with_the_name_of_the_node() -> None:
    asked = (*INSIDE, WIRE, "sh", sys.executable, str(PROGRAM))
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    (name,) = found["va@20"]
    assert found == {"va@20": [name], "va@4094": [name], "silent@20": []}


def test_a_question_is_for_everybody_and_has_the_tag() -> None:
    sent = vlan_echo.frame(vlan_echo.EVERYBODY, bytes.fromhex("020000000001"), 20, vlan_echo.ASKS, bytes(8))
    assert sent[:18].hex() == "ffffffffffff" + "020000000001" + "8100" + "0014" + "88b5"
    assert len(sent) == 64
