#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_report
short_description: Show how a site is
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Makes a report of what M(baremetal.virt.node_observation) has read of all hosts of the play, with
    O(baremetal.virt.node_observation#module:report). It says first what is wrong, what is safe and what mends it. What
    could not be asked is called unknown.
  - Runs on the controller alone, and changes nothing.
options:
  to:
    description:
      - Where the page is written, a file that ends with C(.html). The same as JSON is written beside it.
      - Only its owner may read the files.
    type: str
    default: report.html
  form:
    description: V(terminal) shows the report on the screen and writes no file.
    type: str
    choices: [html, terminal]
    default: html
  since:
    description: The JSON of an earlier report of the same site; what has changed since then is told, too.
    type: str
    default: ""
  language:
    description: English or Chinese.
    type: str
    choices: [en, zh]
    default: en
  site:
    description: How the site is called as long as it has no cluster.
    type: str
    default: ""
  plan:
    description:
      - V(follows) says that a dry run of the roles follows if it can be made; whether it can is returned. The screen
        then waits for it, and the files do not.
      - V(made) puts what that dry run has planned into the report that was made before it.
    type: str
    choices: [none, follows, made]
    default: none
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing, so there is no diff.
    support: none
  action:
    description: Implemented as an action plugin.
    support: full
"""

EXAMPLES = r"""
- name: Look at every node
  baremetal.virt.node_observation:
    report: true
  register: report_told

- name: Write the report
  baremetal.virt.run_report:
    to: /root/report.html
  run_once: true
"""

RETURN = r"""
msg:
  description: The first line of the report, and the files.
  returned: always
  type: str
  sample: All that was asked is well. report.html report.json
files:
  description: What was written.
  returned: on success
  type: list
  elements: str
plan_follows:
  description: Whether a dry run of the roles is to be made, and can be. All hosts and Ceph have to answer, with quorum.
  returned: on success
  type: bool
verdict:
  description: The worst that was found. One of V(wrong), V(unknown), V(warning), V(fine).
  returned: on success
  type: str
findings:
  description: What is wrong, unknown, or wants attention; see docs/report.md.
  returned: on success
  type: list
  elements: dict
"""
