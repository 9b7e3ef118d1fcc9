"""Two playbooks, run in turn many times: what one costs in units of the other.

A machine that does other work makes seconds meaningless, and CPU seconds too. So only ratios within a pair are
believed, and none at all when a fixed piece of work took more than 20 % longer at one time than at another.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from playbook import PING, SITE, BenchError, Group, Result, run

MAX_DRIFT = 0.20


@dataclass
class Pairs:
    """Runs of the same number on both sides, interleaved."""

    ping: list[Result] = field(default_factory=list)
    site: list[Result] = field(default_factory=list)
    calibration: list[float] = field(default_factory=list)

    @property
    def drift(self) -> float:
        return max(self.calibration) / min(self.calibration) - 1

    @property
    def quiet(self) -> bool:
        return self.drift <= MAX_DRIFT

    def ratios(self, figure: str) -> list[float]:
        pairs = zip(self.site, self.ping)
        return [getattr(site, figure) / getattr(ping, figure) for site, ping in pairs]


def measure(group: Group, count: int) -> Pairs:
    """One warm-up of each (connections, bytecode), then ``count`` pairs in alternating order."""
    run(group, PING)
    _no_op(group)
    pairs = Pairs()
    for number in range(count):
        pairs.calibration.append(_calibrate())
        if number % 2:
            pairs.site.append(_no_op(group))
            pairs.ping.append(run(group, PING))
        else:
            pairs.ping.append(run(group, PING))
            pairs.site.append(_no_op(group))
    pairs.calibration.append(_calibrate())
    return pairs


@dataclass
class Callbacks:
    """The same run of site.yml, told by Ansible's own callback and by ours, interleaved."""

    default: list[Result] = field(default_factory=list)
    ours: list[Result] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [ours.cpu / default.cpu for ours, default in zip(self.ours, self.default)]


def measure_callback(group: Group, count: int) -> Callbacks:
    """One warm-up of each, then ``count`` pairs in alternating order."""
    _no_op(group)
    _told_by_ours(group)
    found = Callbacks()
    for number in range(count):
        if number % 2:
            found.ours.append(_told_by_ours(group))
            found.default.append(_no_op(group))
        else:
            found.default.append(_no_op(group))
            found.ours.append(_told_by_ours(group))
    return found


def _told_by_ours(group: Group) -> Result:
    """Its last line says how the run ended; it has no recap."""
    result = run(group, SITE, env={"ANSIBLE_STDOUT_CALLBACK": "baremetal.virt.site"}, may_fail=True)
    last = result.output.strip().splitlines()[-1:]
    if not last or not re.fullmatch(r"Done after .*: nothing was changed\.", last[0]):
        raise BenchError(f"site.yml did not end as a no-op run on {group.title}:\n{result.output[-4000:]}")
    return result


def _no_op(group: Group) -> Result:
    result = run(group, SITE)
    if any(result.changed.values()):
        raise BenchError(f"site.yml changed something on {group.title}: {result.changed}; this is not a no-op run.")
    return result


def _calibrate() -> float:
    """Wall seconds of a fixed piece of work; the best of three, as a single one may meet a passing process."""
    return min(_fixed_work() for _ in range(3))


def _fixed_work() -> float:
    started = time.perf_counter()
    total = 0
    for number in range(1_500_000):
        total += number * number % 7
    return time.perf_counter() - started


def report_callback(group: Group, found: Callbacks) -> str:
    rows = [f"{group.title}, n = {len(found.ours)}: controller CPU s of a no-op site.yml, medians [min-max]"]
    for title, results in (("ansible.builtin.default", found.default), ("baremetal.virt.site", found.ours)):
        rows.append(f"{title:<26}{spread([result.cpu for result in results])}")
    ratios = found.ratios
    rows.append(f"{'ours / default, paired':<26}{statistics.median(ratios):.3f} [{min(ratios):.3f}-{max(ratios):.3f}]")
    return "\n".join(rows)


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} [{min(values):.2f}-{max(values):.2f}]"


def report(group: Group, pairs: Pairs) -> str:
    """The table of one group of nodes."""
    rows = [
        f"{group.title}, n = {len(pairs.ping)}, medians [min-max]",
        f"{'':<22}{'wall s':<22}{'controller CPU s':<22}",
    ]
    for title, results in (("one ping", pairs.ping), ("site.yml, no-op", pairs.site)):
        walls, cpus = [result.wall for result in results], [result.cpu for result in results]
        rows.append(f"{title:<22}{spread(walls):<22}{spread(cpus):<22}")
    rows.append(f"{'site / ping, paired':<22}{spread(pairs.ratios('wall')):<22}{spread(pairs.ratios('cpu')):<22}")
    verdict = "quiet enough" if pairs.quiet else f"NOT QUIET (more than {MAX_DRIFT:.0%}): these figures prove nothing"
    rows.append(f"calibration drift {pairs.drift:.0%}: {verdict}")
    return "\n".join(rows)
