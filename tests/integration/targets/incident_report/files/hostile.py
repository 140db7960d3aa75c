# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hostile.py LOG: the recorded log with names and arguments that want to run in a browser."""

import re
import sys
from pathlib import Path

NAME = "</script><script>window.pwned=1</script>\"'\x1b[31m"
ARGUMENTS = "<img src=x onerror=window.pwned=2>\0\u202e=1+1\0@@DATA@@\0--><svg onload=window.pwned=3>"


def encoded(text: str) -> bytes:
    return text.encode().hex().upper().encode()


log = Path(sys.argv[1]).read_bytes()
log = re.sub(rb'(?<= )(comm|ocomm|exe)="[^"]*"', lambda found: found[1] + b"=" + encoded(NAME), log)
sys.stdout.buffer.write(re.sub(rb"proctitle=\S+", b"proctitle=" + encoded(ARGUMENTS), log))
