# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the cluster's certificate authority, and whether this node's certificate is of it: one openssl when it is."""

from __future__ import annotations

from ...engine.reader import Reader
from ...model.cluster.authority import (
    AUTHORITY,
    AUTHORITY_KEY,
    MADE_BY_UPSTREAM,
    ObservedAuthority,
    certificate_of,
)
from ...model.cluster.cluster import fingerprint


def observe(reader: Reader, node: str) -> ObservedAuthority:
    text, key = reader.read(AUTHORITY), reader.entry(AUTHORITY_KEY) is not None
    found = ObservedAuthority(fingerprint(text) if text else None, key)
    own = certificate_of(node)
    if not found.whole or reader.entry(own) is None:
        return found
    # what an administrator put there may bring the certificates between itself and the authority along
    done = reader.run("openssl", "verify", "-CAfile", AUTHORITY, "-untrusted", own, own)
    if done.rc == 0:
        return found
    issuer = reader.run("openssl", "x509", "-noout", "-issuer", "-in", own).stdout
    halves = (
        reader.run("openssl", "x509", "-noout", "-pubkey", "-in", AUTHORITY).stdout,
        reader.run("openssl", "pkey", "-pubout", "-in", AUTHORITY_KEY).stdout,
    )
    return ObservedAuthority(
        found.fingerprint,
        key,
        distrust=done.stderr.strip() or f"openssl ended with {done.rc}",
        ours=MADE_BY_UPSTREAM in issuer,
        matches=halves[0] == halves[1] != "",
    )
