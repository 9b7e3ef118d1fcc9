# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan is data: what would be done, why, and what is refused.

``decide`` makes plans, people read them (``why``), ``transport`` carries them out (``action``).
The actions are few on purpose: a subject that needs a new verb adds it here, once for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Literal, Optional, Union

from .condition import Condition
from .reader import Question

#: Of a parameter in a call; several are one that is repeated.
Value = Union[str, int, bool, tuple[str, ...]]


@dataclass(frozen=True)
class Run:
    """Run a command without a shell; a non-zero exit code fails the step.

    ``stdin`` may hold a secret and is therefore never shown. ``retry_on`` are regular expressions:
    while one matches the output, the command is run again until ``timeout`` seconds have passed.
    ``fail_on`` are regular expressions that mean failure although the command exits 0, to fail at once.
    ``cures`` are pairs of a regular expression and what to do when it matches the output of a failure (with the
    groups of the match, as in ``re.Match.expand``).
    """

    argv: tuple[str, ...]
    stdin: Optional[str] = field(default=None, repr=False)
    env: tuple[tuple[str, str], ...] = ()
    timeout: float = 600
    retry_on: tuple[str, ...] = ()
    fail_on: tuple[str, ...] = ()
    cures: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class WriteFile:
    """Replace a file atomically. ``validate`` is a command that gets the new file's path for ``%s`` and must exit 0.
    ``base64``: so the content is given, because it is not text.

    ``fail_on``: regular expressions that, in the output of ``validate``, mean that the new file is no good all the
    same.
    """

    path: str
    content: str = field(repr=False)
    mode: int = 0o644
    validate: tuple[str, ...] = ()
    fail_on: tuple[str, ...] = ()
    base64: bool = False


@dataclass(frozen=True)
class EditFile:
    """Change the text of a file as it is when the step comes: hours may lie between a plan and its last step, and
    others write to the same file. ``edit`` is a pure value: the text → the new text. A missing file stays missing.
    """

    path: str
    edit: Callable[[str], str]


@dataclass(frozen=True)
class RemoveFile:
    """Remove a file; one that is already gone is fine."""

    path: str


@dataclass(frozen=True)
class MakeDirectory:
    """Make a directory with its parents, or correct owner, group and mode of an existing one (not of its content)."""

    path: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755


@dataclass(frozen=True)
class Download:
    """Fetch a URL into a file, and only if the content has the given SHA-256. ``proxy`` is the URL of one, or empty."""

    url: str
    path: str
    sha256: str
    mode: int = 0o644
    proxy: str = ""


@dataclass(frozen=True)
class Program:
    """Run one of the collection's own programs (a file in ``transport/programs``) with the node's Python.

    It is a process of its own, and goes on to its end when whoever started it is killed. A non-zero exit code fails the
    step. The module names the programs that its plans may need, so that they are on the node. ``stdin``: as in ``Run``.
    """

    name: str
    arguments: tuple[str, ...] = ()
    timeout: float = 600
    stdin: Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class Wait:
    """Ask every ``interval`` seconds until all conditions hold; not to hold after ``timeout`` seconds is a failure.

    The engine itself waits. A subject with ``patience`` ends unfinished meanwhile, so that progress can be told.
    ``lost``: conditions any of which means that it will never come. Then the step fails at once, in the words found.
    ``handed``: the controller brings it about. Unless it has come, the result is unfinished at once.
    """

    until: tuple[Condition, ...]
    timeout: float = 120
    interval: float = 1
    lost: tuple[Condition, ...] = ()
    handed: bool = False


@dataclass(frozen=True)
class Call:
    """Ask the HTTPS API for a change, from the controller. A task that it starts is followed to its end.

    ``secrets`` are parameters whose values are shown nowhere, not even where an answer repeats them.
    ``task``: the answer has to name a task; anything else means that nothing was begun.
    ``repeatable``: done twice it is as good as done once. So it is asked for again, too, when a connection broke and
    nobody knows whether it was done. ``timeout``: how long its task may take.
    ``hand_out``: path of a file on the controller, for its owner alone, that gets what the answer calls ``value``, or
    the answer itself where that is a text. It is shown nowhere else, and no second time.
    ``hand_in``: a parameter, and the file of an earlier ``hand_out`` that has its value. ``last``: nobody needs that
    any more once the call is answered.
    """

    method: Literal["POST", "PUT", "DELETE"]
    path: str
    parameters: tuple[tuple[str, Value], ...] = ()
    secrets: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    task: bool = False
    repeatable: bool = False
    timeout: float = 600
    hand_out: str = ""
    hand_in: Optional[tuple[str, str]] = None
    last: bool = False


@dataclass(frozen=True)
class Send:
    """Send a document to an HTTPS API that speaks JSON, from the controller.

    PATCH merges it with what is there (RFC 7386), so that what it does not name stays. What DELETE does not find is
    gone already.
    """

    method: Literal["POST", "PATCH", "DELETE"]
    path: str
    document: str = ""


@dataclass(frozen=True)
class Clear:
    """Ask, and send what the answer calls for, again and again until nothing is left, as others add to it meanwhile.

    ``left`` is a pure value: the answer → what is left, in words, and what to send about it, if anything. What is sent
    and is not possible now (429), or finds nothing any more (404), is no failure; that something is left in the end is.
    """

    question: Question
    left: Callable[[Any], Sequence[tuple[str, Optional[Send]]]]
    timeout: float = 600
    interval: float = 2


Action = Union[Run, WriteFile, EditFile, RemoveFile, MakeDirectory, Download, Program, Wait, Call, Send, Clear]

#: What a step is about; it chooses how its progress is told.
Topic = Literal[
    "access",
    "cluster",
    "daemon",
    "data",
    "file",
    "guest",
    "monitor",
    "network",
    "packages",
    "power",
    "quorum",
    "reboot",
    "routes",
    "service",
    "storage",
]


@dataclass(frozen=True)
class Step:
    """One action, with the sentence that explains it to the person who reads the plan.

    ``id`` says what is done to which thing, as in ``file.remove:NAME``. It stays when the sentence is reworded,
    differs from that of every other step of the plan, and is what progress, resumption and tests compare.
    ``because``: what was found that is not as it is wanted, where the sentence does not say so.
    ``destructive``: what it removes cannot be had back from the node. ``hint``: what to do when the step fails.
    ``grace``: for so many seconds, a proof that finds it necessary waits whether it gets done without us.
    ``unseen``: nothing shows afterwards whether it was done, such as a new password. A proof asks for it once only.
    ``chain``: steps of one chain follow one another, and need none of other chains. One without waits for all before
    it. ``shares``: what it needs while it is carried out, and how many steps may have that at once.
    """

    why: str
    action: Action
    id: str
    topic: Topic
    destructive: bool = False
    hint: str = ""
    grace: float = 0
    because: str = ""
    unseen: bool = False
    chain: str = ""
    shares: tuple[tuple[str, int], ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """The step as it stands in results: id, topic, why, destructive, and why it is needed, if that is told."""
        cause = {"because": self.because} if self.because else {}
        return {"id": self.id, "topic": self.topic, "why": self.why, "destructive": self.destructive, **cause}


@dataclass(frozen=True)
class Refusal:
    """Why nothing will be done, and what the user can do about it."""

    reason: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".strip()


@dataclass(frozen=True)
class Plan:
    """The outcome of ``decide``. ``before`` and ``after`` are the subject's model for ``--diff``.

    ``possible``: steps that may turn out to be needed when the result is proved, as what they correct shows only then.
    A step that is needed then and is not among them is a failure of the proof.
    ``tells``: fields of the result that are there for other subjects, as the module documents them.
    """

    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    before: Any = None
    after: Any = None
    possible: tuple[Step, ...] = ()
    tells: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentences(self) -> list[str]:
        """For people: what is done, then what may have to be done."""
        return [step.why for step in self.steps] + [f"{step.why} (only if needed)" for step in self.perhaps]

    @property
    def perhaps(self) -> tuple[Step, ...]:
        """The possible steps of a plan that does something."""
        return self.possible if self.steps else ()

    @property
    def told(self) -> list[dict[str, Any]]:
        """For programs: every step with its identity, and whether it is only possible."""
        surely = [{**step.told, "possible": False} for step in self.steps]
        return surely + [{**step.told, "possible": True} for step in self.perhaps]

    @property
    def destructive(self) -> list[str]:
        """The ids of the steps that destroy something, or may."""
        return [step.id for step in (*self.steps, *self.perhaps) if step.destructive]
