"""Stands in for the bcrypt library inside ceph-mgr.

Debian's library can be loaded by one of the manager's modules only (a limit of PyO3 with sub-interpreters), and then
every other module that imports it fails. Only the dashboard, which the lab does not use, ever hashes a password.
"""

from __future__ import annotations


def gensalt(rounds: int = 12, prefix: bytes = b"2b") -> bytes:
    raise NotImplementedError("the lab's ceph-mgr cannot hash passwords")


def hashpw(password: bytes, salt: bytes) -> bytes:
    raise NotImplementedError("the lab's ceph-mgr cannot hash passwords")
