"""What is there is told in the words in which it is declared: an exported cluster is left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.modules.access_info import INQUIRY
from pve_standin.core import paths

from ....doubles.access_api import AccessApi, plan

BEFORE = """user:root@pam:1:0::::the one::
token:root@pam!auto:0:0:again:
user:ann@pve:1:1898553600:A:B:ann@example.org:first%3a x::
token:ann@pve!report:1000000007:1::
user:off@pve:0:0::::::
user:x@school:1:0::::::
user:guests@pve:1:0::::baremetal.virt%3a automation guests::
group:course:ann@pve:Kurs 1:
group:staff-school:x@school::
pool:course:Kurs A:100::
role:Ops:VM.Audit:
role:PVEAuditor:Permissions.Modify:
acl:0:/:ann@pve:Ops:
acl:1:/pool/course:@course,guests@pve,ghost@pve:PVEVMUser:
acl:1:/vms:ann@pve!report:PVEAuditor:
"""
DOMAINS = (
    "ldap: school\n\tserver1 ldap.example.org\n\tbase_dn dc=example,dc=org\n\tuser_attr uid\n\tverify 1\n\tport 636\n"
    "\tsync-defaults-options remove-vanished=entry;acl,scope=both\n\n"
    "openid: cloud\n\tissuer-url https://id.example.org\n\tclient-id c\n\tclient-key hidden-key-1\n"
)


def told(api: AccessApi) -> dict[str, Any]:
    token = {} if api.caller == "root@pam" else {"token_id": api.caller}
    return dict(INQUIRY.answer(api, {"api": token}))


def test_everything_in_the_words_of_the_declaration(api: AccessApi) -> None:
    api.user_cfg, api.domains_cfg = BEFORE, DOMAINS
    paths.TFA_CFG.write_text('{"ann@pve": [{"type": "totp", "id": "1"}, {"type": "recovery", "id": "2"}]}')
    found = told(api)
    assert found["release"] == 9
    assert found["users"] == [
        {
            "id": "ann@pve",
            "groups": ["course"],
            "expire": "2030-02-28",
            "firstname": "A",
            "lastname": "B",
            "email": "ann@example.org",
            "comment": "first: x",
        },
        {"id": "off@pve", "enable": False},
        {"id": "root@pam", "comment": "the one"},
    ]
    assert found["groups"] == [{"id": "course", "comment": "Kurs 1"}]
    assert found["roles"] == [{"id": "Ops", "privs": ["VM.Audit"]}]
    assert found["tokens"] == [
        {"id": "ann@pve!report", "expire": 1000000007},
        {"id": "root@pam!auto", "comment": "again", "privsep": False},
    ]
    assert found["pools"] == [{"id": "course", "comment": "Kurs A"}]
    assert found["acl"] == [
        {"path": "/", "user": "ann@pve", "role": "Ops", "propagate": False},
        {"path": "/pool/course", "group": "course", "role": "PVEVMUser"},
        {"path": "/vms", "token": "ann@pve!report", "role": "PVEAuditor"},
    ]
    assert found["realms"] == [
        {"id": "cloud", "type": "openid", "client_id": "c", "issuer_url": "https://id.example.org"},
        {
            "id": "school",
            "type": "ldap",
            "base_dn": "dc=example,dc=org",
            "port": 636,
            "server1": "ldap.example.org",
            "sync_defaults": {"scope": "both", "remove_vanished": ["acl", "entry"]},
            "user_attr": "uid",
            "verify": True,
        },
    ]
    assert found["tfa"] == {"ann@pve": ["recovery", "totp"]}
    assert found["leftovers"] == [{"path": "/pool/course", "user": "ghost@pve", "role": "PVEVMUser"}]
    assert found["surplus"] == {"PVEAuditor": ["Permissions.Modify"]}
    assert "hidden-key-1" not in repr(found)


def test_an_exported_cluster_is_left_as_it_is(api: AccessApi, tmp_path: Path) -> None:
    """Also with everything exclusive, except what the export says that it does not say."""
    api.user_cfg, api.domains_cfg = BEFORE, DOMAINS
    variables = told(api)["variables"]
    declared = {name.removeprefix("access_"): rows for name, rows in variables.items()}
    assert plan(api, **declared, token_folder=str(tmp_path)).steps == ()
    every = ["users", "groups", "roles", "tokens", "acl"]
    assert plan(api, **declared, exclusive=every, token_folder=str(tmp_path)).steps == ()


def test_a_token_that_was_never_valid_is_told_as_it_is_to_be(api: AccessApi) -> None:
    """A run was killed while it was made; the next one ends that."""
    api.user_cfg = "user:root@pam:1:0::::::\nuser:ann@pve:1:0::::::\ntoken:ann@pve!report:1:1::\n"
    assert told(api)["tokens"] == [{"id": "ann@pve!report"}]


def test_whoever_does_not_see_everything_tells_nothing(api: AccessApi) -> None:
    """What he does not see would be missing, and entries for it would be told to be those of nobody."""
    api.user_cfg, api.caller = BEFORE, "ann@pve!report"
    with pytest.raises(Refused, match="ann@pve!report lacks Sys.Audit on /access, "):
        told(api)


def test_a_new_cluster_says_nothing(api: AccessApi) -> None:
    assert told(api)["variables"] == {}


def test_where_nobody_serves_the_api_yet_nothing_is_told() -> None:
    found = INQUIRY.answer(Controller(None), {"api": {}})
    assert found == {"answered": True, "release": None, "tfa": {}, "leftovers": [], "surplus": {}, "variables": {}}
