#!/usr/bin/env python3
"""The pictures in docs/pictures: what a run on the lab showed, as SVG, and the page of its report.

usage: pictures.py record      on the lab's fresh nodes: plan, make the cluster, report; keep what was shown, then draw
       pictures.py draw        draw anew from what was kept; prints the paths

Kept are the plan and the report as data, so that a test can tell when the product says it in other words by now: see
tests/tools/tests/test_pictures.py. What is drawn of the plan was on the screen of that run, word for word.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyte
from ansible_collections.baremetal.virt.plugins.module_utils.report.plan import Document, document, note
from ansible_collections.baremetal.virt.plugins.module_utils.report.text import plan_text
from ansible_collections.baremetal.virt.plugins.plugin_utils.page.page import page
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
KEPT, PICTURES = Path(__file__).with_name("pictures"), ROOT / "docs" / "pictures"
LAB = str(ROOT / "tests" / "lab" / "lab")
SITE = "ansible-playbook -i inventories/lab playbooks/site.yml"
COLUMNS = 100
CHROMIUM = ("chromium-headless-shell", "chromium")


def record() -> None:
    """A lab of its own, as bare Debian, becomes a cluster; the screen is a terminal of ``COLUMNS``."""
    subprocess.run([LAB, "up"], check=True)
    subprocess.run([LAB, "reset"], check=True)
    with tempfile.TemporaryDirectory() as scratch:
        shown = on_terminal(f"{SITE} --check -e plan_to={scratch}/plan.json")
        subprocess.run(SITE.split(), cwd=ROOT, check=True)
        report = [
            "ansible-playbook",
            "-i",
            "inventories/lab",
            "playbooks/report.yml",
            "-e",
            f"report_to={scratch}/r.html",
        ]
        subprocess.run(report, cwd=ROOT, check=True)
        plan, told = (json.loads(Path(scratch, name).read_text()) for name in ("plan.json", "r.json"))
    if plan_words(plan) not in "\n".join(screen(shown)):
        raise SystemExit(f"The plan in the file and the one on the screen differ:\n{plan_words(plan)}\n{shown}")
    keep(plan, told)


def keep(plan: dict[str, Any], report: dict[str, Any]) -> None:
    del plan["binding"]  # what tells this machine from others
    KEPT.mkdir(exist_ok=True)
    (KEPT / "plan.json").write_text(json.dumps(plan, indent=1) + "\n")
    (KEPT / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def on_terminal(command: str) -> str:
    """All that the command writes to a terminal."""
    with tempfile.NamedTemporaryFile() as raw:
        within = f"stty columns {COLUMNS} rows 50; {command}"
        subprocess.run(["script", "-qec", within, raw.name], cwd=ROOT, check=True)
        return Path(raw.name).read_text()


def screen(raw: str) -> list[str]:
    """The lines that stay, without those of ``script`` itself."""
    shown = pyte.Screen(COLUMNS, 2000)
    shown.set_mode(pyte.modes.LNM)
    pyte.Stream(shown).feed(re.sub(r"(?m)^Script (started|done) .*\n", "", raw))
    return "\n".join(line.rstrip() for line in shown.display).strip("\n").split("\n")


def plan_words(data: dict[str, Any]) -> str:
    """The plan that a file of it holds, as it is told."""
    return plan_text(replace(plan_of(data), seconds=data["seconds"], measured=data["measured"]))


def plan_of(data: dict[str, Any]) -> Document:
    """Within a subject, another task begins where the hosts begin anew."""
    steps: dict[tuple[int, str, str], list[Any]] = {}
    task = last = 0
    for step in data["steps"]:
        place = data["hosts"].index(step["host"])
        task, last = task + (place < last), place
        steps.setdefault((task, step["host"], step["subject"]), []).append(step)
    notes = [
        note({"host": host, "subject": subject, "task": str(number), "steps": own})
        for (number, host, subject), own in steps.items()
    ]
    said = [
        (kind, host, one["text"]) for kind in ("warnings", "refusals") for one in data[kind] for host in one["hosts"]
    ]
    notes += [note({"host": host, "subject": "", kind: [text]}) for kind, host, text in said]
    return document(data["site"], data["hosts"], notes)


def picture(lines: Iterable[str], title: str) -> str:
    """Lines of a terminal as SVG, which fetches no font."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor", legacy_windows=False)
    for line in lines:
        console.print(Text(line), no_wrap=True, overflow="ignore", crop=False)
    plain = re.sub(r"(?s)@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*", "", CONSOLE_SVG_FORMAT)
    drawn = console.export_svg(title=title, code_format=plain, unique_id="screen")
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


def draw() -> list[Path]:
    PICTURES.mkdir(exist_ok=True)
    plan, report = PICTURES / "plan.svg", PICTURES / "report.png"
    plan.write_text(picture(plan_words(json.loads((KEPT / "plan.json").read_text())).splitlines(), f"{SITE} --check"))
    text = page(json.loads((KEPT / "report.json").read_text()), "en")
    report.write_bytes(signed(screenshot(text), words(text)))
    return [plan, report]


def screenshot(text: str) -> bytes:
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise SystemExit(f"There is none of {' and '.join(CHROMIUM)}: apt-get install chromium-headless-shell")
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "report.html").write_text(text)
        flags = ("--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1200,1600", "--screenshot=shot.png")
        subprocess.run([program, *flags, "report.html"], cwd=scratch, check=True, capture_output=True)
        return Path(scratch, "shot.png").read_bytes()


def words(text: str) -> str:
    """A digest of what a page says, whatever it looks like."""
    said = re.sub(r"(?s)<style>.*?</style>|<[^>]*>", " ", text)
    return hashlib.sha256(" ".join(said.split()).encode()).hexdigest()


def signed(png: bytes, digest: str) -> bytes:
    """The picture, with the digest of the page that it is of, as a comment of the format."""
    body = b"tEXt" + b"Source\0" + digest.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


def signature(png: bytes) -> str:
    found = re.search(rb"tEXtSource\0([0-9a-f]{64})", png)
    return found[1].decode() if found else ""


if __name__ == "__main__":
    if sys.argv[1:] not in (["record"], ["draw"]):
        sys.exit(__doc__)
    if sys.argv[1] == "record":
        record()
    print("\n".join(map(str, draw())))
