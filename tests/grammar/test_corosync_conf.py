"""corosync.conf(5): a running corosync has in its map what we read in the file, and what we cannot read it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.corosync_edit import edited
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.cluster import CorosyncConfig
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.config import DesiredClusterConfig
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_start import reasons_not_to_start
from hypothesis import given

from .corosync_files import files
from .sandbox import Sandbox
from .tally import agreed, enough

#: A change of one setting.
WISH = DesiredClusterConfig("lab", token_coefficient=321)
PATH = "/etc/corosync/corosync.conf"
FIRST = """\
totem {
  version: 2
  cluster_name: lab
  secauth: on
}
nodelist {
  node {
    name: pve1
    nodeid: 1
    ring0_addr: 127.0.0.1
  }
}
quorum {
  provider: corosync_votequorum
}
"""
BEGIN = """
head -c 256 /dev/urandom > /etc/corosync/authkey
corosync -f > /tmp/corosync.log 2>&1 &
for second in $(seq 100); do corosync-cfgtool -s > /dev/null 2>&1 && exit; sleep 0.1; done
cat /tmp/corosync.log; exit 1
"""
#: Not wrong as text, but as a cluster that this one could become; corosync says so after it has read the file.
READ_BUT_REFUSED = re.compile(
    "Can't store key|is expected to be|Invalid|Only memberaddr|must be|same number of links|must have a 'name'|nodeid"
    "|No totem.version|failed to parse|not be reloaded|Extra|bigger than|IP families|No interfaces defined|transport"
)
WRONG_TEXT = re.compile("parser error: .*(?:bracket|brace|Key name can't be empty|opening or closing|too long)")


@pytest.fixture(scope="module")
def corosync(sandbox: Sandbox) -> Iterator[Sandbox]:
    """With a corosync that runs, and reads its configuration again when it is told to."""
    begun = sandbox.run(["bash", "-c", BEGIN], {PATH: FIRST})
    assert begun.rc == 0, begun
    yield sandbox
    sandbox.run(["pkill", "-x", "corosync"])


def reloaded(corosync: Sandbox, text: str) -> Optional[dict[str, str]]:
    """The map after corosync has read this; None when it keeps what it had."""
    done = corosync.run(["corosync-cfgtool", "-R"], {PATH: text})
    if done.rc != 0 or "ould not" in done.stdout + done.stderr:
        return None
    listed = corosync.run(["corosync-cmapctl"]).stdout
    rows = (re.fullmatch(r"(\S+) \(\w+\) = ?(.*)", line) for line in listed.split("\n"))
    return {row[1]: row[2] for row in rows if row}


def we_read(text: str) -> Optional[CorosyncConfig]:
    try:
        return parse_corosync_conf(text)
    except Unreadable:
        return None


def in_map(config: CorosyncConfig) -> dict[str, Any]:
    """What the map has to hold; of what is not written corosync has no key."""
    found: dict[str, Any] = {"totem.cluster_name": config.name, "totem.config_version": config.version}
    for place, member in enumerate(config.members):
        node = f"nodelist.node.{place}."
        found |= {f"{node}name": member.name, f"{node}nodeid": member.nodeid, f"{node}quorum_votes": member.votes}
        found |= {f"{node}ring{number}_addr": address for number, address in member.links.items()}
    for number in config.links:
        found[f"totem.interface.{number}.knet_link_priority"] = config.priorities.get(number, 0)
    found["totem.token_coefficient"] = config.token_coefficient
    device = config.qdevice
    found |= {
        "quorum.device.net.host": device.host if device else None,
        "quorum.device.net.algorithm": device.algorithm if device else None,
        "quorum.device.votes": device.votes if device else 0,
    }
    return found | {f"quorum.{key}": value for key, value in config.quorum.items()}


DEFAULTS = {"quorum_votes": "1", "knet_link_priority": "0", "votes": "0", "config_version": "0"}


def in_corosync(found: dict[str, str], keys: set[str]) -> dict[str, str]:
    return {key: found.get(key, DEFAULTS.get(key.rpartition(".")[2], "None")) for key in keys}


def test_corosync_conf(corosync: Sandbox) -> None:
    @given(files())
    def one(text: str) -> None:
        ours = we_read(text)
        tried = corosync.run(["corosync", "-t", "-c", PATH], {PATH: text})
        if tried.rc != 0:
            if ours is not None:
                assert not WRONG_TEXT.search(tried.stderr), tried.stderr
                if "same number of links" in tried.stderr:
                    assert list(reasons_not_to_start(ours))
            agreed("corosync.conf", text, "refused by both" if ours is None else "read, and no cluster for corosync")
            return
        assert ours is not None, "corosync takes what we cannot read"
        found = reloaded(corosync, text)
        if found is None:
            agreed("corosync.conf", text, "no successor of the running one")
            return
        expected = {key: str(value) for key, value in in_map(ours).items()}
        assert in_corosync(found, set(expected)) == expected
        written = edited(text, WISH)
        assert written is not None
        again = reloaded(corosync, written)
        assert again is not None, written
        changed = {"totem.token_coefficient": "321", "totem.config_version": str(ours.version + 1)}
        assert configured(again) == {**configured(found), **changed}, written
        assert edited(written, WISH) is None
        agreed("corosync.conf", text, "read by both")

    one()
    enough("corosync.conf")


def configured(found: dict[str, str]) -> dict[str, str]:
    """What comes from the file, every key of it."""
    return {
        key: value
        for key, value in found.items()
        if key.startswith(("totem.", "nodelist.", "quorum.", "logging.")) and not key.endswith("local_node_pos")
    }
