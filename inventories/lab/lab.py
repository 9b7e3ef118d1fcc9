#!/usr/bin/env python3
"""Dynamic inventory: the nodes of the running lab, as `tests/lab/lab inventory` describes them."""

import os
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parents[2] / "tests" / "lab" / "lab"

if "--host" in sys.argv:
    print("{}")  # everything is in the answer to --list
else:
    os.execv(LAB, [str(LAB), "inventory", "--list"])
