# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""many.py LOG COPIES: the recorded log again and again, each time a minute later."""

import re
import sys
from pathlib import Path

log = Path(sys.argv[1]).read_bytes()
for number in range(int(sys.argv[2])):
    sys.stdout.buffer.write(
        re.sub(
            rb"audit\((\d+)\.(\d+):(\d+)\)",
            lambda found: b"audit(%d.%s:%d)" % (int(found[1]) + 60 * number, found[2], int(found[3]) + 1000 * number),  # noqa: B023
            log,
        )
    )
