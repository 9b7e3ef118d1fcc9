"""/nodes/{node}/tasks: finished and running tasks, their state and their logs."""

from __future__ import annotations

import os
import signal
from typing import Any

from pve_standin.api.registry import Call, method, parameter_error
from pve_standin.api.schema import split_list
from pve_standin.core import tasklog, upid

NO_LOG = "unable to open file - No such file or directory"


@method("GET", "/nodes/{node}/tasks")
def node_tasks(call: Call) -> list[dict[str, Any]]:
    source = call.params.get("source", "archive")
    records: list[tasklog.Record] = []
    if source in ("active", "all"):
        records += tasklog.active()
    if source in ("archive", "all"):
        records += tasklog.archive()
    wanted = [record for record in records if _selected(record, call.params)]
    start = call.params.get("start", 0)
    return [record.as_dict() for record in wanted[start : start + call.params.get("limit", 50)]]


def _selected(record: tasklog.Record, params: dict[str, Any]) -> bool:
    failed = record.endtime and record.status != "OK" and not record.status.startswith("WARNINGS: ")
    return not (
        (params.get("errors") and not failed)
        or ("typefilter" in params and record.upid.type != params["typefilter"])
        or ("userfilter" in params and params["userfilter"] not in record.upid.user)
        or ("vmid" in params and record.upid.id != str(params["vmid"]))
        or ("since" in params and record.upid.starttime < params["since"])
        or ("until" in params and record.upid.starttime > params["until"])
        or ("statusfilter" in params and _category(record) not in split_list(params["statusfilter"]))
    )


def _category(record: tasklog.Record) -> str:
    if record.status == "OK":
        return "ok"
    return "warning" if record.status.startswith("WARNINGS: ") else "error"


@method("GET", "/nodes/{node}/tasks/{upid}/status")
def task_status(call: Call) -> dict[str, Any]:
    task = _known(call.params["upid"])
    if task.node != call.node or not tasklog.log_path(task).exists():
        raise parameter_error({"upid": "no such task"})
    running = upid.running(task)
    row = {**tasklog.Record(task).as_dict(), "status": "running" if running else "stopped"}
    if not running:
        row["exitstatus"] = tasklog.status_of(task)
    return row


@method("GET", "/nodes/{node}/tasks/{upid}/log")
def task_log(call: Call) -> list[dict[str, Any]]:
    task = _known(call.params["upid"])
    lines = tasklog.read_log(task) if tasklog.log_path(task).exists() else [NO_LOG]
    start = call.params.get("start", 0)
    limit = call.params.get("limit", 50) or len(lines)
    return [{"n": start + index + 1, "t": line} for index, line in enumerate(lines[start : start + limit])]


@method("DELETE", "/nodes/{node}/tasks/{upid}", protected=True)
def stop_task(call: Call) -> None:
    task = _known(call.params["upid"])
    if upid.running(task):
        os.kill(task.pid, signal.SIGTERM)


def _known(text: str) -> upid.Upid:
    if not upid.is_upid(text):
        raise parameter_error({"upid": "unable to parse worker upid"})
    return upid.parse(text)
