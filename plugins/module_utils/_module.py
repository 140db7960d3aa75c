# Copyright (c) 2026, linux_audit.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share of AnsibleModule. This file is private to the collection."""

import typing as t

from ansible_collections.linux_audit.fleet.plugins.module_utils import _kernel

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def runner(module):  # type: (AnsibleModule) -> _kernel.Run
    """Commands through the module, in the C locale, so that their texts can be read."""

    def run(argv):  # type: (t.Sequence[str]) -> t.Tuple[int, str, str]
        code, out, err = module.run_command(list(argv), environ_update={'LC_ALL': 'C', 'LANGUAGE': 'C'}, data='')
        return code, out, err

    return run


def host_names(run):  # type: (_kernel.Run) -> _kernel.HostNames
    return _kernel.HostNames(_kernel.machine(), run)
