"""`ceph-volume lvm create` where no logical volume can be made: the OSD lies on the bare device, as in osd.py.

Stand-in: everything else goes to Debian's own ceph-volume, unchanged.
"""

from __future__ import annotations

import argparse
import os
import sys

from pve_standin.ceph import osd, services, volumes
from pve_standin.core.exec import run_visible

REAL = "/usr/sbin/ceph-volume"


def main() -> None:
    if sys.argv[1:3] != ["lvm", "create"] or volumes.possible():
        os.execv(REAL, [REAL, *sys.argv[1:]])
    options = _parser().parse_args(sys.argv[3:])
    if options.dmcrypt:
        sys.exit("--> RuntimeError: the lab has no device mapper: plain OSDs only")
    _create(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ceph-volume lvm create", allow_abbrev=False)
    parser.add_argument("--data", required=True)
    for option in ("--osd-id", "--crush-device-class", "--block.db", "--block.wal"):
        parser.add_argument(option)
    parser.add_argument("--dmcrypt", action="store_true")
    return parser


def _create(options: argparse.Namespace) -> None:
    given = {key.replace("_", "-"): value for key, value in vars(options).items() if key != "dmcrypt" and value}
    words = [word for key, value in given.items() for word in (f"--{key}", value)]
    run_visible([REAL, "raw", "prepare", "--bluestore", *words])
    run_visible([REAL, "raw", "activate", "--device", options.data, "--no-systemd"])
    number = osd.osd_on(options.data)
    services.enable("osd", number)
    services.start("osd", number)
    print(f"--> ceph-volume lvm create successful for: {options.data}", flush=True)
