"""Change one thing by hand, and see whether a dry run of site.yml notices: a fast run that skips a check is worthless.

Every mutation is made on one node of the converged lab with the node's own tools, and undone after. Noticed means
that the plan has a step, or that the run is refused; afterwards the site must again have nothing to do.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass

from playbook import ROOT, SITE, BenchError, Group, Result, run

LAB = ROOT / "tests" / "lab" / "lab"
_SAVED = "/root/before-mutation"


@dataclass(frozen=True)
class Mutation:
    """``do`` and ``undo`` are shell commands on the node."""

    title: str
    do: str
    undo: str
    node: str = "pve2"


def edited(path: str, expression: str, node: str = "pve2") -> Mutation:
    """A sed expression applied to a file."""
    do = f"cp -a {path} {_SAVED} && sed -i {shlex.quote(expression)} {path} && ! cmp -s {path} {_SAVED}"
    return Mutation(f"{path} edited ({expression})", do, f"cp -a {_SAVED} {path}", node)


def edited_in_pmxcfs(path: str, expression: str, node: str = "pve2") -> Mutation:
    """The same in /etc/pve, where files have no owner to keep."""
    do = f"cp {path} {_SAVED} && sed {shlex.quote(expression)} {_SAVED} > {path} && ! cmp -s {path} {_SAVED}"
    return Mutation(f"{path} edited ({expression})", do, f"cp {_SAVED} {path}", node)


def missing(path: str, node: str = "pve2") -> Mutation:
    return Mutation(f"{path} is not there", f"mv {path} {_SAVED}", f"mv {_SAVED} {path}", node)


def not_installed(package: str, node: str = "pve2") -> Mutation:
    """As after `dpkg --remove`, without the work: only dpkg's own record is changed."""
    status = "/var/lib/dpkg/status"
    expression = f"/^Package: {package}$/,/^$/ s/^Status: .*/Status: deinstall ok config-files/"
    do = f"cp -a {status} {_SAVED} && sed -i '{expression}' {status} && ! cmp -s {status} {_SAVED}"
    return Mutation(f"{package} is not installed", do, f"cp -a {_SAVED} {status}", node)


def stopped(unit: str, node: str = "pve2") -> Mutation:
    undo = f"systemctl reset-failed {unit} || true; systemctl start {unit}"
    return Mutation(f"{unit} does not run", f"systemctl stop {unit}", undo, node)


def disabled(unit: str, node: str = "pve2") -> Mutation:
    return Mutation(f"{unit} does not start at boot", f"systemctl disable {unit}", f"systemctl enable {unit}", node)


RECORDS = "/var/lib/baremetal.virt/images"
IMAGE = "/mnt/pve/cephfs/template/iso/bench.iso"
_IMAGES = [
    {  # any file whose content is known; where the image lies when the mutations begin
        "url": "{{ lab_mirror }}/proxmox/debian/proxmox-archive-keyring-trixie.gpg",
        "checksum": "sha256:{{ lab_keyring_sha256 }}",
        "storage": "cephfs",
        "filename": IMAGE.rpartition("/")[2],
    }
]
#: What the site has beside what its inventory says, so that there is more to change by hand.
MORE = ("-e", json.dumps({"storage_images": _IMAGES}))

EXPORTS = "/etc/exports.d/baremetal_virt.exports"

OSD = '"ceph-osd@$(ls /var/lib/ceph/osd | sed s/ceph-//).service"'

MUTATIONS = (
    # repositories
    edited("/etc/apt/sources.list.d/proxmox.sources", "s/pve-no-subscription/pve-test/"),
    edited("/etc/apt/sources.list.d/proxmox.sources", "s|^URIs: .*|URIs: http://elsewhere.invalid|"),
    edited("/etc/apt/sources.list.d/ceph.sources", "s/squid/tentacle/"),
    missing("/etc/apt/sources.list.d/proxmox.sources"),
    missing("/usr/share/keyrings/proxmox-mirror.gpg"),
    Mutation(
        "apt has not fetched the index of Proxmox VE",
        f"mkdir {_SAVED}.d && mv /var/lib/apt/lists/*pve* {_SAVED}.d",
        f"mv {_SAVED}.d/* /var/lib/apt/lists && rmdir {_SAVED}.d",
    ),
    # proxmox_ve
    not_installed("proxmox-ve"),
    edited("/etc/hosts", "s/^10.10.1.12 /127.0.1.1 /"),
    # cluster
    stopped("corosync.service"),
    stopped("pveproxy.service"),
    # nfs_server
    not_installed("nfs-kernel-server", "pve1"),
    stopped("nfs-server.service", "pve1"),
    disabled("nfs-server.service", "pve1"),
    edited(EXPORTS, "s/no_root_squash/root_squash/", "pve1"),
    missing(EXPORTS, "pve1"),
    Mutation("the export is not served", "exportfs -u 10.10.2.0/24:/srv/share", "exportfs -ra", "pve1"),
    Mutation("the exported directory's mode", "chmod 0700 /srv/share", "chmod 0755 /srv/share", "pve1"),
    Mutation("the exported directory's owner", "chown daemon /srv/share", "chown root /srv/share", "pve1"),
    # ceph
    not_installed("ceph-osd"),
    missing("/etc/ceph/ceph.conf"),
    stopped("ceph-mon@pve2.service"),
    disabled("ceph-mon@pve2.service"),
    stopped("ceph-mgr@pve2.service"),
    stopped("ceph-mds@pve2.service"),
    Mutation(
        "an OSD does not run",
        f"systemctl stop {OSD}",
        f"systemctl reset-failed {OSD} || true; systemctl start {OSD}",
    ),
    Mutation("the pool's size", "ceph osd pool set vms size 2", "ceph osd pool set vms size 3"),
    Mutation("the pool's min_size", "ceph osd pool set vms min_size 1", "ceph osd pool set vms min_size 2"),
    Mutation(
        "the pool's autoscaler",
        "ceph osd pool set vms pg_autoscale_mode off",
        "ceph osd pool set vms pg_autoscale_mode on",
    ),
    Mutation(
        "the pool's application",
        "ceph osd pool application disable vms rbd --yes-i-really-mean-it",
        "ceph osd pool application enable vms rbd",
    ),
    # storage
    edited_in_pmxcfs("/etc/pve/storage.cfg", "/^cephfs:/,/^$/ s/content .*/content iso/"),
    edited_in_pmxcfs("/etc/pve/storage.cfg", "s/^rbd: vms/rbd: vmx/"),
    edited_in_pmxcfs("/etc/pve/storage.cfg", "s|export /srv/share|export /srv/other|"),
    missing(IMAGE),
    Mutation("an image has another content", f"cp -a {IMAGE} {_SAVED} && echo >> {IMAGE}", f"cp -a {_SAVED} {IMAGE}"),
    Mutation(
        "a node has not checked an image",
        f"cp -a {RECORDS} {_SAVED}.d && rm {RECORDS}/*",
        f"rm -rf {RECORDS} && mv {_SAVED}.d {RECORDS}",
    ),
)


def judge(lab: Group, pattern: str) -> int:
    """Try every mutation with this in its title; 1 when one of them was not noticed."""
    chosen = [mutation for mutation in MUTATIONS if re.search(pattern, mutation.title)]
    run(lab, SITE, *MORE)
    print(f"\n{lab.title}: {len(chosen)} changes made by hand; does a dry run notice?", flush=True)
    unnoticed = 0
    for mutation in chosen:
        noticed = _try(lab, mutation)
        unnoticed += not noticed
        print(f"  {noticed or 'NOT NOTICED':<14} {mutation.node}: {mutation.title}", flush=True)
    _settle(lab)
    print(f"{len(chosen) - unnoticed} passed, {unnoticed} failed")
    return int(unnoticed > 0)


def _try(lab: Group, mutation: Mutation) -> str:
    """How the mutation was noticed; empty when it was not."""
    _on(mutation.node, mutation.do)
    try:
        return _noticed(run(lab, SITE, "--check", *MORE, may_fail=True))
    finally:
        _on(mutation.node, mutation.undo)


def _noticed(result: Result) -> str:
    if re.search(r"kind: (Refused|Invalid)|msg: 'Refused: nothing was changed", result.output):
        return "refused"
    if "fatal:" in result.output or not result.changed:
        raise BenchError(f"The dry run broke:\n{result.output[-4000:]}")
    return "planned" if any(result.changed.values()) else ""


def _settle(lab: Group) -> None:
    """All is undone: what daemons need some time for is settled by one more run, and the next has nothing to do."""
    run(lab, SITE, *MORE)
    left = run(lab, SITE, *MORE).changed
    if any(left.values()):
        raise BenchError(f"After all mutations were undone, site.yml still changes something: {left}")


def _on(node: str, command: str) -> None:
    done = subprocess.run([LAB, "exec", node, "--", "sh", "-ec", command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lab = os.environ.get("LAB_NAME", "lab")
        raise BenchError(f"{command!r} failed on {node} of lab {lab}: {done.stderr.strip() or done.stdout.strip()}")
