"""Roles and playbooks hold order and constants: each rule on a made-up file that breaks it."""

from __future__ import annotations

import pytest
from made_up import Breaches

VARS, DEFAULTS = "roles/ceph/vars/main.yml", "roles/ceph/defaults/main.yml"
TASKS, PLAYBOOK = "roles/ceph/tasks/main.yml", "playbooks/site.yml"
#: With braces and blanks 86 and 87 characters.
LONGEST, LONGER = "{{ " + "a" * 80 + " }}", "{{ " + "a" * 81 + " }}"
TOO_LONG = "an expression of 81 characters in a variable; at most 80: decide in site/"


def test_a_role_has_five_variables_and_no_more(breaches: Breaches) -> None:
    five = "".join(f"ceph_{number}: 1\n" for number in range(5))
    assert breaches(VARS, five) == []
    assert breaches(VARS, f"{five}ceph_5: 1\n") == ["6 variables of a role; at most 5"]
    assert breaches(DEFAULTS, f"{five}ceph_5: 1\n") == []


@pytest.mark.parametrize("path", [VARS, DEFAULTS])
@pytest.mark.parametrize("form", ['one: "{}"', "one:\n  two:\n    - '{}'", "one: >-\n  before\n  {}", "one: 'x {} y'"])
def test_a_variable_of_a_role_holds_logic(breaches: Breaches, path: str, form: str) -> None:
    assert breaches(path, form.format(LONGEST)) == []
    assert breaches(path, form.format(LONGER)) == [TOO_LONG]


def test_a_statement_counts_as_an_expression(breaches: Breaches) -> None:
    assert breaches(VARS, f"one: '{{% if {'a' * 78} %}}x{{% endif %}}'\n") == [TOO_LONG]


@pytest.mark.parametrize("path", [TASKS, PLAYBOOK])
@pytest.mark.parametrize(
    "text",
    [
        "- ansible.builtin.set_fact:\n    one: '{}'\n",
        "- set_fact: {{one: '{}'}}\n",
        "- ansible.builtin.debug:\n  vars:\n    one: '{}'\n",
        "- block:\n    - ansible.builtin.debug:\n      vars:\n        one: ['{}']\n",
        "- hosts: all\n  vars:\n    one: '{}'\n",
        "- hosts: all\n  tasks:\n    - ansible.builtin.debug:\n      vars:\n        one: '{}'\n",
    ],
)
def test_a_variable_of_a_task_holds_logic(breaches: Breaches, path: str, text: str) -> None:
    assert breaches(path, text.format(LONGEST)) == []
    assert breaches(path, text.format(LONGER)) == [TOO_LONG]


def test_an_expression_ends_on_its_line(breaches: Breaches) -> None:
    assert "longer than a line" in breaches(TASKS, '- ansible.builtin.debug:\n    msg: "{{ one\n      }}"\n')[0]


@pytest.mark.parametrize("name", ["ansible.builtin.command", "shell", "ansible.builtin.raw"])
def test_roles_have_no_commands(breaches: Breaches, name: str) -> None:
    assert breaches(TASKS, f"- block:\n    - {name}: ls\n") == [f"{name}: a role describes, modules act"]


@pytest.mark.parametrize("name", ["changed_when", "failed_when", "ignore_errors"])
def test_modules_say_themselves_whether_they_failed(breaches: Breaches, name: str) -> None:
    found = breaches(TASKS, f"- ansible.builtin.debug:\n  {name}: false\n")
    assert found == [f"{name}: a module says itself whether it changed or failed"]
