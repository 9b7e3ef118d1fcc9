"""The value of a token goes into a file for its owner alone, and into nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Call, Step
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import Token
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.perform import perform

from ....doubles.api_server import ApiServer


def making(name: str, file: Path) -> Step:
    path = f"/access/users/root%40pam/token/{name}"
    call = Call("POST", path, (("privsep", False),), hand_out=str(file))
    return Step(f"create the token {name}", call, f"token.create:{name}", "access")


def test_it_is_written_for_its_owner_alone_and_works(server: ApiServer, tmp_path: Path) -> None:
    file = tmp_path / "new" / "tokens" / "made"
    assert perform(making("made", file), server.api()) == ""
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert os.stat(file.parent).st_mode & 0o777 == 0o700
    token = Token("root@pam!made", file.read_text().strip())
    assert server.api(token).get("/version")["version"] == "9.2.11"


def test_nothing_is_asked_for_that_could_not_be_kept(server: ApiServer, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    with pytest.raises(StepFailed, match="create the token unkept failed: .*cannot be written.*Nothing was asked for"):
        perform(making("unkept", tmp_path / "taken" / "file"), server.api())
    assert "unkept" not in {row["tokenid"] for row in server.api().get("/access/users/root@pam/token")}


def test_a_value_that_cannot_be_kept_is_lost_and_told(server: ApiServer, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="cannot be written.*The value that was given is lost"):
        perform(making("lost", tmp_path), server.api())
    assert list(tmp_path.parent.glob(".new-*")) == []


def test_a_refusal_leaves_no_file(server: ApiServer, tmp_path: Path) -> None:
    perform(making("twice", tmp_path / "first"), server.api())
    with pytest.raises(StepFailed, match="Token already exists"):
        perform(making("twice", tmp_path / "second"), server.api())
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_an_answer_without_a_value_is_a_failure(server: ApiServer, tmp_path: Path) -> None:
    call = Call("PUT", "/access/users/root@pam", (("comment", "x"),), hand_out=str(tmp_path / "file"))
    with pytest.raises(StepFailed, match="holds no value"):
        perform(Step("change", call, "user.change:root@pam", "access"), server.api())
    assert list(tmp_path.iterdir()) == []


def test_the_controller_answers_for_its_own_files(server: ApiServer, tmp_path: Path) -> None:
    controller = Controller(server.api())
    assert controller.entry(str(tmp_path / "none")) is None
    assert controller.entry(str(tmp_path)) is not None
    assert controller.get("/version")["release"] == "9.2"
    assert [answer["release"] for answer in controller.get_many(["/version", "/version"])] == ["9.2", "9.2"]


def test_where_nobody_serves_the_api_every_answer_is_none() -> None:
    controller = Controller(None)
    assert controller.get("/version") is None
    assert controller.get_many(["/version", "/pools"]) == [None, None]
    with pytest.raises(TypeError, match="nobody serves the API"):
        controller.act(making("x", Path("/nowhere")))


def test_a_text_is_kept_and_handed_in_and_then_spent(server: ApiServer, tmp_path: Path) -> None:
    """The lock of a thing: the answer is its token, and whoever gives it back has to show that."""
    file = tmp_path / "lock"
    take = Call("POST", "/cluster/sdn/lock", hand_out=str(file))
    perform(Step("take the lock", take, "lock.take", "network"), server.api())
    assert len(file.read_text().strip()) == 36
    back = Call("DELETE", "/cluster/sdn/lock", hand_in=("lock-token", str(file)), last=True)
    perform(Step("give the lock back", back, "lock.return", "network"), server.api())
    assert not file.exists()
    with pytest.raises(StepFailed, match="cannot be read.*Nothing was asked for"):
        perform(Step("give the lock back", back, "lock.return", "network"), server.api())
