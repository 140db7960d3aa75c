# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand in for the get-pip.py that ansible-test downloads for each of its environments.

Python's own ensurepip does the same without another download site; pip then fetches the versions asked for from the package index.
"""

import subprocess
import sys

packages = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"])
if any(not package.startswith("-") for package in packages):
    subprocess.check_call([sys.executable, "-m", "pip", "install", "--upgrade", *packages])
