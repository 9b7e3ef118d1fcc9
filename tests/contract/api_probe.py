#!/usr/bin/env python3
"""Log in to the HTTPS API of pve1 with the password $1, ask what was once asked with a client library; prints JSON."""

from __future__ import annotations

import json
import ssl
import sys
import time
import urllib.request
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

API = "https://10.10.1.11:8006/api2/json"


def call(path: str, headers: dict[str, str] | None = None, **form: str) -> Any:
    """The data of an answer; with a form it is a POST."""
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    body = urlencode(form).encode() if form else None
    request = urllib.request.Request(API + path, data=body, headers=headers or {})
    with urllib.request.urlopen(request, context=unverified, timeout=60) as answer:
        return json.load(answer)["data"]


def login(password: str) -> dict[str, str]:
    ticket = call("/access/ticket", username="root@pam", password=password)["ticket"]
    return {"Cookie": f"PVEAuthCookie={ticket}"}


def refused(password: str) -> str:
    """What a login with this password fails with."""
    try:
        login(password)
    except HTTPError as error:
        return f"code: {error.code}"
    return "accepted"


def main() -> None:
    started = time.monotonic()
    session = login(sys.argv[1])
    asked: dict[str, Any] = {"login_s": time.monotonic() - started}
    for name, path in (
        ("version", "/version"),
        ("cluster_status", "/cluster/status"),
        ("proxied", "/nodes/pve3/version"),
    ):
        started = time.monotonic()
        asked["pve3_status_proxied" if name == "proxied" else name] = call(path, session)
        asked[f"{name}_s"] = time.monotonic() - started
    asked["config_nodes"] = call("/cluster/config/nodes", session)
    asked["join_keys"] = sorted(call("/cluster/config/join", session))
    asked["bad_pw"] = refused("wrong")
    print(json.dumps(asked))


if __name__ == "__main__":
    main()
