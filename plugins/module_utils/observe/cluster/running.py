# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask corosync itself: votes, and what each link of this node reaches."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.cluster.cluster import LOCAL_CONFIG, CorosyncConfig, ObservedCluster
from ...model.cluster.corosync_conf import parse_corosync_conf
from ...model.cluster.quorum import QuorumOptions, parse_options, parse_quorumtool
from ...model.cluster.running import RunningCluster
from ...model.cluster.running_links import parse_links
from . import cluster

QUORUM = ("corosync-quorumtool", "-s")
STATISTICS = ("corosync-cmapctl", "-m", "stats")
_LATENCY = re.compile(r"^stats\.knet\.node(\d+)\.link(\d+)\.latency_ave \(\w+\) = (\d+)$", re.MULTILINE)


def observe(reader: Reader) -> RunningCluster:
    """The exit code of corosync-quorumtool is 2 without quorum, and 1 when corosync does not run."""
    done = reader.run(*QUORUM)
    quorum = parse_quorumtool(done.stdout)
    if quorum is None:
        if done.rc == 1 or done.rc == 127:
            return RunningCluster()
        raise Unreadable(f"corosync-quorumtool said nothing of votes: {done.stderr.strip()}.")
    latency = parse_latency(reader.run(*STATISTICS).stdout)
    return RunningCluster(quorum, tuple(parse_links(reader.run(*cluster.LINKS).stdout, latency)))


def expected_votes(reader: Reader) -> Optional[int]:
    """The votes that corosync expects; None where it does not say."""
    quorum = parse_quorumtool(reader.run(*QUORUM).stdout)
    return None if quorum is None else quorum.expected


def observe_member(reader: Reader) -> ObservedCluster:
    """With what corosync itself says, also when no change is to be proved."""
    return replace(cluster.observe(reader), **cluster.ask_corosync(reader), expected_votes=expected_votes(reader))


def observe_config(reader: Reader) -> Optional[CorosyncConfig]:
    """The copy from which corosync starts: it can be read whatever became of /etc/pve."""
    text = reader.read(LOCAL_CONFIG)
    return None if text is None else parse_corosync_conf(text)


def observe_options(reader: Reader) -> Optional[QuorumOptions]:
    text = reader.read(LOCAL_CONFIG)
    return None if text is None else parse_options(text)


def parse_latency(text: str) -> dict[tuple[int, int], float]:
    """(number of a node, link) → milliseconds, from ``corosync-cmapctl -m stats``, which has microseconds."""
    return {(int(node), int(link)): int(value) / 1000 for node, link, value in _LATENCY.findall(text) if int(value)}
