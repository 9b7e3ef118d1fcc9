"""File trees in which a converged lab's nodes seem to live on, for as many nodes as one likes.

What a no-op run asked three nodes of the lab (its recordings) becomes files and stubs: a file that was read is there
with its text, a command that was run is a script that prints what it printed then. ``getent``, ``ip``, ``df``, ``dpkg``
and ``dpkg-query`` are the real programs, on the real database of packages. Nodes beyond the third are copies of it,
under names and addresses of their own and without Ceph daemons; documents that list all nodes are made longer.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Union

from playbook import BenchError

Answers = dict[tuple[str, ...], Any]
Fetch = Callable[[str], bytes]

LAB_NODES = 3
REAL_PROGRAMS = ("getent", "ip", "df", "dpkg", "dpkg-query")
REAL_FILES = ("/var/lib/dpkg/status", "/etc/passwd", "/etc/group")
CERTIFICATE = "var/lib/replica/certificate.pem"
#: Kinds of questions, in the order in which their answers are planted: what says less of a file comes first.
PLANTED = ("names", "read", "digest", "entry", "run", "program", "certificate", "age")
#: Kinds that no run asks which finds nothing to do.
NEVER_ASKED = ("clock", "api")
_CEPH_DAEMONS = re.compile(r"/var/lib/ceph/(mon|mgr|mds|osd)$")


def answers_of(recording: Mapping[str, Any]) -> Answers:
    return {tuple(json.loads(key)): answer for key, answer in recording.items()}


def fleet(recorded: Mapping[int, Answers], count: int) -> dict[int, Answers]:
    """Answers for ``count`` nodes, from those of the lab's three."""
    nodes = {}
    for number in range(1, count + 1):
        source = min(number, LAB_NODES)
        answers = {question: _lengthened(answer, count) for question, answer in recorded[source].items()}
        nodes[number] = answers if number == source else _renamed(answers, source, number)
    return nodes


def _renamed(answers: Answers, source: int, number: int) -> Answers:
    """Another node's answers. One that names several nodes is about the cluster, and stays as it is."""
    own: Answers = {}
    for question, answer in answers.items():
        if question[0] == "names" and _CEPH_DAEMONS.match(question[1]):
            own[question] = []
        else:
            text = json.dumps(answer)
            shared = len(set(re.findall(r"pve\d+", text))) > 1
            own[_identity(question, source, number)] = answer if shared else _identity(answer, source, number)
    return own


def _identity(value: Any, source: int, number: int) -> Any:
    text = re.sub(rf"\bpve{source}\b", f"pve{number}", json.dumps(value))
    text = re.sub(rf"\b(10\.10\.[12])\.{10 + source}\b", rf"\g<1>.{10 + number}", text)
    changed = json.loads(text)
    return tuple(changed) if isinstance(value, tuple) else changed


def _lengthened(answer: Any, count: int) -> Any:
    """An answer that lists the lab's three nodes, with entries for the others like that of the third."""
    extra = range(LAB_NODES + 1, count + 1)
    if isinstance(answer, list) and all(f"pve{number}" in answer for number in range(1, LAB_NODES + 1)):
        return sorted([*answer, *(f"pve{number}" for number in extra)])
    if not isinstance(answer, str) or "pve1" not in answer or f"pve{LAB_NODES}" not in answer:
        return answer
    if answer.lstrip().startswith("{") and '"nodelist"' in answer:
        return _longer_members(answer, extra)
    for pattern in (_COROSYNC_NODE, _HOSTS_LINE):
        if found := re.search(pattern, answer):
            copies = "".join(_identity(found.group(0), LAB_NODES, number) for number in extra)
            copies = _numbered(copies, extra)
            return answer[: found.end()] + copies + answer[found.end() :]
    return answer


_COROSYNC_NODE = rf"(?m)^ *node {{\n(?: +[^}}\n]+\n)* +name: pve{LAB_NODES}\n(?: +[^}}\n]+\n)* *}}\n"
_HOSTS_LINE = rf"(?m)^\S+\s+pve{LAB_NODES}\b.*\n"


def _numbered(copies: str, numbers: range) -> str:
    """Give each copied node block its own ``nodeid``."""
    following = iter(numbers)
    return re.sub(r"nodeid: \d+", lambda _: f"nodeid: {next(following)}", copies)


def _longer_members(text: str, extra: range) -> str:
    document = json.loads(text)
    third = document["nodelist"][f"pve{LAB_NODES}"]
    for number in extra:
        document["nodelist"][f"pve{number}"] = {**_identity(third, LAB_NODES, number), "id": number}
    document["cluster"]["nodes"] = LAB_NODES + len(extra)
    return json.dumps(document)


#: Stands in for Ceph's Python binding, with which the program ``ask_ceph`` asks the monitors.
_RADOS = """import json
ANSWERS = json.loads({answers!r})
class Error(Exception): pass
class Rados:
    def __init__(self, **options): pass
    def connect(self): pass
    def mon_command(self, command, data):
        answer = ANSWERS.get(json.loads(command)["prefix"])
        return (-95, b"", "not recorded") if answer is None else (0, json.dumps(answer).encode(), "")
    mgr_command = mon_command
    def shutdown(self): pass
"""


def plant(layer: Path, answers: Answers, fetch: Fetch, certificate: str) -> None:
    """Write the tree of one node. ``fetch`` brings the content of a file of the lab's node that was only hashed."""
    if strange := {question[0] for question in answers} - {*PLANTED}:
        raise BenchError(f"A replica cannot answer questions of these kinds: {', '.join(sorted(strange))}.")
    for path in REAL_FILES:
        _write(layer, path, fetch(path))
    _plant_library(layer, answers)
    for (kind, *words), answer in sorted(answers.items(), key=lambda item: PLANTED.index(item[0][0])):
        if kind == "certificate":
            _write(layer, f"/{CERTIFICATE}", certificate)
        elif kind not in ("run", "program") and not words[0].startswith("/proc/"):
            _plant_file(layer, kind, words[0], answer, fetch)
    for own in layer.glob("etc/pve/nodes/*/pve*-ssl.pem"):
        own.write_text(_public_part(certificate))
    for name, cases in _stubs(answers).items():
        _write_stub(layer, name, cases)


def _stubs(answers: Answers) -> dict[str, list[tuple[str, list[Any]]]]:
    """Command → the words after it, and what it answered."""
    stubs: dict[str, list[tuple[str, list[Any]]]] = {}
    for (kind, name, *words), answer in answers.items():
        if kind == "run" and name not in REAL_PROGRAMS:
            stubs.setdefault(name, []).append((" ".join(words), answer))
    stubs.setdefault("pvesm", []).append(("status", [0, _status(answers), ""]))
    return stubs


def _status(answers: Answers) -> str:
    """What `pvesm status` says where all storages are active: the lab's mounts told that, and a replica has none."""
    names = re.findall(r"(?m)^(\S+): (\S+)$", answers.get(("read", "/etc/pve/storage.cfg")) or "")
    return "Name Type Status\n" + "".join(f"{name} {kind} active\n" for kind, name in names)


def _plant_library(layer: Path, answers: Answers) -> None:
    """Programs are sent to the replica as to any node; what they ask Ceph's library there was answered in the lab.

    Where CRUSH would put data is asked of a tool that a replica has not, so a report says that it is not known.
    """
    known: dict[str, Any] = {}
    for words in (("program", "ask_ceph", "cluster"), ("program", "ask_ceph", "data")):
        if words in answers:
            code, out, err = answers[words]
            if code != 0:
                raise BenchError(
                    f"A replica cannot answer for {' '.join(words)}, which ended with {code}: {err.strip()}"
                )
            known |= json.loads(out)
    if known:
        _write(layer, "/usr/lib/python3/dist-packages/rados.py", _RADOS.format(answers=json.dumps(known)))


def _plant_file(layer: Path, kind: str, path: str, answer: Any, fetch: Fetch) -> None:
    if answer is None:
        return
    target = layer / path.lstrip("/")
    if kind == "names":
        _folder(target)
        for name in answer:
            if not os.path.lexists(target / name):
                (target / name).touch()
    elif kind == "read":
        _write(layer, path, answer)
    elif kind == "digest":
        _write(layer, path, fetch(path))
    elif kind == "entry":
        _plant_entry(target, answer)
    elif kind == "age":
        if not target.exists():
            _write(layer, path, "")
        changed = time.time() - answer * 86400
        os.utime(target, (changed, changed))


def _plant_entry(target: Path, entry: Mapping[str, Any]) -> None:
    _folder(target.parent)
    if entry["kind"] == "link":
        target.unlink(missing_ok=True)
        target.symlink_to(entry["target"])
        return
    if entry["kind"] == "directory":
        _folder(target)
    elif not target.exists():
        target.touch()
    target.chmod(entry["mode"])


def _folder(path: Path) -> None:
    """Make a folder, also where a name in a listing had been taken for a file."""
    for part in (*reversed(path.parents), path):
        if part.is_file():
            part.unlink()
        part.mkdir(exist_ok=True)


def _write(layer: Path, path: str, content: Union[str, bytes]) -> None:
    target = layer / path.lstrip("/")
    _folder(target.parent)
    target.write_bytes(content.encode() if isinstance(content, str) else content)


def _write_stub(layer: Path, name: str, cases: list[tuple[str, list[Any]]]) -> None:
    """A command that prints what the lab's did for the same words, and is the real one for others."""
    lines = ["#!/bin/sh", 'case "$*" in']
    for number, (words, (code, out, err)) in enumerate(cases):
        answer = f"/var/lib/replica/{name}-{number}"
        _write(layer, f"{answer}.out", out)
        _write(layer, f"{answer}.err", err)
        lines.append(f"{shlex.quote(words)}) cat {answer}.out; cat {answer}.err >&2; exit {code} ;;")
    lines += ["esac", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", f'exec {name} "$@"', ""]
    stub = layer / "usr/local/bin" / name
    _write(layer, f"/usr/local/bin/{name}", "\n".join(lines))
    stub.chmod(0o755)


def make_certificate(folder: Path) -> str:
    """One key and certificate for the web interface of all replicas."""
    made = folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=replica"]
    subprocess.run([*command, "-keyout", made, "-out", folder / "public.pem"], check=True, capture_output=True)
    return made.read_text() + (folder / "public.pem").read_text()


def _public_part(certificate: str) -> str:
    return certificate[certificate.index("-----BEGIN CERTIFICATE-----") :]
