#!/usr/bin/env python3
"""The rules of the house that no other tool knows (see ARCHITECTURE.md).

Prints every breach; exit code 1 when there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import ansible_files
import rooms
import yaml
from breach import Breach

MAX_LINES = 400
#: Texts of others and recorded data: not ours to shorten or rephrase.
AS_RECEIVED = (
    "LICENSE",
    "tests/transcripts/*",
    "tests/transcripts/api/*",
    "tests/contract/schema/*",
    "tests/lab/standin/pve_standin/schema/*",
    "tests/unit/report/golden/*",
    "tests/tools/pictures/*",
    "CHANGELOG.rst",
)

EXAMPLE = Path("inventories/example/hosts.yml")
SCENARIOS = Path(".config/molecule/config.yml")
#: Steps of a scenario that carry out another one's playbook.
BORROWED = {"check": "converge", "idempotence": "converge"}

FORBIDDEN = {
    r"\b(TODO|FIXME|XXX)\b": "unfinished work belongs into an issue",
    r"(?<![\w.])/work/|/\.pyenv/versions/\d|/tmp/bash": "a path of one machine",
    r"\b(deb|ftp|cdn|security|snapshot)\.debian\.(org|net)|\bpypi\.org|pythonhosted|npmjs\.": "a registry's host name",
    r"(?i)\bissue #?\d+\b|\bAI-generated\b": "a reference that readers of the code cannot follow",
}


def main() -> int:
    paths = tracked()
    hosts = registry_hosts()
    breaches = sorted({str(breach) for path in paths for breach in breaches_of(path, hosts)})
    print("\n".join(breaches) if breaches else f"{len(paths)} files keep the rules of the house.")
    return 1 if breaches else 0


def tracked() -> list[Path]:
    """All files that git knows or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and not any(path.match(pattern) for pattern in AS_RECEIVED)]


def registry_hosts() -> frozenset[str]:
    """The hosts that this machine's apt and pip fetch from; they differ everywhere and belong into no file."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    texts = [listed.stdout]
    for pattern in ("sources.list", "sources.list.d/*", "apt.conf", "apt.conf.d/*"):
        texts += [path.read_text(errors="replace") for path in Path("/etc/apt").glob(pattern) if path.is_file()]
    settings = [line for line in "\n".join(texts).splitlines() if not line.lstrip().startswith(("#", "//"))]
    urls = re.findall(r"https?://[^\s'\"\\]+", "\n".join(settings))
    hosts = {urlsplit(url).hostname for url in urls}
    return frozenset(host for host in hosts if host and "." in host and not host.endswith("proxmox.com"))


def breaches_of(path: Path, hosts: frozenset[str]) -> Iterator[Breach]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # a picture
    yield from _length(path, text)
    yield from _words(path, text, hosts)
    if path.name.startswith("README") and path.parent == Path("."):
        yield from _example(path, text)
    if path.suffix == ".py":
        yield from rooms.breaches(path, text)
    if path.suffix in (".yml", ".yaml") and path.parts[0] in ("roles", "playbooks"):
        yield from ansible_files.breaches(path, text)
    if path.match("molecule/*/molecule.yml"):
        yield from _scenario(path, text)


def _length(path: Path, text: str) -> Iterator[Breach]:
    count = text.count("\n")
    if count > MAX_LINES:
        yield Breach(path, count, f"{count} lines; at most {MAX_LINES}: divide it by subject")


def _example(path: Path, text: str) -> Iterator[Breach]:
    """The inventory that a README shows is the one that is tested; comments may be in its language."""

    def bare(lines: str) -> list[str]:
        return [line for line in (re.sub(r"\s+#.*|^#.*", "", line) for line in lines.splitlines()) if line.strip("-")]

    shown = re.search(r"(?s)```yaml\n(proxmox:.*?)```", text)
    if shown is None or bare(shown.group(1)) != bare(EXAMPLE.read_text()):
        yield Breach(path, 1, f"does not show {EXAMPLE} as it is")


def _scenario(path: Path, text: str) -> Iterator[Breach]:
    """molecule passes over a playbook that is not there, and calls the scenario successful."""
    shared, own = yaml.safe_load(SCENARIOS.read_text()), yaml.safe_load(text) or {}
    playbooks = {**shared["ansible"]["playbooks"], **own.get("ansible", {}).get("playbooks", {})}
    for step in own.get("scenario", shared["scenario"])["test_sequence"]:
        name, *given = step.split()
        for playbook in (playbooks[BORROWED.get(name, name)], *given):
            if not (path.parent / playbook).is_file():
                yield Breach(path, 1, f"{step}: {playbook} is missing, and molecule would skip the step in silence")


def _words(path: Path, text: str, hosts: frozenset[str]) -> Iterator[Breach]:
    if path == Path("tests/house/house_rules.py"):
        return  # it names what it forbids
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, reason in FORBIDDEN.items():
            if found := re.search(pattern, line):
                yield Breach(path, number, f"{found.group(0)!r}: {reason}")
        for host in hosts:
            if host in line:
                yield Breach(path, number, f"{host!r}: a registry's host name")


if __name__ == "__main__":
    sys.exit(main())
