"""What the kill matrix adds where the cluster has Ceph: data that must not be lost, and what Ceph says of itself."""

from __future__ import annotations

from collections.abc import Sequence

import kill_rounds as rounds
from kill_rounds import ROOT, RoundFailed, shell, wait_until

#: Two OSDs a node, and two copies of everything, so that three nodes may become two. Placement groups that are split
#: beside the removal would only make its times differ.
SITE = ("-e", f"@{ROOT}/molecule/removals/vars/site.yml")
DATA = """
for pool in .mgr cephfs_data cephfs_metadata; do ceph osd pool set $pool size 2; done
head -c 24M /dev/urandom > /root/proof
rbd import --no-progress /root/proof vms/proof
for pool in $(ceph osd pool ls); do ceph osd pool set $pool pg_autoscale_mode off; done
"""
#: How the ids of the steps begin that a node without Ceph does not have.
STEPS = r"(osd|mon|mgr|mds|crush|ceph|data|pg)\b"
#: What is wrong with data or with a daemon; how many OSDs and monitors there should be is not.
_WRONG = r"PG_\w+|OSD_\w+|OBJECT_\w+|MON_DOWN|POOL_\w+|SLOW_OPS|RECENT_\w+"
#: Asked of a member: as `kill_rounds.QUESTIONS`.
QUESTIONS: dict[str, tuple[str, str]] = {
    "image": ("rbd export --no-progress vms/proof - | cmp - /root/proof && echo the same", "the same"),
    "health": ("ceph health detail", _WRONG),
    "tree": ("ceph osd tree", r"host \S+|osd\.\d+ +\w+"),
    "in": ("ceph osd dump", r"^osd\.\d+ \w+ +\w+"),
    "flags": ("ceph osd dump", r"^flags .*"),
    "pools": ("ceph osd pool ls detail", r"^pool \d+ '\S+' \w+ size \d+ min_size \d+"),
    "daemons": ("ceph node ls", r'"\S+"'),
    "monitors": ("ceph mon dump", r"mon\.\S+"),
    "accounts": ("ceph auth ls", r"^\w+\.\S+"),
    "settings": ("ceph config dump", r"\S.*"),
    "conf": ("cat /etc/pve/ceph.conf", r"\S.*"),
}
#: Asked of every node that has power.
HERE: dict[str, tuple[str, str]] = {
    "Ceph's files": ("ls -d /var/lib/ceph/*/* /etc/ceph/* /etc/pve/priv/ceph*", r"^/\S+"),
    "Ceph's services": ("systemctl list-units --all --plain --no-legend 'ceph-*@*'", r"^ceph-\S+ +\S+ +\S+"),
}


def wait_until_whole(node: str, seconds: float = 240) -> None:
    """Every OSD that is known is up, and every placement group has all its copies where they belong."""
    every_osd = "set -- $(ceph osd stat) && test $1 = $3"
    clean = """ceph pg stat -f json | python3 -c 'import json, sys
states = json.load(sys.stdin)["pg_summary"]["num_pg_by_state"]
sys.exit(not states or any(not state["name"].startswith("active+clean") for state in states))'"""
    wait_until(node, f"{every_osd} && {clean}", seconds, "all data in its place")


def wait_until_back(nodes: Sequence[str], seconds: float = 120) -> None:
    """The monitors agree again, the OSDs of these nodes are up, and the file system is served."""
    named = "|".join(nodes)
    down = f'down=$(ceph --connect-timeout 5 osd tree down) && ! echo "$down" | grep -Ew "{named}"'
    served = f'health=$(ceph health detail) && ! echo "$health" | grep -E "mon.({named}) .* is down|FS_DEGRADED"'
    wait_until(nodes[0], f"{down} && {served}", seconds, f"the daemons of {' and '.join(nodes)}")


def wait_until_missed(node: str, lost: str, seconds: float = 120) -> None:
    """Ceph takes a node's OSDs for down half a minute after its power is cut, and then looks for its data anew."""
    asked = "up=$(ceph osd tree up) && states=$(ceph pg stat -f json)"
    settled = f'! echo "$up $states" | grep -Ew "{lost}|stale|peering|activating|unknown"'
    wait_until(node, f"{asked} && {settled}", seconds, f"what Ceph makes of the silence of {lost}")


def prepare(node: str) -> None:
    shell(node, f"set -e\n{DATA}")


def answers(node: str) -> dict[str, list[str]]:
    return rounds.answers(node, HERE)


def cluster(node: str) -> dict[str, list[str]]:
    """Two lost images would be alike: it is looked at in the undisturbed run too."""
    found = rounds.answers(node, QUESTIONS)
    if found["image"] != ["the same"]:
        raise RoundFailed("the RBD image is not what it was")
    return found
