"""Figures about this machine, read from /proc: what /nodes/{node}/status and the resource lists show."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

PROC = Path("/proc")
PUBLISHED_KEY = "nodestats"


def uptime() -> int:
    return int(float((PROC / "uptime").read_text(encoding="ascii").split()[0]))


def memory() -> dict[str, dict[str, int]]:
    """Memory and swap in bytes."""
    values: dict[str, int] = {}
    for line in (PROC / "meminfo").read_text(encoding="ascii").splitlines():
        name, _, rest = line.partition(":")
        values[name] = int(rest.split()[0]) * 1024
    total, free, available = values["MemTotal"], values["MemFree"], values.get("MemAvailable", values["MemFree"])
    swap_total, swap_free = values.get("SwapTotal", 0), values.get("SwapFree", 0)
    return {
        "memory": {"total": total, "free": free, "available": available, "used": total - available},
        "swap": {"total": swap_total, "free": swap_free, "used": swap_total - swap_free},
    }


def root_file_system() -> dict[str, int]:
    found = os.statvfs("/")
    total, free = found.f_blocks * found.f_frsize, found.f_bfree * found.f_frsize
    return {"total": total, "free": free, "avail": found.f_bavail * found.f_frsize, "used": total - free}


def load_average() -> list[str]:
    return (PROC / "loadavg").read_text(encoding="ascii").split()[:3]


def cpu_times() -> tuple[int, int]:
    """Busy and total clock ticks since boot."""
    fields = [int(word) for word in (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:]]
    total = sum(fields[:8])
    return total - fields[3] - fields[4], total


def cpu_usage(interval: float = 0.1) -> int | float:
    busy, total = cpu_times()
    time.sleep(interval)
    busy_after, total_after = cpu_times()
    elapsed = total_after - total
    usage = round((busy_after - busy) / elapsed, 4) if elapsed else 0
    return int(usage) if usage == int(usage) else usage  # whole numbers are written without a fraction


def cpu_info() -> dict[str, Any]:
    """Model, flags and counts of the processors."""
    processors: list[dict[str, str]] = []
    for block in (PROC / "cpuinfo").read_text(encoding="utf-8").split("\n\n"):
        pairs = (line.partition(":") for line in block.splitlines())
        fields = {key.strip(): value.strip() for key, _, value in pairs if key.strip()}
        if "processor" in fields:
            processors.append(fields)
    first = processors[0] if processors else {}
    sockets = {one.get("physical id", "0") for one in processors}
    flags = first.get("flags", "")
    return {
        "cpus": len(processors) or 1,
        "cores": int(first.get("cpu cores", len(processors) or 1)),
        "sockets": len(sockets) or 1,
        "model": first.get("model name", ""),
        "vendor": first.get("vendor_id", ""),
        "family": first.get("cpu family", ""),
        "mhz": first.get("cpu MHz", ""),
        "flags": flags,
        "hvm": "1" if {"vmx", "svm"} & set(flags.split()) else "",
        "user_hz": os.sysconf("SC_CLK_TCK"),
    }


def summary() -> dict[str, Any]:
    """The figures a node publishes to the others."""
    stats = memory()["memory"]
    disk = root_file_system()
    return {
        "cpu": cpu_usage(),
        "maxcpu": os.cpu_count() or 1,
        "mem": stats["used"],
        "maxmem": stats["total"],
        "disk": disk["used"],
        "maxdisk": disk["total"],
        "uptime": uptime(),
        "level": "",
        "cgroup-mode": 2,
    }
