# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tests/data/rules anew after a change of profiles or of how they are compiled. Look at the difference before you commit it.

.venv/bin/python tests/tools/make_golden.py
"""

import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

with tempfile.TemporaryDirectory() as directory:
    collection = pathlib.Path(directory) / 'ansible_collections/linux_audit/fleet'
    collection.parent.mkdir(parents=True)
    collection.symlink_to(ROOT)
    sys.path.insert(0, directory)
    from ansible_collections.linux_audit.fleet.tests.unit.plugins import golden

    golden.write()
