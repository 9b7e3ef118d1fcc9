"""Which lines of sshd's configuration the next sshd refuses: as 9.2 and 10.0 did with -t."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import RELEASES
from ansible_collections.baremetal.virt.plugins.module_utils.model.upgrade.release_ssh import (
    SSHD_CONFIG,
    matching,
    parse_sshd,
    refused_lines,
)

EIGHT, NINE = (next(row for row in RELEASES if row.pve == number) for number in (8, 9))
#: Only the second line kept sshd 10.0 from starting; the next three it takes.
CONFIG = """\
PermitRootLogin prohibit-password
PubkeyAcceptedKeyTypes +ssh-dss
Ciphers aes128-ctr,aes256-ctr,3des-cbc
UsePrivilegeSeparation sandbox
HostKey /etc/ssh/ssh_host_dsa_key
HostKey /etc/ssh/ssh_host_ed25519_key
"""


def refused(text: str, unknown: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    found = refused_lines(list(parse_sshd(SSHD_CONFIG, text)), unknown)
    return {line.number: words for line, words in found.items()}


def test_only_the_line_that_keeps_sshd_from_starting_is_told() -> None:
    assert refused(CONFIG, NINE.sshd_refuses) == {2: ("ssh-dss",)}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hostkeyalgorithms=ssh-ed25519,ssh-dss", ("ssh-dss",)),
        ('CASignatureAlgorithms "^ssh-dss"', ("ssh-dss",)),
        ("Match User a\n  PubkeyAcceptedAlgorithms ssh-dss-cert-v01@openssh.com", ("ssh-dss-cert-v01@openssh.com",)),
        ("PubkeyAcceptedAlgorithms -ssh-dss", ()),
        ("#PubkeyAcceptedAlgorithms +ssh-dss", ()),
        ("Banner ssh-dss", ()),
        ("MACs hmac-ripemd160", ()),
    ],
)
def test_lists_of_algorithms_are_read_as_sshd_reads_them(line: str, words: tuple[str, ...]) -> None:
    assert tuple(word for found in refused(line, NINE.sshd_refuses).values() for word in found) == words


def test_the_way_to_8_has_words_of_its_own() -> None:
    text = "MACs hmac-ripemd160,hmac-sha2-256\nKexAlgorithms +sntrup4591761x25519-sha512@tinyssh.org\n"
    assert list(refused(text, EIGHT.sshd_refuses)) == [1, 2]


def test_an_include_means_the_files_that_a_shell_would_name() -> None:
    line = next(parse_sshd(SSHD_CONFIG, "Include sshd_config.d/*.conf # site\n"))
    assert line.included == ("/etc/ssh/sshd_config.d/*.conf",)
    names = ["b.conf", "a.conf", ".c.conf", "a.conf.dpkg-old"]
    assert matching(line.included[0], names) == ["/etc/ssh/sshd_config.d/a.conf", "/etc/ssh/sshd_config.d/b.conf"]
