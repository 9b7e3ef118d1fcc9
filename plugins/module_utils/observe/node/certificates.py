# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the certificates of a node: the cluster's authority, the node's own, and an administrator's, if there is one."""

from __future__ import annotations

import re
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.node.certificate import Certificate
from . import host

AUTHORITY = "/etc/pve/pve-root-ca.pem"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DATE = re.compile(r"(\w{3}) +(\d+) ([\d:]{8}) (\d{4}) GMT")


def observe(reader: Reader) -> tuple[Certificate, ...]:
    folder = f"/etc/pve/nodes/{host.observe(reader).name}"
    own, given = _read(reader, f"{folder}/pve-ssl.pem"), _read(reader, f"{folder}/pveproxy-ssl.pem")
    served = given or own
    found = (_read(reader, AUTHORITY), own, given)
    return tuple(
        Certificate(one.path, one.subject, one.issuer, one.expires, one is served) for one in found if one is not None
    )


def ask(path: str) -> tuple[str, ...]:
    return ("openssl", "x509", "-noout", "-subject", "-issuer", "-enddate", "-in", path)


def _read(reader: Reader, path: str) -> Optional[Certificate]:
    """None where there is no such file."""
    if reader.read(path) is None:
        return None
    done = reader.run(*ask(path))
    if done.rc != 0:
        raise Unreadable(f"openssl cannot read {path}: {done.stderr.strip()}.")
    return parse_certificate(path, done.stdout)


def parse_certificate(path: str, text: str) -> Certificate:
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return Certificate(path, told["subject"].strip(), told["issuer"].strip(), parse_date(told["notAfter"]))


def parse_date(text: str) -> str:
    """``Nov 19 06:21:17 2036 GMT``."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise Unreadable(f"openssl prints dates in an unknown form: {text}.")
    return f"{found[4]}-{_MONTHS.index(found[1]) + 1:02}-{int(found[2]):02}T{found[3]}Z"
