"""Lists of owners as people have them: what is understood, and what is refused, with its line."""

from __future__ import annotations

import datetime
import random

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.owner import (
    Owner,
    owners_from_list,
    owners_from_table,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.guest.owner_table import read_table

from ....doubles import fleet_cases as cases

CLASS = 'login,name,expires\nstu01,Ann,2027-02-28\nstu02,"Li, Wei",\n'


def test_a_table_from_a_spreadsheet_is_read_as_it_is_meant() -> None:
    case = "list-of-owners-from-excel"
    right = cases.right(case)["owners.csv"]
    table = read_table(cases.text(case, "owners.csv"))
    assert table.separator == right["separator"]
    assert list(table.columns) == right["columns"]
    assert [list(row.values.values()) for row in table.rows] == right["rows"]
    found = owners_from_table(table, "pve", "")
    told = "; ".join(found.problems)
    assert all(topic.lower() in told.lower() for topic in right["refusal_topics"]), told
    assert found.unused == ("number",)


def test_a_table_in_another_encoding_is_never_guessed() -> None:
    case = "list-of-owners-from-excel"
    table = read_table(cases.text(case, "owners-latin1.csv"))
    (problem,) = table.problems
    assert all(topic in problem for topic in cases.right(case)["owners-latin1.csv"]["topics"])
    assert not table.rows


def test_what_yaml_has_changed_is_refused_and_the_rest_is_not() -> None:
    case = "yaml-changes-the-value"
    right = cases.right(case)
    rows = cases.declared(case, "vars.yml")["guests"]
    assert [row["owner"] for row in rows] == [row["owner"] for row in right["as_pyyaml_reads"]]
    found = owners_from_list([row["owner"] for row in rows], "pve", "s-")
    refused = [entry["row"] for entry in right["refusals"] if entry["field"] == "owner"]
    assert [f"owner {row}:" for row in refused] == [
        problem.partition(" is ")[0].rpartition(" ")[0] for problem in found.problems
    ]
    assert all(topic in problem for problem in found.problems for topic in right["message_topics"])
    assert [owner.label for owner in found.owners] == ["s-0089", "s-stu01"]


def test_an_owner_is_a_user_and_a_name() -> None:
    found = owners_from_table(read_table(CLASS), "school", "")
    assert found == owners_from_table(read_table("\ufeff" + CLASS.replace("\n", "\r\n")), "school", "")
    assert found.owners == (
        Owner("stu01@school", "stu01", "Ann", expires="2027-02-28"),
        Owner("stu02@school", "stu02", "Li, Wei"),
    )
    assert not found.problems


def test_a_date_is_a_day_whether_in_quotes_or_not() -> None:
    day = datetime.date(2027, 2, 28)
    for said in (day, "2027-02-28"):
        assert owners_from_list([{"login": "ann", "expires": said}], "pve", "").owners[0].expires == "2027-02-28"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no header"),
        ("name;mail\nann;ann@example.org\n", "its header is not understood"),
        ("login,login\nann,ann\n", "names the column login twice"),
        ("login,,name\nann,,Ann\n", "a column without a name"),
        ("login,name\nann,Ann,2\n", "line 2 has 3 values, the header 2"),
        ('login,name\nann,"Ann\n', "it is no table"),
        ("login\nM\u00fcller\n", "line 2: no machine and no pool can be called 'm\u00fcller'"),
        ("login\n007\n", "line 2: no machine and no pool can be called '007'"),
        ("login\na/b\n", "line 2: no user can be called 'a/b@pve'"),
        ("login\nann.lee\nann_lee\n", "lines 2 and 3: ann.lee@pve and ann_lee@pve are the same owner, ann-lee"),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(text: str, problem: str) -> None:
    found = owners_from_table(read_table(text), "pve", "")
    assert any(problem in told for told in found.problems), found.problems


def test_a_table_with_a_header_alone_is_an_empty_list_and_no_problem() -> None:
    assert owners_from_table(read_table("login;name\n;\n"), "pve", "").problems == ()


def test_a_value_over_several_lines_keeps_the_numbers_of_lines_right() -> None:
    found = owners_from_table(read_table('login,name\nann,"Ann\nLee"\n,x\n'), "pve", "")
    assert found.problems == ("line 4: login is empty", "line 2: name contains a control character")


def test_a_name_is_mapped_where_the_login_cannot_be_one() -> None:
    found = owners_from_list([{"login": "\u674e\u4f1f", "id": "liwei"}], "pve", "")
    assert (found.owners[0].user, found.owners[0].label) == ("liwei@pve", "liwei")


def test_what_nobody_knows_is_not_passed_over() -> None:
    (problem,) = owners_from_list([{"login": "ann", "expire": "2027-02-28"}], "pve", "").problems
    assert problem.startswith("expire is nothing that is said of an owner")


def test_a_shuffled_list_is_the_same_list() -> None:
    logins = [f"stu{number:02}" for number in range(1, 21)]
    shuffled = random.Random(3).sample(logins, len(logins))
    assert owners_from_list(logins, "pve", "") == owners_from_list(shuffled, "pve", "")
