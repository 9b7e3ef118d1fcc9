"""What may be shown of a result."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.printable import printable, secrets_in
from ansible_collections.baremetal.virt.plugins.modules.storage import SUBJECT

SPEC: dict[str, Any] = {
    "name": {"type": "str"},
    "key": {"type": "str", "no_log": True},
    "keys": {"type": "list", "elements": "str", "no_log": True},
    "all": {"type": "dict", "no_log": True},
    "drops_keys": {"type": "bool", "no_log": False},
    "one": {"type": "dict", "options": {"pin": {"type": "int", "no_log": True}, "port": {"type": "int"}}},
    "more": {"type": "list", "elements": "dict", "options": {"token": {"type": "str", "no_log": True}}},
}
GIVEN = {
    "name": "lab",
    "key": "abc",
    "keys": ["abcdef", ""],
    "all": {"a": ["deep"], "b": True},
    "drops_keys": True,
    "one": {"pin": 4711, "port": 22},
    "more": [{"token": "t-1"}, {"token": None}],
}


def test_secrets_are_those_that_ansible_takes_for_such() -> None:
    found = ArgumentSpecValidator(SPEC).validate(GIVEN)
    assert set(secrets_in(found.validated_parameters, SPEC)) == found._no_log_values
    assert found._no_log_values == {"abc", "abcdef", "deep", "4711", "t-1"}


def test_nothing_given_is_no_secret() -> None:
    given = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate({"storages": []}).validated_parameters
    assert secrets_in(given, SUBJECT.argument_spec) == []


def test_a_secret_is_told_nowhere_and_no_part_of_it() -> None:
    told = printable({"msg": "no abcdef, abc", "abc": ["t-1", 1]}, secrets_in(GIVEN, SPEC))
    assert told == {"msg": "no ********, ********", "********": ["********", 1]}
