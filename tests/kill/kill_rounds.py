"""What the kill matrices share: runs that can be cut short, and what the programs say of a cluster and its nodes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "tests" / "lab" / "lab"
#: As in ansible.cfg, but a node without power is noticed sooner.
PATIENCE = "-o ControlMaster=auto -o ServerAliveInterval=3 -o ServerAliveCountMax=4 -o ControlPersist="
#: What is asked of each node: a command, and the parts of its answer that two equal clusters have alike.
QUESTIONS: dict[str, tuple[str, str]] = {
    "nodelist": ("cat /etc/pve/corosync.conf", r"(?:name|nodeid|ring\d_addr): \S+"),
    "same file": ("cmp /etc/pve/corosync.conf /etc/corosync/corosync.conf && echo yes", "yes"),
    "member": ("pvecm status", r"(?:Quorate|Expected votes|Total votes): +\S+|is this node part of a cluster"),
    "online": ("cat /etc/pve/.members", r'"(pve\d)": { "id": \d+, "online": 1'),
    "writable": ("touch /etc/pve/probe-$(hostname) && rm /etc/pve/probe-$(hostname) && echo yes", "yes"),
    "certificate": (
        "openssl s_client -connect 127.0.0.1:8006 -CAfile /etc/pve/pve-root-ca.pem -brief </dev/null",
        "Verification: OK",
    ),
    "services": ("systemctl is-active pve-cluster corosync pvedaemon pveproxy pvestatd pvescheduler", r"\w+"),
    "links": ("corosync-cfgtool -s", r"nodeid:\s+\d:\s+\S+"),
    "logins": ("cat /root/.ssh/authorized_keys", r"\S+$"),
    "hosts": ("cat /etc/pve/priv/known_hosts", r"^\S+"),
    "folders": ("ls /etc/pve/nodes /etc/corosync /var/lib/corosync /root/.ssh", r"\S+"),
    "storages": ("cat /etc/pve/storage.cfg", r"[^\s,]+"),
    "mappings": ("cat /etc/pve/mapping/pci.cfg", r"\S.*"),
    "guests": ("ls /etc/pve/nodes/*/*/*.conf; grep -l ^lock: /etc/pve/nodes/*/*/*.conf", r"[^/]+\.conf$"),
    "left behind": (
        "ls /etc/pve/priv/lock /run/lab-halted; pgrep --list-full '^pvecm'"
        "; find /etc/pve /etc/corosync /root/.ssh /var/lib/baremetal.virt -name 'ansible-new-*'",
        r"^(?!ls:)(?!.*:$).+$",
    ),
}


class RoundFailed(Exception):
    """What this round waited for did not come to pass."""


def lab(*words: str, stdin: str = "") -> str:
    done = subprocess.run([str(LAB), *words], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RoundFailed(f"lab {' '.join(words)[:80]}: {done.stderr.strip()[-200:] or done.stdout.strip()[-200:]}")
    return done.stdout


def on(node: str, *argv: str, stdin: str = "") -> str:
    return lab("exec", node, "--", *argv, stdin=stdin)


def shell(node: str, script: str) -> str:
    return on(node, "sh", "-c", script)


def power_cut(node: str) -> None:
    """Its boot has ended then: before that nobody can log in, as root's keys lie in ``/etc/pve``."""
    lab("power-off", node)
    lab("power-on", node)
    wait_until(node, 'test -z "$(systemctl list-jobs --no-legend)"', 180, f"the end of the boot of {node}")


def wait_until(node: str, condition: str, seconds: float, what: str, unless_ended: Optional[Playbook] = None) -> None:
    """The node itself asks again and again: from here, each time would cost a program that finds its way into it."""
    ask = ("timeout", str(seconds), "sh", "-c", f"until {{ {condition}; }} > /dev/null 2>&1; do sleep 0.2; done")
    with subprocess.Popen([str(LAB), "exec", node, "--", *ask]) as asking:
        while asking.poll() is None and not (unless_ended and unless_ended.ended):
            time.sleep(0.05)
        asking.kill()
    if unless_ended and unless_ended.ended:
        raise RoundFailed(f"the run ended before {what}")
    if asking.returncode != 0:
        raise RoundFailed(f"waited {seconds:.0f} seconds for {what}")


def wait_for_quorum(nodes: Sequence[str], seconds: float = 90) -> None:
    served = "systemctl is-active --quiet pvedaemon && systemctl is-active --quiet pveproxy"
    for node in nodes:
        condition = f"""grep -q '"quorate": 1' /etc/pve/.members && {served}"""
        wait_until(node, condition, seconds, f"the quorum of {node}")


def changes(output: str) -> int:
    """How many tasks of a run changed something, on all hosts."""
    return sum(int(count) for count in re.findall(r"changed=(\d+)", output.rpartition("PLAY RECAP")[2]))


class Playbook:
    """A playbook run on the lab that can be killed; what it prints goes to a log, and the last of it is kept.

    ``persist``: how many seconds its connections stay open for the next run. With few, that one has to log in anew.
    """

    def __init__(self, log: Path, path: str, *options: str, persist: int = 600) -> None:
        log.parent.mkdir(exist_ok=True)
        self._log = log
        with log.open("a") as stream:
            self._begin = stream.tell()
            self._process = subprocess.Popen(
                ["ansible-playbook", "-i", str(ROOT / "inventories/lab"), str(ROOT / path), *options],
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**os.environ, "ANSIBLE_SSH_ARGS": f"{PATIENCE}{persist}"},
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to the controller with all that it has started here."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait(self, timeout: Optional[float] = None) -> int:
        return self._process.wait(timeout)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def output(self) -> str:
        with self._log.open(errors="replace") as stream:
            stream.seek(self._begin)
            return stream.read()

    @property
    def changes(self) -> int:
        return changes(self.output)


def answers(node: str, questions: dict[str, tuple[str, str]] = QUESTIONS) -> dict[str, list[str]]:
    """What the programs say of this node and its cluster, without what differs between two equal ones."""
    script = "".join(f"echo '== {name}'; {{ {words}; }} 2>&1\n" for name, (words, _) in questions.items())
    printed = dict(re.findall(r"^== (.*)\n((?:(?!== ).*\n?)*)", shell(node, f"{script}\ntrue"), re.MULTILINE))
    return {
        name: sorted(re.findall(pattern, printed.get(name, ""), re.MULTILINE))
        for name, (_, pattern) in questions.items()
    }


def differences(reference: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return [
        f"{node}: {name} is {found.get(node, {}).get(name)}, not {wanted}"
        for node, questions in reference.items()
        for name, wanted in questions.items()
        if found.get(node, {}).get(name) != wanted
    ]
