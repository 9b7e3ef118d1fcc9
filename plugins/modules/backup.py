#!/usr/bin/python
# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: backup
short_description: Declare which guests are backed up, when, and what is kept
version_added: 0.1.0
author: The baremetal.virt contributors (@baremetal-virt)
description:
  - Backup jobs, compared by what they mean. Guests may stand in any order, and a schedule has several spellings.
  - It runs on the controller, over the HTTPS API of one node of the cluster. Run it once.
  - A job that is still kept in the file of Proxmox VE before 7.1 and means the same is replaced by the declared one,
    and never stands beside it.
  - It warns of guests that no enabled job backs up, and of how many backups a new retention will remove. A retention is
    refused on a storage that has backups of another cluster's guests under the same numbers.
extends_documentation_fragment:
  - baremetal.virt.attributes
  - baremetal.virt.access_api
requirements:
  - proxmoxer and requests, on the controller
options:
  jobs:
    description: Backup jobs. One that is not listed is left alone, and so is what is not said of it.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Its id, two to 50 letters, digits, - and _.
        type: raw
        required: true
      state:
        description: V(absent) removes it.
        type: str
        choices: [absent, present]
        default: present
      schedule:
        description: When it runs, such as V(02:30) or V(sat 03:00). Needed for a new one.
        type: str
      storage:
        description: Where its backups go.
        type: str
      enabled:
        description: Whether it runs.
        type: bool
      all:
        description: It is about all guests but those of O(jobs[].exclude).
        type: bool
      vmid:
        description: The guests that it is about.
        type: list
        elements: int
      exclude:
        description: Guests that are left out of all.
        type: list
        elements: int
      pool:
        description: The pool whose guests it is about.
        type: str
      node:
        description: It backs up only guests that are on this node when it runs.
        type: str
      mode:
        description: What becomes of a guest meanwhile.
        type: str
        choices: [snapshot, stop, suspend]
      compress:
        description: How backups are compressed; V(0) for not at all.
        type: str
        choices: ["0", gzip, lzo, zstd]
      prune_backups:
        description: Which of its backups are kept. Without it, the rule of the storage holds.
        type: dict
        suboptions:
          keep_all:
            description: All of them.
            type: bool
          keep_last:
            description: So many of the newest.
            type: int
          keep_hourly:
            description: One for each of so many hours.
            type: int
          keep_daily:
            description: One for each of so many days.
            type: int
          keep_weekly:
            description: One for each of so many weeks.
            type: int
          keep_monthly:
            description: One for each of so many months.
            type: int
          keep_yearly:
            description: One for each of so many years.
            type: int
      mailto:
        description: Who gets a mail.
        type: list
        elements: str
      notification_mode:
        description: How people are told.
        type: str
        choices: [auto, legacy-sendmail, notification-system]
      notes_template:
        description: What is noted with each backup, such as the guest's name.
        type: str
      protected:
        description: Its backups are protected from being removed.
        type: bool
      repeat_missed:
        description: It runs later when it could not run in time.
        type: bool
      comment:
        description: What people see beside it.
        type: str
      bwlimit:
        description: KiB per second that it may read.
        type: int
      zstd:
        description: Threads of zstd; 0 for half of the cores.
        type: int
  exclusive:
    description: Jobs that are not listed are removed.
    type: bool
    default: false
seealso:
  - module: baremetal.virt.backup_info
  - module: baremetal.virt.storage
"""

EXAMPLES = r"""
- name: All guests every night, a week of days and a month of weeks
  baremetal.virt.backup:
    jobs:
      - id: nightly
        schedule: "02:30"
        storage: vault
        all: true
        exclude: [900]
        prune_backups: {keep_daily: 7, keep_weekly: 4}
  run_once: true
"""

RETURN = r"""
plan:
  description: What was done (or, in check mode, would be done), one sentence per step.
  returned: always
  type: list
  elements: str
  sample: [create the backup job nightly]
steps:
  description: The same steps for programs.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: What is done to which thing; it stays the same when the sentence is reworded.
      type: str
    topic:
      description: What the step is about, such as V(data) or V(packages).
      type: str
    why:
      description: The sentence in RV(plan).
      type: str
    destructive:
      description: Whether something is destroyed that cannot be had back from the node.
      type: bool
    possible:
      description: Whether the step is only taken if it turns out to be needed when the result is proved.
      type: bool
    seconds:
      description: How long the step took, in seconds. Only of a step that was carried out.
      type: float
destructive:
  description: The ids of the steps that destroy something.
  returned: always
  type: list
  elements: str
plan_warnings:
  description: What the plan warns of; also shown as warnings.
  returned: when there are any
  type: list
  elements: str
refusals:
  description: Why nothing was done; empty on success.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.decide.datacenter.backup import decide
from ..module_utils.decide.datacenter.backup_desired import desired_from
from ..module_utils.engine.reader import CLUSTER
from ..module_utils.engine.subject import Subject
from ..module_utils.model.datacenter.backup_parameters import BACKUP
from ..module_utils.observe.datacenter.backup import observe
from ..module_utils.transport.module import run_module

SUBJECT = Subject(
    name="backup",
    argument_spec=BACKUP,
    desired=desired_from,
    observe=observe,
    decide=decide,
    scope=CLUSTER,
    controller=True,
    idle=lambda desired: desired.idle,
)


def main() -> None:
    run_module(SUBJECT)


if __name__ == "__main__":
    main()
