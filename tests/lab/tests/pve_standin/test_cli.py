"""Command lines: words become parameters, mistakes become upstream's texts and exit codes."""

from __future__ import annotations

import pytest
from pve_standin.cli import main, pvecm, pvesh
from pve_standin.core.errors import ApiError

SPEC = {
    "positional": ["hostname"],
    "parameters": {
        "hostname": {"type": "string"},
        "force": {"type": "boolean", "optional": True},
        "link[n]": {"type": "string", "optional": True, "max_index": 7},
        "items": {"type": "array", "optional": True},
    },
}


def test_options_may_come_in_any_form() -> None:
    words = ["--force", "10.0.0.1", "-link0", "10.0.0.2", "--link1=10.1.0.2", "--items", "a", "--items", "b"]
    assert main.parse_options(SPEC, words, "usage") == {
        "hostname": "10.0.0.1",
        "force": "1",
        "link0": "10.0.0.2",
        "link1": "10.1.0.2",
        "items": ["a", "b"],
    }


def test_options_may_be_shortened_while_they_are_unique() -> None:
    assert main.parse_options(SPEC, ["h", "-f"], "usage") == {"hostname": "h", "force": "1"}


@pytest.mark.parametrize(
    ("words", "text", "code"),
    [
        ([], "400 not enough arguments\nusage", 2),
        (["a", "b"], "400 too many arguments\nusage", 255),
        (["a", "--nope"], "Unknown option: nope\n400 unable to parse option\nusage", 255),
    ],
)
def test_wrong_command_lines(words: list[str], text: str, code: int) -> None:
    with pytest.raises(main.UsageError) as caught:
        main.parse_options(SPEC, words, "usage")
    assert (str(caught.value), caught.value.exit_code) == (text, code)


def test_usage_lines() -> None:
    assert main.usage("pvecm", "add", SPEC) == "pvecm add <hostname> [OPTIONS]"
    assert (
        main.usage("pvecm", "delnode", {"positional": ["node"], "parameters": {"node": {}}}) == "pvecm delnode <node>"
    )
    assert main.usage("pvecm", "apiver", {}) == "pvecm apiver "
    assert main.usage("pvecm", "updatecerts", {"parameters": {"force": {}}}) == "pvecm updatecerts  [OPTIONS]"


def test_an_unknown_command_shows_the_overview(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "require_pmxcfs", lambda: None)
    with pytest.raises(SystemExit) as caught:
        main.cli("pvecm", pvecm.COMMANDS, ["bogus"])
    assert caught.value.code == 255
    assert capsys.readouterr().err.startswith("ERROR: unknown command 'pvecm bogus'\nUSAGE: pvecm <COMMAND>")


def test_errors_end_with_their_errno() -> None:
    assert ApiError(500, "text", errno=2).exit_code() == 2
    assert ApiError(500, "text").exit_code() == 255
    assert ApiError(424, "text").text() == "424 text"


def test_pvesh_separates_its_own_options() -> None:
    options, params = pvesh.split_options(
        ["--output-format", "json", "--noproxy", "--vmid", "100", "--x", "1", "--x", "2"]
    )
    assert options == {"output-format": "json", "noproxy": "1"}
    assert params == {"vmid": "100", "x": ["1", "2"]}
