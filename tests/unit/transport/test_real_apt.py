"""The apt of this machine: it takes every file that is written, and its failures are told with repository and cure."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Download
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import Release
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from ansible_collections.baremetal.virt.plugins.modules.repositories import SUBJECT
from labtool.signing import Signer

from ...doubles.fake_debian import debian_node
from ...doubles.real_apt import AT_HAND, RealApt, repository, served
from ..decide.debian.repositories_cases import (
    PVE_9,
    ROW_NAMES,
    ROWS,
    apt_files,
    converged,
    declaration,
    node_of,
    params,
)
from ..decide.debian.test_repositories_rows import enabled

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not AT_HAND, reason="apt-get and gpg are needed")]


@pytest.mark.parametrize(("release", "channel", "case"), ROWS, ids=ROW_NAMES)
def test_apt_reads_the_files_as_they_are_meant(release: Release, channel: str, case: str, tmp_path: Path) -> None:
    node = converged(node_of(release, case), declaration(release, channel))
    apt = RealApt(tmp_path)
    apt.write(apt_files(node))
    found, said = apt.targets()
    assert [target for target in found if "mirror.example" not in target[0]] == enabled(node)
    assert {suite for uri, suite, _component in found if "mirror.example" in uri} == {
        release.codename,
        f"{release.codename}-updates",
        release.security_suite,
    }
    assert said == ""


@dataclass(frozen=True)
class Web:
    """A web server with repositories, and the keys they are signed with (or not)."""

    url: str
    folder: Path
    signer: Signer
    key: Path
    other_key: Path

    def entry(self, name: str, component: str = "main", key: Path | None = None) -> str:
        return f"deb [signed-by={key or self.key}] {self.url}/{name}/debian/pve trixie {component}\n"

    def repository(self, name: str, **identity: str) -> Path:
        """A repository for the node's release, whatever it says of itself."""
        folder = repository(self.folder / name / "debian" / "pve", self.signer, **identity)
        return folder.rename(folder.parent / "trixie")

    def sign(self, folder: Path, pattern: str, text: str) -> None:
        """Change a Release file and sign it again; later than before, or the server says "not modified"."""
        release = folder / "Release"
        before = release.stat().st_mtime
        release.write_text(re.sub(pattern, text, release.read_text()))
        self.signer.sign(release)
        for path in folder.glob("*Release*"):
            os.utime(path, (before + 2, before + 2))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    base = tmp_path_factory.mktemp("web")
    signer, other = Signer(base / "signer"), Signer(base / "other")
    key, other_key = base / "key.gpg", base / "other.gpg"
    key.write_bytes(signer.keyring)
    other_key.write_bytes(other.keyring)
    with served(base / "www") as url:
        yield Web(url, base / "www", signer, key, other_key)


@pytest.fixture
def apt(tmp_path: Path) -> RealApt:
    return RealApt(tmp_path / "apt")


def failure(apt: RealApt, *entries: str, **changes: object) -> str:
    apt.write({"/etc/apt/sources.list.d/x.list": "".join(entries)})
    with pytest.raises(StepFailed) as caught:
        apt.update(**changes)
    return str(caught.value.as_result()["msg"])


def test_an_update_that_succeeds_leaves_its_stamp(web: Web, apt: RealApt) -> None:
    web.repository("good")
    apt.write({"/etc/apt/sources.list.d/x.list": web.entry("good")})
    apt.update()
    assert (apt.root / "var/lib/apt/periodic/update-success-stamp").exists()
    assert list((apt.root / "var/lib/apt/lists").glob("*_good_debian_pve_dists_trixie_InRelease"))


def test_a_subscription_is_missing(web: Web, apt: RealApt) -> None:
    said = failure(apt, web.entry("enterprise"), web.entry("enterprise/second"))
    assert f"{web.url}/enterprise/debian/pve is for subscribers: give the node its key" in said
    assert f"{web.url}/enterprise/second/debian/pve is for subscribers" in said
    assert not (apt.root / "var/lib/apt/periodic/update-success-stamp").exists()


def test_the_key_is_another_one(web: Web, apt: RealApt) -> None:
    web.repository("good")
    said = failure(apt, web.entry("good", key=web.other_key))
    expected = rf"{web.url}/good/debian/pve is signed with the key [0-9A-F]+, which this node does not have"
    assert re.search(expected, said)


def test_the_content_was_changed(web: Web, apt: RealApt) -> None:
    signed = web.repository("changed") / "InRelease"
    signed.write_text(signed.read_text().replace("Label: Test", "Label: Tost"))
    assert f"What comes from {web.url}/changed/debian/pve is not what was signed" in failure(apt, web.entry("changed"))


def test_there_is_no_signature(web: Web, apt: RealApt) -> None:
    folder = web.repository("unsigned")
    (folder / "InRelease").unlink()
    (folder / "Release.gpg").unlink()
    assert f"{web.url}/unsigned/debian/pve has no signature for trixie" in failure(apt, web.entry("unsigned"))


@pytest.mark.parametrize(
    ("pattern", "text", "said"),
    [
        ("Date:", "Valid-Until: Mon, 01 Jan 2024 00:00:00 GMT\nDate:", "was signed too long ago: update the mirror"),
        ("Date: .*", "Date: Sat, 01 Jan 2050 00:00:00 GMT", "was signed in the future: set this node's clock"),
    ],
)
def test_the_clocks_disagree(web: Web, apt: RealApt, pattern: str, text: str, said: str) -> None:
    web.sign(web.repository("time"), pattern, text)
    assert f"{web.url}/time/debian/pve {said}" in failure(apt, web.entry("time"))


def test_there_is_no_such_repository(web: Web, apt: RealApt) -> None:
    assert f"There is no repository {web.url}/nothing/debian/pve for trixie" in failure(apt, web.entry("nothing"))


def test_it_cannot_be_reached(apt: RealApt) -> None:
    """Port 9 is nobody's; the name ends in what is reserved for names that do not exist."""
    said = failure(
        apt, "deb http://127.0.0.1:9/debian/pve trixie main\ndeb http://nowhere.invalid/debian trixie main\n"
    )
    assert "http://127.0.0.1:9/debian/pve cannot be reached: check routes and firewalls" in said
    assert "http://nowhere.invalid/debian cannot be reached, as nowhere.invalid is unknown: check DNS" in said


def test_another_release_under_the_name_of_this_one(web: Web, apt: RealApt) -> None:
    """apt itself only warns, and would install what comes from there."""
    web.repository("mixed", codename="bookworm")
    said = failure(apt, web.entry("mixed"))
    assert f"{web.url}/mixed/debian/pve serves bookworm under the name of trixie: correct the mirror." in said


def test_the_release_has_changed_since_the_last_update(web: Web, apt: RealApt) -> None:
    folder = web.repository("moving")
    apt.write({"/etc/apt/sources.list.d/x.list": web.entry("moving")})
    apt.update()
    later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=2), usegmt=True)
    web.sign(folder, "Codename: .*\nDate: .*", f"Codename: forky\nDate: {later}")
    os.utime(folder / "InRelease", (time.time() + 60,) * 2)  # else, within a second, the server would call it unchanged
    said = failure(apt, web.entry("moving"))
    assert f"{web.url}/moving/debian/pve is now of another release (Codename forky, no longer trixie)" in said


def test_a_component_that_is_not_there(web: Web, apt: RealApt) -> None:
    """apt itself only warns, and would find no packages."""
    web.repository("good")
    said = failure(apt, web.entry("good", "pve-no-subscription"))
    assert f"{web.url}/good/debian/pve has no component pve-no-subscription for trixie" in said


def test_two_keys_for_one_repository(web: Web, apt: RealApt) -> None:
    web.repository("good")
    said = failure(apt, web.entry("good"), web.entry("good", "contrib", key=web.other_key))
    assert f"Two entries for {web.url}/good/debian/pve/ name different keys" in said


def test_an_entry_that_is_none(apt: RealApt) -> None:
    assert re.search(r"Correct entry 1 of \S+/x\.list\.", failure(apt, "deb http://m.example/debian trixie\n"))


def test_a_locked_apt_is_waited_for_and_then_named(apt: RealApt) -> None:
    lock = apt.root / "var/lib/apt/lists/lock"
    hold = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        said = failure(apt, "", timeout=3)
        assert f"{lock} is held by process {holder.pid}" in said and "waited 3 seconds for that" in said
        holder.communicate(b"\n")
    apt.update()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("{web}/nothing.gpg", "HTTP Error 404"),
        ("{web}/enterprise/key.gpg", "HTTP Error 401"),
        ("http://127.0.0.1:9/key.gpg", "Connection refused"),
        ("{web}/key.gpg", "has SHA-256 "),
    ],
)
def test_a_key_that_does_not_come_is_told_with_its_url_and_the_cure(
    web: Web, tmp_path: Path, url: str, said: str
) -> None:
    (web.folder / "key.gpg").write_text("another key")
    desired = params(
        proxmox_url="http://m.example/proxmox", keyring_url=url.format(web=web.url), keyring_sha256="0" * 64
    )
    step = next(step for step in make_plan(SUBJECT, desired, debian_node(PVE_9)).steps if "key" in step.why)
    assert isinstance(step.action, Download)
    here = replace(step, action=replace(step.action, path=str(tmp_path / "key.gpg")))
    with pytest.raises(StepFailed) as caught:
        perform(here, Node())
    message = str(caught.value.as_result()["msg"])
    assert url.format(web=web.url) in message and said in message
    assert message.endswith("For a mirror of your own, name its key in keyring_url and keyring_sha256.")
    assert not (tmp_path / "key.gpg").exists()
