"""Faults of what runs on a node: the cluster's locks, tasks, the API, Ceph's daemons."""

from __future__ import annotations

import json
import re

from . import node
from .addresses import node_name
from .fault import NODE, Argument, Fault, Spec, in_node, script_in_node
from .faults_node import stop_unit
from .settings import Lab, LabError
from .shell import run, wait_until

LOCK_FOLDER = "/etc/pve/priv/lock"
# a lock's owner touches it again and again: after two minutes without that, others may take it away
HOLD = 'while [ -d "$1" ]; do touch -c "$1"; sleep 30; done'

WANTED_FILE = "/etc/lab/faults.json"
"""Faults the stand-in itself makes happen, each once: a JSON list of strings; see its core/lab_faults.py."""

JOIN_STEPS = (
    "checks",
    "request",
    "authkey",
    "corosync.conf",
    "stop",
    "backup",
    "unlink",
    "start",
    "quorum",
    "certificate",
    "services",
    "end",
)
"""What `pvecm add` does, in its order; before each step a join can be made to stand still."""
LET_GO = "for note in /run/lab-halted/*; do ! [ -e $note ] || kill -CONT ${note##*/} || rm $note; done"


def _lock_unit(spec: Spec) -> str:
    return f"lab-fault-lock-{spec['name']}.service"


def _lock_name(_: Lab, spec: Spec) -> Spec:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", spec["name"]):
        raise LabError(f"lock {spec['name']!r}: a lock's name looks like file-storage_cfg")
    return spec


def _hold(lab: Lab, spec: Spec) -> None:
    script_in_node(lab, spec, f'mkdir -p {LOCK_FOLDER}; mkdir "{LOCK_FOLDER}/$1"', spec["name"])
    service = ["systemd-run", "--quiet", "--collect", f"--unit={_lock_unit(spec)}"]
    in_node(lab, spec, [*service, "/bin/sh", "-c", HOLD, "lock", f"{LOCK_FOLDER}/{spec['name']}"])


def _release(lab: Lab, spec: Spec) -> None:
    stop_unit(lab, spec, _lock_unit(spec))
    folder = f"{LOCK_FOLDER}/{spec['name']}"

    def gone() -> bool:
        run(node.inside(lab, spec["node"], ["rmdir", folder]), check=False)  # refused while there is no quorum
        return not _exists(lab, spec, folder)

    wait_until(gone, 60, f"{folder} to be writable, which takes a quorum", interval=1)


def _exists(lab: Lab, spec: Spec, folder: str) -> bool:
    return in_node(lab, spec, ["sh", "-c", 'if [ -d "$1" ]; then echo yes; fi', "sh", folder]) != ""


def _wanted(lab: Lab, spec: Spec) -> list[str]:
    text = in_node(lab, spec, ["sh", "-c", f"if [ -e {WANTED_FILE} ]; then cat {WANTED_FILE}; fi"])
    wanted: list[str] = json.loads(text or "[]")
    return wanted


def _want(lab: Lab, spec: Spec, wanted: list[str]) -> None:
    script = f"cat > {WANTED_FILE}.partial; mv {WANTED_FILE}.partial {WANTED_FILE}"
    in_node(lab, spec, ["sh", "-euc", script], stdin=json.dumps(wanted))


def _word(spec: Spec) -> str:
    """How the stand-in is told: `task-fails cephcreatemon`, `api-596`."""
    return " ".join(spec[key] for key in ("fault", "type", "step") if key in spec)


def _arm(lab: Lab, spec: Spec) -> None:
    others = [word for word in _wanted(lab, spec) if word != _word(spec)]
    _want(lab, spec, [*others, _word(spec)])


def _disarm(lab: Lab, spec: Spec) -> None:
    wanted = _wanted(lab, spec)
    if _word(spec) in wanted:
        _want(lab, spec, [word for word in wanted if word != _word(spec)])


def _let_go(lab: Lab, spec: Spec) -> None:
    """Let a join that stands still go on; after a loss of power there is none."""
    _disarm(lab, spec)
    script_in_node(lab, spec, LET_GO)


def _daemon(spec: Spec) -> tuple[str, str]:
    """The unit and the data folder of the Ceph daemon."""
    kind, name = ("osd", str(spec["id"])) if spec["fault"] == "osd-down" else ("mon", node_name(spec["node"]))
    return f"ceph-{kind}@{name}.service", f"/var/lib/ceph/{kind}/ceph-{name}"


def _stop_daemon(lab: Lab, spec: Spec) -> None:
    unit, folder = _daemon(spec)
    script_in_node(lab, spec, 'test -d "$2"; systemctl -q mask --runtime --now "$1"', unit, folder)


def _start_daemon(lab: Lab, spec: Spec) -> None:
    unit, folder = _daemon(spec)
    script = 'systemctl -q unmask --runtime "$1"; systemctl reset-failed "$1"; ! [ -d "$2" ] || systemctl start "$1"'
    script_in_node(lab, spec, script, unit, folder)


def _osd_node(lab: Lab, spec: Spec) -> Spec:
    """Find the node the OSD lives on."""
    for number in lab.numbers:
        there = {**spec, "node": number}
        if node.is_on(lab, number) and _exists(lab, there, f"/var/lib/ceph/osd/ceph-{spec['id']}"):
            return there
    raise LabError(f"no running node has osd.{spec['id']}")


FAULTS = (
    Fault(
        "lock",
        "hold a lock of the cluster's file system",
        (NODE, Argument("name", {"metavar": "NAME", "help": "such as file-storage_cfg"})),
        _hold,
        _release,
        inside=True,
        complete=_lock_name,
    ),
    Fault(
        "task-fails",
        "the next task of a type ends in an error after it has started",
        (NODE, Argument("type", {"metavar": "TASKTYPE", "help": "such as cephcreatemon"})),
        _arm,
        _disarm,
        inside=True,
        once=True,
    ),
    Fault(
        "task-warns",
        "the next task of a type does its work and ends with a warning",
        (NODE, Argument("type", {"metavar": "TASKTYPE", "help": "such as qmstart"})),
        _arm,
        _disarm,
        inside=True,
        once=True,
    ),
    Fault(
        "join-halts",
        "a node's next join stands still before a step, for ever: to cut it short just there",
        (NODE, Argument("step", {"choices": JOIN_STEPS})),
        _arm,
        _let_go,
        inside=True,
        once=True,
    ),
    Fault(
        "pmxcfs-late",
        "a node's pmxcfs misses corosync at its next start and finds it six seconds later, as upstream's does",
        (NODE,),
        _arm,
        _disarm,
        inside=True,
        once=True,
    ),
    Fault("api-596", "the API answers one request with 596", (NODE,), _arm, _disarm, inside=True, once=True),
    Fault(
        "api-cut-before",
        "the API closes a connection instead of carrying out a request",
        (NODE,),
        _arm,
        _disarm,
        inside=True,
        once=True,
    ),
    Fault(
        "api-cut-after",
        "the API carries out a request and closes the connection instead of answering",
        (NODE,),
        _arm,
        _disarm,
        inside=True,
        once=True,
    ),
    Fault("mon-down", "a node's Ceph monitor is down", (NODE,), _stop_daemon, _start_daemon, inside=True),
    Fault(
        "osd-down",
        "an OSD is down",
        (Argument("id", {"type": int, "metavar": "ID"}),),
        _stop_daemon,
        _start_daemon,
        inside=True,
        complete=_osd_node,
    ),
)
