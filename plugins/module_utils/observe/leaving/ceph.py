# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what of Ceph is on another node, from the monitors: that node itself need not answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.ceph.state import CONF
from ...model.leaving.ceph import CephMap, ObservedCephOfNode, OsdUse
from ..ceph import state as ceph

#: Of the keys only the names of their owners leave the program.
_PROGRAM = f"""
import json, rados, sys
patience = {{"client_mount_timeout": "10", "rados_mon_op_timeout": "10"}}
cluster = rados.Rados(conffile="{CONF}", conf=patience)
def ask(command, question):
    code, answer, problem = command(json.dumps({{"prefix": question, "format": "json"}}), b"")
    if code:
        sys.exit(f"{{question}}: {{problem}} ({{code}})")
    return json.loads(answer)
try:
    cluster.connect()
    answers = {{name: ask(cluster.mon_command, name) for name in ("status", "mon dump", "osd tree", "osd dump")}}
    owners = ask(cluster.mon_command, "auth ls")["auth_dump"]
    answers["entities"] = sorted(owner["entity"] for owner in owners)
    if ask(cluster.mon_command, "mgr stat")["available"]:
        answers["osd df"] = ask(cluster.mgr_command, "osd df")
except rados.Error as error:
    sys.exit(str(error))
finally:
    cluster.shutdown()
print(json.dumps(answers))
"""
#: What Ceph's library says when neither the configuration nor DNS names a monitor.
_NO_MONITORS = "object not found"
ASK = ("/usr/bin/python3", "-I", "-c", _PROGRAM)


def observe(reader: Reader) -> Optional[ObservedCephOfNode]:
    """None when Proxmox VE has not set up Ceph in this cluster."""
    text = reader.read(CONF)
    if text is None:
        return None
    found = ceph.observe(reader)
    conf = found.node.conf
    if conf is None:
        return None
    if found.cluster is None and found.silence is None:
        found = ceph.ask_monitors(reader, found.node)
        if not found.node.expects_monitors and _NO_MONITORS in (found.silence or ""):
            return ObservedCephOfNode(conf, text)
    if found.cluster is None:
        return ObservedCephOfNode(conf, text, silence=found.silence)
    done = reader.run(*ASK)
    if done.rc != 0:
        last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return ObservedCephOfNode(conf, text, silence=last)
    try:
        return ObservedCephOfNode(conf, text, found.cluster, parse(json.loads(done.stdout)))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(
            f"Ceph's monitors answered in an unknown form: {error!r}.", stdout=done.stdout[:2000]
        ) from error


def parse(answers: Mapping[str, Any]) -> CephMap:
    pgs = answers["status"]["pgmap"]
    mons = answers["mon dump"]["mons"]
    return CephMap(
        mons=tuple(sorted(mon["name"] for mon in mons)),
        mon_addresses={mon["name"]: _addresses(mon) for mon in mons},
        hosts=tuple(sorted(node["name"] for node in answers["osd tree"]["nodes"] if node["type"] == "host")),
        flags=frozenset(answers["osd dump"].get("flags", "").split(",")) - {""},
        entities=frozenset(answers["entities"]),
        use={node["id"]: _use(node) for node in answers.get("osd df", {}).get("nodes", ())},
        pg_states={state["state_name"]: state["count"] for state in pgs.get("pgs_by_state", ())},
        misplaced=pgs.get("misplaced_objects", 0),
        degraded=pgs.get("degraded_objects", 0),
        objects=pgs.get("num_objects", 0),
        bytes_per_second=pgs.get("recovering_bytes_per_sec", 0),
        objects_per_second=pgs.get("recovering_objects_per_sec", 0),
    )


def _use(node: Mapping[str, Any]) -> OsdUse:
    return OsdUse(node["kb_used"] * 1024, node["kb"] * 1024, node["pgs"])


def _addresses(mon: Mapping[str, Any]) -> tuple[str, ...]:
    """``10.10.2.11:6789/0`` and ``[fd00::1]:6789/0`` without port and nonce."""
    texts = [entry["addr"] for entry in mon.get("public_addrs", {}).get("addrvec", ())] or [mon.get("addr", "")]
    hosts = (text.partition("/")[0].rpartition(":")[0].strip("[]") for text in texts)
    return tuple(dict.fromkeys(host for host in hosts if host))
