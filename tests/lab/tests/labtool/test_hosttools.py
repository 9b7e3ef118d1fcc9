"""On which hosts there can be a lab."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Callable

import pytest
from labtool import hosttools, operations
from labtool.settings import Lab, LabError

DEBIAN = {"ID": "debian", "PRETTY_NAME": "Debian GNU/Linux 13 (trixie)"}
UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian", "PRETTY_NAME": "Ubuntu 26.04 LTS"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "PRETTY_NAME": "Linux Mint 23"}
FEDORA = {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 43 (Server Edition)"}
ALMA = {"ID": "almalinux", "ID_LIKE": "rhel centos fedora", "PRETTY_NAME": "AlmaLinux 10.1"}
ARCH = {"ID": "arch", "PRETTY_NAME": "Arch Linux"}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str], bool], None]:
    def become(told: dict[str, str], apt: bool = True) -> None:
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: told)
        monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if apt else None)

    return become


@pytest.mark.parametrize("told", [DEBIAN, UBUNTU, MINT])
def test_debian_and_what_is_like_it_will_do(host: Callable[..., None], told: dict[str, str]) -> None:
    host(told)
    hosttools.refuse_host()


@pytest.mark.parametrize("told", [FEDORA, ALMA, ARCH])
def test_any_other_is_refused_by_its_name_before_anything_is_made(
    host: Callable[..., None], told: dict[str, str]
) -> None:
    host(told)
    name = re.escape(told["PRETTY_NAME"])
    with pytest.raises(LabError, match=f"this host is {name}; the lab needs Debian or Ubuntu"):
        operations.up(Lab("none"))


def test_one_without_apt_is_refused(host: Callable[..., None]) -> None:
    host(DEBIAN, apt=False)
    with pytest.raises(LabError, match=r"this host \(Debian GNU/Linux 13 \(trixie\)\) has no apt-get"):
        hosttools.refuse_host()


def test_one_that_does_not_say_what_it_is_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(LabError, match="this host is Darwin; the lab needs Debian or Ubuntu"):
        hosttools.refuse_host()
