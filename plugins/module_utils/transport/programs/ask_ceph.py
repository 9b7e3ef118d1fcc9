# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask Ceph: all questions over one connection, with Ceph's own library, at a fraction of what as many calls cost.

    ask_ceph cluster        what the monitors know
    ask_ceph data           the same, who may log in, and, if a manager answers, every placement group and OSD
    ask_ceph gates N ...    whether these OSDs may be stopped or destroyed together
    ask_ceph placed N ...   where CRUSH puts every placement group once these are out
    ask_ceph losses N,N ... where it puts them now, and which lie elsewhere once these OSDs, or those, are out
    ask_ceph versions       all of ``data``, which version each daemon runs, and what an upgrade has to know besides

Prints JSON: question → answer, where one that the manager was not asked, or did not answer, is missing; or placement
group → OSDs, and null where CRUSH's own tool is not installed; of losses a list of these, as many as time allows.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from typing import Any, Callable, Optional

CONF = "/etc/pve/ceph.conf"
#: After so many seconds a monitor or a manager does not answer.
PATIENCE = {"client_mount_timeout": "10", "rados_mon_op_timeout": "10"}
MONITORS = ("status", "osd dump", "osd tree", "osd crush rule dump", "fs dump", "node ls", "config dump")
#: For how many seconds, and with which pause, a manager is asked again whose numbers are those of an earlier map.
CATCHING_UP, PAUSE = 3, 0.5
#: For how many seconds CRUSH's tool is asked about losses, at most.
LOOKING_AHEAD = 4
#: How the names of what this collection keeps in Ceph's store begin.
OWN = "baremetal.virt/"
#: What Ceph answers with: no, and not known yet.
BUSY, AGAIN = -16, -11


class Silence(Exception):
    """Whoever was asked did not answer, or refused."""


class Ceph:
    """One connection."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster

    def monitor(self, question: str, **options: Any) -> Any:
        return _document(question, *self._ask(self._cluster.mon_command, question, options))

    def manager(self, question: str, **options: Any) -> Any:
        return _document(question, *self._ask(self._cluster.mgr_command, question, options))

    def crush_map(self) -> bytes:
        code, answer, problem = self._ask(self._cluster.mon_command, "osd getcrushmap", {})
        if code < 0:
            raise Silence(f"osd getcrushmap: {problem} ({code})")
        return answer

    @staticmethod
    def _ask(command: Callable[..., Any], question: str, options: dict[str, Any]) -> tuple[int, bytes, str]:
        code, answer, problem = command(json.dumps({"prefix": question, "format": "json", **options}), b"")
        return code, answer, problem


def _document(question: str, code: int, answer: bytes, problem: str) -> Any:
    """ "No" and "not known yet" may come without a document, and from Ceph 15 "yes" as well; else it was refused."""
    if code not in (0, BUSY, AGAIN):
        raise Silence(f"{question}: {problem} ({code})")
    if not answer.strip():
        return {"said": {0: "yes", BUSY: "no", AGAIN: "unknown"}[code]}
    return json.loads(answer)


def cluster(ceph: Ceph) -> dict[str, Any]:
    return {question: ceph.monitor(question) for question in MONITORS}


def data(ceph: Ceph) -> dict[str, Any]:
    """Numbers are the manager's: without one that is available there are none, whatever ``status`` repeats."""
    answers = cluster(ceph)
    answers["mon dump"] = ceph.monitor("mon dump")
    # Of the keys only the names of their owners leave this program.
    answers["entities"] = sorted(owner["entity"] for owner in ceph.monitor("auth ls")["auth_dump"])
    if ceph.monitor("mgr stat")["available"]:
        try:
            answers["pg dump"] = _groups(ceph, answers["osd dump"]["epoch"])
            answers["osd df"] = ceph.manager("osd df")
            answers["balancer status"] = ceph.manager("balancer status")
        except Silence as silence:
            answers["silent manager"] = str(silence)
    return answers


def _groups(ceph: Ceph, epoch: int) -> dict[str, Any]:
    """Every placement group, as the manager has it once it knows the map that the monitors have.

    Ceph 16 says which map that is; 18 always says 0.
    """
    answer, known = _dump(ceph)
    deadline = time.monotonic() + CATCHING_UP
    while known and known < epoch and time.monotonic() < deadline:
        time.sleep(PAUSE)
        answer, known = _dump(ceph)
    groups = [_group(entry) for entry in answer.get("pg_map", {}).get("pg_stats", ())]
    return {"ready": bool(answer.get("pg_ready")), "epoch": known, "pgs": groups}


def _dump(ceph: Ceph) -> tuple[dict[str, Any], int]:
    answer = ceph.manager("pg dump")
    return answer, answer.get("pg_map", {}).get("last_osdmap_epoch", 0)


def _group(entry: dict[str, Any]) -> dict[str, Any]:
    """What of a placement group's hundred numbers is looked at."""
    numbers = ("num_objects", "num_bytes", "num_objects_unfound", "num_objects_degraded", "num_objects_misplaced")
    kept: dict[str, Any] = {
        key: entry[key] for key in ("pgid", "state", "up", "acting", "avail_no_missing") if key in entry
    }
    return {**kept, "stat_sum": {key: entry["stat_sum"].get(key, 0) for key in numbers}}


def versions(ceph: Ceph) -> dict[str, Any]:
    """Of values kept in Ceph's store only those of this collection leave this program."""
    answers = data(ceph)
    for kind in ("mon", "mgr", "mds", "osd"):
        answers[f"{kind} metadata"] = [_running(entry) for entry in ceph.monitor(f"{kind} metadata")]
    answers["mgr dump"] = {key: ceph.monitor("mgr dump")[key] for key in ("active_name", "standbys", "modules")}
    answers["kept"] = ceph.monitor("config-key dump", key=OWN)
    if "pg dump" in answers:
        try:
            answers["crashes"] = [crash["crash_id"] for crash in ceph.manager("crash ls-new")]
        except Silence as silence:
            answers["silent manager"] = str(silence)
    return answers


def _running(entry: dict[str, Any]) -> dict[str, Any]:
    """What of a daemon's hundred words is looked at; of one that is down there may be none but its number."""
    return {key: entry[key] for key in ("name", "id", "hostname", "ceph_version", "osd_objectstore") if key in entry}


def gates(ceph: Ceph, numbers: list[str]) -> dict[str, Any]:
    """Ceph calls an OSD that does not exist safe to destroy, so ask for known ones."""
    return {question: ceph.manager(question, ids=numbers) for question in ("osd safe-to-destroy", "osd ok-to-stop")}


def placed(dump: dict[str, Any], crush_map: bytes, without: set[int]) -> Optional[dict[str, list[int]]]:
    """Placement group → its OSDs; None where CRUSH's own tool is not installed."""
    found: dict[str, list[int]] = {}
    with tempfile.NamedTemporaryFile() as file:
        file.write(crush_map)
        file.flush()
        for pool in dump["pools"]:
            words = command_for(pool, file.name, dump["osds"], without)
            try:
                answer = asyncio.run(_said(words))
            except FileNotFoundError:
                return None
            found.update(_mapped(pool["pool"], answer))
    return found


def losses(dump: dict[str, Any], crush_map: bytes, lost: list[str]) -> list[Any]:
    now = placed(dump, crush_map, set()) or {}
    answers, end = [now], time.monotonic() + LOOKING_AHEAD
    for numbers in lost if now else ():
        without = set(map(int, numbers.split(",")))
        touched = {group.partition(".")[0] for group, members in now.items() if without & set(members)}
        pools = [pool for pool in dump["pools"] if str(pool["pool"]) in touched]
        if time.monotonic() > end:
            break
        then = placed({**dump, "pools": pools}, crush_map, without) or {}
        answers.append({group: members for group, members in then.items() if members != now[group]})
    return answers


async def _said(command: list[str]) -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise Silence(f"{command[0]}: {errors.decode(errors='replace').strip()}")
    return output.decode(errors="replace")


def command_for(pool: dict[str, Any], path: str, osds: list[dict[str, Any]], without: set[int]) -> list[str]:
    """crushtool takes every weight for 1 that it is not told."""
    words: list[Any] = ["crushtool", "-i", path, "--test", "--show-mappings"]
    for osd in osds:
        weight = 0 if osd["osd"] in without else osd["weight"]
        words += ["--weight", osd["osd"], weight] if weight != 1 else []
    words += ["--rule", pool["crush_rule"], "--num-rep", pool["size"]]
    words += ["--min-x", 0, "--max-x", pool["pg_placement_num"] - 1, "--pool-id", pool["pool"]]
    return [str(word) for word in words]


def _mapped(pool: int, text: str) -> dict[str, list[int]]:
    """Lines such as ``CRUSH rule 0 x 31 [3,0,5]``."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if words[:2] == ["CRUSH", "rule"] and words[3:4] == ["x"]:
            members = words[5].strip("[]").split(",")
            found[f"{pool}.{int(words[4]):x}"] = [int(member) for member in members if member]
    return found


def answer(ceph: Ceph, what: str, numbers: list[str]) -> Any:
    if what == "gates":
        return gates(ceph, numbers)
    if what == "placed":
        return placed(ceph.monitor("osd dump"), ceph.crush_map(), {int(number) for number in numbers})
    if what == "losses":
        return losses(ceph.monitor("osd dump"), ceph.crush_map(), numbers)
    return {"data": data, "versions": versions, "cluster": cluster}[what](ceph)


def main() -> None:
    import rados

    connection = rados.Rados(conffile=CONF, conf=PATIENCE)
    try:
        connection.connect()
        found = answer(Ceph(connection), sys.argv[1], sys.argv[2:])
    except (rados.Error, Silence) as error:
        raise SystemExit(str(error)) from error
    finally:
        # Otherwise OpenSSL ends before the library's threads do, and now and then the process is aborted.
        connection.shutdown()
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
