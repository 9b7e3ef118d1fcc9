# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run on a node, by itself: what the controller needs to speak to the API of this node and of its cluster.

That is a ticket of root@pam, which upstream's own code makes, with the token that has to come with it in a request to
change something; and the SHA-256 of the certificate that pveproxy shows, for every node. All of it is printed, for the
controller to read through ssh, and nothing is kept.

Ansible shows what a node prints, to whoever asks for enough of it (-vvv). So the secrets are printed under a mask of
random bytes, which comes with this program on the standard input, which is shown nowhere.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import sys
from typing import Optional

NODES = "/etc/pve/nodes"
#: Seconds that upstream's code has for a ticket.
PATIENCE = 30.0
MARK = "baremetal.virt vouches: "
MINT = (
    "perl",
    "-MPVE::AccessControl",
    "-e",
    "print join(chr(10), PVE::AccessControl::assemble_ticket('root@pam'),"
    " PVE::AccessControl::assemble_csrf_prevention_token('root@pam'))",
)
#: An administrator's own certificate is shown in place of the one that the cluster has signed.
_FILES = ("pveproxy-ssl.pem", "pve-ssl.pem")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


def certificates(nodes: str = NODES) -> dict[str, str]:
    """Node → SHA-256 of its certificate. Empty where there is no Proxmox VE."""
    found = {}
    for node in sorted(os.listdir(nodes)) if os.path.isdir(nodes) else ():
        paths = [os.path.join(nodes, node, name) for name in _FILES]
        present = [path for path in paths if os.path.exists(path)]
        if present:
            found[node] = fingerprint(present[0])
    return found


def fingerprint(path: str) -> str:
    """Of the first certificate in a file; those of authorities may come after it."""
    with open(path, encoding="ascii", errors="replace") as stream:
        first = _CERTIFICATE.search(stream.read())
    if first is None:
        raise ValueError(f"{path} holds no certificate")
    return hashlib.sha256(base64.b64decode(first.group(1))).hexdigest()


def mint() -> tuple[str, str]:
    """A ticket, and the token against forged requests that belongs to it."""
    code, answer, complaint = asyncio.run(_said(MINT, PATIENCE))
    ticket, dummy, token = answer.partition("\n")
    if code != 0 or not ticket.startswith("PVE:root@pam:") or not token:
        raise ValueError(f"upstream's code made no ticket: {complaint.strip() or 'it said nothing'}")
    return ticket, token


async def _said(command: tuple[str, ...], timeout: float) -> tuple[Optional[int], str, str]:
    """Exit code, standard output and standard error."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        output, errors = await asyncio.wait_for(process.communicate(), timeout)
    except asyncio.TimeoutError as error:
        process.kill()
        await process.communicate()
        raise ValueError(f"{command[0]} did not answer within {timeout:g} seconds") from error
    return process.returncode, output.decode(errors="replace"), errors.decode(errors="replace")


def masked(text: bytes, mask: bytes) -> bytes:
    """The same function covers and uncovers."""
    if len(text) > len(mask):
        raise ValueError(f"{len(text)} bytes are more than the mask covers")
    return bytes(one ^ other for one, other in zip(text, mask))


def vouch(mask: bytes, nodes: str = NODES) -> dict[str, object]:
    """Everything, or why it is not to be had."""
    try:
        shown = certificates(nodes)
        secrets = masked("\n".join(mint()).encode(), mask).hex() if shown else ""
    except (OSError, ValueError) as error:
        return {"problem": str(error)}
    return {
        "node": os.uname().nodename.split(".")[0],
        "certificates": shown,
        "secrets": secrets,
    }


def tell(mask: str) -> None:
    """The last line of the program that is sent calls this, with the mask in hexadecimal digits."""
    sys.stdout.write(f"{MARK}{json.dumps(vouch(bytes.fromhex(mask)))}\n")
