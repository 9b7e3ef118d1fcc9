"""The table of all commands, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from allowed import Allowed
from replay import Outcome

SHOWN = 6
"""How many of a command's undeclared differences are printed, unless all are asked for."""


class Report:
    """Outcomes against the declared exceptions."""

    def __init__(self, outcomes: Sequence[Outcome], allowed: Allowed) -> None:
        self._outcomes = sorted(outcomes, key=lambda outcome: outcome.transcript.name)
        self._undeclared = {
            outcome.transcript.name: allowed.undeclared(outcome.transcript.name, outcome.differences)
            for outcome in self._outcomes
        }
        played = frozenset(item.transcript.name for item in self._outcomes if not item.not_covered)
        self._unused = allowed.unused(played)

    @property
    def agrees(self) -> bool:
        return not any(self._undeclared.values()) and not self._unused

    def table(self, everything: bool = False) -> str:
        lines = [line for outcome in self._outcomes for line in self._rows(outcome, everything)]
        lines += [f"declared in exceptions.yml, but does not differ: {idle}" for idle in self._unused]
        return "\n".join([*lines, "", self._summary()])

    def _rows(self, outcome: Outcome, everything: bool) -> list[str]:
        transcript = outcome.transcript
        undeclared = self._undeclared[transcript.name]
        command, state = _cut(" ".join(transcript.cmd), 66), _cut(transcript.state, 44)
        shown = undeclared if everything else undeclared[:SHOWN]
        rows = [f"{transcript.number}  {command:<66}  {state:<44}  {self._verdict(outcome)}"]
        rows += [f"       {_cut(line, 200)}" for line in shown]
        return rows if len(shown) == len(undeclared) else [*rows, f"       ... and {len(undeclared) - len(shown)} more"]

    def _verdict(self, outcome: Outcome) -> str:
        if outcome.not_covered:
            return f"not covered: {outcome.not_covered}"
        if self._undeclared[outcome.transcript.name]:
            return "DIFFERS"
        return "same, but for what is declared" if outcome.differences else "same"

    def _summary(self) -> str:
        verdicts = [self._verdict(outcome).partition(":")[0] for outcome in self._outcomes]
        counts = {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts), reverse=True)}
        return f"{len(verdicts)} commands: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())


def _cut(text: str, width: int) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= width else text[: width - 1] + "…"
