#!/usr/bin/env python3
"""Does the real exportfs understand the managed file as this collection does?

usage: exportfs.py COMMAND...     the words that come before a command so that it runs where exportfs is installed,
                                  such as `tests/lab/lab exec pve1 --`; `env` for this very machine

All cases of exports_cases.py and some hundred by chance are declared in one file and handed to exportfs, in a mount
namespace with tables of its own. What it says is compared with what parse_exports and effective make of the file.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ansible" / "collections"))

from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import same_meaning
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import (
    Client,
    Export,
    Served,
    canonical_host,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.text import (
    parse_exports,
    parse_served,
    render_exports,
)
from exports_cases import NAMES, export, table
from hypothesis import HealthCheck, given, settings

BY_CHANCE = 300
#: A list of names to resolve, and directories to write to, of its own; exportfs reads the file from standard input.
TRIAL = """
mount -t tmpfs none /var/lib/nfs
mkdir -p /etc/exports.d
mount -t tmpfs none /etc/exports.d
printf '%s' "$1" > /var/lib/nfs/hosts
mount --bind /var/lib/nfs/hosts /etc/hosts
mount --bind /dev/null /etc/exports
shift
mount -t tmpfs none /srv
mkdir -p -- "$@"
cat > /etc/exports.d/trial.exports
exportfs -ra
cat /var/lib/nfs/etab
"""


def by_chance() -> list[Export]:
    """Exports as hypothesis finds them, the same in every run, each with a path and clients of its own."""
    found: list[Export] = []

    @settings(
        max_examples=BY_CHANCE, database=None, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck]
    )
    @given(export)
    def collect(one: Export) -> None:
        found.append(one)

    collect()
    return [Export(f"{one.path}.{number}", _distinct(one.clients)) for number, one in enumerate(found)]


def _distinct(clients: tuple[Client, ...]) -> tuple[Client, ...]:
    return tuple({canonical_host(client.host): client for client in clients}.values())


def main(before: list[str]) -> int:
    cases = {**table(), **{f"by chance {one.path!r}": (one,) for one in by_chance()}}
    everything = tuple(one for exports in cases.values() for one in exports)
    text = render_exports(everything)
    hosts = "".join(f"{address} {name}\n" for name, address in NAMES.items())
    argv = [*before, "unshare", "--mount", "--propagation", "private", "sh", "-euc", TRIAL, "trial", hosts]
    argv += [one.path for one in everything]
    done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"exportfs refused the file ({done.returncode}): {done.stderr.strip()[-4000:]}")
        return 1
    served = parse_served(done.stdout)
    wrong = [title for title, exports in cases.items() for one in exports if not _as_declared(one, served)]
    declared = {one.path for one in parse_exports(text)}
    strange = sorted(set(served) - declared)
    print("".join(f"exportfs understands it otherwise: {title}\n" for title in wrong), end="")
    print("".join(f"exportfs exports what is not declared: {path!r}\n" for path in strange), end="")
    print(f"{len(cases) - len(wrong)} passed, {len(wrong) + len(strange)} failed")
    return 1 if wrong or strange else 0


def _as_declared(wanted: Export, served: Served) -> bool:
    """The same clients with the same meaning; names in the spelling of the table of hosts."""
    found = served.get(wanted.path, {})
    hosts = {canonical_host(client.host): client for client in wanted.clients}
    return set(found) == set(hosts) and all(
        same_meaning(client.means, found[host].means) for host, client in hosts.items()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
