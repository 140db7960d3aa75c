# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every part of `make test`, and end with one plain line that says how many passed."""

from __future__ import annotations

import collections
import json
import pathlib
import subprocess
import sys

REPORT = pathlib.Path(".venv/nox-report.json")


def main() -> int:
    REPORT.unlink(missing_ok=True)
    status = subprocess.run([".venv/bin/nox", "--report", str(REPORT), *sys.argv[1:]], check=False).returncode
    if not REPORT.exists():
        return status or 1
    sessions = json.loads(REPORT.read_text())["sessions"]
    count = collections.Counter(session["result"] for session in sessions)
    print(f"\n{count['success']} passed, {count['failed'] + count['aborted']} failed, {count['skipped']} skipped")
    return status


if __name__ == "__main__":
    sys.exit(main())
