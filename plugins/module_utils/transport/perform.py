# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out the actions of a plan. All waiting, retrying and changing of a node happens here."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import stat
import time
from typing import Any, Callable, Union
from urllib.request import ProxyHandler, build_opener

from ..engine.errors import StepFailed
from ..engine.plan import Action, Download, EditFile, MakeDirectory, Program, RemoveFile, Run, Step, WriteFile
from ..engine.reader import Completed
from .node import Node

_RETRY_PAUSE = 2.0


def perform(step: Step, node: Node) -> str:
    """Do one step and return what its command printed; raises StepFailed with the whole story."""
    try:
        done = _HANDLERS[type(step.action)](step.action, node)
    except OSError as error:
        raise StepFailed(f"{step.why} failed: {error}.", step.hint, step=step.why, action=repr(step.action)) from error
    if done.rc != 0:
        raise StepFailed(
            f"{step.why} failed with exit code {done.rc}: {_last_words(done)}",
            " ".join((*_cures(step.action, done), step.hint)).strip(),
            step=step.why,
            action=repr(step.action),
            rc=done.rc,
            stdout=done.stdout,
            stderr=done.stderr,
        )
    return f"{done.stdout}{done.stderr}"


def _is_busy(action: Run, done: Completed) -> bool:
    return any(re.search(pattern, done.stdout + done.stderr) for pattern in action.retry_on)


def _run(action: Run, node: Node) -> Completed:
    start = time.monotonic()
    while True:
        remaining = max(1.0, start + action.timeout - time.monotonic())
        done = node.execute(action.argv, stdin=action.stdin, env=dict(action.env), timeout=remaining)
        busy = _is_busy(action, done)
        if not busy or time.monotonic() + _RETRY_PAUSE > start + action.timeout:
            if busy and done.rc != 0:
                return Completed(done.rc, done.stdout, f"{done.stderr}\nwaited {action.timeout:.0f} seconds for that")
            return _failed(done, action.fail_on) if done.rc == 0 else done
        time.sleep(_RETRY_PAUSE)


def _failed(done: Completed, patterns: tuple[str, ...]) -> Completed:
    """What means failure is told, also if it was printed on stdout and something else on stderr."""
    found = [match.group() for pattern in patterns for match in re.finditer(pattern, done.stdout + done.stderr)]
    words = [one for one in found if done.stderr.strip() and one not in done.stderr]
    return Completed(1, done.stdout, "\n".join((done.stderr, *words))) if found else done


def _write(action: WriteFile, node: Node) -> Completed:
    content = base64.b64decode(action.content) if action.base64 else action.content.encode("utf-8", "surrogateescape")
    return node.write(action.path, content, action.mode, action.validate, action.fail_on)


def _edit(action: EditFile, node: Node) -> Completed:
    try:
        with open(action.path, encoding="utf-8", errors="surrogateescape") as stream:
            mode, text = stat.S_IMODE(os.fstat(stream.fileno()).st_mode), stream.read()
    except FileNotFoundError:
        return Completed(0, f"{action.path} is not there", "")
    edited = action.edit(text)
    if edited == text:
        return Completed(0, f"{action.path} is right as it is", "")
    return node.write(action.path, edited.encode("utf-8", "surrogateescape"), mode)


def _program(action: Program, node: Node) -> Completed:
    return node.run_program(action.name, action.arguments, action.timeout, action.stdin)


def _remove(action: RemoveFile, node: Node) -> Completed:
    try:
        os.unlink(action.path)
    except FileNotFoundError:
        return Completed(0, f"{action.path} was already gone", "")
    return Completed(0, "", "")


def _make_directory(action: MakeDirectory, node: Node) -> Completed:
    os.makedirs(action.path, exist_ok=True)
    try:
        shutil.chown(action.path, _account(action.owner), _account(action.group))
    except LookupError as error:
        return Completed(1, "", str(error).strip("'\""))
    os.chmod(action.path, action.mode)
    return Completed(0, "", "")


def _account(name: str) -> Union[int, str]:
    """A number stands for an account without a name."""
    return int(name) if name.isdecimal() else name


def _download(action: Download, node: Node) -> Completed:
    with _open(action) as response:
        content = response.read()
    found = hashlib.sha256(content).hexdigest()
    if found != action.sha256:
        return Completed(1, "", f"{action.url} has SHA-256 {found}, but {action.sha256} was asked for; nothing written")
    os.makedirs(os.path.dirname(action.path), exist_ok=True)
    draft = f"{action.path}.ansible-new"
    with open(draft, "wb") as stream:
        stream.write(content)
        os.fchmod(stream.fileno(), action.mode)
    os.replace(draft, action.path)
    return Completed(0, "", "")


def _open(action: Download) -> Any:
    """The answer to a request, by way of the action's own proxy, else of the one in the environment."""
    proxies = {"http": action.proxy, "https": action.proxy} if action.proxy else None
    return build_opener(ProxyHandler(proxies)).open(action.url, timeout=60)


def _cures(action: Action, done: Completed) -> tuple[str, ...]:
    """What the plan knows to do about this kind of failure, for every repository (or the like) that has it."""
    text = done.stdout + done.stderr
    cures = action.cures if isinstance(action, Run) else ()
    found = (match.expand(cure) for pattern, cure in cures for match in re.finditer(pattern, text))
    return tuple(dict.fromkeys(found))


def _last_words(done: Completed) -> str:
    """The last lines that the command printed; upstream's tools put the verdict at the end of stderr."""
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return (" / ".join(lines[-4:]) or "it printed nothing").rstrip(".") + "."


_HANDLERS: dict[type[Any], Callable[[Any, Node], Completed]] = {
    Run: _run,
    WriteFile: _write,
    EditFile: _edit,
    Program: _program,
    RemoveFile: _remove,
    MakeDirectory: _make_directory,
    Download: _download,
}
