#!/usr/bin/env python3
"""Kill the controller after every change of a class, of its release and of its end; run again; look.

The playbooks speak HTTPS with the lab's stand-in on 127.0.0.1. It carries a change out and does not answer; then
ansible-playbook gets SIGKILL with all that it started.

    create      guests.yml makes a class of two
    release     release_guests.yml stops what one of them has, and backs it up
    destroy     the days of grace are over: release_guests.yml destroys it

In every state: each guest bears a mark and is in its owner's pool, each volume is in the configuration of a guest, and
whatever is gone is held by a protected backup. The same command then comes to the end that a run has which nobody
disturbed.

    tests/kill/kill_classes.py [--ways create release]      (half a minute for each change)
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.doubles.school import School

DAYS = 15 * 86400
RELEASE = ("release_guests.yml", "-e", "owner=stu02@pve")
WAYS: dict[str, tuple[str, ...]] = {"create": ("guests.yml",), "release": RELEASE, "destroy": RELEASE}
#: Another one each time.
_VARYING = re.compile(
    r"released=\d+|backup=\S+|meta: .*|vmgenid: .*|smbios1: .*|snaptime: .*|digest: .*|(?:[0-9A-F]{2}:){5}[0-9A-F]{2}"
)


def configurations(school: School) -> dict[int, str]:
    files = school.server.folder.glob("etc/pve/nodes/*/*/*.conf")
    return {int(file.stem): file.read_text(encoding="utf-8") for file in files}


def end(school: School) -> dict[str, str]:
    """What there is, without what differs between two equal ones."""
    users = (school.server.folder / "etc/pve/user.cfg").read_text(encoding="utf-8")
    found = {"users": "\n".join(sorted(users.splitlines()))}
    found.update({str(vmid): text for vmid, text in configurations(school).items()})
    running = sorted(path.name for path in (school.server.folder / "run").glob("*.running"))
    volumes = sorted(path.name for path in school.server.folder.glob("vms/images/*/*"))
    archives = sorted({path.name.split("-")[2] for path in school.server.folder.glob("backups/dump/*.zst")})
    found.update(running=" ".join(running), volumes=" ".join(volumes), archives=" ".join(archives))
    return {name: _VARYING.sub("", text) for name, text in found.items()}


def wrong(school: School, before: set[int]) -> Iterator[str]:
    """What nobody would know, and what is gone without a backup."""
    folder, configs = school.server.folder, configurations(school)
    pools = re.findall(r"(?m)^pool:([^:]*):[^:]*:([^:]*):", (folder / "etc/pve/user.cfg").read_text(encoding="utf-8"))
    members = {int(vmid): pool for pool, vmids in pools for vmid in vmids.split(",") if vmid}
    for vmid, text in sorted(configs.items()):
        if f"vmid={vmid} " not in text or vmid not in members:
            yield f"guest {vmid} bears no mark, or is in no pool"
    for volume in folder.glob("vms/images/*/*"):
        if not any(volume.name in text for text in configs.values()):
            yield f"nobody knows the volume {volume.name}"
    for vmid in sorted(before - set(configs)):
        archives = list(folder.glob(f"backups/dump/vzdump-qemu-{vmid}-*.zst"))
        if not any(path.with_name(f"{path.name}.protected").exists() and path.stat().st_size for path in archives):
            yield f"guest {vmid} is gone, and no protected backup holds it"


def let_days_pass(school: School) -> None:
    """What was released and backed up today was so before the days of grace, and started before that."""
    folder, then = school.server.folder, int(time.time()) - DAYS
    users = folder / "etc/pve/user.cfg"
    text = re.sub(r"released(=|%3D)\d+", rf"released\g<1>{then}", users.read_text(encoding="utf-8"))
    users.write_text(text, encoding="utf-8")
    index = folder / "var/log/pve/tasks/index"
    lines = index.read_text(encoding="utf-8").splitlines(keepends=True)
    index.write_text("".join(line for line in lines if ":qmstart:" not in line), encoding="utf-8")
    for archive in folder.glob("backups/dump/*.zst"):
        os.utime(archive, (then, then))


def disturbed(school: School, name: str, kept: Path, wanted: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """After how many changes → what is not as it should be."""
    after = 0
    while True:
        after += 1
        school.put_back(kept)
        before = set(configurations(school))
        if not school.killed(after, *WAYS[name]):
            return
        problems = list(wrong(school, before))
        again = school.play(*WAYS[name])
        problems += [] if again.returncode == 0 else [again.stdout[-2000:]]
        found = end(school)
        problems += [
            f"{key}: {found.get(key)!r}, not {text!r}" for key, text in wanted.items() if found.get(key) != text
        ]
        problems += [f"{key} is left" for key in found if key not in wanted]
        yield after, [*problems, *wrong(school, before)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    options = parser.parse_args()
    failed = passed = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "node").mkdir()
        school = School(folder)
        try:
            for name, words in WAYS.items():
                if name == "destroy":
                    let_days_pass(school)
                school.keep(folder / name)
                whole = school.play(*words)
                if whole.returncode != 0:
                    print(whole.stdout, file=sys.stderr)
                    return 1
                wanted = end(school)
                if name == "destroy" and "1201" in wanted:
                    print(f"nothing was destroyed: {whole.stdout}", file=sys.stderr)
                    return 1
                school.keep(folder / f"after-{name}")
                for after, problems in disturbed(school, name, folder / name, wanted) if name in options.ways else ():
                    print(f"| {name} | {after} | {'; '.join(problems) or 'the same end'} |", flush=True)
                    failed, passed = failed + bool(problems), passed + (not problems)
                school.put_back(folder / f"after-{name}")
        finally:
            school.server.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
