"""Run recorded commands again, in a lab that the scenario has brought into their state, and keep what differs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compare import differences
from labtool.settings import LabError
from nodes import HERE, ROOT_PASSWORD, Nodes
from normalise import filled, with_placeholders
from recorded import Answer, Transcript

_MINT = ("perl", "-MPVE::AccessControl", "-e", "print PVE::AccessControl::assemble_ticket('root@pam')")
_DISKS = (("pve1", 1), ("pve1", 2), ("pve2", 1), ("pve3", 1))


@dataclass(frozen=True)
class Outcome:
    """One command: its differences, or why it was not run."""

    transcript: Transcript
    differences: tuple[str, ...] = ()
    not_covered: str = ""


class Replay:
    """The transcripts, the nodes, and the outcomes so far."""

    def __init__(self, nodes: Nodes, transcripts: dict[str, Transcript], not_covered: dict[str, str]) -> None:
        self.nodes = nodes
        self.outcomes: list[Outcome] = []
        self.key: Path | None = None  # with which commands of the host log in; the lab's own key if None
        self._transcripts = transcripts
        self._not_covered = not_covered
        self._disks = {f"<disk {number} of {name}>": nodes.disk(name, number) for name, number in _DISKS}
        self._disks |= {f"<name of {key[1:]}": Path(device).name for key, device in self._disks.items()}

    def play(self, first: str, last: str | None = None) -> None:
        """The transcripts from `first` to `last`, both by name or by number, in the recorded order."""
        names = list(self._transcripts)
        begin, end = self._index(first), self._index(last or first, last_of=True)
        for name in names[begin : end + 1]:
            self._play(self._transcripts[name])

    @contextmanager
    def beside(self, number: str) -> Iterator[None]:
        """Play a transcript while others are played: it only waits, for something that does not come."""
        with ThreadPoolExecutor(max_workers=1) as background:
            waiting = background.submit(self.play, number)
            yield
            waiting.result()

    def _index(self, wanted: str, last_of: bool = False) -> int:
        found = [
            index
            for index, (name, transcript) in enumerate(self._transcripts.items())
            if wanted in (name, transcript.number)
        ]
        if not found:
            raise LabError(f"no transcript {wanted}")
        return found[-1 if last_of else 0]

    def _play(self, transcript: Transcript) -> None:
        reason = self._not_covered.get(transcript.name)
        if reason is not None:
            self.outcomes.append(Outcome(transcript, not_covered=reason))
            return
        started = time.monotonic()
        answer = self._answer(transcript)
        found = tuple(differences(transcript.answer, self._with_placeholders(answer)))
        self.outcomes.append(Outcome(transcript, found))
        print(f"{transcript.name:<50}{time.monotonic() - started:6.1f} s", file=sys.stderr, flush=True)

    def _answer(self, transcript: Transcript) -> Answer:
        if transcript.node.startswith("host"):
            return self._from_host(transcript)
        names = {**self._disks, **self._secrets(transcript)}
        argv = [filled(word, names) for word in transcript.cmd]
        stdin = None if transcript.stdin is None else filled(transcript.stdin, names)
        return self.nodes.ask(transcript.node, argv, stdin)

    def _from_host(self, transcript: Transcript) -> Answer:
        if transcript.cmd[0] == "ssh":
            return self.nodes.ssh(transcript.cmd, key=self.key)
        return self.nodes.on_host([sys.executable, str(HERE / "api_probe.py"), ROOT_PASSWORD])

    def _secrets(self, transcript: Transcript) -> dict[str, str]:
        """What a join needs to know of pve1; asked only when the command wants it."""
        wanted = " ".join(transcript.cmd) + (transcript.stdin or "")
        secrets = {"<root-password>": ROOT_PASSWORD}
        if "<fingerprint>" in wanted:
            secrets["<fingerprint>"] = self._fingerprint()
        if "ticket>" in wanted:
            ticket = self.nodes.do("pve1", *_MINT)
            secrets |= {"<ticket>": ticket, "<invalid ticket>": ticket[:-8] + ticket[-8:].swapcase()}
        return secrets

    def _fingerprint(self) -> str:
        certificate = "/etc/pve/nodes/pve1/pve-ssl.pem"
        said = self.nodes.do("pve1", "openssl", "x509", "-in", certificate, "-noout", "-sha256", "-fingerprint")
        return said.strip().rpartition("=")[2]

    def _with_placeholders(self, answer: Answer) -> Answer:
        return Answer(
            answer.rc, with_placeholders(answer.stdout, self._disks), with_placeholders(answer.stderr, self._disks)
        )
