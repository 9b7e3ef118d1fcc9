"""user.cfg, and who may call what."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pve_standin.core import access, users
from pve_standin.core.errors import ApiError

TEXT = """user:root@pam:1:0::::::
user:joe@pam:1:0::::::
token:root@pam!full:0:0::
token:root@pam!less:0:1::

acl:1:/storage:joe@pam:PVEAuditor:
"""
AUDIT = {"permissions": {"check": ["perm", "/storage/{storage}", ["Datastore.Audit"]]}}


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "cfs_read", lambda path: TEXT)


def refusal(definition: Mapping[str, object], user: str) -> str:
    with pytest.raises(ApiError) as caught:
        access.check(definition, user, {"storage": "local"})
    assert caught.value.code == 403
    return caught.value.message


def test_the_file_survives_reading_and_writing() -> None:
    config = users.parse(TEXT)
    assert users.parse(users.dump(config)) == config


def test_root_only_calls_refuse_every_token() -> None:
    definition: dict[str, object] = {"permissions": {"root_only": True}}
    access.check(definition, "root@pam", {})
    assert refusal(definition, "root@pam!full") == "Permission check failed (user != root@pam)"


def test_tickets_only_calls_refuse_tokens() -> None:
    definition: dict[str, object] = {"permissions": {"user": "all"}, "allowtoken": False}
    assert "need proper ticket" in refusal(definition, "root@pam!full")


def test_rights_come_from_the_list_or_for_a_full_token_from_its_user() -> None:
    access.check(AUDIT, "joe@pam", {"storage": "local"})
    access.check(AUDIT, "root@pam!full", {"storage": "local"})
    assert refusal(AUDIT, "root@pam!less") == "Permission check failed (/storage/local, Datastore.Audit)"
