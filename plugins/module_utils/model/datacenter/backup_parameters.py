# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parameters of the module and the role: what users may say of backup jobs, in the API's words."""

from __future__ import annotations

from typing import Any

from ..access.parameters import API

_TEXT: dict[str, Any] = {"type": "str"}
_FLAG: dict[str, Any] = {"type": "bool"}
_NUMBER: dict[str, Any] = {"type": "int"}
_KEEP = ("keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
JOB: dict[str, Any] = {
    "id": {"type": "raw", "required": True},
    "state": {"type": "str", "default": "present", "choices": ["absent", "present"]},
    "schedule": _TEXT,
    "storage": _TEXT,
    "enabled": _FLAG,
    "all": _FLAG,
    "vmid": {"type": "list", "elements": "int"},
    "exclude": {"type": "list", "elements": "int"},
    "pool": _TEXT,
    "node": _TEXT,
    "mode": {"type": "str", "choices": ["snapshot", "stop", "suspend"]},
    "compress": {"type": "str", "choices": ["0", "gzip", "lzo", "zstd"]},
    "prune_backups": {"type": "dict", "options": {"keep_all": _FLAG, **dict.fromkeys(_KEEP, _NUMBER)}},
    "mailto": {"type": "list", "elements": "str"},
    "notification_mode": {"type": "str", "choices": ["auto", "legacy-sendmail", "notification-system"]},
    "notes_template": _TEXT,
    "protected": _FLAG,
    "repeat_missed": _FLAG,
    "comment": _TEXT,
    "bwlimit": _NUMBER,
    "zstd": _NUMBER,
}
BACKUP: dict[str, Any] = {
    "jobs": {"type": "list", "elements": "dict", "default": [], "options": JOB},
    "exclusive": {"type": "bool", "default": False},
    "api": {"type": "dict", "options": API},
}
